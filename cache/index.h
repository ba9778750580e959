/*
 * Which records a snapshot holds, so that one that was lost to a flipped bit
 * is told from one that never was: by a CDB alone both are just not found.
 *
 * Each record has a mark, a digest of its key.  The marks stand in buckets by
 * their first bits, so that a miss reads few of them; how many bits there are
 * is a record of its own.  Pure, but for memory.
 */
#ifndef CACHE_INDEX_H
#define CACHE_INDEX_H

#include "cache/record.h"

struct index {
	uint64_t *v; /* the marks */
	size_t n, size;
};

void index_init(struct index *x);
void index_free(struct index *x);
/* Notes that there is such a record; 0, or -1 out of memory. */
int index_note(struct index *x, const struct record_key *k);
/*
 * Calls put for the index's own records, which are not in it.  0, or -1 when
 * put did or memory ran out.
 */
typedef int (*index_put)(
    void *ctx, const struct record_key *k, const void *data, size_t len);
int index_write(struct index *x, index_put put, void *ctx);

/* Whether the record is missed where it isn't there.  (Of those that say why
 * a key is refused nothing hangs but a word in the log.) */
bool index_covers(const struct record_key *k);
/* The bucket that k must be in, by the payload of record_key_index(); -1 for
 * one that no writer writes. */
int index_bucket(
    struct slice bits, const struct record_key *k, struct record_key *bucket);
/* Whether k is in the bucket. */
bool index_has(struct slice bucket, const struct record_key *k);

#endif
