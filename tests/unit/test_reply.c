/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/reply.h"

#define DIGEST "0123456789abcdef"
#define DONE "packet-keys 1 done " DIGEST " \n"

static int
decode(const char *text, struct reply *r)
{
	return reply_decode(r, text, strlen(text));
}

static void
test_both_ways(void **state)
{
	static const struct {
		struct reply reply;
		const char *line;
	} rows[] = {{{REPLY_DONE, UINT64_C(0x0123456789abcdef), ""}, DONE},
	    {{REPLY_FOLLOWED, 0, ""},
		"packet-keys 1 followed 0000000000000000 \n"},
	    {{REPLY_FAILED, UINT64_MAX, "disk full"},
		"packet-keys 1 failed ffffffffffffffff disk full\n"}};
	char line[REPLY_SIZE];
	struct reply r;
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		n = reply_encode(&rows[i].reply, line);
		assert_int_equal(n, strlen(rows[i].line));
		assert_memory_equal(line, rows[i].line, n);
		assert_int_equal(reply_decode(&r, line, n), 0);
		assert_int_equal(r.code, rows[i].reply.code);
		assert_true(r.config == rows[i].reply.config);
		assert_string_equal(r.reason, rows[i].reply.reason);
	}
}

static void
test_longest_reason(void **state)
{
	struct reply r = {REPLY_FAILED, 1, ""}, back;
	char line[REPLY_SIZE];
	size_t n;

	(void)state;
	memset(r.reason, 'x', sizeof(r.reason) - 1);
	n = reply_encode(&r, line);
	assert_true(n < sizeof(line));
	assert_int_equal(reply_decode(&back, line, n), 0);
	assert_string_equal(back.reason, r.reason);
}

/* What a hostile portal has got into a reason is one line all the same. */
static void
test_cleaned(void **state)
{
	struct reply r = {REPLY_FAILED, 1, "a\nb\033[31m\r"}, back;
	char line[REPLY_SIZE];
	size_t n = reply_encode(&r, line);

	(void)state;
	assert_ptr_equal(memchr(line, '\n', n), line + n - 1);
	assert_int_equal(reply_decode(&back, line, n), 0);
	assert_string_equal(back.reason, "a?b?[31m?");
	assert_int_equal(
	    decode("packet-keys 1 failed " DIGEST " a\033b\n", &back), 0);
	assert_string_equal(back.reason, "a?b");
}

static void
test_bad(void **state)
{
	static const char *const bad[] = {"", "\n", "done\n", "packet-keys 1 ",
	    "packet-keys 2 done " DIGEST " \n",
	    "packet-keys 1 Done " DIGEST " \n",
	    "packet-keys 1 done " DIGEST "\n", /* no blank */
	    "packet-keys 1 done " DIGEST " ", /* cut short */
	    "packet-keys 1 done " DIGEST " ok\n", /* a reason */
	    "packet-keys 1 done 0123456789ABCDEF \n",
	    "packet-keys 1 done 0123456789abcde \n",
	    "packet-keys 1 done 0123456789abcdeff \n", DONE DONE, DONE "x",
	    "\n" DONE, " " DONE, "packet-keys 1 failed " DIGEST " a\nb\n"};
	char line[REPLY_SIZE + LIMIT_REASON] =
	    "packet-keys 1 failed " DIGEST " ";
	size_t i, n = strlen(line);
	struct reply r;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(decode(bad[i], &r), -1);
		assert_int_equal(r.code, REPLY_FAILED);
	}
	/* Cut at every place. */
	for (i = 0; i < strlen(DONE); i++)
		assert_int_equal(reply_decode(&r, DONE, i), -1);
	/* One byte more than a reason can have. */
	memset(line + n, 'x', LIMIT_REASON);
	line[n + LIMIT_REASON] = '\n';
	assert_int_equal(reply_decode(&r, line, n + LIMIT_REASON + 1), -1);
	line[n + LIMIT_REASON - 1] = '\n';
	assert_int_equal(reply_decode(&r, line, n + LIMIT_REASON), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_both_ways),
	    cmocka_unit_test(test_longest_reason),
	    cmocka_unit_test(test_cleaned),
	    cmocka_unit_test(test_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
