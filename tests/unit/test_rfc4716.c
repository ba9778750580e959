/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "policy/rfc4716.h"
#include "pubkey_samples.h"

#define BEGIN "---- BEGIN SSH2 PUBLIC KEY ----\n"
#define END "---- END SSH2 PUBLIC KEY ----\n"
#define X72                                    \
	"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" \
	"BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"

/* NULs in the text, by its size. */
#define TEXT(s) (s), sizeof(s) - 1

static void
check(const char *text, size_t len, const char *want_b64,
    const char *want_comment)
{
	char b64[LIMIT_KEY_TEXT], comment[LIMIT_COMMENT];
	int r;

	memset(b64, 'x', sizeof(b64));
	memset(comment, 'x', sizeof(comment));
	r = rfc4716_parse(text, len, b64, sizeof(b64), comment);
	if (r != (want_b64 == NULL ? -1 : 0))
		fail_msg("%d for \"%s\"", r, text);
	assert_string_equal(b64, want_b64 == NULL ? "" : want_b64);
	assert_string_equal(comment, want_comment);
}

static void
test_is(void **state)
{
	(void)state;
	assert_true(rfc4716_is(TEXT(BEGIN)));
	assert_true(rfc4716_is(TEXT(" \r\n\t" BEGIN "x")));
	assert_true(rfc4716_is(TEXT("---- BEGIN SSH2 PUBLIC KEY ----")));
	assert_false(rfc4716_is(TEXT("")));
	assert_false(rfc4716_is(TEXT("x" BEGIN)));
	assert_false(rfc4716_is(TEXT("---- BEGIN SSH2 PUBLIC KEY ---")));
	assert_false(rfc4716_is(TEXT("-----BEGIN PUBLIC KEY-----")));
	assert_false(
	    rfc4716_is(TEXT("---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----")));
	assert_false(rfc4716_is(TEXT("\0" BEGIN)));
	assert_false(rfc4716_is(NULL, 0));
}

static void
test_real(void **state)
{
	(void)state;
	check(TEXT(BLOCK_PUTTY2048), B64_PUTTY2048, "say \"hi\" DOM\\user");
	check(TEXT(BLOCK_PUTTY25519), B64_PUTTY25519, "putty");
	check(TEXT(BLOCK_ECDSA256), B64_ECDSA256,
	    "256-bit ECDSA, converted by root@vm from OpenSSH");
}

static void
test_line_ends(void **state)
{
	(void)state;
	check(TEXT(BEGIN "AAAA\nBBBB\n" END), "AAAABBBB", "");
	check(TEXT("---- BEGIN SSH2 PUBLIC KEY ----\r\nComment: c\r\n"
		   "AAAA\r\nBB==\r\n---- END SSH2 PUBLIC KEY ----\r\n"),
	    "AAAABB==", "c");
	check(TEXT("---- BEGIN SSH2 PUBLIC KEY ----\rComment: c \\\rd\r"
		   "AAAA\rBBBB\r---- END SSH2 PUBLIC KEY ----\r"),
	    "AAAABBBB", "c d");
	check(TEXT("\r\n \t" BEGIN "AAAA\n---- END SSH2 PUBLIC KEY ----"),
	    "AAAA", "");
	/* White space at both ends of a line, empty lines. */
	check(TEXT("---- BEGIN SSH2 PUBLIC KEY ---- \n\n AAAA\t\n\n"
		   " ---- END SSH2 PUBLIC KEY ---- \n \n\t\n"),
	    "AAAA", "");
}

