/*
 * Small worlds for the tests of the policy: keys, members and documents go
 * in, and each line that compile() makes of them comes out as a short text:
 *
 *	u root ed			for the account root
 *	e alice ed !file		for any case of alice, but for those
 *					that the file names
 *	a * ed file:wheel [restrict]	for all in the group, with options
 *	u root ed [cert-authority] CA	for every fingerprint
 *
 * Include it after cmocka.h.
 */
#ifndef TESTS_UNIT_POLICY_FIXTURE_H
#define TESTS_UNIT_POLICY_FIXTURE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/compile.h"
#include "pubkey_samples.h"

#define NOW INT64_C(1800000000000) /* 2027-01-15T08:00:00Z */
#define SECOND INT64_C(1000)
#define DAY (86400 * SECOND)
#define UNTIL (NOW + 7 * DAY) /* of each source, and of the members */

/* The places of samples[]; a key's label is its name here. */
enum {
	KEY_ED,
	KEY_EC256,
	KEY_EC384,
	KEY_EC521,
	KEY_RSA1024,
	KEY_RSA2048,
	KEY_RSA3072,
	KEY_RSA4096,
	KEY_SKED,
	KEY_SKEC,
	KEY_PUTTY
};

static const char *const key_names[SAMPLES] = {"ed", "ec256", "ec384", "ec521",
    "rsa1024", "rsa2048", "rsa3072", "rsa4096", "sked", "skec", "putty"};

#define ALICE_ID "aaaaaaaa-0000-4000-8000-000000000001"
#define BOB_ID "bbbbbbbb-0000-4000-8000-000000000002"
#define CAROL_ID "cccccccc-0000-4000-8000-000000000003"
#define ALICE "user:" ALICE_ID
#define BOB "user:" BOB_ID
#define CAROL "user:" CAROL_ID
#define PROJECT "project:dddddddd-0000-4000-8000-000000000004"

#define WORLD_LINES 256

struct world {
	struct keyset keys[SOURCE_KEYS];
	int64_t until[SOURCE_KEYS];
	struct memberset members;
	struct policy doc[GRANT_ORIGINS];
	struct judge_input in; /* for the test to change */
	struct merged merged;
	/* What came out of the last compile(). */
	struct buf rows, refused; /* texts, a line each */
	struct compile_line last;
	char last_name[LIMIT_USER_NAME + 1];
	int64_t row_until[WORLD_LINES];
	size_t n, nrefused, stop_at;
};

static inline void
world_init(struct world *w)
{
	size_t i;

	*w = (struct world){0};
	for (i = 0; i < SOURCE_KEYS; i++) {
		keyset_init(&w->keys[i]);
		w->until[i] = UNTIL;
	}
	memberset_init(&w->members);
	w->in.members = &w->members;
	w->in.members_until_ms = UNTIL;
	w->in.now_ms = NOW;
	w->in.keys = &w->merged;
	buf_init(&w->rows, 1 << 20);
	buf_init(&w->refused, 1 << 20);
}

static inline void
world_free(struct world *w)
{
	size_t i;

	for (i = 0; i < SOURCE_KEYS; i++)
		keyset_free(&w->keys[i]);
	memberset_free(&w->members);
	for (i = 0; i < GRANT_ORIGINS; i++)
		policy_free(&w->doc[i]);
	merge_free(&w->merged);
	buf_free(&w->rows);
	buf_free(&w->refused);
}

/* A key of samples[]; the record moves with the next one of its source. */
static inline struct keyrec *
world_key(struct world *w, enum source s, size_t sample, const char *owner)
{
	struct keyset *ks = &w->keys[s];
	struct keyrec *rec = keyset_add(ks);
	char text[1200];

	assert_non_null(rec);
	(void)snprintf(text, sizeof(text), "%s %s", samples[sample].name,
	    samples[sample].b64);
	rec->text = keyset_copy(ks, text, strlen(text));
	rec->textlen = strlen(text);
	assert_int_equal(pubkey_check_record(ks, rec), 0);
	assert_non_null(rec->blob);
	rec->label = key_names[sample];
	rec->owner = owner;
	return rec;
}

