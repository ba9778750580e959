/* SPDX-License-Identifier: ISC */
/* The token: read from its file, whole and alone, and told to nobody. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/limits.h"
#include "cmd/token.h"
#include "scratch.h"

static void
check_good(
    const struct scratch *s, const char *text, size_t len, const char *want)
{
	struct error err = {""};
	struct buf token;

	(void)scratch_file(s, "token", text, len, 0600);
	if (token_read(scratch_path(s, "token"), &token, &err) != 0)
		fail_msg("%s", err.text);
	assert_int_equal(token.len, strlen(want));
	assert_string_equal((char *)token.data, want);
	token_wipe(&token);
	assert_null(token.data);
	assert_int_equal(token.len, 0);
}

/* Refused with these words, and none of the token in them. */
static void
check_bad(
    const struct scratch *s, const char *text, size_t len, const char *words)
{
	struct error err = {""};
	struct buf token;

	(void)scratch_file(s, "token", text, len, 0600);
	assert_int_equal(
	    token_read(scratch_path(s, "token"), &token, &err), -1);
	if (strstr(err.text, words) == NULL)
		fail_msg("\"%s\" has no \"%s\"", err.text, words);
	assert_non_null(strstr(err.text, scratch_path(s, "token")));
	assert_null(strstr(err.text, "SECRET"));
	token_wipe(&token);
	token_wipe(&token);
}

#define GOOD(s, text, want) check_good(s, text, sizeof(text) - 1, want)
#define BAD(s, text, words) check_bad(s, text, sizeof(text) - 1, words)

static void
test_good(void **state)
{
	const struct scratch *s = *state;

	GOOD(s, "SECRET", "SECRET");
	GOOD(s, "SECRET\n", "SECRET");
	GOOD(s, "SECRET\r\n", "SECRET");
	GOOD(s, "\n \t SECRET \v\f\n\n", "SECRET");
	GOOD(s, "x", "x");
	GOOD(s, "~!@#$%^&*()_+-=[]{}|;':\",./<>?`\\",
	    "~!@#$%^&*()_+-=[]{}|;':\",./<>?`\\");
}

static void
test_empty(void **state)
{
	const struct scratch *s = *state;

	BAD(s, "", "holds no token");
	BAD(s, "\n", "holds no token");
	BAD(s, " \t\r\n \n", "holds no token");
}

/* A line break in a header would be a header more. */
static void
test_one_line(void **state)
{
	const struct scratch *s = *state;

	BAD(s, "SECRET\nSECRET\n", "must hold one line");
	BAD(s, "SECRET\rX-Admin: 1", "must hold one line");
	BAD(s, "SECRET SECRET", "must hold one line");
	BAD(s, "SECRET\tSECRET", "must hold one line");
	BAD(s, "SECRET\0", "must hold one line");
	BAD(s, "\0SECRET", "must hold one line");
	BAD(s, "SECRET\x7f", "must hold one line");
	BAD(s, "SECRET\x1b", "must hold one line");
	BAD(s, "SECRET\xc3\xab", "must hold one line");
	BAD(s, "\xef\xbb\xbfSECRET", "must hold one line");
	BAD(s, "token = SECRET", "must hold one line");
}

static void
test_length(void **state)
{
	const struct scratch *s = *state;
	char text[LIMIT_TOKEN_FILE + 2], want[LIMIT_TOKEN_FILE + 1];

	memset(text, 'S', sizeof(text));
	memset(want, 'S', sizeof(want));
	want[LIMIT_TOKEN_FILE] = '\0';
	check_good(s, text, LIMIT_TOKEN_FILE, want);
	check_bad(s, text, LIMIT_TOKEN_FILE + 1, "larger than");
	text[0] = text[LIMIT_TOKEN_FILE - 1] = '\n';
	want[LIMIT_TOKEN_FILE - 2] = '\0';
	check_good(s, text, LIMIT_TOKEN_FILE, want);
}

static void
check_refused(const char *path, const char *words)
{
	struct error err = {""};
	struct buf token;

	assert_int_equal(token_read(path, &token, &err), -1);
	if (strstr(err.text, words) == NULL)
		fail_msg("\"%s\" has no \"%s\"", err.text, words);
	assert_null(token.data);
	token_wipe(&token);
}

static void
test_file(void **state)
{
	const struct scratch *s = *state;

	check_refused(scratch_path(s, "none"), "No such file");
	check_refused(
	    scratch_text(s, "a", "SECRET", 0644), "may be read by everybody");
	check_refused(scratch_text(s, "b", "SECRET", 0620),
	    "may be written to by others");
	assert_int_equal(mkfifoat(s->fd, "fifo", 0600), 0);
	check_refused(scratch_path(s, "fifo"), "not a regular file");
}

/* Nothing of it stays behind in freed memory. */
static void
test_wipe(void **state)
{
	const struct scratch *s = *state;
	struct error err;
	struct buf token, spy;
	unsigned char storage[64];
	size_t i;

	(void)scratch_text(s, "token", "SECRET", 0600);
	assert_int_equal(token_read(scratch_path(s, "token"), &token, &err), 0);
	/* Storage that can be looked at afterwards. */
	buf_init_on(&spy, storage, sizeof(storage), sizeof(storage));
	memset(storage, 'x', sizeof(storage));
	assert_int_equal(buf_put(&spy, token.data, token.len), 0);
	token_wipe(&spy);
	for (i = 0; i < sizeof(storage); i++)
		assert_int_equal(storage[i], 0);
	token_wipe(&token);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    scratch_test(test_good),
	    scratch_test(test_empty),
	    scratch_test(test_one_line),
	    scratch_test(test_length),
	    scratch_test(test_file),
	    scratch_test(test_wipe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
