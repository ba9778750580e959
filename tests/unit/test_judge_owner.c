/* SPDX-License-Identifier: ISC */
/* Whose key it is: uuid, e-mail, short id and %u; and the way back. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "judge_fixture.h"

/* Of the file's rule for user, as it is for that account. */
static void
check(struct world *w, size_t sample, const char *user, enum verdict v,
    int64_t until_ms)
{
	const struct judge_rule *r;
	struct court t;

	court_open(&t, w, sample);
	assert_non_null(r = judge_user_rule(&t.j, GRANT_FILE, user));
	check_ruling(
	    judge_condition(&t.j, r, &t.c, JUDGE_OWNER, user), v, until_ms);
	court_close(&t);
}

/* A uuid needs no members; what a member is called lives as long as they. */
static void
check_owner(const char *owner, enum verdict alice, enum verdict bob,
    enum verdict carol, int64_t until_ms)
{
	char inside[256];
	struct world w;

	world_standard(&w);
	w.in.members_until_ms = UNTIL - 1;
	(void)snprintf(inside, sizeof(inside),
	    "'users':{'a':{'owners':['nobody','%s']}}", owner);
	world_doc(&w, GRANT_FILE, inside);
	check(&w, KEY_ED, "a", alice, until_ms);
	check(&w, KEY_EC256, "a", bob, until_ms);
	check(&w, KEY_EC384, "a", VERDICT_OWNER, 0);
	check(&w, KEY_RSA2048, "a", carol, until_ms);
	check(&w, KEY_PUTTY, "a", VERDICT_OWNER, 0);
	world_free(&w);
}

static void
test_names(void **state)
{
	const enum verdict yes = VERDICT_ALLOWED, no = VERDICT_OWNER;

	(void)state;
	check_owner("alice@example.com", yes, no, no, UNTIL - 1);
	check_owner("ALICE@Example.com", yes, no, no, UNTIL - 1);
	check_owner("bob@example.com", no, yes, no, UNTIL - 1);
	check_owner("al1ce", yes, no, no, UNTIL - 1);
	check_owner("AL1CE", yes, no, no, UNTIL - 1);
	check_owner(ALICE_ID, yes, no, no, UNTIL);
	check_owner("BBBBBBBB-0000-4000-8000-000000000002", no, yes, no, UNTIL);
	/* One who is no member has a uuid alone. */
	check_owner(CAROL_ID, no, no, yes, UNTIL);
	check_owner("carol@example.com", no, no, no, 0);
	check_owner("alice@example.co", no, no, no, 0);
	check_owner("alice@example.com ", no, no, no, 0);
	check_owner(ALICE, no, no, no, 0);
	check_owner(PROJECT, no, no, no, 0);
}

static void
test_members_unknown(void **state)
{
	struct world w;

	(void)state;
	world_standard(&w);
	world_doc(&w, GRANT_FILE,
	    "'users':{'a':{'owners':['alice@example.com','" BOB_ID "']}}");
	w.in.members_until_ms = NOW;
	check(&w, KEY_ED, "a", VERDICT_MEMBERS, 0);
	check(&w, KEY_EC256, "a", VERDICT_ALLOWED, UNTIL);
	w.in.members_until_ms = INT64_MIN;
	check(&w, KEY_ED, "a", VERDICT_MEMBERS, 0);
	check(&w, KEY_EC256, "a", VERDICT_ALLOWED, UNTIL);
	w.until[SOURCE_DEVICE] = NOW;
	check(&w, KEY_EC256, "a", VERDICT_STALE, 0);
	w.in.members_until_ms = UNTIL;
	check(&w, KEY_ED, "a", VERDICT_STALE, 0);
	world_free(&w);
}

