/* SPDX-License-Identifier: ISC */
/*
 * Any bytes as two documents and the tags of a key, with a line of --- between
 * them: what compile() lets in is what judge.h says of each account, key and
 * pair of rules; each line reads back; a second document, a member's due and
 * a tag more let nobody in; and it's all the same which document is whose.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "policy/compile.h"
#include "tests/fuzz/oracle.h"
#include "tests/unit/pubkey_samples.h"

#define NOW INT64_C(1800000000000)
#define UNTIL (NOW + INT64_C(86400000))
#define KEYS 4
#define NAMES 16 /* accounts that are looked at */
#define TAGS 32
#define ALICE "aaaaaaaa-0000-4000-8000-000000000001"
#define BOB "bbbbbbbb-0000-4000-8000-000000000002"
#define CAROL "cccccccc-0000-4000-8000-000000000003"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static struct keyset keys[SOURCE_KEYS];
static struct memberset members;
/* The record that has the tags; its key is the project's, too. */
static struct keyrec *tagged;
static const size_t of_samples[KEYS] = {0, 1, 5, 10};

struct world {
	struct policy doc[GRANT_ORIGINS];
	struct judge_input in;
	struct merged merged;
	const char *names[NAMES];
	size_t n;
};
#define GROUPS 3 /* an account is in none, in the first of each, in all */

struct outcome {
	const struct world *w;
	struct judge judge;
	bool in[NAMES][GROUPS][KEYS];
	unsigned seen, refused;
};

static void
add_key(enum source s, size_t sample, const char *owner, int64_t created_ms)
{
	struct keyrec *rec = keyset_add(&keys[s]);
	char text[1200];

	CHECK(rec != NULL);
	(void)snprintf(text, sizeof(text), "%s %s", samples[sample].name,
	    samples[sample].b64);
	rec->text = text;
	rec->textlen = strlen(text);
	CHECK(pubkey_check_record(&keys[s], rec) == 0 && rec->blob != NULL);
	rec->owner = owner;
	rec->created_ms = created_ms;
}

static void
add_member(
    const char *id, const char *short_id, const char *email, const char *role)
{
	struct member *m = memberset_add(&members);

	CHECK(m != NULL);
	m->id = id;
	m->short_id = short_id;
	m->email = email;
	CHECK((m->roles = memberset_roles(&members, 1)) != NULL);
	m->roles[m->nroles++] = role;
}

static void
make_keys(void)
{
	if (tagged != NULL)
		return;
	add_key(SOURCE_DEVICE, 0, "user:" ALICE, NOW - 1000);
	add_key(SOURCE_PROJECT, 0, "project:" CAROL, KEYREC_NO_DATE);
	add_key(SOURCE_DEVICE, 1, "user:" BOB, NOW - INT64_C(86400000));
	add_key(SOURCE_PERSONAL, 5, "user:" CAROL, KEYREC_NO_DATE);
	add_key(SOURCE_METADATA, 10, "", KEYREC_NO_DATE);
	add_member(ALICE, "al1ce", "alice@example.com", "admin");
	add_member(BOB, "bob", "Bob@Example.COM", "collaborator");
	add_member(BOB, "bob", "root@example.com", "billing");
	tagged = &keys[SOURCE_DEVICE].v[0];
	CHECK((tagged->tags = keyset_tags(&keys[0], LIMIT_TAGS)) != NULL);
	CHECK(
	    (keys[SOURCE_DEVICE].v[1].tags = keyset_tags(&keys[0], 1)) != NULL);
}

static unsigned
key_of(const char *fp)
{
	unsigned k;

	for (k = 0; k < KEYS; k++) {
		if (strcmp(samples[of_samples[k]].fp, fp) == 0)
			return k;
	}
	abort();
}

/* Whether an account is in the group: 0: in none, 1: in the first, 2: all. */
static bool
in_group(const struct world *w, enum grant_origin o, const char *group,
    unsigned groups)
{
	const struct policy *p = w->in.origin[o].doc;

	return group == NULL || groups == 2 ||
	    (groups == 1 && strcmp(p->groups.v[0].name, group) == 0);
}

static void
check_options(const struct compile_line *l)
{
	struct options o;
	struct buf b;

	CHECK(l->until_ms > NOW);
	CHECK(memchr(l->line, '\n', l->len) == l->line + l->len - 1);
	CHECK(strncmp((const char *)l->line, l->options, strlen(l->options)) ==
	    0);
	if (strlen(l->options) > LIMIT_OPTIONS)
		return;
	CHECK(options_parse(&o, l->options, strlen(l->options), NULL) ==
	    OPTIONS_OK);
	CHECK(options_for_every_fingerprint(&o) == l->authority);
	buf_init(&b, LIMIT_LINE);
	CHECK(options_build(&o, &b) == 0 && b.len == strlen(l->options));
	CHECK(b.len == 0 || memcmp(b.data, l->options, b.len) == 0);
	buf_free(&b);
	options_free(&o);
}

