/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "policy/span.h"

static struct span
of(const char *s)
{
	return (struct span){s, strlen(s)};
}

static void
assert_span(struct span s, const char *want)
{
	assert_int_equal(s.len, strlen(want));
	if (s.len != 0)
		assert_memory_equal(s.p, want, s.len);
}

static void
test_trim(void **state)
{
	(void)state;
	assert_span(span_trim(of("")), "");
	assert_span(span_trim((struct span){NULL, 0}), "");
	assert_span(span_trim(of(" \t\r\n")), "");
	assert_span(span_trim(of("a")), "a");
	assert_span(span_trim(of(" \t\r\na b\r\n\t ")), "a b");
	assert_span(span_trim(of("\va\f")), "\va\f");
}

static void
test_line(void **state)
{
	struct span s = of("a\nb\r\nc\rd\n\n\r\r\n\n\re");
	static const char *const want[] = {
	    "a", "b", "c", "d", "", "", "", "", "", "e", ""};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(want) / sizeof(want[0]); i++)
		assert_span(span_line(&s), want[i]);
	assert_int_equal(s.len, 0);
	s = of("a\r\n");
	assert_span(span_line(&s), "a");
	assert_int_equal(s.len, 0);
	s = of("a\r");
	assert_span(span_line(&s), "a");
	assert_int_equal(s.len, 0);
	s = (struct span){"a\0b\nc", 5};
	assert_int_equal(span_line(&s).len, 3);
	assert_span(s, "c");
}

static void
test_word(void **state)
{
	struct span s = of(" \ta  b\nc\t\td ");

	(void)state;
	assert_span(span_word(&s), "a");
	assert_span(span_word(&s), "b\nc");
	assert_span(span_word(&s), "d");
	assert_span(span_word(&s), "");
	assert_span(span_word(&s), "");
	assert_int_equal(s.len, 0);
}

static void
test_compare(void **state)
{
	(void)state;
	assert_true(span_is(of("abc"), "abc"));
	assert_false(span_is(of("abcd"), "abc"));
	assert_false(span_is(of("ab"), "abc"));
	assert_false(span_is((struct span){"abc\0", 4}, "abc"));
	assert_true(span_is(of(""), ""));
	assert_true(span_starts(of("abc"), "ab"));
	assert_false(span_starts(of("abc"), "bc"));
	assert_false(span_starts(of("a"), "ab"));
	assert_true(span_ends(of("abc"), "bc"));
	assert_true(span_ends(of("bc"), "bc"));
	assert_false(span_ends(of("abc"), "ab"));
	assert_false(span_ends(of("c"), "bc"));
	assert_true(span_has(of("abc"), 'c'));
	assert_true(span_has(of("c"), 'c'));
	assert_false(span_has(of("abc"), 'd'));
	assert_false(span_has(of("abc"), '\0'));
	assert_true(span_has((struct span){"a\0b", 3}, '\0'));
	assert_false(span_has((struct span){NULL, 0}, 'a'));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_trim),
	    cmocka_unit_test(test_line),
	    cmocka_unit_test(test_word),
	    cmocka_unit_test(test_compare),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
