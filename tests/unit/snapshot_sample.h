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
#define FP_D "SHA256:DDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDD"
/* One that the list of denied keys could name. */
#define FP_E "SHA256:EEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEE"
#define FILE_BIT GRANT_BIT(GRANT_FILE)
#define FLEET_BIT GRANT_BIT(GRANT_FLEET)

struct sample_line {
	enum grant_scope scope;
	const char *name, *fp, *line;
	int64_t until;
	unsigned unless_named;
	const char *groups[GRANT_ORIGINS];
	bool authority;
};

/* A line for one account, for good. */
#define SAMPLE_OWN(name, fp, line)                                             \
	{                                                                      \
		GRANT_ACCOUNT, name, fp, line, SNAPSHOT_FOREVER, 0, {0}, false \
	}

/* Those of one scope and name in a row, and in it those of one key. */
static const struct sample_line sample_lines[] = {
    {GRANT_ACCOUNT, "root", FP_A, "ssh-ed25519 AAAA alice\n", SNAPSHOT_FOREVER,
	0, {0}, false},
    {GRANT_ACCOUNT, "root", FP_B, "ssh-rsa BBBB bob\n", SAMPLE_SOON, 0, {0},
	false},
    {GRANT_ACCOUNT, "deploy", FP_A, "restrict ssh-ed25519 AAAA alice\n",
	SNAPSHOT_FOREVER, 0, {0}, false},
    {GRANT_ACCOUNT, "ca", FP_D, "cert-authority ssh-rsa DDDD ca\n",
	SNAPSHOT_FOREVER, 0, {0}, true},
    {GRANT_FOLDED, "carol", FP_C, "ssh-ed25519 CCCC carol\n", SNAPSHOT_FOREVER,
	FILE_BIT, {0}, false},
    {GRANT_ANY, "", FP_C, "no-pty ssh-ed25519 CCCC carol\n", SNAPSHOT_FOREVER,
	FLEET_BIT, {"wheel", NULL}, false},
};
#define SAMPLE_LINES (sizeof(sample_lines) / sizeof(sample_lines[0]))

