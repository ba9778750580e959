/* SPDX-License-Identifier: ISC */
/* Why a key opens an account, or doesn't. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "cmd/explain.h"
#include "grants_fixture.h"

static const char *groups[] = {"ops", "wheel"};

struct asked {
	struct applicant who;
	struct explain_subject subject;
	struct explanation e;
};

/* The key of a sample for a user who is in the first n of groups. */
static void
ask(struct asked *q, const struct judge_input *in, const char *user, size_t n,
    size_t sample)
{
	const struct grants g = {.in = *in};

	*q = (struct asked){
	    .who = {.user = user, .groups = groups, .ngroups = n}};
	q->who.named = grants_named(&g, user);
	(void)snprintf(
	    q->subject.fp, sizeof(q->subject.fp), "%s", samples[sample].fp);
	assert_int_equal(explain(&q->e, in, &q->who, &q->subject), 0);
}

/* Asks, and compares the reason and what says so. */
static void
check(const struct judge_input *in, const char *user, size_t sample,
    const char *code, const char *where)
{
	struct asked q;

	ask(&q, in, user, 1, sample);
	assert_string_equal(q.e.outcome.code, code);
	assert_string_equal(q.e.outcome.where, where);
	assert_int_equal(q.e.outcome.allowed, strcmp(code, "allowed") == 0);
	explain_free(&q.e);
}

static void
test_allowed(void **state)
{
	struct world w;
	struct asked q;

	(void)state;
	world_standard(&w);
	world_doc(&w, GRANT_FILE,
	    "'users':{'root':{'sources':['device','project'],"
	    "'owners':['nobody@example.com','alice@example.com'],"
	    "'options':'no-pty'}}");
	world_merge(&w);
	ask(&q, &w.in, "root", 0, KEY_ED);
	assert_true(q.e.outcome.allowed);
	assert_string_equal(q.e.outcome.code, "allowed");
	assert_int_equal(q.e.nlines, 1);
	assert_memory_equal(q.e.lines[0]->line, "no-pty ssh-ed25519 AAAA", 23);
	assert_int_equal(q.e.nauthorities, 0);
	assert_int_equal(q.e.doc[GRANT_FILE].n, 1);
	assert_string_equal(q.e.doc[GRANT_FILE].rules[0].name, "users.root");
	assert_int_equal(q.e.doc[GRANT_FILE].rules[0].n, 2);
	assert_false(q.e.doc[GRANT_FLEET].wanted);
	explain_free(&q.e);
	world_free(&w);
}

static void
check_step(const struct explain_step *s, const char *name, const char *wanted,
    const char *saw, enum verdict v)
{
	assert_string_equal(s->name, name);
	assert_string_equal(s->wanted, wanted);
	assert_string_equal(s->saw, saw);
	assert_int_equal(s->ruling.verdict, v);
}

/* What each condition wanted, and what it saw. */
static void
test_words(void **state)
{
	const struct explain_rule *r;
	struct world w;
	struct asked q;

	(void)state;
	world_standard(&w);
	world_tag(&w, &w.keys[SOURCE_DEVICE].v[1], "deploy");
	world_doc(&w, GRANT_FILE,
	    "'users':{'*':{'sources':['project'],'owners':['%u@example.com',"
	    "'" CAROL_ID "'],'tags':['deploy','ci'],'roles':['admin']}}");
	world_merge(&w);
	ask(&q, &w.in, "bob", 0, KEY_EC256);
	r = &q.e.doc[GRANT_FILE].rules[0];
	assert_true(r->applies);
	assert_int_equal(r->n, 4);
	check_step(
	    &r->steps[0], "sources", "project", "device", VERDICT_SOURCE);
	check_step(&r->steps[1], "owners",
	    "%u@example.com = bob@example.com, " CAROL_ID,
	    "Bob@Example.COM (member: collaborator)", VERDICT_ALLOWED);
	check_step(
	    &r->steps[2], "tags", "deploy, ci", "deploy", VERDICT_ALLOWED);
	check_step(&r->steps[3], "roles", "admin",
	    "Bob@Example.COM (member: collaborator)", VERDICT_ROLE);
	assert_string_equal(q.e.outcome.code, "source");
	assert_string_equal(q.e.tags.saw, "deploy");
	explain_free(&q.e);
	ask(&q, &w.in, "carol", 0, KEY_RSA2048);
	r = &q.e.doc[GRANT_FILE].rules[0];
	check_step(&r->steps[1], "owners",
	    "%u@example.com = carol@example.com, " CAROL_ID,
	    CAROL_ID " (no member)", VERDICT_ALLOWED);
	explain_free(&q.e);
	w.in.members_until_ms = INT64_MIN;
	ask(&q, &w.in, "bob", 0, KEY_EC256);
	r = &q.e.doc[GRANT_FILE].rules[0];
	check_step(&r->steps[3], "roles", "admin",
	    "Bob@Example.COM (members not known)", VERDICT_MEMBERS);
	explain_free(&q.e);
	world_free(&w);
}

