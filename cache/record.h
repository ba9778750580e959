/*
 * The bytes of a snapshot's records; shared by reader and writer.  Pure.
 */
#ifndef CACHE_RECORD_H
#define CACHE_RECORD_H

#include "cache/snapshot.h"

#define RECORD_KEY_MAX (1 + LIMIT_USER_NAME + 1 + KEYREC_FP_LEN)

struct record_key {
	unsigned char data[RECORD_KEY_MAX];
	unsigned len;
};

#define RECORD_REFUSED 'r' /* the first byte of record_key_refused() */

struct record_key record_key_head(void);
/* kind is 's' or 'k'. */
struct record_key record_key_source(char kind, enum source src);
struct record_key record_key_members(void);
struct record_key record_key_policy(enum grant_origin o);
struct record_key record_key_deny(void);
struct record_key record_key_named(void);
struct record_key record_key_denied(void);
/* -1: no such key can exist (name or fingerprint too long or empty). */
int record_key_refused(struct record_key *k, const char *fp);
/* Of the index (index.h): its size, and a bucket. */
struct record_key record_key_index(void);
struct record_key record_key_bucket(uint32_t number);
/* which: a fingerprint, SNAPSHOT_AUTHORITIES, or NULL for all lines. */
int record_key_lines(struct record_key *k, enum grant_scope scope,
    const char *name, const char *which);

/*
 * The key of a record's second copy.  What no fetch can make again while the
 * portal is away stands twice, as does what every lookup needs: one flipped
 * bit must not shut anybody out.  False for a record that stands once.
 */
bool record_second(const struct record_key *k, struct record_key *second);

uint64_t record_digest(
    const struct record_key *k, const void *data, size_t len);

void record_put_head(struct buf *b, const struct snapshot_head *head);
int record_get_head(struct slice in, struct snapshot_head *head);
void record_put_state(struct buf *b, const struct source_state *st);
int record_get_state(struct slice in, struct source_state *st);

/* A line as it stands in a record; what it points at is not terminated, and
 * has no NUL in fp and groups. */
struct record_line {
	int64_t until_ms;
	unsigned unless_named;
	struct slice fp, groups[GRANT_ORIGINS], line;
};

void record_put_line(struct buf *b, const struct snapshot_line *line);
int record_get_line(struct slice *in, struct record_line *line);

/* An account, and the documents (GRANT_BIT()s) that have a rule for it; the
 * same one may come again, with others. */
void record_put_named(struct buf *b, const char *user, unsigned named);
int record_get_named(struct slice *in, struct slice *user, unsigned *named);

/*
 * reader.c: the record's bytes behind its digest, which must fit, or those of
 * its second copy.  SNAPSHOT_ERROR also for one that ought to be there.
 */
enum snapshot_find record_find(
    struct snapshot *s, const struct record_key *k, struct slice *out);

#endif