static const struct snapshot_head sample_head = {
    .made_ms = SAMPLE_NOW,
    .due_ms = SAMPLE_NOW + 5000,
    .config_digest = UINT64_C(0x0123456789abcdef),
    .policy_digest = UINT64_MAX,
    .portal_ms = INT64_C(1749999999000),
    .lines = UINT64_C(0x1122334455667788),
    .deny_digest = UINT64_C(0xfedcba9876543210),
    .has = SNAPSHOT_HAS_ANY | SNAPSHOT_HAS_FOLDED | SNAPSHOT_HAS_AUTHORITIES,
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

/* Any bytes: the snapshot doesn't know what a policy is. */
#define SAMPLE_TEXT(s)                                    \
	{                                                 \
		(const unsigned char *)(s), sizeof(s) - 1 \
	}
static const struct slice sample_policies[GRANT_ORIGINS] = {
    SAMPLE_TEXT("{\"version\": 1}\n"), SAMPLE_TEXT("{\"\0\": \"\xff\"}")};
static const struct slice sample_deny = SAMPLE_TEXT("# denied\n" FP_E "\n");

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

static inline void
sample_members(struct memberset *ms)
{
	struct member *m;

	memberset_init(ms);
	assert_non_null(m = memberset_add(ms));
	m->id = "aaaaaaaa-0000-4000-8000-000000000001";
	m->short_id = "al1ce";
	m->email = "alice@example.com";
	assert_non_null(m->roles = memberset_roles(ms, 2));
	m->roles[0] = "admin";
	m->roles[1] = "owner";
	m->nroles = 2;
	assert_non_null(m = memberset_add(ms));
	m->id = "bbbbbbbb-0000-4000-8000-000000000002";
}

static inline void
sample_put_line(struct buf *b, const struct sample_line *v)
{
	const struct snapshot_line line = {
	    .grant = {.unless_named = v->unless_named,
		.groups = {v->groups[0], v->groups[1]}},
	    .fp = v->fp,
	    .until_ms = v->until,
	    .line = v->line,
	    .len = strlen(v->line)};

	record_put_line(b, &line);
	assert_false(b->failed);
}

static inline void
sample_flush(struct writer *w, const struct sample_line *v, const char *which,
    struct buf *lines)
{
	if (lines->len != 0)
		assert_int_equal(
		    writer_put_lines(w, v->scope, v->name, which, lines), 0);
	buf_reset(lines);
}

/* Puts the lines, which come in the order of sample_lines. */
static inline void
sample_put_lines(struct writer *w, const struct sample_line *v, size_t n)
{
	struct buf all, key, authorities;
	size_t i;
	bool same;

	buf_init(&all, 1024 * 1024);
	buf_init(&key, 1024 * 1024);
	buf_init(&authorities, 1024 * 1024);
	for (i = 0; i < n; i++) {
		sample_put_line(&all, &v[i]);
		sample_put_line(v[i].authority ? &authorities : &key, &v[i]);
		same = i + 1 < n && v[i].scope == v[i + 1].scope &&
		    strcmp(v[i].name, v[i + 1].name) == 0;
		if (!same || strcmp(v[i].fp, v[i + 1].fp) != 0)
			sample_flush(w, &v[i], v[i].fp, &key);
		if (same)
			continue;
		sample_flush(w, &v[i], SNAPSHOT_AUTHORITIES, &authorities);
		sample_flush(w, &v[i], NULL, &all);
	}
	buf_free(&all);
	buf_free(&key);
	buf_free(&authorities);
}

/* Only to be read. */
static inline struct buf
sample_text(const struct slice *s)
{
	return (struct buf){
	    .data = (unsigned char *)(uintptr_t)s->p, .len = s->len};
}

/* What shuts doors. */
static inline void
sample_put_shut(struct writer *w)
{
	const struct slice denied = SAMPLE_TEXT(FP_E "\n");
	struct buf names, list = sample_text(&denied);

	buf_init(&names, 4096);
	record_put_named(&names, "other", FLEET_BIT);
	record_put_named(&names, "Carol", FILE_BIT);
	assert_int_equal(writer_put_named(w, &names), 0);
	assert_int_equal(writer_put_denied(w, &list), 0);
	assert_int_equal(writer_put_refused(w, FP_B, "not-member"), 0);
	assert_int_equal(writer_put_refused(w, FP_E, SNAPSHOT_DENIED), 0);
	buf_free(&names);
}

/* What is kept for the next fetch. */
static inline void
sample_put_held(struct writer *w)
{
	struct memberset ms;
	struct keyset ks;
	struct buf text;
	unsigned o;

	assert_int_equal(writer_put_state(w, SOURCE_PROJECT, &sample_state), 0);
	sample_keys(&ks);
	assert_int_equal(writer_put_keys(w, SOURCE_PROJECT, &ks), 0);
	keyset_free(&ks);
	sample_members(&ms);
	assert_int_equal(writer_put_members(w, &ms), 0);
	memberset_free(&ms);
	for (o = 0; o < GRANT_ORIGINS; o++) {
		text = sample_text(&sample_policies[o]);
		assert_int_equal(writer_put_policy(w, o, &text), 0);
	}
	text = sample_text(&sample_deny);
	assert_int_equal(writer_put_deny(w, &text), 0);
}

/* Publishes the sample in the folder. */
static inline void
sample_publish(int dirfd)
{
	struct error err = {""};
	struct writer w;

	if (writer_begin(&w, dirfd, 0, &err) == -1)
		fail_msg("%s", err.text);
	assert_int_equal(writer_put_head(&w, &sample_head), 0);
	sample_put_held(&w);
	sample_put_shut(&w);
	sample_put_lines(&w, sample_lines, SAMPLE_LINES);
	if (writer_publish(&w, &err) == -1)
		fail_msg("%s", err.text);
}

/* The account is in "wheel" alone. */
static inline int
sample_groups(
    void *ctx, const char *user, const char *const *names, size_t n, bool *in)
{
	size_t i;

	(void)ctx;
	(void)user;
	for (i = 0; i < n; i++)
		in[i] = strcmp(names[i], "wheel") == 0;
	return 0;
}

/* Looks up for an account that is in no group. */
static inline enum snapshot_find
sample_find(struct snapshot *s, const char *user, const char *fp, int64_t now,
    struct buf *out)
{
	const struct snapshot_ask ask = {.user = user, .fp = fp, .now_ms = now};

	return snapshot_find(s, &ask, out, NULL);
}

static inline bool
sample_head_same(const struct snapshot_head *h)
{
	return h->made_ms == sample_head.made_ms &&
	    h->due_ms == sample_head.due_ms &&
	    h->config_digest == sample_head.config_digest &&
	    h->policy_digest == sample_head.policy_digest &&
	    h->portal_ms == sample_head.portal_ms &&
	    h->lines == sample_head.lines &&
	    h->deny_digest == sample_head.deny_digest &&
	    h->has == sample_head.has && h->usable == sample_head.usable &&
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

static inline bool
sample_members_same(const struct memberset *ms)
{
	return ms->n == 2 && strcmp(ms->v[0].short_id, "al1ce") == 0 &&
	    strcmp(ms->v[0].email, "alice@example.com") == 0 &&
	    ms->v[0].nroles == 2 && strcmp(ms->v[0].roles[0], "admin") == 0 &&
	    strcmp(ms->v[0].roles[1], "owner") == 0 &&
	    strcmp(ms->v[1].id, "bbbbbbbb-0000-4000-8000-000000000002") == 0 &&
	    ms->v[1].email[0] == '\0' && ms->v[1].nroles == 0;
}

static inline bool
sample_text_same(const struct buf *b, const struct slice *want)
{
	return b->len == want->len && memcmp(b->data, want->p, b->len) == 0;
}

#endif