static void
test_words_of_nobody(void **state)
{
	const struct explain_rule *r;
	struct world w;
	struct asked q;

	(void)state;
	world_standard(&w);
	world_doc(&w, GRANT_FILE,
	    "'users':{'root':{'owners':['a','b','c','d','e','f','g','h','i',"
	    "'j']}}");
	world_merge(&w);
	ask(&q, &w.in, "root", 0, KEY_EC384);
	r = &q.e.doc[GRANT_FILE].rules[0];
	check_step(&r->steps[0], "owners", "a, b, c, d, e, f, g, h and 2 more",
	    "a key of the project", VERDICT_OWNER);
	explain_free(&q.e);
	ask(&q, &w.in, "root", 0, KEY_PUTTY);
	assert_string_equal(
	    q.e.doc[GRANT_FILE].rules[0].steps[0].saw, "no owner");
	explain_free(&q.e);
	world_free(&w);
}

static void
test_keys(void **state)
{
	struct world w;
	struct asked q;

	(void)state;
	world_standard(&w);
	w.keys[SOURCE_PERSONAL].v[0].created_ms = NOW - 40 * DAY;
	world_doc(&w, GRANT_FILE,
	    "'keys':{'types':['ssh-rsa','ssh-ed25519'],'rsa_min_bits':3072,"
	    "'max_age':'30d','require_member':true,'deny':['SHA256:"
	    "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU']},"
	    "'users':{'root':{}}");
	world_merge(&w);
	ask(&q, &w.in, "root", 0, KEY_RSA2048);
	check_step(&q.e.doc[GRANT_FILE].keys, "keys",
	    "ssh-rsa, ssh-ed25519; rsa_min_bits 3072; max_age 30 d; "
	    "require_member; none of 1 denied",
	    "ssh-rsa, 2048 bits; of 2026-12-06T08:00:00Z; " CAROL_ID
	    " (no member)",
	    VERDICT_RSA_BITS);
	assert_string_equal(q.e.outcome.code, "rsa-bits");
	assert_string_equal(q.e.outcome.where, "file");
	explain_free(&q.e);
	world_free(&w);
}

/* Of all that is wrong the reason is what must be mended first. */
static void
test_order(void **state)
{
	struct world w;
	char deny[KEYREC_FP_LEN + 2];

	(void)state;
	world_standard(&w);
	world_doc(&w, GRANT_FILE,
	    "'users':{'root':{'options':'from=\\'10.0.0.0/8\\''}}");
	world_doc(&w, GRANT_FLEET,
	    "'users':{'root':{'options':'from=\\'11.0.0.0/8\\''}}");
	world_merge(&w);
	check(&w.in, "root", KEY_ED, "from-disjoint", "");
	world_doc(&w, GRANT_FLEET, "'users':{'root':{'tags':['ci']}}");
	check(&w.in, "root", KEY_ED, "tag", "fleet users.root");
	world_doc(&w, GRANT_FILE, "'users':{'root':{'roles':['owner']}}");
	check(&w.in, "root", KEY_ED, "role", "file users.root");
	world_doc(&w, GRANT_FILE, "'users':{'*':{}}");
	check(&w.in, "root", KEY_ED, "no-rule", "file");
	world_doc(&w, GRANT_FLEET, "'keys':{'types':['ssh-rsa']}");
	check(&w.in, "root", KEY_ED, "key-type", "fleet");
	w.in.origin[GRANT_FILE].doc = NULL;
	check(&w.in, "root", KEY_ED, "no-document", "file");
	world_tag(&w, &w.keys[SOURCE_DEVICE].v[0], "user:bob");
	check(&w.in, "root", KEY_ED, "tag-user-other", "");
	world_tag(&w, &w.keys[SOURCE_DEVICE].v[0], "expires:2020-01-01");
	check(&w.in, "root", KEY_ED, "tag-expired", "");
	world_tag(&w, &w.keys[SOURCE_DEVICE].v[0], "expires:soon");
	check(&w.in, "root", KEY_ED, "tag-expires", "");
	check(&w.in, "root", KEY_RSA4096, "not-found", "");
	(void)snprintf(deny, sizeof(deny), "%s\n", samples[KEY_ED].fp);
	w.in.deny = deny;
	w.in.denylen = strlen(deny);
	check(&w.in, "root", KEY_ED, "denied", "the list of denied keys");
	/* Of a key that no source holds, too. */
	(void)snprintf(deny, sizeof(deny), "%s\n", samples[KEY_RSA4096].fp);
	check(&w.in, "root", KEY_RSA4096, "denied", "the list of denied keys");
	world_free(&w);
}

