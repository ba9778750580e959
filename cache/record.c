/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "base/digest.h"
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

struct record_key
record_key_members(void)
{
	return (struct record_key){{'m'}, 1};
}

struct record_key
record_key_policy(enum grant_origin o)
{
	return (struct record_key){{'p', (unsigned char)o}, 2};
}

struct record_key
record_key_deny(void)
{
	return (struct record_key){{'d'}, 1};
}

struct record_key
record_key_named(void)
{
	return (struct record_key){{'n'}, 1};
}

struct record_key
record_key_denied(void)
{
	return (struct record_key){{'x'}, 1};
}

struct record_key
record_key_index(void)
{
	return (struct record_key){{'i'}, 1};
}

struct record_key
record_key_bucket(uint32_t number)
{
	return (struct record_key){
	    {'b', (unsigned char)(number >> 16), (unsigned char)(number >> 8),
		(unsigned char)number},
	    4};
}

bool
record_second(const struct record_key *k, struct record_key *second)
{
	if (strchr("hskmpdnxib", k->data[0]) == NULL)
		return false;
	*second = *k;
	second->data[0] = (unsigned char)(k->data[0] - 'a' + 'A');
	return true;
}

/* kind and text; an empty one only where may_be_empty. */
static int
put_text(struct record_key *k, int kind, const char *text, bool may_be_empty)
{
	size_t len = strnlen(text, LIMIT_USER_NAME + 1);

	if ((len == 0 && !may_be_empty) || len > LIMIT_USER_NAME)
		return -1;
	k->data[0] = (unsigned char)kind;
	memcpy(k->data + 1, text, len);
	k->len = (unsigned)len + 1;
	return 0;
}

int
record_key_refused(struct record_key *k, const char *fp)
{
	if (strnlen(fp, KEYREC_FP_LEN + 1) != KEYREC_FP_LEN)
		return -1;
	return put_text(k, RECORD_REFUSED, fp, false);
}

int
record_key_lines(struct record_key *k, enum grant_scope scope, const char *name,
    const char *which)
{
	size_t len;

	if (put_text(k, (int)scope, name, scope == GRANT_ANY) == -1)
		return -1;
	if (which == NULL)
		return 0;
	len = strnlen(which, KEYREC_FP_LEN + 1);
	if (len != KEYREC_FP_LEN && strcmp(which, SNAPSHOT_AUTHORITIES) != 0)
		return -1;
	k->data[k->len++] = '\0';
	memcpy(k->data + k->len, which, len);
	k->len += (unsigned)len;
	return 0;
}

uint64_t
record_digest(const struct record_key *k, const void *data, size_t len)
{
	return digest_add(digest_add(DIGEST_INIT, k->data, k->len), data, len);
}

void
record_put_head(struct buf *b, const struct snapshot_head *head)
{
	(void)buf_put_u32(b, SNAPSHOT_VERSION);
	(void)buf_put_i64(b, head->made_ms);
	(void)buf_put_i64(b, head->due_ms);
	(void)buf_put_i64(b, head->portal_ms);
	(void)buf_put_u64(b, head->config_digest);
	(void)buf_put_u64(b, head->policy_digest);
	(void)buf_put_u64(b, head->deny_digest);
	(void)buf_put_u64(b, head->lines);
	(void)buf_put_u64(b, head->policy_stamp);
	(void)buf_put_u32(b, head->has);
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
	    slice_i64(&in, &head->portal_ms) == -1 ||
	    slice_u64(&in, &head->config_digest) == -1 ||
	    slice_u64(&in, &head->policy_digest) == -1 ||
	    slice_u64(&in, &head->deny_digest) == -1 ||
	    slice_u64(&in, &head->lines) == -1 ||
	    slice_u64(&in, &head->policy_stamp) == -1 ||
	    slice_u32(&in, &head->has) == -1 || slice_u8(&in, &usable) == -1 ||
	    slice_u8(&in, &degraded) == -1 ||
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
record_put_line(struct buf *b, const struct snapshot_line *line)
{
	unsigned o;

	(void)buf_put_i64(b, line->until_ms);
	(void)buf_put_u8(b, (uint8_t)line->grant.unless_named);
	(void)buf_put_cstring(b, line->fp);
	for (o = 0; o < GRANT_ORIGINS; o++)
		(void)buf_put_cstring(b, line->grant.groups[o]);
	(void)buf_put_string(b, line->line, line->len);
}

/* A string that will be copied as one that ends with a NUL. */
static int
get_name(struct slice *in, struct slice *out, size_t max)
{
	if (slice_string(in, out, max) == -1 ||
	    memchr(out->p, '\0', out->len) != NULL)
		return -1;
	return 0;
}

int
record_get_line(struct slice *in, struct record_line *line)
{
	uint8_t unless_named;
	unsigned o;

	if (slice_i64(in, &line->until_ms) == -1 ||
	    slice_u8(in, &unless_named) == -1 ||
	    get_name(in, &line->fp, KEYREC_FP_LEN) == -1)
		return -1;
	line->unless_named = unless_named;
	for (o = 0; o < GRANT_ORIGINS; o++) {
		if (get_name(in, &line->groups[o], LIMIT_USER_NAME) == -1)
			return -1;
	}
	if (slice_string(in, &line->line, LIMIT_LINE) == -1 ||
	    line->line.len == 0 || line->line.p[line->line.len - 1] != '\n')
		return -1;
	return 0;
}

void
record_put_named(struct buf *b, const char *user, unsigned named)
{
	(void)buf_put_u8(b, (uint8_t)named);
	(void)buf_put_cstring(b, user);
}

int
record_get_named(struct slice *in, struct slice *user, unsigned *named)
{
	uint8_t bits;

	if (slice_u8(in, &bits) == -1 ||
	    slice_string(in, user, LIMIT_USER_NAME) == -1)
		return -1;
	*named = bits;
	return 0;
}
