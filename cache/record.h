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

struct record_key record_key_head(void);
/* kind is 's' or 'k'. */
struct record_key record_key_source(char kind, enum source src);
/* -1: no such key can exist (name or fingerprint too long or empty). */
int record_key_user(struct record_key *k, const char *user);
int record_key_line(struct record_key *k, const char *user, const char *fp);

uint64_t record_digest(
    const struct record_key *k, const void *data, size_t len);

void record_put_head(struct buf *b, const struct snapshot_head *head);
int record_get_head(struct slice in, struct snapshot_head *head);
void record_put_state(struct buf *b, const struct source_state *st);
int record_get_state(struct slice in, struct source_state *st);
/* A line with the wall-clock millisecond from which it no longer holds. */
void record_put_line(
    struct buf *b, int64_t until_ms, const void *line, size_t len);
int record_get_line(struct slice *in, int64_t *until_ms, struct slice *line);

#endif