static inline void
world_tag(struct world *w, struct keyrec *rec, const char *tag)
{
	if (rec->tags == NULL)
		rec->tags = keyset_tags(&w->keys[0], LIMIT_TAGS);
	assert_non_null(rec->tags);
	assert_true(rec->ntags < LIMIT_TAGS);
	rec->tags[rec->ntags++] = tag;
}

/* A membership with at most one role. */
static inline void
world_member(struct world *w, const char *id, const char *short_id,
    const char *email, const char *role)
{
	struct member *m = memberset_add(&w->members);

	assert_non_null(m);
	m->id = id;
	m->short_id = short_id;
	m->email = email;
	if (role == NULL)
		return;
	assert_non_null(m->roles = memberset_roles(&w->members, 1));
	m->roles[0] = role;
	m->nroles = 1;
}

/* What stands behind the version, with ' for ". */
static inline void
world_doc(struct world *w, enum grant_origin o, const char *inside)
{
	char text[8192];
	struct error err = {""};
	size_t i;

	(void)snprintf(text, sizeof(text), "{'version':1,%s}", inside);
	for (i = 0; text[i] != '\0'; i++) {
		if (text[i] == '\'')
			text[i] = '"';
	}
	policy_free(&w->doc[o]);
	if (policy_parse(&w->doc[o], text, strlen(text), &err) != POLICY_OK)
		fail_msg("%s: %s", text, err.text);
	w->in.origin[o] = (struct judge_origin){true, &w->doc[o], INT64_MAX};
}

static inline void
world_no_doc(struct world *w, enum grant_origin o)
{
	w->in.origin[o] = (struct judge_origin){0};
}

static inline void
world_merge(struct world *w)
{
	struct merge_input in[SOURCE_KEYS];
	size_t i;

	for (i = 0; i < SOURCE_KEYS; i++)
		in[i] = (struct merge_input){
		    &w->keys[i], (enum source)i, w->until[i]};
	merge_free(&w->merged);
	assert_int_equal(merge_keys(&w->merged, in, SOURCE_KEYS), 0);
}

/* Lines come sorted by scope, name and key. */
static inline void
world_check_order(struct world *w, const struct compile_line *l)
{
	int order;

	if (w->n != 0) {
		assert_true(w->last.grant.scope <= l->grant.scope);
		order = w->last.grant.scope < l->grant.scope
		    ? -1
		    : strcmp(w->last_name, l->grant.name);
		assert_true(order <= 0);
		assert_true(order < 0 || w->last.key <= l->key);
	}
	w->last = *l;
	assert_true(strlen(l->grant.name) < sizeof(w->last_name));
	(void)snprintf(w->last_name, sizeof(w->last_name), "%s", l->grant.name);
}

/* The line is [options ]key[ comment] and one '\n', whatever the policy. */
static inline void
world_check_line(const struct compile_line *l, int64_t now_ms)
{
	const struct keyrec *rec = l->key->refs[0].rec;
	size_t len = strlen(l->options);
	struct pubkey pk;
	struct buf want;

	assert_string_equal(l->fp, rec->fp);
	assert_true(l->until_ms > now_ms);
	assert_ptr_equal(memchr(l->line, '\n', l->len), l->line + l->len - 1);
	assert_int_equal(
	    l->authority, strstr(l->options, "cert-authority") != NULL);
	assert_true(l->rules[0] != NULL || l->rules[1] != NULL);
	buf_init(&want, LIMIT_LINE);
	assert_int_equal(
	    pubkey_parse_blob(rec->blob, rec->bloblen, &pk), PUBKEY_OK);
	assert_int_equal(pubkey_line(&pk, l->options, NULL, &want), 0);
	assert_true(l->len >= want.len && want.len > len);
	assert_memory_equal(l->line, want.data, want.len - 1);
	buf_free(&want);
}

