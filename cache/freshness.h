/*
 * When a snapshot is believed, when the portal is asked.  Pure: every time
 * comes in as an argument.
 */
#ifndef CACHE_FRESHNESS_H
#define CACHE_FRESHNESS_H

#include "cache/snapshot.h"

struct freshness { /* from the config, in milliseconds */
	int64_t fresh, stale, retry;
};

/* What a snapshot was made under (config.h). */
struct freshness_digests {
	uint64_t config, policy, deny;
};

/* Whether the snapshot was made under these. */
bool freshness_same(const struct snapshot_head *head,
    const struct freshness_digests *now_there);

/*
 * Whether the snapshot answers at once, without the portal.  One from the
 * future (the clock went back) or made under other files does not.
 */
bool freshness_holds(const struct snapshot_head *head,
    const struct freshness_digests *now_there, int64_t now);

/* Whether a source may be asked: not while it waits after a failure. */
bool freshness_may_ask(const struct source_state *st, int64_t now);

/* Whether a source's records need to be asked for again. */
bool freshness_needs_ask(
    const struct source_state *st, const struct freshness *f, int64_t now);

/*
 * The wait after a failure: retry, doubled with each failure in a row, at
 * most LIMIT_BACKOFF_MS, up to a fifth less by chance (random: any 32 bits),
 * and never less than what the portal itself asked for.
 */
int64_t freshness_backoff(
    int64_t retry, uint32_t failures, int64_t retry_after_ms, uint32_t random);

/* The moment from which a snapshot of these sources is to be renewed. */
int64_t freshness_due(const struct source_state st[SOURCE_COUNT],
    unsigned sources, const struct freshness *f, int64_t now);

/* The moment from which a source's records no longer count. */
int64_t freshness_until(
    const struct source_state *st, const struct freshness *f);

/*
 * Notes that a source's stamp lies in the future, or no longer does.  While
 * it does, `stale` counts from the first time that this was noted, so that a
 * clock that went back neither shuts anybody out nor stretches the time that
 * keys count; the stamp itself stays, for a clock that comes right again.
 */
void freshness_doubt(struct source_state *st, int64_t now);

#endif