static int
on_line(void *ctx, const struct compile_line *l)
{
	struct outcome *out = ctx;
	const struct world *w = out->w;
	unsigned k = key_of(l->fp), o, g;
	bool in;
	size_t i;

	check_options(l);
	out->seen |= 1u << k;
	for (o = 0; o < GRANT_ORIGINS; o++) {
		CHECK(l->rules[o] == NULL || !l->rules[o]->star ||
		    l->grant.scope == GRANT_ACCOUNT ||
		    (l->grant.unless_named & GRANT_BIT(o)) != 0);
		CHECK((l->grant.groups[o] != NULL) ==
		    (l->rules[o] != NULL && l->rules[o]->group));
	}
	for (i = 0; i < w->n; i++) {
		for (g = 0; g < GROUPS; g++) {
			in = grant_applies(&l->grant, w->names[i],
			    judge_named(&out->judge, w->names[i]));
			for (o = 0; o < GRANT_ORIGINS; o++)
				in =
				    in && in_group(w, o, l->grant.groups[o], g);
			out->in[i][g][k] |= in;
		}
	}
	return 0;
}

static int
on_refused(void *ctx, const struct merged_key *key, const struct ruling *why)
{
	struct outcome *out = ctx;
	unsigned bit = 1u << key_of(key->refs[0].rec->fp);

	CHECK(why->verdict != VERDICT_ALLOWED && (out->refused & bit) == 0);
	out->refused |= bit;
	return 0;
}

static void
run(const struct world *w, struct outcome *got)
{
	const struct compile_out out = {got, on_line, on_refused};
	struct judge_input in = compile_input(&w->in);

	memset(got, 0, sizeof(*got));
	got->w = w;
	CHECK(judge_open(&got->judge, &in) == 0);
	CHECK(compile(&w->in, &out) == 0);
	CHECK((got->seen ^ got->refused) == (1u << KEYS) - 1);
	judge_close(&got->judge);
}

/* The rules of a document that are for the account; their number. */
static size_t
rules_for(const struct world *w, const struct judge *j, unsigned o,
    const char *user, unsigned groups, const struct judge_rule *rules[])
{
	const struct judge_document *d = &j->doc[o];
	size_t i, n = 0;

	if (!j->in.origin[o].wanted) {
		rules[0] = NULL;
		return 1;
	}
	if ((rules[n] = judge_user_rule(j, o, user)) != NULL)
		n++;
	for (i = 0; i < d->ngroups && n < NAMES; i++) {
		if (in_group(w, o, d->groups[i].rule->name, groups))
			rules[n++] = &d->groups[i];
	}
	return n;
}

/* Whether judge.h lets the key in, asked for each pair of rules. */
static bool
judged(const struct world *w, const struct judge *j, const struct candidate *c,
    const char *user, unsigned groups)
{
	const struct judge_rule *a[NAMES + 1], *b[NAMES + 1];
	size_t na = rules_for(w, j, GRANT_FILE, user, groups, a), i;
	size_t nb = rules_for(w, j, GRANT_FLEET, user, groups, b);
	bool authority, failed, in = false;
	struct ruling r;
	struct buf text;
	unsigned o;

	for (i = 0; i < na * nb && !in; i++) {
		const struct judge_rule *const rules[] = {a[i / nb], b[i % nb]};

		r = judge_key(j, c);
		for (o = 0; o < GRANT_ORIGINS; o++) {
			if (j->in.origin[o].wanted)
				r = judge_both(r, judge_document_keys(j, o, c));
			if (rules[o] != NULL)
				r = judge_both(
				    r, judge_rule(j, rules[o], c, user));
		}
		buf_init(&text, LIMIT_LINE);
		r = judge_both(
		    r, judge_options(j, rules, c, &text, &authority, &failed));
		CHECK(!failed);
		buf_free(&text);
		in = r.verdict == VERDICT_ALLOWED;
	}
	return in && tags_let_in(&c->tags, user);
}

static void
check_judged(const struct world *w, const struct outcome *got)
{
	struct judge_input in = compile_input(&w->in);
	struct candidate c = {0};
	struct judge j;
	unsigned g;
	size_t i, k;

	CHECK(judge_open(&j, &in) == 0);
	for (k = 0; k < w->merged.n; k++) {
		CHECK(candidate_set(&c, &w->merged.v[k], &j.people) ==
		    CANDIDATE_OK);
		for (i = 0; i < w->n; i++) {
			for (g = 0; g < GROUPS; g++)
				CHECK(judged(w, &j, &c, w->names[i], g) ==
				    got->in[i][g]
					   [key_of(c.key->refs[0].rec->fp)]);
		}
	}
	candidate_free(&c);
	judge_close(&j);
}

/* Whether b lets in nobody whom a doesn't. */
static bool
covers(const struct outcome *a, const struct outcome *b)
{
	const bool *x = &a->in[0][0][0], *y = &b->in[0][0][0];
	size_t i;

	for (i = 0; i < sizeof(a->in); i++) {
		if (y[i] && !x[i])
			return false;
	}
	return true;
}

