/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/denylist.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define A40 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define FP1 "SHA256:" A40 "AAA"
#define FP2 "SHA256:" A40 "/+w"

static void
test_fingerprint(void **state)
{
	(void)state;
	assert_true(denylist_fingerprint_ok(FP1, 50));
	assert_true(denylist_fingerprint_ok(FP2, 50));
	assert_true(denylist_fingerprint_ok(FP2 "x", 50));
	assert_false(denylist_fingerprint_ok(FP1, 49));
	assert_false(denylist_fingerprint_ok(FP1 "=", 51));
	assert_false(denylist_fingerprint_ok("", 0));
	assert_false(denylist_fingerprint_ok("sha256:" A40 "AAA", 50));
	assert_false(denylist_fingerprint_ok("SHA512:" A40 "AAA", 50));
	/* Stray bits in the last character, a character of another base64. */
	assert_false(denylist_fingerprint_ok("SHA256:" A40 "AAB", 50));
	assert_false(denylist_fingerprint_ok("SHA256:" A40 "-AA", 50));
	assert_false(denylist_fingerprint_ok("SHA256:" A40 "_AA", 50));
	assert_false(denylist_fingerprint_ok("SHA256:" A40 "\0AA", 50));
	assert_false(denylist_fingerprint_ok("SHA256:" A40 "AA\0", 50));
	assert_false(denylist_fingerprint_ok("SHA256:" A40 "AA=", 50));
}

/* What is in a text, as "1 FP note|2 bad|". */
static const char *
read_list(const char *text, size_t len)
{
	static char out[2048];
	/* Of its own, so that a sanitizer sees the end. */
	char *copy = malloc(len + 1);
	struct denylist_cursor c;
	struct denylist_entry e;
	size_t n = 0;
	int r;

	assert_non_null(copy);
	memcpy(copy, text, len);
	copy = realloc(copy, len == 0 ? 1 : len);
	assert_non_null(copy);
	out[0] = '\0';
	denylist_start(&c, copy, len);
	while ((r = denylist_next(&c, &e)) != 0) {
		n += (size_t)snprintf(out + n, sizeof(out) - n,
		    r == 1 ? "%u %s<%.*s>|" : "%u bad|", c.line, e.fp,
		    (int)e.notelen, e.note);
		assert_int_equal(denylist_has(copy, len, e.fp), r == 1);
	}
	assert_string_equal(e.fp, "");
	assert_int_equal(denylist_next(&c, &e), 0);
	free(copy);
	return out;
}

static void
test_lines(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
	    {"", ""},
	    {"\n \n\t\n\r\n", ""},
	    {"# x\n#" FP1 "\n  # " FP1 "\n", ""},
	    {FP1, "1 " FP1 "<>|"},
	    {FP1 "\n", "1 " FP1 "<>|"},
	    {FP1 "\r\n", "1 " FP1 "<>|"},
	    {FP1 "\r", "1 " FP1 "<>|"},
	    {FP1 " \t ", "1 " FP1 "<>|"},
	    {" \t" FP1 "\tlost  laptop \t\r\n", "1 " FP1 "<lost  laptop>|"},
	    {FP1 " # x\n\n# y\n" FP2 " " FP1,
		"1 " FP1 "<# x>|4 " FP2 "<" FP1 ">|"},
	    {FP1 "\n" FP1 " again", "1 " FP1 "<>|2 " FP1 "<again>|"},
	    /* None of these denies anything, nor keeps the next from it. */
	    {FP1 "=\n" FP2, "1 bad|2 " FP2 "<>|"},
	    {"x\n" FP2, "1 bad|2 " FP2 "<>|"},
	    {"SHA256:AAAA\n" FP2, "1 bad|2 " FP2 "<>|"},
	    {"x" FP1 "\n" FP2, "1 bad|2 " FP2 "<>|"},
	    {FP1 ",\n" FP2, "1 bad|2 " FP2 "<>|"},
	    {FP1 "\v\n" FP2, "1 bad|2 " FP2 "<>|"},
	    {"note " FP1 "\n" FP2, "1 bad|2 " FP2 "<>|"},
	    {"\"" FP1 "\"\n" FP2, "1 bad|2 " FP2 "<>|"},
	    {"SHA256: " A40 "AAA\n" FP2, "1 bad|2 " FP2 "<>|"},
	    {"MD5:00:11\n" FP2, "1 bad|2 " FP2 "<>|"},
	    {"\xc2\xa0" FP1 "\n" FP2, "1 bad|2 " FP2 "<>|"},
	    /* Of editors of other systems. */
	    {"\xef\xbb\xbf" FP1 "\n" FP2, "1 " FP1 "<>|2 " FP2 "<>|"},
	    {"\xef\xbb\xbf# x\n" FP2, "2 " FP2 "<>|"},
	    {"\n\xef\xbb\xbf" FP1 "\n" FP2, "2 bad|3 " FP2 "<>|"},
	    {FP1 " x\r" FP2 "\r", "1 " FP1 "<x>|2 " FP2 "<>|"},
	    {"# x\r" FP2, "2 " FP2 "<>|"},
	    {"\r\r\n" FP2 "\r\r\n", "3 " FP2 "<>|"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++)
		assert_string_equal(
		    read_list(cases[i].text, strlen(cases[i].text)),
		    cases[i].want);
}

