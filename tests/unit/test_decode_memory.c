/* SPDX-License-Identifier: ISC */
/*
 * Without memory an answer is not half of one: members and policies fail
 * whole, and the reason says so.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/decode_fixture.h"
#include "tests/unit/starved.h"

#define MOST 200 /* requests of one call, far more than there are */
#define MEMBERS 40 /* more than memberset_add makes room for at once */

/* Members whose texts fill more than one chunk of the arena. */
static size_t
make_list(char *body, size_t size)
{
	char text[1001];
	size_t at = 0;
	int i;

	memset(text, 'r', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	for (i = 0; i < MEMBERS; i++)
		at += (size_t)snprintf(body + at, size - at,
		    "%s{\"roles\":[\"a\",\"%s\"],\"user\":{\"id\":\"" U1
		    "\",\"email\":\"\\u0061%s\"}}",
		    i == 0 ? "{\"memberships\":[" : ",", text, text);
	at += (size_t)snprintf(body + at, size - at, "]}");
	assert_in_range(at, 1, size - 1);
	return at;
}

static void
test_members(void **state)
{
	static char body[200000];
	size_t len = make_list(body, sizeof(body));
	struct decode_page page;
	struct memberset ms;
	struct error err;
	int n, r;

	(void)state;
	for (n = 1; n < MOST; n++) {
		memberset_init(&ms);
		left = n;
		r = decode_member_list(body, len, &ms, &page, &err);
		if (left != 0)
			break;
		left = -1;
		assert_int_equal(r, -1);
		assert_string_equal(err.text, "out of memory");
		memberset_free(&ms);
	}
	left = -1;
	assert_int_equal(r, 0);
	assert_int_equal(ms.n, MEMBERS);
	assert_true(n > 5);
	memberset_free(&ms);
}

static void
test_members_reread(void **state)
{
	static char body[200000];
	size_t len = make_list(body, sizeof(body));
	struct decode_page page;
	struct memberset ms, back;
	struct slice in;
	struct buf b;
	int n, r;

	(void)state;
	memberset_init(&ms);
	assert_int_equal(decode_member_list(body, len, &ms, &page, NULL), 0);
	buf_init(&b, sizeof(body));
	assert_int_equal(memberset_encode(&ms, &b), 0);
	for (n = 1; n < MOST; n++) {
		in = (struct slice){b.data, b.len};
		left = n;
		r = memberset_decode(&in, &back);
		if (left != 0)
			break;
		left = -1;
		assert_int_equal(r, -1);
		assert_int_equal(back.n, 0);
		assert_null(back.v);
	}
	left = -1;
	assert_int_equal(r, 0);
	assert_int_equal(back.n, MEMBERS);
	assert_true(n > 3);
	memberset_free(&back);
	memberset_free(&ms);
	buf_free(&b);
}

static void
test_customdata(void **state)
{
	static const char body[] = "{\"\\u0061\":1,\"ssh_policy\":{\"v\":1}}";
	struct buf policy;
	struct error err;
	int n, r;

	(void)state;
	for (n = 1; n < MOST; n++) {
		buf_init(&policy, LIMIT_POLICY_FILE);
		left = n;
		r = decode_customdata(body, strlen(body), &policy, &err);
		if (left != 0)
			break;
		left = -1;
		assert_int_equal(r, -1);
		assert_string_equal(err.text, "out of memory");
		assert_int_equal(policy.len, 0);
		buf_free(&policy);
	}
	left = -1;
	assert_int_equal(r, 0);
	assert_int_equal(policy.len, strlen("{\"v\":1}"));
	assert_int_equal(n, 3);
	buf_free(&policy);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_members),
	    cmocka_unit_test(test_members_reread),
	    cmocka_unit_test(test_customdata),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
