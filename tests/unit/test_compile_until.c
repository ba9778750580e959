/* SPDX-License-Identifier: ISC */
/* A line holds until the earliest of what it hangs on. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "policy_fixture.h"

#define MEMBERS (UNTIL - DAY) /* until when the members count here */

/* Alice's key of the device, with each document in turn. */
static void
check(const char *inside, int64_t want)
{
	struct world w;

	world_init(&w);
	world_key(&w, SOURCE_DEVICE, KEY_ED, ALICE)->created_ms = NOW;
	world_member(&w, ALICE_ID, "al1ce", "alice@x", "admin");
	w.in.members_until_ms = MEMBERS;
	world_doc(&w, GRANT_FILE, inside);
	EXPECT_UNTIL(&w, want);
	world_doc(&w, GRANT_FLEET, "'users':{'*':{},'root':{}}");
	EXPECT_UNTIL(&w, want);
	w.in.origin[GRANT_FLEET].until_ms = MEMBERS - DAY;
	EXPECT_UNTIL(&w, want < MEMBERS - DAY ? want : MEMBERS - DAY);
	w.in.origin[GRANT_FLEET].until_ms = UNTIL + DAY;
	EXPECT_UNTIL(&w, want);
	world_free(&w);
}

static void
test_one_record(void **state)
{
	(void)state;
	check("'users':{'a':{}}", UNTIL);
	check("'users':{'a':{'sources':['device']}}", UNTIL);
	check("'users':{'a':{'owners':['alice@x']}}", MEMBERS);
	check("'users':{'a':{'owners':['al1ce']}}", MEMBERS);
	check("'users':{'a':{'owners':['" ALICE_ID "']}}", UNTIL);
	check("'users':{'a':{'roles':['admin']}}", MEMBERS);
	check("'users':{'*':{'owners':['%u@x']}}", MEMBERS);
	check("'users':{'*':{'owners':['%u@x'],'roles':['admin']}}", MEMBERS);
	check("'keys':{'require_member':true},'users':{'a':{}}", MEMBERS);
	check("'keys':{'max_age':'2d'},'users':{'a':{}}", NOW + 2 * DAY);
	check("'keys':{'max_age':'8d'},'users':{'a':{}}", UNTIL);
	check("'users':{'a':{'options':'expiry-time=\\\"20270116Z\\\"'}}",
	    INT64_C(1800057601000));
	check("'keys':{'max_age':'1h'},"
	      "'users':{'a':{'options':'expiry-time=\\\"20270116Z\\\"'}}",
	    NOW + 3600 * SECOND);
}

/* %u by uuid doesn't hang on the members, by e-mail it does. */
static void
test_folded(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	(void)world_key(&w, SOURCE_DEVICE, KEY_ED, ALICE);
	world_doc(&w, GRANT_FILE, "'users':{'*':{'owners':['%u']}}");
	w.in.members_until_ms = NOW;
	EXPECT_UNTIL(&w, UNTIL);
	world_member(&w, ALICE_ID, "", "alice@x", NULL);
	world_doc(&w, GRANT_FILE, "'users':{'*':{'owners':['%u@x']}}");
	EXPECT(&w, "", "ed members-unknown\n");
	w.in.members_until_ms = NOW + 1;
	EXPECT_UNTIL(&w, NOW + 1);
	world_free(&w);
}

static void
test_tag(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	world_tag(&w, world_key(&w, SOURCE_DEVICE, KEY_ED, ""),
	    "expires:2027-01-15T08:00:00Z");
	EXPECT_UNTIL(&w, NOW + SECOND);
	w.in.now_ms = NOW + SECOND - 1;
	EXPECT_UNTIL(&w, NOW + SECOND);
	w.in.now_ms = NOW + SECOND;
	EXPECT(&w, "", "ed tag-expired\n");
	world_free(&w);
}

/* Of several records that which lasts longest, as far as it is wanted. */
static void
test_records(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	(void)world_key(&w, SOURCE_DEVICE, KEY_ED, ALICE);
	world_tag(&w, world_key(&w, SOURCE_PROJECT, KEY_ED, BOB), "t");
	world_member(&w, ALICE_ID, "", "alice@x", NULL);
	world_member(&w, BOB_ID, "", "bob@x", NULL);
	w.until[SOURCE_DEVICE] = NOW + 1;
	w.until[SOURCE_PROJECT] = NOW + 2;
	EXPECT_UNTIL(&w, NOW + 2);
	world_doc(&w, GRANT_FILE, "'users':{'a':{'sources':['device']}}");
	EXPECT_UNTIL(&w, NOW + 1);
	world_doc(&w, GRANT_FILE, "'users':{'a':{'owners':['alice@x']}}");
	EXPECT_UNTIL(&w, NOW + 1);
	world_doc(
	    &w, GRANT_FILE, "'users':{'a':{'owners':['alice@x','bob@x']}}");
	EXPECT_UNTIL(&w, NOW + 2);
	world_doc(&w, GRANT_FILE, "'users':{'a':{'tags':['t']}}");
	EXPECT_UNTIL(&w, NOW + 2);
	world_doc(&w, GRANT_FILE,
	    "'users':{'a':{'tags':['t'],'sources':['device']}}");
	EXPECT_UNTIL(&w, NOW + 1);
	world_doc(&w, GRANT_FILE,
	    "'users':{'*':{'owners':['%u@x'],'sources':['project'],"
	    "'tags':['t']}}");
	assert_int_equal(world_compile(&w), 0);
	assert_string_equal(
	    (char *)w.rows.data, "e alice ed !file\ne bob ed !file\n");
	assert_true(w.row_until[0] == NOW + 1);
	assert_true(w.row_until[1] == NOW + 2);
	w.in.now_ms = NOW + 1;
	EXPECT(&w, "e bob ed !file\n", "");
	w.in.now_ms = NOW + 2;
	EXPECT(&w, "", "ed stale\n");
	world_free(&w);
}

/* In both documents %u: the earlier of the two. */
static void
test_two_documents(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	(void)world_key(&w, SOURCE_DEVICE, KEY_ED, ALICE);
	(void)world_key(&w, SOURCE_PROJECT, KEY_ED, BOB);
	world_member(&w, ALICE_ID, "", "x@a", NULL);
	world_member(&w, BOB_ID, "", "x@b", NULL);
	world_doc(&w, GRANT_FILE, "'users':{'*':{'owners':['%u@a']}}");
	world_doc(&w, GRANT_FLEET, "'users':{'*':{'owners':['%u@b']}}");
	w.until[SOURCE_DEVICE] = NOW + 1;
	EXPECT_UNTIL(&w, NOW + 1);
	assert_string_equal((char *)w.rows.data, "e x ed !file !fleet\n");
	w.until[SOURCE_DEVICE] = UNTIL;
	w.until[SOURCE_PROJECT] = NOW + 2;
	EXPECT_UNTIL(&w, NOW + 2);
	w.in.members_until_ms = NOW + 1;
	EXPECT_UNTIL(&w, NOW + 1);
	world_free(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_one_record),
	    cmocka_unit_test(test_folded),
	    cmocka_unit_test(test_tag),
	    cmocka_unit_test(test_records),
	    cmocka_unit_test(test_two_documents),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
