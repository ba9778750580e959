/*
 * keys.cdb: all that this machine knows at one time.
 *
 * A CDB whose records are
 *	h			the head
 *	s<source>		state of a source (one byte, enum source)
 *	k<source>		its last good key records (base/keyset.h)
 *	m			the members of the project (base/memberset.h)
 *	p<origin>		the last valid text of a policy document
 *	d			the last good list of denied keys
 *	n			the accounts that documents have a rule for
 *	x			all fingerprints that are denied (base/denylist.h)
 *	r<fingerprint>		why that key opens no account: a code
 *	<scope><name>		all lines for a name (base/grant.h)
 *	<scope><name>\0<fp>	those of one key
 *	<scope><name>\0CA	those of keys that are a CA
 * Each value starts with a digest of its key and of what follows, so that a
 * flipped bit makes a record unreadable, never another one.  A record that
 * can't be found may be one that is damaged, so what shuts doors stands in
 * records that are always there: n and x.  A lookup costs the same however
 * many keys there are.
 */
#ifndef CACHE_SNAPSHOT_H
#define CACHE_SNAPSHOT_H

#include <cdb.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/grant.h"
#include "base/keyset.h"
#include "base/limits.h"
#include "base/memberset.h"
#include "base/source.h"

#define SNAPSHOT_FILE "keys.cdb"
#define SNAPSHOT_VERSION 4
#define SNAPSHOT_UUID_SIZE 37
#define SNAPSHOT_FOREVER INT64_MAX
#define SNAPSHOT_AUTHORITIES "CA"
#define SNAPSHOT_CODE_SIZE 32 /* of a reason, with its NUL */
#define SNAPSHOT_DENIED "denied" /* the code of keys that are denied */

#define SNAPSHOT_HAS_ANY 1u /* lines of GRANT_ANY */
#define SNAPSHOT_HAS_FOLDED 2u
#define SNAPSHOT_HAS_AUTHORITIES 4u

struct snapshot_head {
	int64_t made_ms; /* wall clock, when it was published */
	int64_t due_ms; /* until then it answers without the portal */
	int64_t portal_ms; /* the portal's own clock, when it last answered */
	uint64_t config_digest, policy_digest, deny_digest;
	uint64_t lines; /* a digest of which key opens what, in any order */
	uint64_t policy_stamp; /* of policy_digest's file (config.h) */
	unsigned has; /* SNAPSHOT_HAS_s: records that a lookup must look at */
	bool usable; /* some wanted source has answered, ever */
	bool degraded; /* some wanted source failed last time */
	/* What `auto` stands for; "" while unknown. */
	char device[SNAPSHOT_UUID_SIZE], project[SNAPSHOT_UUID_SIZE];
	int64_t learned_ms;
	char boot[SNAPSHOT_UUID_SIZE]; /* the boot that it was learned in */
};

enum source_outcome {
	OUTCOME_NEVER, /* not asked yet */
	OUTCOME_NEW,
	OUTCOME_UNCHANGED,
	OUTCOME_FAILED
};

struct source_state {
	enum source_outcome outcome; /* of the last time it was asked */
	char reason[LIMIT_REASON]; /* "" unless there is more to say */
	int64_t checked_ms; /* when its records last held; 0: never */
	/* Where checked_ms lies in the future: since when (by the clock that
	 * went back) that is known.  0: it doesn't. */
	int64_t doubted_ms;
	int64_t asked_ms; /* when it was last asked */
	int64_t next_ms; /* not before, after a failure; else 0 */
	uint32_t failures; /* in a row */
	uint32_t votes; /* answers in a row that took most keys away */
	uint32_t keys, refused; /* records that count, and that don't */
	char id[SNAPSHOT_UUID_SIZE]; /* whose records: device or project */
	char etag[LIMIT_ETAG], url[LIMIT_URL];
};

enum snapshot_result {
	SNAPSHOT_OK = 0,
	SNAPSHOT_MISSING = 1, /* there is none */
	SNAPSHOT_BAD = -1 /* there is one that can't be trusted or read */
};