static void
test_headers(void **state)
{
	(void)state;
	check(TEXT(BEGIN "Subject: s\nComment: c\nx-a: b\nAAAA\n" END), "AAAA",
	    "c");
	check(TEXT(BEGIN "comment:c\nAAAA\n" END), "AAAA", "c");
	check(TEXT(BEGIN "COMMENT: \t c \t\nAAAA\n" END), "AAAA", "c");
	check(TEXT(BEGIN "Comment:\nAAAA\n" END), "AAAA", "");
	check(TEXT(BEGIN "Comment: a\nComment: b\nAAAA\n" END), "AAAA", "b");
	check(TEXT(BEGIN "Comments: a\nAAAA\n" END), "AAAA", "");
	check(TEXT(BEGIN "Commen: a\nAAAA\n" END), "AAAA", "");
	check(TEXT(BEGIN "Comment: a: b\nAAAA\n" END), "AAAA", "a: b");
	check(
	    TEXT(BEGIN "Comment: a\\\nb\\\n\\\nc\nAAAA\n" END), "AAAA", "abc");
	check(TEXT(BEGIN "Comment: a\\\nb: c\nAAAA\n" END), "AAAA", "ab: c");
	check(TEXT(BEGIN "x-a: \\\nComment: b\nAAAA\n" END), "AAAA", "");
	check(TEXT(BEGIN "Comm\\\nent: a\nAAAA\n" END), NULL, "");
	check(TEXT(BEGIN "Comment: a\x1b[2Jb\xff\xe2\x80\xa8\nAAAA\n" END),
	    "AAAA", "a?[2Jb??");
}

static void
test_quotes(void **state)
{
	(void)state;
	check(TEXT(BEGIN "Comment: \"c d\"\nAAAA\n" END), "AAAA", "c d");
	check(TEXT(BEGIN "Comment: \"\"\nAAAA\n" END), "AAAA", "");
	check(TEXT(BEGIN "Comment: \"\nAAAA\n" END), "AAAA", "\"");
	check(TEXT(BEGIN "Comment: \"c\nAAAA\n" END), "AAAA", "\"c");
	check(TEXT(BEGIN "Comment: c\"\nAAAA\n" END), "AAAA", "c\"");
	check(TEXT(BEGIN "Comment: \"a\\\"b\\\\c\\d\"\nAAAA\n" END), "AAAA",
	    "a\"b\\c\\d");
	check(TEXT(BEGIN "Comment: \"a\\\"\nAAAA\n" END), "AAAA", "a\\");
	check(TEXT(BEGIN "Comment: a\\\"b\nAAAA\n" END), "AAAA", "a\\\"b");
	check(TEXT(BEGIN "Comment: \"a\\\\\"\nAAAA\n" END), "AAAA", "a\\");
	check(TEXT(BEGIN "Comment: \"a \\\nb\"\nAAAA\n" END), "AAAA", "a b");
}

