/* SPDX-License-Identifier: ISC */
/* What compile() gives, kept, and for whom it is. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "cmd/describe.h"
#include "grants_fixture.h"

static void
check_name(enum grant_scope scope, const char *name, unsigned unless,
    const char *file, const char *fleet, const char *want)
{
	const struct grant g = {scope, name, unless, {file, fleet}};
	char got[GRANT_NAME_SIZE];

	assert_string_equal(grant_name(&g, got), want);
}

static void
test_name(void **state)
{
	const unsigned file = GRANT_BIT(GRANT_FILE);

	(void)state;
	check_name(GRANT_ACCOUNT, "root", 0, NULL, NULL, "root");
	check_name(GRANT_FOLDED, "alice", file, NULL, NULL, "alice");
	check_name(GRANT_ANY, "", file, NULL, NULL, "*");
	check_name(GRANT_ANY, "", 0, NULL, NULL, "*");
	check_name(GRANT_ANY, "", 0, "wheel", NULL, "@wheel");
	check_name(GRANT_ANY, "", 0, NULL, "ops", "@ops");
	check_name(GRANT_ANY, "", 0, "wheel", "ops", "@wheel+@ops");
	check_name(GRANT_ANY, "", 0, "ops", "ops", "@ops");
	check_name(GRANT_ANY, "", file, NULL, "ops", "*+@ops");
	check_name(GRANT_ACCOUNT, "alice", 0, NULL, "ops", "alice+@ops");
	check_name(GRANT_FOLDED, "bob", 0, "a", "b", "bob+@a+@b");
}

static void
check_to(const struct granted *v, const char *user, unsigned named,
    const char **groups, size_t n, bool want)
{
	const struct applicant a = {user, named, groups, n};

	assert_int_equal(granted_to(v, &a), want);
}

static void
test_granted_to(void **state)
{
	const char *groups[] = {"ops", "wheel"};
	struct granted v = {.grant = {GRANT_ANY, "", 0, {NULL, NULL}}};

	(void)state;
	check_to(&v, "bob", 0, NULL, 0, true);
	v.grant.unless_named = GRANT_BIT(GRANT_FLEET);
	check_to(&v, "bob", 0, NULL, 0, true);
	check_to(&v, "bob", GRANT_BIT(GRANT_FLEET), NULL, 0, false);
	check_to(&v, "bob", GRANT_BIT(GRANT_FILE), NULL, 0, true);
	check_to(&v, "root", 0, NULL, 0, false);
	/* Both groups, not just one. */
	v.grant.unless_named = 0;
	v.grant.groups[GRANT_FILE] = "wheel";
	check_to(&v, "bob", 0, NULL, 0, false);
	check_to(&v, "bob", 0, groups, 1, false);
	check_to(&v, "bob", 0, groups, 2, true);
	v.grant.groups[GRANT_FLEET] = "adm";
	check_to(&v, "bob", 0, groups, 2, false);
	v.grant.groups[GRANT_FLEET] = "ops";
	check_to(&v, "bob", 0, groups, 2, true);
	check_to(&v, "root", 0, groups, 2, true);
	/* A name is one account's. */
	v.grant.scope = GRANT_ACCOUNT;
	v.grant.name = "bob";
	check_to(&v, "bob", 0, groups, 2, true);
	check_to(&v, "Bob", 0, groups, 2, false);
	v.grant.scope = GRANT_FOLDED;
	check_to(&v, "Bob", 0, groups, 2, true);
	check_to(&v, "alice", 0, groups, 2, false);
}

static void
test_named(void **state)
{
	struct policies_world pw;
	struct grants g = {.n = 0};

	(void)state;
	policies_open(&pw);
	g.in = policies_in(&pw, 3, 7);
	assert_int_equal(grants_named(&g, "root"), GRANT_NAMED_ALL);
	assert_int_equal(grants_named(&g, "alice"), GRANT_BIT(GRANT_FILE));
	assert_int_equal(grants_named(&g, "Alice"), 0);
	assert_int_equal(grants_named(&g, "bob"), GRANT_BIT(GRANT_FLEET));
	assert_int_equal(grants_named(&g, "*"), 0);
	g.in.origin[GRANT_FILE].doc = NULL;
	assert_int_equal(grants_named(&g, "alice"), 0);
	g.in = policies_in(&pw, 0, 0);
	assert_int_equal(grants_named(&g, "root"), GRANT_NAMED_ALL);
	policies_close(&pw);
}

/* The same answer as judge_named gives. */
static void
test_named_as_judged(void **state)
{
	struct policies_world pw;
	struct judge j;
	struct grants g = {.n = 0};
	size_t i, k, u;

	(void)state;
	policies_open(&pw);
	for (i = 0; i < SOME_POLICIES * SOME_POLICIES; i++) {
		k = i / SOME_POLICIES;
		g.in = policies_in(&pw, i % SOME_POLICIES, k);
		assert_int_equal(judge_open(&j, &g.in), 0);
		for (u = 1; u < SOME_USERS; u++)
			assert_int_equal(grants_named(&g, some_users[u]),
			    judge_named(&j, some_users[u]));
		judge_close(&j);
	}
	policies_close(&pw);
}

/* One line for each grant: for whom, and which key. */
static void
check_grants(const struct grants *g, const char *want)
{
	char got[4096] = "", name[GRANT_NAME_SIZE];
	size_t i, len = 0;

	for (i = 0; i < g->n; i++) {
		assert_true(len < sizeof(got));
		len += (size_t)snprintf(got + len, sizeof(got) - len, "%s %s\n",
		    grant_name(&g->v[i].grant, name),
		    g->v[i].key->refs[0].rec->label);
	}
	assert_string_equal(got, want);
}

