/* SPDX-License-Identifier: ISC */
/*
 * Without memory nothing is shown: half a list, or a key explained by half of
 * the policy, would be believed.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "cmd/describe.h"
#include "cmd/explain.h"
#include "cmd/policy_diff.h"
#include "cmd/table.h"
#include "grants_fixture.h"
#include "starved.h"

#define MOST 2000 /* requests of one call, far more than there are */

/* Calls fn with each request failing in turn: -1 each time but the last. */
static void
try_all(int (*fn)(struct policies_world *pw, size_t a, size_t b))
{
	static struct policies_world pw;
	size_t a, b;
	int n, r;

	policies_open(&pw);
	for (a = 0; a < SOME_POLICIES; a++) {
		b = (a + 5) % SOME_POLICIES;
		for (n = 1; n < MOST; n++) {
			left = n;
			r = fn(&pw, a, b);
			if (left != 0)
				break;
			left = -1;
			assert_int_equal(r, -1);
		}
		left = -1;
		assert_int_equal(r, 0);
		assert_true(n > 1);
	}
	policies_close(&pw);
}

static int
try_explain(struct policies_world *pw, size_t a, size_t b)
{
	const char *groups[] = {"wheel"};
	const struct applicant who = {"bob", 0, groups, 1};
	struct judge_input in = policies_in(pw, a, b);
	struct explain_subject s = {.parsed = false};
	struct explanation e;
	int r;

	memcpy(s.fp, samples[KEY_EC256].fp, KEYREC_FP_LEN);
	r = explain(&e, &in, &who, &s);
	explain_free(&e);
	return r;
}

static void
test_explain(void **state)
{
	(void)state;
	try_all(try_explain);
}

static int
try_diff(struct policies_world *pw, size_t a, size_t b)
{
	struct judge_input in = policies_in(pw, a, 0),
			   other = policies_in(pw, b, 0);
	struct grants before = {.v = NULL}, after = {.v = NULL};
	struct policy_diff d = {.v = NULL};
	int r = -1;

	if (grants_gather(&before, &in, NULL) == 0 &&
	    grants_gather(&after, &other, NULL) == 0)
		r = policy_diff(&d, &before, &after);
	policy_diff_free(&d);
	grants_free(&after);
	grants_free(&before);
	return r;
}

static void
test_diff(void **state)
{
	(void)state;
	try_all(try_diff);
}

static int
count(void *ctx, const char *line, size_t len)
{
	(void)line;
	(void)len;
	++*(size_t *)ctx;
	return 0;
}

static int
try_table(struct policies_world *pw, size_t a, size_t b)
{
	static const struct table_column columns[] = {{.title = "A"}};
	const char *const cells[] = {"x"};
	struct table t;
	size_t lines = 0;
	int r;

	(void)pw;
	(void)a;
	(void)b;
	table_init(&t, columns, 1);
	r = table_add(&t, cells);
	assert_int_equal(t.rows, r == 0 ? 1 : 0);
	if (r == 0)
		r = table_write(&t, 80, count, &lines);
	assert_int_equal(lines, r == 0 ? 2 : 0);
	table_free(&t);
	return r;
}

static void
test_table(void **state)
{
	(void)state;
	try_all(try_table);
}

static int
try_json(struct policies_world *pw, size_t a, size_t b)
{
	const struct grant g = {GRANT_ANY, "", 0, {"wheel", "ops"}};
	json_t *value;

	(void)pw;
	(void)a;
	(void)b;
	if ((value = describe_groups_json(&g)) == NULL)
		return -1;
	/* Never a list with one of them missing. */
	assert_int_equal(json_array_size(value), 2);
	json_decref(value);
	return 0;
}

static void
test_json(void **state)
{
	(void)state;
	json_set_alloc_funcs(__wrap_malloc, free);
	try_all(try_json);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_explain),
	    cmocka_unit_test(test_diff),
	    cmocka_unit_test(test_table),
	    cmocka_unit_test(test_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