/* Either of the documents alone lets in whom both do. */
static void
check_both(struct world *w, const struct outcome *base)
{
	static struct outcome got;
	struct judge_origin file = w->in.origin[GRANT_FILE],
			    fleet = w->in.origin[GRANT_FLEET];

	w->in.origin[GRANT_FILE] = fleet;
	w->in.origin[GRANT_FLEET] = file;
	run(w, &got);
	CHECK(memcmp(got.in, base->in, sizeof(got.in)) == 0);
	if (file.wanted && fleet.wanted) {
		w->in.origin[GRANT_FLEET] = (struct judge_origin){0};
		run(w, &got);
		CHECK(covers(&got, base));
		w->in.origin[GRANT_FILE] = file;
		run(w, &got);
		CHECK(covers(&got, base));
	}
	w->in.origin[GRANT_FILE] = file;
	w->in.origin[GRANT_FLEET] = fleet;
}

/* Whether a rule wants it: then it widens, too. */
static bool
is_wanted(const struct world *w, const char *tag)
{
	const struct policy_rules *rules;
	size_t o, i;

	for (o = 0; o < 2 * GRANT_ORIGINS; o++) {
		rules =
		    o % 2 == 0 ? &w->doc[o / 2].users : &w->doc[o / 2].groups;
		for (i = 0; i < rules->n; i++) {
			if (words_has(&rules->v[i].tags, tag, strlen(tag)))
				return true;
		}
	}
	return false;
}

static void
check_narrower(struct world *w, const struct outcome *base)
{
	static const char tag[] = "user:bob";
	static struct outcome got;
	struct keyrec *bobs = &keys[SOURCE_DEVICE].v[1];
	bool was;

	bobs->tags[0] = tag;
	bobs->ntags = is_wanted(w, tag) ? 0 : 1;
	run(w, &got);
	CHECK(covers(base, &got));
	bobs->ntags = 0;
	was = w->doc[GRANT_FILE].keys.require_member;
	w->doc[GRANT_FILE].keys.require_member = true;
	run(w, &got);
	CHECK(covers(base, &got));
	w->doc[GRANT_FILE].keys.require_member = was;
	w->in.deny = samples[0].fp;
	w->in.denylen = KEYREC_FP_LEN;
	run(w, &got);
	CHECK(covers(base, &got) && (got.seen & 1) == 0);
	w->in.deny = NULL;
}

/* Up to the next line of ---, which goes. */
static char *
section(char **rest)
{
	char *p = *rest, *end = p == NULL ? NULL : strstr(p, "---\n");

	*rest = NULL;
	if (end != NULL) {
		*end = '\0';
		*rest = end + 4;
	}
	return p == NULL ? "" : p;
}

static void
make_world(struct world *w, char *rest)
{
	static const char *const names[] = {
	    "root", "Root", "alice", "ALICE", "bob", "al1ce", "nobody"};
	struct merge_input in[SOURCE_KEYS];
	const char *text;
	size_t i, o;

	memset(w, 0, sizeof(*w));
	memcpy(w->names, names, sizeof(names));
	w->n = sizeof(names) / sizeof(names[0]);
	for (o = 0; o < GRANT_ORIGINS; o++) {
		text = section(&rest);
		w->in.origin[o] = (struct judge_origin){
		    text[strspn(text, " \n")] != '\0', NULL, INT64_MAX};
		if (policy_parse(&w->doc[o], text, strlen(text), NULL) ==
		    POLICY_OK)
			w->in.origin[o].doc = &w->doc[o];
		for (i = 0; i < w->doc[o].users.n && w->n < NAMES; i++)
			w->names[w->n++] = w->doc[o].users.v[i].name;
	}
	rest = section(&rest);
	for (tagged->ntags = 0; rest != NULL && tagged->ntags < TAGS;)
		tagged->tags[tagged->ntags++] = strsep(&rest, "\n");
	for (i = 0; i < SOURCE_KEYS; i++)
		in[i] = (struct merge_input){&keys[i], (enum source)i, UNTIL};
	CHECK(merge_keys(&w->merged, in, SOURCE_KEYS) == 0);
	w->in.keys = &w->merged;
	w->in.members = &members;
	w->in.members_until_ms = UNTIL;
	w->in.now_ms = NOW;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct outcome base;
	char *text = malloc(len + 1);
	struct world w;
	size_t o;

	CHECK(text != NULL);
	if (len != 0)
		memcpy(text, data, len);
	text[len] = '\0';
	make_keys();
	make_world(&w, text);
	run(&w, &base);
	for (o = 0; o < GRANT_ORIGINS; o++)
		CHECK(!w.in.origin[o].wanted || w.in.origin[o].doc != NULL ||
		    base.seen == 0);
	/* Rules beyond those that judged() holds are left out. */
	if (w.doc[0].groups.n < NAMES - 1 && w.doc[1].groups.n < NAMES - 1)
		check_judged(&w, &base);
	check_both(&w, &base);
	check_narrower(&w, &base);
	merge_free(&w.merged);
	for (o = 0; o < GRANT_ORIGINS; o++)
		policy_free(&w.doc[o]);
	free(text);
	return 0;
}
