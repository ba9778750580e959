/* SPDX-License-Identifier: ISC */
/* A fleet's policy in customdata: its bytes, and all that is no customdata. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/decode_fixture.h"

static int
customdata(const char *body, size_t len, struct buf *policy, struct error *err)
{
	char *copy = exact(body, len);
	int r;

	buf_init(policy, LIMIT_POLICY_FILE);
	memset(err, 0, sizeof(*err));
	r = decode_customdata(copy, len, policy, err);
	memset(copy, 'x', len);
	free(copy);
	if (r == -1) {
		assert_int_equal(policy->len, 0);
		assert_string_not_equal(err->text, "");
	}
	return r;
}

static void
test_policy(void **state)
{
	/* The answer, and the bytes that are the policy. */
	static const char *const rows[][2] = {
	    {"{\"ssh_policy\":{\"version\":1}}", "{\"version\":1}"},
	    {" {\"a\":1,\r\n \"ssh_policy\" :\t { \"x\" : [ "
	     "1.50,\n\"\\u0061\xc3"
	     "\xa9\" ] } ,\"b\":{\"ssh_policy\":2}} ",
		"{ \"x\" : [ 1.50,\n\"\\u0061\xc3\xa9\" ] }"},
	    {"{\"ssh\\u005fpolicy\":{}}", "{}"},
	    {"{\"ssh_policy\":{\"a\":1,\"a\":2}}", "{\"a\":1,\"a\":2}"},
	    /* Of whatever type: that it is none is for the policy to say. */
	    {"{\"ssh_policy\":null}", "null"},
	    {"{\"ssh_policy\" : false }", "false"},
	    {"{\"ssh_policy\":-0.5e+3 }", "-0.5e+3"},
	    {"{\"ssh_policy\":\"{\\\"version\\\":1}\"}",
		"\"{\\\"version\\\":1}\""},
	    {"{\"ssh_policy\":[\"a\"]}", "[\"a\"]"},
	    {"{\"ssh_policy\":\"\"}", "\"\""},
	    /* None. */
	    {"{}", ""},
	    {"{\"SSH_POLICY\":{}}", ""},
	    {"{\"x\":{\"ssh_policy\":{}}}", ""},
	    /* A customer's names mean nothing here. */
	    {"{\"error\":\"x\",\"errors\":[1],\"meta\":7,\"ssh_policy\":1}",
		"1"},
	    {"{\"error\":\"x\",\"error\":\"y\",\"meta\":{\"next\":{\"href\":"
	     "\"/p2\"}}}",
		""},
	};
	struct buf policy;
	struct error err;
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		if (customdata(rows[i][0], strlen(rows[i][0]), &policy, &err) ==
		    -1)
			fail_msg("%s: %s", rows[i][0], err.text);
		assert_int_equal(policy.len, strlen(rows[i][1]));
		if (policy.len != 0)
			assert_memory_equal(
			    policy.data, rows[i][1], policy.len);
		buf_free(&policy);
	}
}

static void
test_no_customdata(void **state)
{
	static const char *const rows[][2] = {
	    {"", "empty"},
	    {" ", "cut short"},
	    {"null", "not JSON"},
	    {"\"ssh_policy\"", "not JSON"},
	    {"[]", "no JSON object"},
	    {"[{\"ssh_policy\":{}}]", "no JSON object"},
	    {"<html>", "HTML"},
	    {"{\"ssh_policy\":{},\"ssh_policy\":{}}", "ssh_policy twice"},
	    {"{\"ssh_policy\":{},\"ssh_polic\\u0079\":{}}", "ssh_policy twice"},
	    {"{\"ssh_policy\":}", "value expected"},
	    {"{\"ssh_policy\":{\"a\":}}", "value expected"},
	    {"{\"ssh_policy\":{} \"a\":1}", "comma"},
	    {"{\"ssh_policy\":{}}}", "behind the end"},
	    {"{\"ssh_policy\":{}}{}", "behind the end"},
	    {"{\"ssh_policy\":\"\xff\"}", "no UTF-8"},
	    {"{\"ssh_policy\":{},\"a\":tru}", "value expected"},
	};
	struct buf policy;
	struct error err;
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		if (customdata(rows[i][0], strlen(rows[i][0]), &policy, &err) ==
		    0)
			fail_msg("%s: taken", rows[i][0]);
		if (strstr(err.text, rows[i][1]) == NULL)
			fail_msg("%s: %s", rows[i][0], err.text);
		buf_free(&policy);
	}
}

static void
test_cut_anywhere(void **state)
{
	static const char body[] =
	    "{\"a\":[1],\"ssh_policy\":{\"version\":1,\"users\":{\"root\":"
	    "{\"tags\":[\"\\u00e9\"]}}},\"b\":null}";
	struct buf policy;
	struct error err;
	size_t len;

	(void)state;
	for (len = 0; len < strlen(body); len++) {
		assert_int_equal(customdata(body, len, &policy, &err), -1);
		buf_free(&policy);
	}
	assert_int_equal(customdata(body, len, &policy, &err), 0);
	buf_free(&policy);
	assert_int_equal(customdata(body, len + 1, &policy, &err), -1);
	buf_free(&policy);
}

/* The cap is on the policy, not on what else the customer keeps there. */
static void
test_size(void **state)
{
	static const char head[] = "{\"ssh_policy\":\"",
			  between[] = "\",\"x\":\"";
	size_t len, at, size = 2 * (LIMIT_POLICY_FILE + 64);
	char *body = malloc(size);
	struct buf policy;
	struct error err;

	(void)state;
	assert_non_null(body);
	/* Its two quotes count. */
	for (len = LIMIT_POLICY_FILE - 2; len <= LIMIT_POLICY_FILE - 1; len++) {
		memcpy(body, head, at = strlen(head));
		memset(body + at, 'a', len);
		at += len;
		memcpy(body + at, between, strlen(between));
		at += strlen(between);
		memset(body + at, 'b', LIMIT_POLICY_FILE + 1);
		at += LIMIT_POLICY_FILE + 1;
		memcpy(body + at, "\"}", 2);
		at += 2;
		if (len == LIMIT_POLICY_FILE - 2) {
			assert_int_equal(
			    customdata(body, at, &policy, &err), 0);
			assert_int_equal(policy.len, LIMIT_POLICY_FILE);
		} else {
			assert_int_equal(
			    customdata(body, at, &policy, &err), -1);
			assert_string_equal(err.text,
			    "ssh_policy in the customdata is larger than "
			    "4 MiB");
		}
		buf_free(&policy);
	}
	free(body);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_policy),
	    cmocka_unit_test(test_no_customdata),
	    cmocka_unit_test(test_cut_anywhere),
	    cmocka_unit_test(test_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
