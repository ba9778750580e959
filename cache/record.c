/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "base/config.h"
#include "cache/record.h"

struct record_key
record_key_head(void)
{
	return (struct record_key){{'h'}, 1};
}

struct record_key
record_key_source(char kind, enum source src)
{
	return (struct record_key){
	    {(unsigned char)kind, (unsigned char)src}, 2};
}

int
record_key_user(struct record_key *k, const char *user)
{
	size_t len = strnlen(user, LIMIT_USER_NAME + 1);

	if (len == 0 || len > LIMIT_USER_NAME)
		return -1;
	k->data[0] = 'u';
	memcpy(k->data + 1, user, len);
	k->len = (unsigned)len + 1;
	return 0;
}

int
record_key_line(struct record_key *k, const char *user, const char *fp)
{
	if (strnlen(fp, KEYREC_FP_LEN + 1) != KEYREC_FP_LEN ||
	    record_key_user(k, user) == -1)
		return -1;
	k->data[0] = 'f';
	k->data[k->len++] = '\0';
	memcpy(k->data + k->len, fp, KEYREC_FP_LEN);
	k->len += KEYREC_FP_LEN;
	return 0;
}

uint64_t
record_digest(const struct record_key *k, const void *data, size_t len)
{
	return config_digest(
	    config_digest(CONFIG_DIGEST_INIT, k->data, k->len), data, len);
}

void
record_put_head(struct buf *b, const struct snapshot_head *head)
{
	(void)buf_put_u32(b, SNAPSHOT_VERSION);
	(void)buf_put_i64(b, head->made_ms);
	(void)buf_put_i64(b, head->due_ms);
	(void)buf_put_u64(b, head->config_digest);
	(void)buf_put_u64(b, head->policy_digest);
	(void)buf_put_u8(b, head->usable);
	(void)buf_put_u8(b, head->degraded);
	(void)buf_put_cstring(b, head->device);
	(void)buf_put_cstring(b, head->project);
	(void)buf_put_i64(b, head->learned_ms);
	(void)buf_put_cstring(b, head->boot);
}

int
record_get_head(struct slice in, struct snapshot_head *head)
{
	uint32_t version;
	uint8_t usable, degraded;

	*head = (struct snapshot_head){0};
	if (slice_u32(&in, &version) == -1 || version != SNAPSHOT_VERSION ||
	    slice_i64(&in, &head->made_ms) == -1 ||
	    slice_i64(&in, &head->due_ms) == -1 ||
	    slice_u64(&in, &head->config_digest) == -1 ||
	    slice_u64(&in, &head->policy_digest) == -1 ||
	    slice_u8(&in, &usable) == -1 || slice_u8(&in, &degraded) == -1 ||
	    slice_cstring(&in, head->device, sizeof(head->device)) == -1 ||
	    slice_cstring(&in, head->project, sizeof(head->project)) == -1 ||
	    slice_i64(&in, &head->learned_ms) == -1 ||
	    slice_cstring(&in, head->boot, sizeof(head->boot)) == -1 ||
	    in.len != 0)
		return -1;
	head->usable = usable != 0;
	head->degraded = degraded != 0;
	return 0;
}

void
record_put_state(struct buf *b, const struct source_state *st)
{
	(void)buf_put_u8(b, (uint8_t)st->outcome);
	(void)buf_put_cstring(b, st->reason);
	(void)buf_put_i64(b, st->checked_ms);
	(void)buf_put_i64(b, st->doubted_ms);
	(void)buf_put_i64(b, st->asked_ms);
	(void)buf_put_i64(b, st->next_ms);
	(void)buf_put_u32(b, st->failures);
	(void)buf_put_u32(b, st->votes);
	(void)buf_put_u32(b, st->keys);
	(void)buf_put_u32(b, st->refused);
	(void)buf_put_cstring(b, st->id);
	(void)buf_put_cstring(b, st->etag);
	(void)buf_put_cstring(b, st->url);
}

int
record_get_state(struct slice in, struct source_state *st)
{
	uint8_t outcome;

	*st = (struct source_state){0};
	if (slice_u8(&in, &outcome) == -1 || outcome > OUTCOME_FAILED ||
	    slice_cstring(&in, st->reason, sizeof(st->reason)) == -1 ||
	    slice_i64(&in, &st->checked_ms) == -1 ||
	    slice_i64(&in, &st->doubted_ms) == -1 ||
	    slice_i64(&in, &st->asked_ms) == -1 ||
	    slice_i64(&in, &st->next_ms) == -1 ||
	    slice_u32(&in, &st->failures) == -1 ||
	    slice_u32(&in, &st->votes) == -1 ||
	    slice_u32(&in, &st->keys) == -1 ||
	    slice_u32(&in, &st->refused) == -1 ||
	    slice_cstring(&in, st->id, sizeof(st->id)) == -1 ||
	    slice_cstring(&in, st->etag, sizeof(st->etag)) == -1 ||
	    slice_cstring(&in, st->url, sizeof(st->url)) == -1 || in.len != 0) {
		*st = (struct source_state){0};
		return -1;
	}
	st->outcome = (enum source_outcome)outcome;
	return 0;
}

void
record_put_line(struct buf *b, int64_t until_ms, const void *line, size_t len)
{
	(void)buf_put_i64(b, until_ms);
	(void)buf_put_string(b, line, len);
}

int
record_get_line(struct slice *in, int64_t *until_ms, struct slice *line)
{
	if (slice_i64(in, until_ms) == -1 ||
	    slice_string(in, line, LIMIT_LINE) == -1 || line->len == 0 ||
	    line->p[line->len - 1] != '\n')
		return -1;
	return 0;
}