/* Accounts, then names, then groups and `*`; who gets nothing is left out,
 * with the reason. */
static void
test_gather(void **state)
{
	struct world w;
	struct grants g;

	(void)state;
	world_standard(&w);
	world_doc(&w, GRANT_FILE,
	    "'keys':{'types':['ssh-ed25519','ecdsa-sha2-nistp256']},"
	    "'users':{'root':{'sources':['metadata'],'options':'restrict'},"
	    "'*':{'owners':['%u@example.com']}},"
	    "'groups':{'wheel':{'owners':['alice@example.com']}}");
	world_merge(&w);
	assert_int_equal(grants_gather(&g, &w.in, NULL), 0);
	check_grants(&g, "root putty\nalice ed\nbob ec256\n@wheel ed\n");
	assert_string_equal(g.v[0].options, "restrict");
	assert_null(g.v[0].line);
	assert_string_equal(g.v[0].rules[GRANT_FILE]->name, "root");
	assert_null(g.v[0].rules[GRANT_FLEET]);
	assert_false(g.builtin);
	assert_int_equal(g.nleft, 2);
	assert_int_equal(g.left[0].why.verdict, VERDICT_TYPE);
	assert_int_equal(g.left[1].why.verdict, VERDICT_TYPE);
	grants_free(&g);
	world_free(&w);
}

static void
test_gather_builtin(void **state)
{
	struct world w;
	struct grants g;

	(void)state;
	world_standard(&w);
	world_merge(&w);
	assert_int_equal(grants_gather(&g, &w.in, NULL), 0);
	assert_int_equal(g.n, 5);
	assert_true(g.builtin);
	assert_string_equal(grant_origin_name(&g, GRANT_FILE), "built-in");
	grants_free(&g);
	world_free(&w);
}

/* One key's, with their lines; and those of a CA, which are for any. */
static void
test_gather_one(void **state)
{
	struct world w;
	struct grants g;
	const char *end;

	(void)state;
	world_standard(&w);
	world_doc(&w, GRANT_FILE,
	    "'users':{'root':{'owners':['alice@example.com']},"
	    "'bob':{'owners':['alice@example.com']},"
	    "'deploy':{'owners':['bob@example.com'],"
	    "'options':'cert-authority'}}");
	world_merge(&w);
	assert_int_equal(grants_gather(&g, &w.in, samples[KEY_ED].fp), 0);
	check_grants(&g, "bob ed\ndeploy ec256\nroot ed\n");
	assert_false(g.v[0].authority);
	assert_true(g.v[1].authority);
	assert_memory_equal(g.v[0].line, "ssh-ed25519 AAAA", 16);
	assert_non_null(end = strstr(g.v[0].line, " ed user:" ALICE_ID));
	assert_string_equal(end, " ed user:" ALICE_ID);
	grants_free(&g);
	world_free(&w);
}

/* What no longer holds is not shown, as a login gets none of it. */
static void
test_gather_stale(void **state)
{
	struct world w;
	struct grants g;

	(void)state;
	world_standard(&w);
	w.until[SOURCE_DEVICE] = NOW;
	world_merge(&w);
	assert_int_equal(grants_gather(&g, &w.in, NULL), 0);
	assert_int_equal(g.n, 3);
	assert_int_equal(g.nleft, 2);
	assert_int_equal(g.left[0].why.verdict, VERDICT_STALE);
	grants_free(&g);
	world_free(&w);
}

/* Each label and owner once; a member by his e-mail. */
static void
test_describe(void **state)
{
	struct world w;
	struct people p;
	char text[DESCRIBE_SIZE], small[8];
	struct keyrec *rec;

	(void)state;
	world_init(&w);
	(void)world_key(&w, SOURCE_DEVICE, KEY_ED, ALICE);
	(void)world_key(&w, SOURCE_PROJECT, KEY_ED, PROJECT);
	rec = world_key(&w, SOURCE_PERSONAL, KEY_ED, ALICE);
	rec->label = "again";
	world_member(&w, ALICE_ID, "al1ce", "", NULL);
	world_member(&w, ALICE_ID, "al1ce", "alice@example.com", NULL);
	world_merge(&w);
	assert_int_equal(people_build(&p, &w.merged, &w.members), 0);
	assert_string_equal(
	    describe_labels(&w.merged.v[0], text, sizeof(text)), "ed, again");
	assert_string_equal(
	    describe_owners(&p, &w.merged.v[0], text, sizeof(text)),
	    "alice@example.com, " PROJECT);
	assert_string_equal(describe_owner(&p, BOB, text, sizeof(text)), BOB);
	assert_string_equal(describe_owner(&p, "", text, sizeof(text)), "");
	assert_string_equal(
	    source_list(w.merged.v[0].sources, text, sizeof(text)),
	    "device,project,personal");
	assert_string_equal(
	    source_list(w.merged.v[0].sources, small, sizeof(small)),
	    "device,");
	people_free(&p);
	world_free(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_name),
	    cmocka_unit_test(test_granted_to),
	    cmocka_unit_test(test_named),
	    cmocka_unit_test(test_named_as_judged),
	    cmocka_unit_test(test_gather),
	    cmocka_unit_test(test_gather_builtin),
	    cmocka_unit_test(test_gather_one),
	    cmocka_unit_test(test_gather_stale),
	    cmocka_unit_test(test_describe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