static void
test_any_byte(void **state)
{
	static const char nul[] = FP1 " a\0b\n\0\n" FP2 "\0\n" FP2 "\n";
	static const char utf16[] = "\xff\xfeS\0H\0A\0";
	char text[] = FP1 "?\n";
	int byte;

	(void)state;
	/* snprintf stops the note at its NUL. */
	assert_string_equal(read_list(nul, sizeof(nul) - 1),
	    "1 " FP1 "<a>|2 bad|3 bad|4 " FP2 "<>|");
	assert_string_equal(read_list(utf16, sizeof(utf16) - 1), "1 bad|");
	for (byte = 0; byte < 256; byte++) {
		text[50] = (char)byte;
		assert_int_equal(denylist_has(text, 52, FP1),
		    byte != 0 && strchr(" \t\r\n", byte) != NULL);
	}
	for (byte = 0; byte < 256; byte++) {
		memcpy(text + 1, FP1, 50);
		text[0] = (char)byte;
		assert_int_equal(denylist_has(text, 51, FP1),
		    byte != 0 && strchr(" \t\r\n", byte) != NULL);
	}
}

static void
test_has(void **state)
{
	static const char text[] = "# " FP1 "\nx " FP1 "\n" FP2 " " FP1 "\n";

	(void)state;
	assert_true(denylist_has(text, sizeof(text) - 1, FP2));
	assert_false(denylist_has(text, sizeof(text) - 1, FP1));
	/* The real entry stands behind all that only looks like one. */
	assert_true(denylist_has(FP1 "x\n" FP1 "\n", 103, FP1));
	assert_true(denylist_has(FP1 FP1 "\n" FP1, 151, FP1));
	assert_true(denylist_has("\xef\xbb\xbf  " FP1, 55, FP1));
	/* Cut off, at each place. */
	assert_false(denylist_has(FP1, 49, FP1));
	assert_true(denylist_has(FP1 "x", 50, FP1));
	assert_false(denylist_has(NULL, 0, FP1));
	assert_false(denylist_has("", 0, FP1));
}

/* What is no fingerprint is in no list, whatever stands there. */
static void
test_has_other(void **state)
{
	static const char *const other[] = {"", "#", "x",
	    "MD5:16:27:ac:a5:76:28:2d:36:63:1b:56:4d:eb:df:a6:48",
	    "SHA256:", FP1 "=", FP1 "\n", "SHA256:" A40 "AAB"};
	char text[256];
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(other); i++) {
		(void)snprintf(text, sizeof(text), "\n%s\n", other[i]);
		assert_false(denylist_has(text, strlen(text), other[i]));
	}
}

static void
test_null(void **state)
{
	struct denylist_cursor c;
	struct denylist_entry e;

	(void)state;
	denylist_start(&c, NULL, 0);
	assert_int_equal(denylist_next(&c, &e), 0);
	assert_int_equal(e.notelen, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_fingerprint),
	    cmocka_unit_test(test_lines),
	    cmocka_unit_test(test_any_byte),
	    cmocka_unit_test(test_has),
	    cmocka_unit_test(test_has_other),
	    cmocka_unit_test(test_null),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