/* Whatever of the two holds longer. */
static void
test_both_ways(void **state)
{
	struct world w;

	(void)state;
	world_standard(&w);
	(void)world_key(&w, SOURCE_PROJECT, KEY_ED, BOB);
	world_doc(&w, GRANT_FILE,
	    "'users':{'a':{'owners':['alice@example.com','" BOB_ID "']}}");
	check(&w, KEY_ED, "a", VERDICT_ALLOWED, UNTIL);
	w.until[SOURCE_DEVICE] = NOW + 1;
	check(&w, KEY_ED, "a", VERDICT_ALLOWED, UNTIL);
	w.until[SOURCE_DEVICE] = UNTIL;
	w.until[SOURCE_PROJECT] = NOW + 1;
	check(&w, KEY_ED, "a", VERDICT_ALLOWED, UNTIL);
	/* By name no more: the uuid is left. */
	w.in.members_until_ms = NOW;
	check(&w, KEY_ED, "a", VERDICT_ALLOWED, NOW + 1);
	w.in.members_until_ms = UNTIL;
	w.until[SOURCE_PROJECT] = NOW;
	check(&w, KEY_ED, "a", VERDICT_ALLOWED, UNTIL);
	world_free(&w);
}

static void
test_account(void **state)
{
	struct world w;

	(void)state;
	world_standard(&w);
	world_doc(&w, GRANT_FILE,
	    "'users':{'alice':{'owners':['%u@example.com']},"
	    "'x':{'owners':['%u@example.com','%%u@example.com']},"
	    "'*':{'owners':['%u@example.com','%u']}}");
	check(&w, KEY_ED, "alice", VERDICT_ALLOWED, UNTIL);
	check(&w, KEY_EC256, "alice", VERDICT_OWNER, 0);
	check(&w, KEY_ED, "x", VERDICT_OWNER, 0);
	check(&w, KEY_EC256, "bob", VERDICT_ALLOWED, UNTIL);
	check(&w, KEY_EC256, "BOB", VERDICT_ALLOWED, UNTIL);
	check(&w, KEY_EC256, "b0b", VERDICT_ALLOWED, UNTIL);
	check(&w, KEY_EC256, "bo", VERDICT_OWNER, 0);
	check(&w, KEY_EC256, "%u", VERDICT_OWNER, 0);
	/* An account that is called like a uuid needs no member. */
	check(&w, KEY_RSA2048, CAROL_ID, VERDICT_ALLOWED, UNTIL);
	/* Without a name %u is nobody, not everybody without an e-mail. */
	world_member(&w, CAROL_ID, "", "", NULL);
	check(&w, KEY_RSA2048, "", VERDICT_OWNER, 0);
	w.in.members_until_ms = NOW;
	check(&w, KEY_EC256, "bob", VERDICT_MEMBERS, 0);
	check(&w, KEY_RSA2048, CAROL_ID, VERDICT_ALLOWED, UNTIL);
	world_free(&w);
}

/* %% is a %, and an account's name is never expanded again. */
static void
test_percent(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	(void)world_key(&w, SOURCE_DEVICE, KEY_ED, ALICE);
	(void)world_key(&w, SOURCE_DEVICE, KEY_EC256, BOB);
	world_member(&w, ALICE_ID, "", "%u@example.com", NULL);
	world_member(&w, BOB_ID, "", "x@example.com", NULL);
	world_doc(&w, GRANT_FILE,
	    "'users':{'x':{'owners':['%%u@example.com']},"
	    "'%u':{'owners':['%u@example.com']},"
	    "'*':{'owners':['%%u@example.com']}}");
	check(&w, KEY_ED, "x", VERDICT_ALLOWED, UNTIL);
	check(&w, KEY_EC256, "x", VERDICT_OWNER, 0);
	check(&w, KEY_ED, "%u", VERDICT_ALLOWED, UNTIL);
	check(&w, KEY_EC256, "%u", VERDICT_OWNER, 0);
	check(&w, KEY_ED, "y", VERDICT_ALLOWED, UNTIL);
	world_free(&w);
}

