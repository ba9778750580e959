/* SPDX-License-Identifier: ISC */
/* Who the keys and memberships name, found by uuid, e-mail and short id. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "policy/people.h"
#include "policy_fixture.h"

static void
build(struct world *w, struct people *p)
{
	size_t i;

	world_merge(w);
	memset(p, 0x5a, sizeof(*p));
	assert_int_equal(people_build(p, &w->merged, &w->members), 0);
	for (i = 0; i < p->n; i++) {
		assert_true(i == 0 || strcmp(p->v[i - 1].id, p->v[i].id) < 0);
		assert_int_equal(people_by_id(p, p->v[i].id), i);
	}
}

static void
test_nobody(void **state)
{
	struct people p;
	struct world w;
	size_t n = 1;

	(void)state;
	world_init(&w);
	build(&w, &p);
	assert_int_equal(p.n, 0);
	assert_true(people_by_id(&p, ALICE_ID) == PEOPLE_NONE);
	(void)people_by_name(&p, "alice", &n);
	assert_int_equal(n, 0);
	people_free(&p);
	/* A key of a project's or of nobody's is no person either. */
	(void)world_key(&w, SOURCE_DEVICE, KEY_ED, PROJECT);
	(void)world_key(&w, SOURCE_DEVICE, KEY_PUTTY, "");
	build(&w, &p);
	assert_int_equal(p.n, 0);
	assert_true(people_by_id(&p, "") == PEOPLE_NONE);
	people_free(&p);
	assert_null(p.v);
	people_free(&p);
	world_free(&w);
}

/* Each once: members, owners of keys, and who is both. */
static void
test_each_once(void **state)
{
	struct people p;
	struct world w;

	(void)state;
	world_init(&w);
	(void)world_key(&w, SOURCE_DEVICE, KEY_ED, CAROL);
	(void)world_key(&w, SOURCE_DEVICE, KEY_EC256, ALICE);
	(void)world_key(&w, SOURCE_DEVICE, KEY_PUTTY, CAROL);
	(void)world_key(&w, SOURCE_PROJECT, KEY_ED, ALICE);
	world_member(&w, BOB_ID, "b0b", "bob@example.com", NULL);
	world_member(&w, ALICE_ID, "al1ce", "alice@example.com", NULL);
	build(&w, &p);
	assert_int_equal(p.n, 3);
	assert_string_equal(p.v[0].id, ALICE_ID);
	assert_int_equal(p.v[0].n, 1);
	assert_string_equal(p.members[p.v[0].first]->short_id, "al1ce");
	assert_string_equal(p.v[1].id, BOB_ID);
	assert_int_equal(p.v[1].n, 1);
	assert_string_equal(p.members[p.v[1].first]->short_id, "b0b");
	/* An owner who is no member. */
	assert_string_equal(p.v[2].id, CAROL_ID);
	assert_int_equal(p.v[2].n, 0);
	people_free(&p);
	world_free(&w);
}

/* One person with two memberships, found by what either says. */
static void
test_memberships(void **state)
{
	struct people p;
	struct world w;
	size_t at, n;

	(void)state;
	world_init(&w);
	world_member(&w, BOB_ID, "", "b@example.com", "admin");
	world_member(&w, ALICE_ID, "", "a@example.com", "admin");
	world_member(&w, BOB_ID, "bob2", "b@example.org", "billing");
	build(&w, &p);
	assert_int_equal(p.n, 2);
	assert_int_equal(p.v[0].first, 0);
	assert_int_equal(p.v[0].n, 1);
	assert_int_equal(p.v[1].first, 1);
	assert_int_equal(p.v[1].n, 2);
	assert_string_equal(p.members[1]->id, BOB_ID);
	assert_string_equal(p.members[2]->id, BOB_ID);
	at = people_by_name(&p, "b@example.com", &n);
	assert_int_equal(n, 1);
	assert_int_equal(p.names[at].person, 1);
	at = people_by_name(&p, "b@example.org", &n);
	assert_int_equal(n, 1);
	assert_int_equal(p.names[at].person, 1);
	people_free(&p);
	world_free(&w);
}

static void
test_by_id(void **state)
{
	static const char upper[] = "AAAAAAAA-0000-4000-8000-000000000001";
	char longer[LIMIT_TEXT + 1];
	struct people p;
	struct world w;

	(void)state;
	world_standard(&w);
	build(&w, &p);
	assert_int_equal(p.n, 3);
	assert_int_equal(people_by_id(&p, ALICE_ID), 0);
	assert_int_equal(people_by_id(&p, upper), 0);
	assert_int_equal(people_by_id(&p, BOB_ID), 1);
	assert_int_equal(people_by_id(&p, CAROL_ID), 2);
	assert_true(people_by_id(&p, "al1ce") == PEOPLE_NONE);
	assert_true(people_by_id(&p, "") == PEOPLE_NONE);
	assert_true(people_by_id(&p, ALICE) == PEOPLE_NONE);
	memset(longer, 'a', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	assert_true(people_by_id(&p, longer) == PEOPLE_NONE);
	people_free(&p);
	world_free(&w);
}

/* Several people may be called the same; nobody is called "". */
static void
test_by_name(void **state)
{
	struct people p;
	struct world w;
	size_t at, n;

	(void)state;
	world_init(&w);
	world_member(&w, ALICE_ID, "same", "Alice@Example.com", NULL);
	world_member(&w, BOB_ID, "SAME", "bob@example.com", NULL);
	world_member(&w, CAROL_ID, "", "", NULL);
	build(&w, &p);
	at = people_by_name(&p, "sAme", &n);
	assert_int_equal(n, 2);
	assert_int_not_equal(p.names[at].person, p.names[at + 1].person);
	assert_true(p.names[at].person < 2 && p.names[at + 1].person < 2);
	at = people_by_name(&p, "aLICE@example.COM", &n);
	assert_int_equal(n, 1);
	assert_int_equal(p.names[at].person, 0);
	(void)people_by_name(&p, "", &n);
	assert_int_equal(n, 0);
	(void)people_by_name(&p, "alice@example.co", &n);
	assert_int_equal(n, 0);
	(void)people_by_name(&p, "zzz", &n);
	assert_int_equal(n, 0);
	/* Only members have names: who left has none. */
	(void)people_by_name(&p, CAROL_ID, &n);
	assert_int_equal(n, 0);
	people_free(&p);
	world_free(&w);
}

static void
test_owner(void **state)
{
	(void)state;
	assert_string_equal(people_owner(ALICE), ALICE_ID);
	assert_string_equal(people_owner("user:"), "");
	assert_null(people_owner(""));
	assert_null(people_owner("user"));
	assert_null(people_owner(PROJECT));
	assert_null(people_owner("User:" ALICE_ID));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_nobody),
	    cmocka_unit_test(test_each_once),
	    cmocka_unit_test(test_memberships),
	    cmocka_unit_test(test_by_id),
	    cmocka_unit_test(test_by_name),
	    cmocka_unit_test(test_owner),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
