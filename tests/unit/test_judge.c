/* SPDX-License-Identifier: ISC */
/* Each condition by itself: what it wants, what it says, until when. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "judge_fixture.h"

static void
check_condition(struct world *w, size_t sample, enum judge_condition which,
    const char *user, enum verdict v, int64_t until_ms)
{
	const struct judge_rule *r;
	struct court t;

	court_open(&t, w, sample);
	assert_non_null(r = judge_user_rule(&t.j, GRANT_FILE, user));
	check_ruling(judge_condition(&t.j, r, &t.c, which, user), v, until_ms);
	court_close(&t);
}

static void
test_rules(void **state)
{
	struct court t;
	struct world w;

	(void)state;
	world_standard(&w);
	world_doc(&w, GRANT_FILE,
	    "'users':{'root':{},'*':{},'alice':{},'!':{}},'groups':{'g':{}}");
	world_doc(&w, GRANT_FLEET, "'users':{'bob':{}}");
	court_open(&t, &w, KEY_ED);
	assert_string_equal(
	    judge_user_rule(&t.j, GRANT_FILE, "alice")->rule->name, "alice");
	assert_string_equal(
	    judge_user_rule(&t.j, GRANT_FILE, "!")->rule->name, "!");
	assert_string_equal(
	    judge_user_rule(&t.j, GRANT_FILE, "root")->rule->name, "root");
	assert_true(judge_user_rule(&t.j, GRANT_FILE, "Alice")->star);
	assert_true(judge_user_rule(&t.j, GRANT_FILE, "g")->star);
	assert_null(judge_user_rule(&t.j, GRANT_FLEET, "alice"));
	assert_string_equal(
	    judge_user_rule(&t.j, GRANT_FLEET, "bob")->rule->name, "bob");
	assert_int_equal(judge_named(&t.j, "alice"), GRANT_BIT(GRANT_FILE));
	assert_int_equal(judge_named(&t.j, "bob"), GRANT_BIT(GRANT_FLEET));
	assert_int_equal(judge_named(&t.j, "Bob"), 0);
	assert_int_equal(judge_named(&t.j, "*"), 0);
	assert_int_equal(judge_named(&t.j, "g"), 0);
	court_close(&t);
	world_doc(&w, GRANT_FILE, "'users':{'*':{}}");
	court_open(&t, &w, KEY_ED);
	assert_null(judge_user_rule(&t.j, GRANT_FILE, "root"));
	assert_true(judge_user_rule(&t.j, GRANT_FILE, "Root")->star);
	court_close(&t);
	world_free(&w);
}

static void
test_source(void **state)
{
	struct world w;

	(void)state;
	world_standard(&w);
	world_doc(&w, GRANT_FILE,
	    "'users':{'a':{'sources':['device','metadata']},'b':{}}");
	check_condition(&w, KEY_ED, JUDGE_SOURCE, "a", VERDICT_ALLOWED, UNTIL);
	check_condition(
	    &w, KEY_PUTTY, JUDGE_SOURCE, "a", VERDICT_ALLOWED, UNTIL);
	check_condition(&w, KEY_EC384, JUDGE_SOURCE, "a", VERDICT_SOURCE, 0);
	check_condition(
	    &w, KEY_EC384, JUDGE_SOURCE, "b", VERDICT_ALLOWED, INT64_MAX);
	/* That it is still in another source doesn't help. */
	(void)world_key(&w, SOURCE_PROJECT, KEY_ED, "");
	w.until[SOURCE_DEVICE] = NOW;
	check_condition(&w, KEY_ED, JUDGE_SOURCE, "a", VERDICT_STALE, 0);
	(void)world_key(&w, SOURCE_METADATA, KEY_ED, "");
	w.until[SOURCE_METADATA] = NOW + 1;
	check_condition(
	    &w, KEY_ED, JUDGE_SOURCE, "a", VERDICT_ALLOWED, NOW + 1);
	world_free(&w);
}