/* Before there is an account %u names nobody. */
static void
test_no_account(void **state)
{
	const struct judge_rule *r;
	struct court t;
	struct world w;

	(void)state;
	world_standard(&w);
	world_doc(&w, GRANT_FILE,
	    "'users':{'*':{'owners':['%u@example.com','" BOB_ID "']}}");
	court_open(&t, &w, KEY_ED);
	r = t.j.doc[GRANT_FILE].star;
	assert_true(r->pattern);
	check_ruling(judge_condition(&t.j, r, &t.c, JUDGE_OWNER, NULL),
	    VERDICT_OWNER, 0);
	court_close(&t);
	court_open(&t, &w, KEY_EC256);
	r = t.j.doc[GRANT_FILE].star;
	check_ruling(judge_condition(&t.j, r, &t.c, JUDGE_OWNER, NULL),
	    VERDICT_ALLOWED, UNTIL);
	court_close(&t);
	world_free(&w);
}

struct derived {
	char text[512];
	int64_t until_ms;
	int stop;
};

static int
on_name(void *ctx, const char *folded, int64_t until_ms)
{
	struct derived *d = ctx;

	assert_true(strlen(d->text) + strlen(folded) + 2 < sizeof(d->text));
	(void)strcat(strcat(d->text, folded), " ");
	d->until_ms = until_ms;
	return d->stop;
}

static void
check_derive(struct world *w, size_t sample, const char *want, int64_t until_ms)
{
	struct derived d = {"", 0, 0};
	struct court t;

	court_open(&t, w, sample);
	assert_int_equal(
	    judge_derive(&t.j, t.j.doc[GRANT_FILE].star, &t.c, on_name, &d), 0);
	assert_string_equal(d.text, want);
	if (want[0] != '\0') {
		assert_true(d.until_ms == until_ms);
		d.stop = -1;
		assert_int_equal(judge_derive(&t.j, t.j.doc[GRANT_FILE].star,
				     &t.c, on_name, &d),
		    -1);
	}
	court_close(&t);
}

static void
test_derive(void **state)
{
	struct world w;

	(void)state;
	world_standard(&w);
	w.in.members_until_ms = UNTIL - 1;
	world_doc(&w, GRANT_FILE,
	    "'users':{'*':{'owners':['%u@example.com','x','%u','%%u']}}");
	/* The uuid first: it holds even where the members aren't known. */
	check_derive(
	    &w, KEY_ED, ALICE_ID " alice alice@example.com al1ce ", UNTIL - 1);
	check_derive(
	    &w, KEY_EC256, BOB_ID " bob bob@example.com b0b ", UNTIL - 1);
	check_derive(&w, KEY_EC384, "", 0);
	check_derive(&w, KEY_RSA2048, CAROL_ID " ", UNTIL);
	check_derive(&w, KEY_PUTTY, "", 0);
	world_doc(&w, GRANT_FILE, "'users':{'*':{'owners':['%u@x','y']}}");
	check_derive(&w, KEY_ED, "", 0);
	world_doc(&w, GRANT_FILE, "'users':{'*':{'owners':['y']}}");
	check_derive(&w, KEY_ED, "", 0);
	world_free(&w);
}

/* No name that an account can't have. */
static void
test_derive_names(void **state)
{
	static const char *const bad[] = {
	    "", "*", "a/b", "a:b", " a", "a ", "a\nb", "a\x7f", "../x", "\xff"};
	char email[64];
	struct world w;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		world_init(&w);
		(void)world_key(&w, SOURCE_DEVICE, KEY_ED, ALICE);
		(void)snprintf(email, sizeof(email), "%s@x", bad[i]);
		world_member(&w, ALICE_ID, "", email, NULL);
		world_doc(&w, GRANT_FILE, "'users':{'*':{'owners':['%u@x']}}");
		check_derive(&w, KEY_ED, "", 0);
		world_free(&w);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_names),
	    cmocka_unit_test(test_members_unknown),
	    cmocka_unit_test(test_both_ways),
	    cmocka_unit_test(test_account),
	    cmocka_unit_test(test_percent),
	    cmocka_unit_test(test_no_account),
	    cmocka_unit_test(test_derive),
	    cmocka_unit_test(test_derive_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
