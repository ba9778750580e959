/*
 * What the snapshot holds, taken into memory: for the programs that judge,
 * change or show it whole.
 */
#ifndef CMD_HOLDINGS_H
#define CMD_HOLDINGS_H

#include "base/config.h"
#include "base/grant.h"
#include "base/memberset.h"
#include "cache/freshness.h"
#include "cache/snapshot.h"
#include "policy/merge.h"

struct holdings {
	enum snapshot_result found;
	struct error why; /* unless SNAPSHOT_OK */
	struct snapshot_head head;
	struct source_state state[SOURCE_COUNT];
	struct keyset keys[SOURCE_KEYS];
	struct memberset members;
	/* The last valid text of each policy document (grant_origin) and the
	 * last good list of denied keys; empty: never, or none. */
	struct buf policy[GRANT_ORIGINS];
	struct buf deny;
	bool deny_known; /* else there never was a good list */
	off_t size; /* of the file */
};

/*
 * Loads all sources of the snapshot in dirfd.  What is damaged is left out as
 * if it had never been asked.  0, or -1 with the reason in why where this
 * process lacks memory or descriptors: what it has not got then is no less
 * in force, and the snapshot must not be replaced.  holdings_free after
 * either.
 */
int holdings_load(struct holdings *h, int dirfd, uid_t owner);
void holdings_free(struct holdings *h);

/* Forgets a source: its records are not (or no longer) this machine's. */
void holdings_forget(struct holdings *h, enum source src);

/*
 * Forgets the sources that the config doesn't name, and what belongs to
 * another device, project or organization than the one that it names.
 */
void holdings_match(struct holdings *h, const struct config *cfg);

/*
 * Merges the wanted sources' records.  0, or -1 out of memory; m must be
 * freed before h.
 */
int holdings_merge(
    const struct holdings *h, const struct config *cfg, struct merged *m);

/* The freshness settings of cfg. */
struct freshness holdings_freshness(const struct config *cfg);

#endif