static void
test_refused(void **state)
{
	static const struct {
		const char *text;
		size_t len;
	} cases[] = {
	    {TEXT("")},
	    {TEXT("AAAA\n" END)},
	    {TEXT(BEGIN)},
	    {TEXT(BEGIN END)},
	    {TEXT(BEGIN "\n\n" END)},
	    {TEXT(BEGIN "Comment: c\n" END)},
	    {TEXT(BEGIN "AAAA\n")},
	    {TEXT(BEGIN "AAAA")},
	    {TEXT(BEGIN "AAAA\n---- END SSH2 PUBLIC KEY ---\n")},
	    {TEXT(BEGIN "AAAA\n---- END SSH2 PUBLIC KEY -----\n")},
	    {TEXT(BEGIN "AAAA\n-----END PUBLIC KEY-----\n")},
	    {TEXT(BEGIN "AAAA---- END SSH2 PUBLIC KEY ----\n")},
	    {TEXT("---- BEGIN SSH2 PUBLIC KEY ----AAAA\n" END)},
	    {TEXT("---- BEGIN SSH2 PUBLIC KEY ---- AAAA\n" END)},
	    {TEXT(BEGIN "AAAA\n" END "x")},
	    {TEXT(BEGIN "AAAA\n" END "\nssh-ed25519 AAAA\n")},
	    {TEXT(BEGIN "AAAA\n" END BEGIN "AAAA\n" END)},
	    {TEXT(BEGIN BEGIN "AAAA\n" END)},
	    {TEXT(BEGIN "Comment c\nAAAA\n" END)},
	    {TEXT(BEGIN ": c\nAAAA\n" END)},
	    {TEXT(BEGIN ":\nAAAA\n" END)},
	    {TEXT(BEGIN "Comment: c\\\n" END)},
	    {TEXT(BEGIN "Comment: c\\")},
	    {TEXT(BEGIN "\\\nAAAA\n" END)},
	    {TEXT(BEGIN "AAAA\nComment: c\n" END)},
	    {TEXT(BEGIN "AAAA\nComment: c\nBBBB\n" END)},
	    {TEXT(BEGIN "AA AA\n" END)},
	    {TEXT(BEGIN "AAA-\n" END)},
	    {TEXT(BEGIN "AAA\x80\n" END)},
	    {TEXT(BEGIN "AAA\v\n" END)},
	    {TEXT(BEGIN "ssh-ed25519 AAAA\n" END)},
	    {TEXT(BEGIN X72 "A\n" END)},
	    {TEXT(BEGIN "Comment: a\0b\nAAAA\n" END)},
	    {TEXT(BEGIN "x-a: \0\nAAAA\n" END)},
	    {TEXT(BEGIN "AAAA\0\n" END)},
	    {TEXT(BEGIN "AAAA\n" END "\0")},
	    {TEXT("\0" BEGIN "AAAA\n" END)},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check(cases[i].text, cases[i].len, NULL, "");
	check(TEXT(BEGIN X72 "\n" X72 "\n" END), X72 X72, "");
}

/* Every beginning of a block is refused, up to the whole end mark. */
static void
test_cut(void **state)
{
	static const char text[] = BLOCK_PUTTY2048;
	size_t len = sizeof(text) - 2, i;

	(void)state;
	for (i = 0; i < len; i++)
		check(text, i, NULL, "");
	check(text, len, B64_PUTTY2048, "say \"hi\" DOM\\user");
}

/* A header of len bytes in one line, or in two with a '\' between. */
static void
check_header(size_t len, int lines, int want)
{
	char text[4096], b64[64], comment[LIMIT_COMMENT];
	size_t at = strlen(BEGIN);

	memcpy(text, BEGIN, at);
	memset(text + at, 'c', len);
	memcpy(text + at, "Comment: ", 9);
	at += len;
	if (lines == 2) {
		memmove(text + at - 98, text + at - 100, 100);
		memcpy(text + at - 100, "\\\n", 2);
		at += 2;
	}
	memcpy(text + at, "\nAAAA\n" END, sizeof("\nAAAA\n" END) - 1);
	at += sizeof("\nAAAA\n" END) - 1;
	assert_int_equal(
	    rfc4716_parse(text, at, b64, sizeof(b64), comment), want);
	if (want == 0)
		assert_int_equal(strlen(comment), LIMIT_COMMENT - 1);
}

static void
test_header_length(void **state)
{
	(void)state;
	check_header(1024, 1, 0);
	check_header(1024, 2, 0);
	check_header(1025, 1, -1);
	check_header(1025, 2, -1);
	check_header(3000, 1, -1);
}

static void
test_b64_size(void **state)
{
	static const char text[] = BEGIN "AAAA\nBBBB\n" END;
	char b64[16], comment[LIMIT_COMMENT];
	size_t size;

	(void)state;
	for (size = 1; size <= 12; size++) {
		memset(b64, 'x', sizeof(b64));
		assert_int_equal(
		    rfc4716_parse(text, sizeof(text) - 1, b64, size, comment),
		    size < 9 ? -1 : 0);
		assert_int_equal(b64[size], 'x');
		assert_int_equal(strlen(b64), size < 9 ? 0 : 8);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_is),
	    cmocka_unit_test(test_real),
	    cmocka_unit_test(test_line_ends),
	    cmocka_unit_test(test_headers),
	    cmocka_unit_test(test_quotes),
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_cut),
	    cmocka_unit_test(test_header_length),
	    cmocka_unit_test(test_b64_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
