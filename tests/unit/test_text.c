/* SPDX-License-Identifier: ISC */
/* Text from strangers made safe: clean copies, spans, errors, log lines. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "base/error.h"
#include "base/log.h"
#include "base/text.h"
#include "scratch.h"

struct clean_case {
	const char *in;
	size_t len;
	const char *want;
};

#define IN(s) (s), sizeof(s) - 1

static void
test_clean(void **state)
{
	static const struct clean_case cases[] = {
	    {IN(""), ""},
	    {IN("plain ~ text"), "plain ~ text"},
	    {IN("a\nb\rc\td"), "a?b?c?d"},
	    {IN("a\0b"), "a?b"},
	    {IN("\x01\x1f \x7f"), "?? ?"},
	    {IN("\x1b[31mred"), "?[31mred"},
	    /* C1, among them NEL and CSI */
	    {IN("\xc2\x80\xc2\x85\xc2\x9b\xc2\x9f\xc2\xa0"), "????\xc2\xa0"},
	    /* separators of lines and paragraphs, between what is none */
	    {IN("\xe2\x80\xa7\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\xaf"),
		"\xe2\x80\xa7??\xe2\x80\xaf"},
	    /* directional marks, embeddings, overrides, isolates */
	    {IN("\xd8\x9c\xe2\x80\x8e\xe2\x80\x8f"), "???"},
	    {IN("\xe2\x80\xaa\xe2\x80\xab\xe2\x80\xac\xe2\x80\xad\xe2\x80"
		"\xae"),
		"?????"},
	    {IN("\xe2\x81\xa5\xe2\x81\xa6\xe2\x81\xa7\xe2\x81\xa8\xe2\x81"
		"\xa9\xe2\x81\xaa"),
		"\xe2\x81\xa5????\xe2\x81\xaa"},
	    {IN("\xef\xbb\xbf"), "?"},
	    {IN("Zo\xc3\xab \xe2\x82\xac \xf0\x9f\x94\x91"),
		"Zo\xc3\xab \xe2\x82\xac \xf0\x9f\x94\x91"},
	    /* the first and the last of each length */
	    {IN("\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf\xf0\x90\x80\x80\xf4\x8f"
		"\xbf\xbf"),
		"\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf\xf0\x90\x80\x80"
		"\xf4\x8f\xbf\xbf"},
	};
	char dst[100];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(
		    text_clean(dst, sizeof(dst), cases[i].in, cases[i].len),
		    strlen(cases[i].want));
		assert_string_equal(dst, cases[i].want);
	}
}

/* One '?' for each byte that is no UTF-8, and what follows is read again. */
static void
test_clean_invalid(void **state)
{
	static const struct clean_case cases[] = {
	    {IN("\x80\xbf"), "??"}, /* no first byte */
	    {IN("\xc0\x8a\xc1\xbf"), "????"}, /* two for ASCII */
	    {IN("\xe0\x80\x8a\xe0\x9f\xbf"), "??????"}, /* three for LF */
	    {IN("\xf0\x80\x80\x8a\xf0\x8f\xbf\xbf"), "????????"},
	    {IN("\xed\x9f\xbf\xed\xa0\x80\xed\xbf\xbf\xee\x80\x80"),
		"\xed\x9f\xbf??????\xee\x80\x80"}, /* surrogates */
	    {IN("\xf4\x90\x80\x80\xf5\x80\x80\x80\xff\xfe"), "??????????"},
	    {IN("\xf8\x88\x80\x80\x80"), "?????"},
	    {IN("\xf9\x80\x80\x80"), "????"}, /* no such length */
	    {IN("\x91\x80\x80\x80\xc1\x80\x80\x80"), "????????"},
	    {IN("\xc3x\xe2\x82x\xf0\x9f\x94x"), "?x??x???x"},
	    {IN("a\xc3"), "a?"}, /* cut short */
	    {IN("a\xe2\x82"), "a??"},
	    {IN("a\xf0\x9f\x94"), "a???"},
	    {IN("\xc3\xc3\xab"), "?\xc3\xab"},
	};
	char dst[100], *mem;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		/* On the heap, so that a look behind the end is seen. */
		assert_non_null(mem = malloc(cases[i].len));
		memcpy(mem, cases[i].in, cases[i].len);
		assert_int_equal(
		    text_clean(dst, sizeof(dst), mem, cases[i].len),
		    strlen(cases[i].want));
		assert_string_equal(dst, cases[i].want);
		free(mem);
	}
}

/* A character is copied whole or not at all, and the NUL always fits. */
static void
test_clean_cut(void **state)
{
	static const char in[] = "a\xc3\xab\xe2\x82\xac\xf0\x9f\x94\x91\nz";
	static const size_t want[] = {
	    0, 0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11, 12, 12};
	static const char clean[] = "a\xc3\xab\xe2\x82\xac\xf0\x9f\x94\x91?z";
	char dst[sizeof(want) / sizeof(want[0])];
	size_t size, len;

	(void)state;
	for (size = 0; size < sizeof(want) / sizeof(want[0]); size++) {
		memset(dst, 'X', sizeof(dst));
		len = text_clean(dst, size, in, sizeof(in) - 1);
		assert_int_equal(len, want[size]);
		assert_memory_equal(dst, clean, len);
		if (size == 0)
			assert_int_equal(dst[0], 'X');
		else
			assert_int_equal(dst[len], '\0');
		if (size < sizeof(dst))
			assert_int_equal(dst[size], 'X');
	}
}