enum snapshot_find {
	SNAPSHOT_FOUND = 1,
	SNAPSHOT_NOT_FOUND = 0,
	SNAPSHOT_ERROR = -1,
	SNAPSHOT_UNKNOWN = -2 /* of snapshot_find alone */
};

struct snapshot {
	struct cdb cdb;
	int fd; /* -1 when closed */
	struct snapshot_head head;
};

/*
 * Opens keys.cdb in the folder dirfd, which belongs to owner
 * (file_open_dir).  The file must be a regular one, of owner or root,
 * writable by its owner alone, of our version and whole.  Whatever the
 * result, snapshot_close may be called; err is set unless SNAPSHOT_OK.  With
 * SNAPSHOT_BAD, snapshot_lacks says whether it says anything of the file.
 */
enum snapshot_result snapshot_open(
    struct snapshot *s, int dirfd, uid_t owner, struct error *err);
void snapshot_close(struct snapshot *s);

/*
 * After SNAPSHOT_BAD, or SNAPSHOT_ERROR of a function below that hands out
 * what a source had, and before anything else is called: whether this process
 * lacked memory or descriptors, and the snapshot may be whole.
 */
bool snapshot_lacks(void);

/* A line and for whom it is; all borrowed. */
struct snapshot_line {
	struct grant grant; /* its scope and name are those of the record */
	const char *fp;
	int64_t until_ms; /* wall clock */
	const void *line;
	size_t len;
};

struct snapshot_ask {
	const char *user, *fp; /* any string; fp NULL: every key */
	int64_t now_ms;
	const char *deny; /* the list of denied keys, or NULL */
	size_t denylen;
	/*
	 * Which of the local groups the account is in: sets in[].  Called at
	 * most once, and only if the answer hangs on it.  0, or -1 where that
	 * can't be known: then it is in none, and that it has no line at all
	 * is no answer.  NULL: it is in none.
	 */
	int (*groups)(void *ctx, const char *user, const char *const *names,
	    size_t n, bool *in);
	void *ctx;
};

/*
 * Appends the lines for ask to out, those that hold at now_ms; for a
 * fingerprint ("SHA256:…") those of that key and of each CA.  reason (may be
 * NULL) gets the code of why a key that is known opens no account, else "".
 * SNAPSHOT_ERROR for a damaged record or no memory; then out is unchanged.
 * SNAPSHOT_UNKNOWN, likewise: no line but, may be, those of groups, and the
 * groups can't be known.
 */
enum snapshot_find snapshot_find(struct snapshot *s,
    const struct snapshot_ask *ask, struct buf *out,
    char reason[SNAPSHOT_CODE_SIZE]);

/*
 * Calls fn with each line of the snapshot, those of a name in a row; what it
 * is given lives until fn returns.  fn returns -1 to stop.  0, or -1 when it
 * did, or for a damaged record.
 */
typedef int (*snapshot_fn)(void *ctx, const struct snapshot_line *line);
int snapshot_each(struct snapshot *s, snapshot_fn fn, void *ctx);

/*
 * State and records of a source.  SNAPSHOT_NOT_FOUND leaves an empty state
 * (OUTCOME_NEVER) or keyset behind, SNAPSHOT_ERROR too.  keyset_free is the
 * caller's.
 */
enum snapshot_find snapshot_source_state(
    struct snapshot *s, enum source src, struct source_state *state);
enum snapshot_find snapshot_source_keys(
    struct snapshot *s, enum source src, struct keyset *keys);
/* The same for the members; memberset_free is the caller's. */
enum snapshot_find snapshot_members(
    struct snapshot *s, struct memberset *members);
/*
 * The text of a policy document, or of the list of denied keys, appended to
 * out.  SNAPSHOT_NOT_FOUND: none was ever valid.
 */
enum snapshot_find snapshot_policy(
    struct snapshot *s, enum grant_origin o, struct buf *out);
enum snapshot_find snapshot_deny(struct snapshot *s, struct buf *out);

#endif
