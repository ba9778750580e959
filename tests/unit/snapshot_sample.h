/*
 * A small snapshot with something of each kind, and what must be found in it.
 * Include it after cmocka.h.
 */
#ifndef TESTS_UNIT_SNAPSHOT_SAMPLE_H
#define TESTS_UNIT_SNAPSHOT_SAMPLE_H

#include "cache/record.h"
#include "cache/writer.h"
#include "scratch.h"

#define SAMPLE_NOW INT64_C(1750000000000)
#define SAMPLE_SOON (SAMPLE_NOW + 1000)
#define FP_A "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define FP_B "SHA256:BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"
#define FP_C "SHA256:CCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCC"

struct sample_line {
	const char *user, *fp, *line;
	int64_t until;
};

/* Those of one user in a row. */
static const struct sample_line sample_lines[] = {
    {"root", FP_A, "ssh-ed25519 AAAA alice\n", SNAPSHOT_FOREVER},
    {"root", FP_B, "ssh-rsa BBBB bob\n", SAMPLE_SOON},
    {"deploy", FP_A, "restrict ssh-ed25519 AAAA alice\n", SNAPSHOT_FOREVER},
};
#define SAMPLE_LINES (sizeof(sample_lines) / sizeof(sample_lines[0]))

static const struct snapshot_head sample_head = {
    .made_ms = SAMPLE_NOW,
    .due_ms = SAMPLE_NOW + 5000,
    .config_digest = UINT64_C(0x0123456789abcdef),
    .policy_digest = UINT64_MAX,
    .usable = true,
    .degraded = false,
    .device = "0a1b2c3d-4e5f-6789-abcd-ef0123456789",
    .project = "",
    .learned_ms = 17,
    .boot = "11111111-2222-3333-4444-555555555555",
};

/* Each field another value, so that no two can be confused. */
static const struct source_state sample_state = {
    .outcome = OUTCOME_FAILED,
    .reason = "portal answered 500",
    .checked_ms = 1,
    .doubted_ms = 3,
    .asked_ms = -2,
    .next_ms = INT64_MAX,
    .failures = 4,
    .votes = 5,
    .keys = 6,
    .refused = UINT32_MAX,
    .id = "1a1b2c3d-4e5f-6789-abcd-ef0123456789",
    .etag = "W/\"x\"",
    .url = "https://h/keys",
};

static inline void
sample_keys(struct keyset *ks)
{
	struct keyrec *rec;

	keyset_init(ks);
	assert_non_null(rec = keyset_add(ks));
	rec->label = "laptop";
	rec->blob = (const unsigned char *)"blob";
	rec->bloblen = 4;
	(void)snprintf(rec->fp, sizeof(rec->fp), "%s", FP_A);
	assert_non_null(rec = keyset_add(ks));
	rec->label = "old";
	rec->refused = "dsa";
}

/* Puts the lines whose users come in a row. */
static inline void
sample_put_lines(struct writer *w, const struct sample_line *v, size_t n)
{
	struct buf lines;
	size_t i;

	buf_init(&lines, 1024 * 1024);
	for (i = 0; i < n; i++) {
		record_put_line(
		    &lines, v[i].until, v[i].line, strlen(v[i].line));
		assert_int_equal(writer_put_line(w, v[i].user, v[i].fp,
				     v[i].until, v[i].line, strlen(v[i].line)),
		    0);
		if (i + 1 < n && strcmp(v[i].user, v[i + 1].user) == 0)
			continue;
		assert_int_equal(writer_put_user(w, v[i].user, &lines), 0);
		buf_reset(&lines);
	}
	buf_free(&lines);
}

/* Publishes the sample in the folder. */
static inline void
sample_publish(int dirfd)
{
	struct error err = {""};
	struct keyset ks;
	struct writer w;

	if (writer_begin(&w, dirfd, 0, &err) == -1)
		fail_msg("%s", err.text);
	assert_int_equal(writer_put_head(&w, &sample_head), 0);
	assert_int_equal(
	    writer_put_state(&w, SOURCE_PROJECT, &sample_state), 0);
	sample_keys(&ks);
	assert_int_equal(writer_put_keys(&w, SOURCE_PROJECT, &ks), 0);
	keyset_free(&ks);
	sample_put_lines(&w, sample_lines, SAMPLE_LINES);
	if (writer_publish(&w, &err) == -1)
		fail_msg("%s", err.text);
}

static inline bool
sample_head_same(const struct snapshot_head *h)
{
	return h->made_ms == sample_head.made_ms &&
	    h->due_ms == sample_head.due_ms &&
	    h->config_digest == sample_head.config_digest &&
	    h->policy_digest == sample_head.policy_digest &&
	    h->usable == sample_head.usable &&
	    h->degraded == sample_head.degraded &&
	    strcmp(h->device, sample_head.device) == 0 &&
	    strcmp(h->project, sample_head.project) == 0 &&
	    h->learned_ms == sample_head.learned_ms &&
	    strcmp(h->boot, sample_head.boot) == 0;
}

static inline bool
sample_state_same(const struct source_state *st)
{
	const struct source_state *w = &sample_state;

	return st->outcome == w->outcome && st->checked_ms == w->checked_ms &&
	    st->doubted_ms == w->doubted_ms && st->asked_ms == w->asked_ms &&
	    st->next_ms == w->next_ms && st->failures == w->failures &&
	    st->votes == w->votes && st->keys == w->keys &&
	    st->refused == w->refused && strcmp(st->reason, w->reason) == 0 &&
	    strcmp(st->id, w->id) == 0 && strcmp(st->etag, w->etag) == 0 &&
	    strcmp(st->url, w->url) == 0;
}

static inline bool
sample_keys_same(const struct keyset *ks)
{
	return ks->n == 2 && strcmp(ks->v[0].label, "laptop") == 0 &&
	    ks->v[0].blob != NULL && ks->v[0].bloblen == 4 &&
	    memcmp(ks->v[0].blob, "blob", 4) == 0 &&
	    strcmp(ks->v[0].fp, FP_A) == 0 && ks->v[0].refused == NULL &&
	    ks->v[1].refused != NULL && strcmp(ks->v[1].refused, "dsa") == 0 &&
	    strcmp(ks->v[1].label, "old") == 0;
}

#endif