static void
test_tag(void **state)
{
	struct keyrec *rec;
	struct world w;

	(void)state;
	world_init(&w);
	rec = world_key(&w, SOURCE_DEVICE, KEY_ED, "");
	world_doc(&w, GRANT_FILE, "'users':{'a':{'tags':['x','deploy']}}");
	check_condition(&w, KEY_ED, JUDGE_TAG, "a", VERDICT_TAG, 0);
	world_tag(&w, rec, "Deploy");
	world_tag(&w, rec, "deploy2");
	check_condition(&w, KEY_ED, JUDGE_TAG, "a", VERDICT_TAG, 0);
	world_tag(&w, rec, "deploy");
	check_condition(&w, KEY_ED, JUDGE_TAG, "a", VERDICT_ALLOWED, UNTIL);
	w.until[SOURCE_DEVICE] = NOW;
	check_condition(&w, KEY_ED, JUDGE_TAG, "a", VERDICT_STALE, 0);
	world_tag(&w, world_key(&w, SOURCE_PROJECT, KEY_ED, ""), "x");
	check_condition(&w, KEY_ED, JUDGE_TAG, "a", VERDICT_ALLOWED, UNTIL);
	world_free(&w);
}

static void
test_role(void **state)
{
	struct world w;

	(void)state;
	world_standard(&w);
	world_doc(&w, GRANT_FILE, "'users':{'a':{'roles':['owner','admin']}}");
	w.in.members_until_ms = UNTIL - 1;
	check_condition(
	    &w, KEY_ED, JUDGE_ROLE, "a", VERDICT_ALLOWED, UNTIL - 1);
	check_condition(&w, KEY_EC256, JUDGE_ROLE, "a", VERDICT_ROLE, 0);
	check_condition(&w, KEY_EC384, JUDGE_ROLE, "a", VERDICT_ROLE, 0);
	check_condition(&w, KEY_RSA2048, JUDGE_ROLE, "a", VERDICT_ROLE, 0);
	/* A second membership brings another. */
	world_member(&w, BOB_ID, "", "", "Owner");
	check_condition(&w, KEY_EC256, JUDGE_ROLE, "a", VERDICT_ROLE, 0);
	world_member(&w, BOB_ID, "", "", "owner");
	check_condition(
	    &w, KEY_EC256, JUDGE_ROLE, "a", VERDICT_ALLOWED, UNTIL - 1);
	w.until[SOURCE_DEVICE] = NOW;
	check_condition(&w, KEY_ED, JUDGE_ROLE, "a", VERDICT_STALE, 0);
	w.in.members_until_ms = NOW;
	check_condition(&w, KEY_ED, JUDGE_ROLE, "a", VERDICT_MEMBERS, 0);
	world_free(&w);
}

/* All must hold, and the first that does not is named. */
static void
test_rule(void **state)
{
	struct court t;
	struct world w;

	(void)state;
	world_standard(&w);
	world_doc(&w, GRANT_FILE,
	    "'users':{'a':{'sources':['device'],'owners':['" ALICE_ID
	    "','" BOB_ID "','" CAROL_ID "'],'roles':['admin']}}");
	w.in.members_until_ms = UNTIL - 1;
	court_open(&t, &w, KEY_ED);
	check_ruling(judge_rule(&t.j, &t.j.doc[GRANT_FILE].users[0], &t.c, "a"),
	    VERDICT_ALLOWED, UNTIL - 1);
	court_close(&t);
	court_open(&t, &w, KEY_EC256);
	check_ruling(judge_rule(&t.j, &t.j.doc[GRANT_FILE].users[0], &t.c, "a"),
	    VERDICT_ROLE, 0);
	court_close(&t);
	court_open(&t, &w, KEY_RSA2048);
	check_ruling(judge_rule(&t.j, &t.j.doc[GRANT_FILE].users[0], &t.c, "a"),
	    VERDICT_SOURCE, 0);
	court_close(&t);
	world_free(&w);
}

static void
test_both(void **state)
{
	const struct ruling a = {VERDICT_ALLOWED, 0, 1},
			    b = {VERDICT_ALLOWED, 0, 2},
			    no = {VERDICT_OPTIONS, 3, CANDIDATE_NEVER},
			    other = {VERDICT_TAG, 0, CANDIDATE_NEVER};

	(void)state;
	check_ruling(judge_both(a, b), VERDICT_ALLOWED, 1);
	check_ruling(judge_both(b, a), VERDICT_ALLOWED, 1);
	check_ruling(judge_both(a, no), VERDICT_OPTIONS, 0);
	check_ruling(judge_both(no, a), VERDICT_OPTIONS, 0);
	check_ruling(judge_both(no, other), VERDICT_OPTIONS, 0);
	assert_int_equal(judge_both(no, a).detail, 3);
	assert_int_equal(judge_both(a, no).detail, 3);
}

/* So many rules that the index has several words for them. */
#define RULES 150

