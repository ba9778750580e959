/* SPDX-License-Identifier: ISC */
/* For whom a line is: accounts, folded names, everybody, and never root. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/grant.h"

#define FILE_BIT GRANT_BIT(GRANT_FILE)
#define FLEET_BIT GRANT_BIT(GRANT_FLEET)

static void
test_fold(void **state)
{
	char dst[LIMIT_USER_NAME + 1], name[LIMIT_USER_NAME + 2];

	(void)state;
	assert_true(grant_fold(dst, ""));
	assert_string_equal(dst, "");
	assert_true(grant_fold(dst, "Alice.Z-9_@[`{"));
	assert_string_equal(dst, "alice.z-9_@[`{");
	/* Letters of ASCII alone, whatever the locale says. */
	assert_true(grant_fold(dst, "\xc3\x84\xc4\xb0I"));
	assert_string_equal(dst, "\xc3\x84\xc4\xb0i");
	memset(name, 'A', sizeof(name));
	name[LIMIT_USER_NAME] = '\0';
	assert_true(grant_fold(dst, name));
	assert_int_equal(strlen(dst), LIMIT_USER_NAME);
	assert_int_equal(strspn(dst, "a"), LIMIT_USER_NAME);
	name[LIMIT_USER_NAME] = 'A';
	name[LIMIT_USER_NAME + 1] = '\0';
	assert_false(grant_fold(dst, name));
}

static void
test_account(void **state)
{
	const struct grant g = {.scope = GRANT_ACCOUNT, .name = "alice"};
	const struct grant root = {.scope = GRANT_ACCOUNT, .name = "root"};

	(void)state;
	assert_true(grant_applies(&g, "alice", 0));
	assert_true(grant_applies(&g, "alice", GRANT_NAMED_ALL));
	assert_false(grant_applies(&g, "Alice", 0));
	assert_false(grant_applies(&g, "alic", 0));
	assert_false(grant_applies(&g, "alicea", 0));
	assert_false(grant_applies(&g, "", 0));
	assert_true(grant_applies(&root, "root", 0));
	assert_false(grant_applies(&root, "Root", 0));
}

static void
test_folded(void **state)
{
	const struct grant g = {.scope = GRANT_FOLDED, .name = "alice"};
	const struct grant root = {.scope = GRANT_FOLDED, .name = "root"};
	struct grant star = root;
	char name[LIMIT_USER_NAME + 2];

	(void)state;
	assert_true(grant_applies(&g, "alice", 0));
	assert_true(grant_applies(&g, "ALICE", 0));
	assert_true(grant_applies(&g, "aLiCe", GRANT_NAMED_ALL));
	assert_false(grant_applies(&g, "alice2", 0));
	assert_false(grant_applies(&g, "alic", 0));
	memset(name, 'a', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_false(grant_applies(&g, name, 0));
	/* A group's rule may be root's, that of `*` never is. */
	assert_true(grant_applies(&root, "root", 0));
	star.unless_named = FILE_BIT;
	assert_false(grant_applies(&star, "root", 0));
	star.unless_named = FLEET_BIT;
	assert_false(grant_applies(&star, "root", 0));
}

static void
test_any(void **state)
{
	struct grant g = {.scope = GRANT_ANY, .name = ""};

	(void)state;
	assert_true(grant_applies(&g, "alice", 0));
	assert_true(grant_applies(&g, "root", 0));
	assert_true(grant_applies(&g, "", 0));
	g.scope = (enum grant_scope)0;
	assert_false(grant_applies(&g, "", 0));
	assert_false(grant_applies(&g, "alice", 0));
}

/* Any one of the documents that have a rule of their own for it is enough. */
static void
test_unless_named(void **state)
{
	static const struct {
		unsigned unless, named;
		bool applies;
	} cases[] = {{0, 0, true}, {0, GRANT_NAMED_ALL, true},
	    {FILE_BIT, 0, true}, {FILE_BIT, FILE_BIT, false},
	    {FILE_BIT, FLEET_BIT, true}, {FLEET_BIT, FILE_BIT, true},
	    {FLEET_BIT, FLEET_BIT, false}, {GRANT_NAMED_ALL, 0, true},
	    {GRANT_NAMED_ALL, FILE_BIT, false},
	    {GRANT_NAMED_ALL, FLEET_BIT, false}};
	struct grant any = {.scope = GRANT_ANY, .name = ""};
	struct grant folded = {.scope = GRANT_FOLDED, .name = "alice"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		any.unless_named = folded.unless_named = cases[i].unless;
		assert_int_equal(grant_applies(&any, "Alice", cases[i].named),
		    cases[i].applies);
		assert_int_equal(
		    grant_applies(&folded, "Alice", cases[i].named),
		    cases[i].applies);
		assert_int_equal(grant_applies(&any, "root", cases[i].named),
		    cases[i].unless == 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_fold),
	    cmocka_unit_test(test_account),
	    cmocka_unit_test(test_folded),
	    cmocka_unit_test(test_any),
	    cmocka_unit_test(test_unless_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
