/* SPDX-License-Identifier: ISC */
/* The entries of owners, to a text and back to the account. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "policy/document.h"

static void
test_open(void **state)
{
	(void)state;
	assert_true(policy_owner_open("%u"));
	assert_true(policy_owner_open("%u@example.com"));
	assert_true(policy_owner_open("x-%u"));
	assert_true(policy_owner_open("%%%u"));
	assert_true(policy_owner_open("%%u%u"));
	assert_false(policy_owner_open(""));
	assert_false(policy_owner_open("u"));
	assert_false(policy_owner_open("%%u"));
	assert_false(policy_owner_open("%%"));
	assert_false(policy_owner_open("%%%%u"));
	/* No document has these, but they must not be overrun. */
	assert_false(policy_owner_open("%"));
	assert_false(policy_owner_open("a%"));
	assert_false(policy_owner_open("%%%"));
	assert_false(policy_owner_open("%U"));
}

static void
check_owner(const char *owner, const char *user, const char *want)
{
	char dst[64];

	memset(dst, 'x', sizeof(dst));
	assert_int_equal(
	    policy_owner(owner, user, dst, sizeof(dst)), want == NULL ? -1 : 0);
	assert_string_equal(dst, want == NULL ? "" : want);
}

static void
test_expand(void **state)
{
	(void)state;
	check_owner("%u@example.com", "alice", "alice@example.com");
	check_owner("%u", "alice", "alice");
	check_owner("%%u", "alice", "%u");
	check_owner("%%%u%%", "alice", "%alice%");
	check_owner("%u.%u", "a", "a.a");
	check_owner("plain", "a", "plain");
	check_owner("%u", "", "");
	/* What the name brings along isn't expanded again. */
	check_owner("%u", "%u", "%u");
	check_owner("%u@x", "%%", "%%@x");
	check_owner("%", "a", NULL);
	check_owner("a%", "a", NULL);
	check_owner("%x", "a", NULL);
}

/* To the last byte that fits, and not one further. */
static void
test_expand_size(void **state)
{
	char dst[8];

	(void)state;
	assert_int_equal(policy_owner("%u@x", "abcd", dst, 7), 0);
	assert_string_equal(dst, "abcd@x");
	assert_int_equal(policy_owner("%u@x", "abcd", dst, 6), -1);
	assert_string_equal(dst, "");
	assert_int_equal(policy_owner("%u@x", "abcd", dst, 1), -1);
	assert_string_equal(dst, "");
	assert_int_equal(policy_owner("%u@x", "abcd", dst, 0), -1);
}

static void
check_user(const char *owner, const char *text, const char *want)
{
	char dst[LIMIT_USER_NAME + 1] = "", whole[2048];

	assert_int_equal(policy_owner_user(owner, text, dst), want != NULL);
	if (want == NULL)
		return;
	assert_string_equal(dst, want);
	assert_int_equal(policy_owner(owner, dst, whole, sizeof(whole)), 0);
	assert_int_equal(strcasecmp(whole, text), 0);
}

static void
test_back(void **state)
{
	(void)state;
	check_user("%u@example.com", "alice@example.com", "alice");
	check_user("%u@example.com", "Alice@EXAMPLE.com", "Alice");
	check_user("%u@EXAMPLE.com", "alice@example.com", "alice");
	check_user("%u", "alice", "alice");
	check_user("x-%u", "X-alice", "alice");
	check_user("x-%u-y", "x-a-y", "a");
	check_user("%u@x%%", "a@x%", "a");
	check_user("%%%u", "%a", "a");
	/* The account may hold what stands around it. */
	check_user("%u@x", "a@x@x", "a@x");
}

static void
test_back_none(void **state)
{
	(void)state;
	check_user("%u@example.com", "alice@example.org", NULL);
	check_user("%u@example.com", "alice@example.com.evil", NULL);
	check_user("%u@example.com", "@example.com", NULL);
	check_user("%u@example.com", "example.com", NULL);
	check_user("%u", "", NULL);
	check_user("%u@%u", "@", NULL);
	check_user("plain", "plain", NULL);
	check_user("%%u", "%u", NULL);
	check_user("%%u", "alice", NULL);
	check_user("", "", NULL);
	check_user("%", "a", NULL);
	check_user("%u%", "a", NULL);
	/* Not of a letter alone: the dot is no pattern. */
	check_user("%u@x.y", "a@x-y", NULL);
}

/* Each %u is the same account, but for its case. */
static void
test_back_twice(void **state)
{
	(void)state;
	check_user("%u@%u.org", "alice@alice.org", "alice");
	check_user("%u@%u.org", "Alice@alice.org", "Alice");
	check_user("%u@%u.org", "alice@bobby.org", NULL);
	check_user("%u@%u.org", "alice@bob.org", NULL);
	check_user("%u%u", "abab", "ab");
	check_user("%u%u", "aba", NULL);
	check_user("%u%u", "abba", NULL);
}

static void
test_back_long(void **state)
{
	char text[LIMIT_USER_NAME + 4], dst[LIMIT_USER_NAME + 1];

	(void)state;
	memset(text, 'a', sizeof(text));
	memcpy(text + LIMIT_USER_NAME, "@x", 3);
	assert_true(policy_owner_user("%u@x", text, dst));
	assert_int_equal(strlen(dst), LIMIT_USER_NAME);
	memcpy(text + LIMIT_USER_NAME, "a@x", 4);
	assert_false(policy_owner_user("%u@x", text, dst));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_open),
	    cmocka_unit_test(test_expand),
	    cmocka_unit_test(test_expand_size),
	    cmocka_unit_test(test_back),
	    cmocka_unit_test(test_back_none),
	    cmocka_unit_test(test_back_twice),
	    cmocka_unit_test(test_back_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
