/*
 * keys.cdb: all that this machine knows at one time.
 *
 * A CDB whose records are
 *	h			the head
 *	s<source>		state of a source (one byte, enum source)
 *	k<source>		its last good key records (base/keyset.h)
 *	u<user>			all lines of a local account
 *	f<user>\0<fingerprint>	the one line of that key for that account
 * Each value starts with a digest of its key and of what follows, so that a
 * flipped bit makes a record unreadable, never another one.  A lookup costs
 * the same however many keys there are.
 */
#ifndef CACHE_SNAPSHOT_H
#define CACHE_SNAPSHOT_H

#include <cdb.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/keyset.h"
#include "base/limits.h"
#include "base/source.h"

#define SNAPSHOT_FILE "keys.cdb"
#define SNAPSHOT_VERSION 1
#define SNAPSHOT_UUID_SIZE 37
#define SNAPSHOT_FOREVER INT64_MAX

struct snapshot_head {
	int64_t made_ms; /* wall clock, when it was published */
	int64_t due_ms; /* until then it answers without the portal */
	uint64_t config_digest, policy_digest;
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
	SNAPSHOT_ERROR = -1
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
 * result, snapshot_close may be called; err is set unless SNAPSHOT_OK.
 */
enum snapshot_result snapshot_open(
    struct snapshot *s, int dirfd, uid_t owner, struct error *err);
void snapshot_close(struct snapshot *s);

/*
 * Appends the line(s) of user that are good at now_ms to out: all of them,
 * or the one for fp ("SHA256:…").  user and fp may be any string.
 * SNAPSHOT_ERROR for a damaged record or no memory; then out is unchanged.
 */
enum snapshot_find snapshot_find_user(
    struct snapshot *s, const char *user, int64_t now_ms, struct buf *out);
enum snapshot_find snapshot_find_key(struct snapshot *s, const char *user,
    const char *fp, int64_t now_ms, struct buf *out);

/*
 * State and records of a source.  SNAPSHOT_NOT_FOUND leaves an empty state
 * (OUTCOME_NEVER) or keyset behind, SNAPSHOT_ERROR too.  keyset_free is the
 * caller's.
 */
enum snapshot_find snapshot_source_state(
    struct snapshot *s, enum source src, struct source_state *state);
enum snapshot_find snapshot_source_keys(
    struct snapshot *s, enum source src, struct keyset *keys);

#endif