static inline int
world_line(void *ctx, const struct compile_line *l)
{
	struct world *w = ctx;
	char text[LIMIT_OPTIONS + 1024];
	const struct grant *g = &l->grant;
	size_t i;
	int n;

	world_check_order(w, l);
	world_check_line(l, w->in.now_ms);
	n = snprintf(text, sizeof(text), "%c %s %s%s%s", (char)g->scope,
	    g->scope == GRANT_ANY ? "*" : g->name, l->key->refs[0].rec->label,
	    g->unless_named & GRANT_BIT(GRANT_FILE) ? " !file" : "",
	    g->unless_named & GRANT_BIT(GRANT_FLEET) ? " !fleet" : "");
	for (i = 0; i < GRANT_ORIGINS; i++) {
		if (g->groups[i] != NULL)
			n += snprintf(text + n, sizeof(text) - (size_t)n,
			    " %s:%s", i == GRANT_FILE ? "file" : "fleet",
			    g->groups[i]);
	}
	if (l->options[0] != '\0')
		n += snprintf(
		    text + n, sizeof(text) - (size_t)n, " [%s]", l->options);
	(void)snprintf(text + n, sizeof(text) - (size_t)n, "%s\n",
	    l->authority ? " CA" : "");
	assert_int_equal(buf_puts(&w->rows, text), 0);
	assert_true(w->n < WORLD_LINES);
	w->row_until[w->n++] = l->until_ms;
	return w->n == w->stop_at ? -1 : 0;
}

static inline int
world_refused(void *ctx, const struct merged_key *key, const struct ruling *why)
{
	struct world *w = ctx;
	char text[256];

	assert_int_not_equal(why->verdict, VERDICT_ALLOWED);
	(void)snprintf(text, sizeof(text), "%s %s\n", key->refs[0].rec->label,
	    verdict_code(why->verdict, why->detail));
	assert_int_equal(buf_puts(&w->refused, text), 0);
	w->nrefused++;
	return w->nrefused + 1000 == w->stop_at ? -1 : 0;
}

static inline int
world_compile(struct world *w)
{
	const struct compile_out out = {w, world_line, world_refused};
	int r;

	world_merge(w);
	buf_reset(&w->rows);
	buf_reset(&w->refused);
	w->n = w->nrefused = 0;
	r = compile(&w->in, &out);
	assert_int_equal(buf_putc(&w->rows, '\0'), 0);
	assert_int_equal(buf_putc(&w->refused, '\0'), 0);
	return r;
}

/* Compiles, and compares what came out. */
#define EXPECT(w, want_rows, want_refused)                                    \
	do {                                                                  \
		assert_int_equal(world_compile(w), 0);                        \
		assert_string_equal((char *)(w)->rows.data, want_rows);       \
		assert_string_equal((char *)(w)->refused.data, want_refused); \
	} while (0)

/* Compiles, and compares until when the one line holds. */
#define EXPECT_UNTIL(w, want)                                       \
	do {                                                        \
		assert_int_equal(world_compile(w), 0);              \
		assert_string_equal((char *)(w)->refused.data, ""); \
		assert_int_equal((w)->n, 1);                        \
		assert_true((w)->row_until[0] == (want));           \
	} while (0)

/*
 * Keys of a member who is admin, of another member, of the project, of
 * somebody who is none, and of nobody.
 */
static inline void
world_standard(struct world *w)
{
	world_init(w);
	(void)world_key(w, SOURCE_DEVICE, KEY_ED, ALICE);
	(void)world_key(w, SOURCE_DEVICE, KEY_EC256, BOB);
	(void)world_key(w, SOURCE_PROJECT, KEY_EC384, PROJECT);
	(void)world_key(w, SOURCE_PERSONAL, KEY_RSA2048, CAROL);
	(void)world_key(w, SOURCE_METADATA, KEY_PUTTY, "");
	world_member(w, ALICE_ID, "al1ce", "alice@example.com", "admin");
	world_member(w, BOB_ID, "b0b", "Bob@Example.COM", "collaborator");
}

#endif