static void
test_denied_by_document(void **state)
{
	char doc[256];
	struct world w;

	(void)state;
	world_standard(&w);
	world_doc(&w, GRANT_FILE, "'users':{}");
	(void)snprintf(doc, sizeof(doc),
	    "'keys':{'deny':['%s','%s']},'users':{'root':{}}",
	    samples[KEY_ED].fp, samples[KEY_RSA4096].fp);
	world_doc(&w, GRANT_FLEET, doc);
	world_merge(&w);
	check(&w.in, "root", KEY_ED, "denied", "fleet keys.deny");
	check(&w.in, "root", KEY_RSA4096, "denied", "fleet keys.deny");
	check(&w.in, "root", KEY_EC256, "no-rule", "file");
	world_free(&w);
}

static void
test_stale(void **state)
{
	struct world w;

	(void)state;
	world_standard(&w);
	w.until[SOURCE_DEVICE] = NOW - DAY;
	world_merge(&w);
	check(&w.in, "root", KEY_ED, "stale", "");
	check(&w.in, "root", KEY_EC384, "allowed", "");
	check(&w.in, "alice", KEY_EC384, "no-rule", "built-in");
	world_free(&w);
}

/* In ops, and not in wheel. */
static void
test_groups(void **state)
{
	const struct explain_document *d;
	struct world w;
	struct asked q;

	(void)state;
	world_standard(&w);
	world_doc(&w, GRANT_FILE,
	    "'groups':{'adm':{},'ops':{'sources':['project']},"
	    "'wheel':{'sources':['device']}}");
	world_merge(&w);
	check(&w.in, "bob", KEY_EC384, "allowed", "");
	/* Its own failed, where there is one; else the group is missing. */
	check(&w.in, "bob", KEY_ED, "source", "file groups.ops");
	ask(&q, &w.in, "bob", 0, KEY_ED);
	assert_string_equal(q.e.outcome.code, "group");
	assert_string_equal(q.e.outcome.where, "file groups.adm");
	explain_free(&q.e);
	ask(&q, &w.in, "bob", 1, KEY_ED);
	d = &q.e.doc[GRANT_FILE];
	assert_int_equal(d->n, 3);
	assert_string_equal(d->rules[0].where, "file groups.ops");
	assert_true(d->rules[0].applies);
	assert_string_equal(d->rules[1].name, "groups.adm");
	assert_false(d->rules[1].applies);
	assert_string_equal(d->rules[2].name, "groups.wheel");
	explain_free(&q.e);
	world_free(&w);
}