/* What comes out goes through unchanged: whatever the bytes were. */
static void
test_clean_any_bytes(void **state)
{
	char in[64], once[65], twice[65];
	uint32_t seed = 7;
	size_t i, j, len, n;

	(void)state;
	for (i = 0; i < 20000; i++) {
		len = i % sizeof(in);
		for (j = 0; j < len; j++) {
			seed = seed * 1664525 + 1013904223;
			/* Mostly first bytes and continuations. */
			in[j] = (char)(seed >> 24 | (seed & 0x80));
		}
		n = text_clean(once, sizeof(once), in, len);
		assert_true(n <= len);
		assert_int_equal(strlen(once), n);
		for (j = 0; j < n; j++)
			assert_true(
			    (unsigned char)once[j] >= 0x20 && once[j] != 0x7f);
		assert_int_equal(text_clean(twice, sizeof(twice), once, n), n);
		assert_string_equal(twice, once);
	}
}

static void
test_copy(void **state)
{
	char dst[5];

	(void)state;
	memset(dst, 'X', sizeof(dst));
	assert_ptr_equal(text_copy(dst, 4, "abc"), dst);
	assert_string_equal(dst, "abc");
	assert_string_equal(text_copy(dst, 4, "defg"), "def");
	assert_string_equal(text_copy(dst, 4, ""), "");
	assert_string_equal(text_copy(dst, 1, "xyz"), "");
	assert_int_equal(dst[4], 'X');
}

static void
test_span(void **state)
{
	static const struct {
		long long ms;
		const char *want;
	} cases[] = {{0, "0 s"}, {-1, "0 s"}, {INT64_MIN, "0 s"}, {999, "0 s"},
	    {1000, "1 s"}, {119999, "119 s"}, {120000, "2 min"},
	    {7199999, "119 min"}, {7200000, "2 h"}, {172799999, "47 h"},
	    {172800000, "2 d"}, {INT64_C(365) * 86400000, "365 d"},
	    {INT64_MAX, "106751991167 d"}};
	char dst[32];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_ptr_equal(text_span(dst, sizeof(dst), cases[i].ms), dst);
		assert_string_equal(dst, cases[i].want);
	}
	assert_string_equal(text_span(dst, 4, 100000), "100");
}

static void
test_error(void **state)
{
	struct error err;
	char big[3000];

	(void)state;
	assert_int_equal(error_set(&err, "%s has %d\n", "a\033b", 3), -1);
	assert_string_equal(err.text, "a?b has 3?");
	assert_int_equal(error_set(NULL, "%s", "x"), -1);
	memset(big, 'y', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	assert_int_equal(error_set(&err, "%s", big), -1);
	assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
}

/* The caller's errno is in the words and is still there afterwards. */
static void
test_error_errno(void **state)
{
	struct error err;
	char big[3000];

	(void)state;
	errno = ENOENT;
	assert_int_equal(error_errno(&err, "file %s", "\r/x"), -1);
	assert_string_equal(err.text, "file ?/x: No such file or directory");
	assert_int_equal(errno, ENOENT);
	errno = EACCES;
	assert_int_equal(error_errno(NULL, "%s", "x"), -1);
	assert_int_equal(errno, EACCES);
	memset(big, 'y', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	assert_int_equal(error_errno(&err, "%s", big), -1);
	assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
}

/* Logs one line with standard error in a file; what came out, to be freed. */
static char *
logged(const struct scratch *s, const char *text)
{
	int saved, fd;
	char *out;
	ssize_t n;

	fd = openat(s->fd, "log", O_RDWR | O_CREAT | O_TRUNC, 0600);
	assert_int_not_equal(fd, -1);
	assert_int_not_equal(saved = dup(2), -1);
	assert_int_equal(dup2(fd, 2), 2);
	log_line(LOG_INFO, "%s|%d", text, 5);
	assert_int_equal(dup2(saved, 2), 2);
	assert_int_equal(close(saved), 0);
	assert_non_null(out = calloc(1, 10000));
	assert_int_not_equal(n = pread(fd, out, 9999, 0), -1);
	assert_int_equal(close(fd), 0);
	return out;
}

/* One message is one line, whatever is in it. */
static void
test_log_line(void **state)
{
	char big[5000], *out;

	log_init("unit-test");
	out = logged(*state, "a\nsshd: Accepted\x1b[2J");
	assert_string_equal(out, "unit-test: a?sshd: Accepted?[2J|5\n");
	free(out);
	memset(big, 'y', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	out = logged(*state, big);
	assert_true(strlen(out) < 2100);
	assert_ptr_equal(strchr(out, '\n'), out + strlen(out) - 1);
	free(out);
}

static int
log_without_stderr(void *ctx)
{
	(void)ctx;
	(void)close(2);
	log_line(LOG_INFO, "nobody reads this");
	return 0;
}

static void
test_log_closed(void **state)
{
	(void)state;
	assert_int_equal(scratch_child(log_without_stderr, NULL), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_clean),
	    cmocka_unit_test(test_clean_invalid),
	    cmocka_unit_test(test_clean_cut),
	    cmocka_unit_test(test_clean_any_bytes),
	    cmocka_unit_test(test_copy),
	    cmocka_unit_test(test_span),
	    cmocka_unit_test(test_error),
	    cmocka_unit_test(test_error_errno),
	    scratch_test(test_log_line),
	    cmocka_unit_test(test_log_closed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