static void
put_rules(struct world *w)
{
	static const char *const kinds[] = {"", "'owners':['al1ce']",
	    "'owners':['" CAROL_ID "']", "'roles':['collaborator']",
	    "'tags':['t']", "'owners':['al1ce'],'roles':['collaborator']",
	    "'owners':['%u@example.com'],'tags':['t']"};
	char inside[8000] = "'users':{'*':{'owners':['%u']}";
	size_t i, n = strlen(inside);

	for (i = 1; i < RULES; i++)
		n += (size_t)snprintf(inside + n, sizeof(inside) - n,
		    ",'u%zu':{%s}", i, kinds[i % 7]);
	assert_true(n + 1 < sizeof(inside));
	(void)snprintf(inside + n, sizeof(inside) - n, "}");
	world_doc(w, GRANT_FILE, inside);
}

/* What the index passes over is what the rule refuses; how many that are. */
static size_t
check_index(const struct court *t)
{
	const struct judge_document *d = &t->j.doc[GRANT_FILE];
	size_t i, k, next, passed = 0;

	assert_int_equal(d->nusers, RULES);
	for (i = 0; i < d->nusers; i++) {
		next = judge_next(&d->user_index, &t->c, i);
		assert_true(next >= i);
		passed += next != i;
		for (k = i; k < next && k < d->nusers; k++)
			assert_int_not_equal(judge_rule(&t->j, &d->users[k],
						 &t->c, d->users[k].rule->name)
						 .verdict,
			    VERDICT_ALLOWED);
	}
	assert_true(judge_next(&d->user_index, &t->c, d->nusers) >= d->nusers);
	return passed;
}

static void
test_index(void **state)
{
	static const struct {
		size_t sample, passed;
	} cases[] = {{KEY_ED, 106}, {KEY_EC256, 86}, {KEY_EC384, 128},
	    {KEY_RSA2048, 106}, {KEY_PUTTY, 107}, {KEY_SKED, 43}};
	struct court t;
	struct world w;
	size_t i;

	(void)state;
	world_standard(&w);
	world_tag(&w, world_key(&w, SOURCE_METADATA, KEY_PUTTY, ""), "x");
	/* A key of two people, one called so and the other of the role. */
	(void)world_key(&w, SOURCE_DEVICE, KEY_SKED, ALICE);
	world_tag(&w, world_key(&w, SOURCE_PROJECT, KEY_SKED, BOB), "t");
	put_rules(&w);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		court_open(&t, &w, cases[i].sample);
		assert_int_equal(check_index(&t), cases[i].passed);
		court_close(&t);
	}
	world_free(&w);
}

/* Each code is another, for it stands in logs. */
static void
test_codes(void **state)
{
	size_t i, k;

	(void)state;
	for (i = 0; i < VERDICT_COUNT; i++) {
		assert_true(strlen(verdict_code((enum verdict)i, 0)) > 2);
		assert_true(strlen(verdict_text((enum verdict)i, 0)) > 8);
		for (k = 0; k < i; k++)
			assert_string_not_equal(
			    verdict_code((enum verdict)i, 0),
			    verdict_code((enum verdict)k, 0));
		for (k = 1; k < TAGS_INTERNAL; k++)
			assert_string_not_equal(
			    verdict_code((enum verdict)i, 0),
			    verdict_code(VERDICT_TAGS, (unsigned)k));
		for (k = 1; k < OPTIONS_CLASH_INTERNAL; k++)
			assert_string_not_equal(
			    verdict_code((enum verdict)i, 0),
			    verdict_code(VERDICT_OPTIONS, (unsigned)k));
	}
	assert_string_equal(
	    verdict_code(VERDICT_TAGS, TAGS_EXPIRES), "tag-expires");
	assert_string_equal(verdict_text(VERDICT_TAGS, TAGS_EXPIRES),
	    tags_refusal_text(TAGS_EXPIRES));
	assert_string_equal(
	    verdict_code(VERDICT_OPTIONS, OPTIONS_CLASH_COMMAND),
	    "command-conflict");
	assert_string_equal(
	    verdict_text(VERDICT_OPTIONS, OPTIONS_CLASH_COMMAND),
	    options_clash_text(OPTIONS_CLASH_COMMAND));
	assert_string_equal(verdict_code(VERDICT_COUNT, 0), "unknown");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_rules),
	    cmocka_unit_test(test_source),
	    cmocka_unit_test(test_tag),
	    cmocka_unit_test(test_role),
	    cmocka_unit_test(test_rule),
	    cmocka_unit_test(test_both),
	    cmocka_unit_test(test_index),
	    cmocka_unit_test(test_codes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