/* sshd takes a CA's line for certificates alone. */
static void
test_authority(void **state)
{
	struct world w;
	struct asked q;

	(void)state;
	world_standard(&w);
	world_doc(&w, GRANT_FILE,
	    "'users':{'root':{'owners':['alice@example.com'],"
	    "'options':'cert-authority'}},"
	    "'groups':{'ops':{'sources':['project']}}");
	world_merge(&w);
	check(&w.in, "root", KEY_ED, EXPLAIN_AUTHORITY, "");
	ask(&q, &w.in, "root", 0, KEY_ED);
	assert_int_equal(q.e.nlines, 1);
	assert_int_equal(q.e.nauthorities, 0);
	explain_free(&q.e);
	ask(&q, &w.in, "root", 1, KEY_EC384);
	assert_true(q.e.outcome.allowed);
	assert_int_equal(q.e.nlines, 1);
	assert_int_equal(q.e.nauthorities, 1);
	assert_string_equal(
	    q.e.authorities[0]->key->refs[0].rec->fp, samples[KEY_ED].fp);
	explain_free(&q.e);
	/* Not for an account that the CA is not for. */
	ask(&q, &w.in, "bob", 1, KEY_EC384);
	assert_int_equal(q.e.nauthorities, 0);
	explain_free(&q.e);
	world_free(&w);
}

/* Two rules give two lines, the same line is there once. */
static void
test_lines(void **state)
{
	struct world w;
	struct asked q;

	(void)state;
	world_standard(&w);
	world_doc(&w, GRANT_FILE,
	    "'users':{'bob':{'options':'restrict'}},"
	    "'groups':{'ops':{},'wheel':{}}");
	world_merge(&w);
	ask(&q, &w.in, "bob", 2, KEY_ED);
	assert_int_equal(q.e.nlines, 2);
	assert_memory_equal(q.e.lines[0]->line, "restrict ", 9);
	assert_memory_equal(q.e.lines[1]->line, "ssh-ed25519 ", 12);
	explain_free(&q.e);
	world_free(&w);
}

/* A key file that is no usable key: nothing of it can be in a source. */
static void
test_bad_file(void **state)
{
	const struct applicant who = {"root", GRANT_NAMED_ALL, NULL, 0};
	struct explain_subject s = {.parsed = true, .refusal = PUBKEY_RSA_SIZE};
	struct explanation e;
	struct world w;

	(void)state;
	world_standard(&w);
	world_merge(&w);
	assert_int_equal(explain(&e, &w.in, &who, &s), 0);
	assert_false(e.outcome.allowed);
	assert_string_equal(e.outcome.code, "rsa-size");
	assert_string_equal(e.outcome.where, "the key file");
	assert_null(e.key);
	explain_free(&e);
	world_free(&w);
}

/* Without its lines an explanation finds a reason exactly where there were
 * none: what it shows is what was compiled. */
static void
check_reason(const struct judge_input *in, size_t u, size_t n, size_t sample)
{
	struct explain_outcome out;
	struct asked q;
	size_t i;
	bool found = false;

	ask(&q, in, some_users[u], n, sample);
	for (i = 0; i < q.e.nlines; i++)
		found = found || !q.e.lines[i]->authority;
	assert_int_equal(found, q.e.outcome.allowed);
	n = q.e.nlines;
	q.e.nlines = 0;
	out = explain_outcome(&q.e);
	assert_false(out.allowed);
	assert_int_equal(n != 0, strcmp(out.code, "no-account") == 0);
	explain_free(&q.e);
}

static void
test_all(void **state)
{
	static const size_t keys[] = {
	    KEY_ED, KEY_EC256, KEY_EC384, KEY_SKED, KEY_RSA3072, KEY_PUTTY};
	static struct policies_world pw;
	struct judge_input in;
	size_t i, u, k, n;

	(void)state;
	policies_open(&pw);
	for (i = 0; i < SOME_POLICIES * SOME_POLICIES; i++) {
		in = policies_in(&pw, i % SOME_POLICIES, i / SOME_POLICIES);
		for (u = 0; u < SOME_USERS; u++) {
			k = (i + u) % (sizeof(keys) / sizeof(keys[0]));
			for (n = 0; n < 3; n++)
				check_reason(&in, u, n, keys[k]);
		}
	}
	policies_close(&pw);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_allowed),
	    cmocka_unit_test(test_words),
	    cmocka_unit_test(test_words_of_nobody),
	    cmocka_unit_test(test_keys),
	    cmocka_unit_test(test_order),
	    cmocka_unit_test(test_denied_by_document),
	    cmocka_unit_test(test_stale),
	    cmocka_unit_test(test_groups),
	    cmocka_unit_test(test_authority),
	    cmocka_unit_test(test_lines),
	    cmocka_unit_test(test_bad_file),
	    cmocka_unit_test(test_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
