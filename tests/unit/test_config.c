/* SPDX-License-Identifier: ISC */
/* packet-keys.conf: its syntax, and where an error is said to be. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/config.h"

#define NAME "test.conf"
#define DAY (86400 * INT64_C(1000))

/* The words that must stand behind "test.conf", ":LINE: " included. */
static void
check_bytes(const char *text, size_t len, const char *words)
{
	struct error err = {""};
	struct config cfg;
	char *mem;
	int r;

	/* On the heap, so that a step over the end is seen. */
	assert_non_null(mem = malloc(len == 0 ? 1 : len));
	memcpy(mem, text, len);
	r = config_parse(&cfg, NAME, mem, len, &err);
	free(mem);
	if (words == NULL) {
		if (r != 0)
			fail_msg("%s", err.text);
		return;
	}
	assert_int_equal(r, -1);
	if (strncmp(err.text, NAME, strlen(NAME)) != 0 ||
	    strncmp(err.text + strlen(NAME), words, strlen(words)) != 0)
		fail_msg("\"%s\" is not \"" NAME "%s\"", err.text, words);
}

static void
check(const char *text, const char *words)
{
	check_bytes(text, strlen(text), words);
}

static void
test_defaults(void **state)
{
	static const char *const empty[] = {"", "\n", "; x", "# x\n\n  \n\t\n",
	    "[portal]\n[cache]\n[policy]\n", "\xef\xbb\xbf"};
	struct config cfg;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(empty) / sizeof(empty[0]); i++) {
		memset(&cfg, 0x5a, sizeof(cfg));
		assert_int_equal(
		    config_parse(&cfg, NAME, empty[i], strlen(empty[i]), NULL),
		    0);
		assert_string_equal(cfg.path, NAME);
		assert_string_equal(
		    cfg.url, "https://api.equinix.com/metal/v1");
		assert_string_equal(
		    cfg.token_file, SYSCONFDIR "/packet-keys/token");
		assert_string_equal(cfg.project, "auto");
		assert_string_equal(cfg.device, "auto");
		assert_string_equal(cfg.metadata_url,
		    "https://metadata.platformequinix.com/metadata");
		assert_int_equal(cfg.sources,
		    SOURCE_BIT(SOURCE_DEVICE) | SOURCE_BIT(SOURCE_PROJECT) |
			SOURCE_BIT(SOURCE_PERSONAL));
		assert_string_equal(cfg.ca_file, "");
		assert_string_equal(cfg.proxy, "");
		assert_int_equal(cfg.connect_timeout_ms, 2000);
		assert_int_equal(cfg.timeout_ms, 5000);
		assert_string_equal(
		    cfg.directory, LOCALSTATEDIR "/lib/packet-keys");
		assert_string_equal(
		    cfg.socket, RUNSTATEDIR "/packet-keys/fetch.sock");
		assert_int_equal(cfg.fresh_ms, 5000);
		assert_true(cfg.stale_ms == 7 * DAY);
		assert_int_equal(cfg.retry_ms, 10000);
		assert_int_equal(cfg.mass_removal, 1);
		assert_string_equal(
		    cfg.policy_file, SYSCONFDIR "/packet-keys/policy.json");
		assert_string_equal(cfg.fleet, "none");
	}
	assert_string_equal(
	    config_default_path, SYSCONFDIR "/packet-keys/packet-keys.conf");
}

/* As an administrator would write it, with all that the syntax offers. */
static const char whole[] =
    "\xef\xbb\xbf; all settings\n"
    "[portal] ; the server\n"
    "url             = https://keys.example/metal/v1/\n"
    "token-file=/secret/token        ; a comment\n"
    "project : 0a1b2c3d-4e5f-6789-abcd-ef0123456789\n"
    "\tdevice          = none\n"
    "metadata-url    = http://127.0.0.1:8080/metadata;v=1\n"
    "sources         = device, metadata\t; two\n"
    "# the next two may be empty\n"
    "ca-file         =\n"
    "proxy           =  ; none\n"
    "connect-timeout = 1s\n"
    "timeout         = 3s\n"
    "\n"
    "  [cache]\n"
    "directory       = /cache\n"
    "socket          = /cache/sock\n"
    "    ; indented\n"
    "fresh           = 250ms\n"
    "stale           = 12h\n"
    "retry           = 2m\n"
    "mass-removal    = 3\n"
    "[policy]# last\n"
    "file            = /p.json\n"
    "[policy]\n"
    "fleet           = organization:0a1b2c3d-4e5f-6789-abcd-ef0123456789";

static void
check_whole(const char *text, size_t len)
{
	struct error err = {""};
	struct config cfg;

	if (config_parse(&cfg, NAME, text, len, &err) != 0)
		fail_msg("%s", err.text);
	assert_string_equal(cfg.url, "https://keys.example/metal/v1");
	assert_string_equal(cfg.token_file, "/secret/token");
	assert_string_equal(
	    cfg.project, "0a1b2c3d-4e5f-6789-abcd-ef0123456789");
	assert_string_equal(cfg.device, "none");
	assert_string_equal(
	    cfg.metadata_url, "http://127.0.0.1:8080/metadata;v=1");
	assert_int_equal(cfg.sources,
	    SOURCE_BIT(SOURCE_DEVICE) | SOURCE_BIT(SOURCE_METADATA));
	assert_string_equal(cfg.ca_file, "");
	assert_string_equal(cfg.proxy, "");
	assert_int_equal(cfg.connect_timeout_ms, 1000);
	assert_int_equal(cfg.timeout_ms, 3000);
	assert_string_equal(cfg.directory, "/cache");
	assert_string_equal(cfg.socket, "/cache/sock");
	assert_int_equal(cfg.fresh_ms, 250);
	assert_int_equal(cfg.stale_ms, 43200000);
	assert_int_equal(cfg.retry_ms, 120000);
	assert_int_equal(cfg.mass_removal, 3);
	assert_string_equal(cfg.policy_file, "/p.json");
	assert_string_equal(
	    cfg.fleet, "organization:0a1b2c3d-4e5f-6789-abcd-ef0123456789");
}

static void
test_whole(void **state)
{
	(void)state;
	check_whole(whole, sizeof(whole) - 1);
}

static void
test_crlf(void **state)
{
	char text[2 * sizeof(whole)];
	size_t i, len = 0;

	(void)state;
	for (i = 0; i < sizeof(whole) - 1; i++) {
		if (whole[i] == '\n')
			text[len++] = '\r';
		text[len++] = whole[i];
	}
	check_whole(text, len);
}

/* The first error of the file is named, by its line. */
static void
test_line_numbers(void **state)
{
	(void)state;
	check("url = https://h\n", ":1: url stands before");
	check("\n\n[portal]\n; x\nurl = h\n", ":5: [portal] url: must start");
	check("[portal]\r\n\r\nurl = h", ":3: [portal] url: must start");
	check("[portal]\nproject\n", ":2: neither [section]");
	check("[portal]\nurl = h\nproject\n", ":2: [portal] url");
	check("[portal]\nproject\nurl = h\n", ":2: neither");
	check("[portal]\nproject = x\ndevice = x\n", ":2: [portal] project");
	check("[portal]\nproject = x\n\n[nonsense]\n", ":2: [portal] project");
	check("[portal]\nproject\n[nonsense]\n", ":2: neither");
	check("[nonsense]\nproject\n", ":1: unknown section");
	check_bytes("[portal]\nproject = x\n; \0\n", 26, ":2: [portal] proj");
	check_bytes("[portal]\n; \0\nproject = x\n", 26, ":2: the line holds");
}

static void
test_syntax(void **state)
{
	(void)state;
	check("[portal\n", ":1: neither [section]");
	check("[portal ; x]\n", ":1: unknown section [portal ; x]");
	check("portal]\n", ":1: neither");
	check("= x\n", ":1: ");
	check("[portal]\n= x\n", ":2: unknown setting  in");
	check("[portal]\nproject auto\n", ":2: neither");
	check("[portal]\nproject ; = auto\n", ":2: neither");
	check("[portal]\nproject = = auto\n", ":2: [portal] project");
	check("[portal]\nproject = \"auto\"\n", ":2: [portal] project");
	check("[portal]\nproject = auto # no comment\n", ":2: [portal] proj");
	check("[portal]\nproject = auto; none\n", ":2: [portal] project");
	check("[portal]\nproject = auto\rdevice = none\n", ":2: [portal] pro");
	/* A BOM is one at the start alone. */
	check("[portal]\n\xef\xbb\xbfproject = auto\n", ":2: unknown setting");
	check("\xef\xbb\xbf\xef\xbb\xbf[portal]\n", ":1: neither");
}

/* inih itself passes over all of these in silence. */
static void
test_sections(void **state)
{
	(void)state;
	check("[nonsense]\n", ":1: unknown section [nonsense]; there are");
	check("\xef\xbb\xbf  [nonsense]", ":1: unknown section [nonsense]");
	check("[]\n", ":1: unknown section []");
	check("[portal]\n\n[Cache]\n; fresh = 5s\n", ":3: unknown section");
	check("[ portal ]\nproject = auto\n", ":1: unknown section");
	check("[portal] project = none\n", ":1: only a comment may follow");
	check("[portal]]\n", ":1: only a comment may follow");
	check("[portal] x ; y\n", ":1: only a comment may follow");
	check("[portal];x\n[cache]\t# x\n[policy]  \r\n", NULL);
	check("[portal]", NULL);
	check("[portal] ", NULL);
	/* Its first 50 characters are not enough. */
	check("[portalxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	      "xxxxx]\nproject = auto\n",
	    ":1: unknown section");
}

static void
test_doubles(void **state)
{
	(void)state;
	check("[portal]\nproject = auto\nproject = none\n",
	    ":3: [portal] project is set twice");
	check("[portal]\nproject = auto\nproject = auto\n", ":3: [portal] pro");
	check(
	    "[portal]\nurl = https://h\nurl = https://h\n", ":3: [portal] url");
	check("[portal]\nproxy =\n[cache]\n[portal]\nproxy =\n",
	    ":5: [portal] proxy is set twice");
	check("[policy]\nfleet = none\nfile = /a\nfile = /b\n",
	    ":4: [policy] file is set twice");
}

/* Indented or not, a line is what it says, and no value goes on in it. */
static void
test_indented(void **state)
{
	struct config cfg;
	static const char good[] =
	    "  [portal]\n\tproject = none\n"
	    "  device = none\n  \n  ; x\n\t# x\n    [cache]\n \f\v fresh = 1s";

	(void)state;
	assert_int_equal(
	    config_parse(&cfg, NAME, good, sizeof(good) - 1, NULL), 0);
	assert_string_equal(cfg.project, "none");
	assert_string_equal(cfg.device, "none");
	assert_int_equal(cfg.fresh_ms, 1000);
	check("[portal]\nsources = device\n    project\n", ":3: neither");
	check("[portal]\nproject = auto\n  project = none\n",
	    ":3: [portal] project is set twice");
	check("[portal]\nproxy =\n  http://p:1/a=b\n", ":3: unknown setting");
	check("[policy]\nfile = /a\n    b", ":3: neither");
}

/* Whatever inih's own limit is: a line is read whole or refused. */
static void
test_long_lines(void **state)
{
	char text[600], words[32];
	struct config cfg;
	struct error err;
	size_t len, taken = 0;
	int r;

	(void)state;
	for (len = 20; len < 500; len++) {
		memset(text, 'x', sizeof(text));
		memcpy(text, "[policy]\nfile = /", 17);
		memcpy(text + 9 + len, "\n; x\n", 6);
		r = config_parse(&cfg, NAME, text, strlen(text), &err);
		if (r == 0) {
			taken = len;
			assert_int_equal(strlen(cfg.policy_file), len - 7);
			continue;
		}
		(void)snprintf(words, sizeof(words), NAME ":2: the line");
		assert_memory_equal(err.text, words, strlen(words));
	}
	/* The length that the words name, and no line before it. */
	assert_in_range(taken, 150, INI_USE_STACK ? INI_MAX_LINE - 2 : 400);
	assert_non_null(strstr(err.text, "too long (at most "));
	assert_int_equal(atoi(strstr(err.text, "most ") + 5), taken);
}

static void
test_long_comment_and_last_line(void **state)
{
	char text[5000];

	(void)state;
	memset(text, 'x', sizeof(text));
	memcpy(text, "[portal]\n; ", 11);
	check_bytes(text, sizeof(text), ":2: the line is too long");
	text[4000] = '\n';
	check_bytes(text, sizeof(text), ":2: the line is too long");
	memset(text, '\n', 4999);
	text[4999] = 'x';
	check_bytes(text, sizeof(text), ":5000: neither");
}

static void
test_nul(void **state)
{
	(void)state;
	check_bytes("[portal]\nproject = auto\0\n", 25, ":2: the line holds a");
	check_bytes("\0", 1, ":1: the line holds a NUL byte");
	check_bytes("[portal]\nproject = none\n\0", 25, ":3: the line holds");
	check_bytes("[por\0tal]\n", 10, ":1: the line holds a NUL byte");
	check_bytes("[portal]\n; x\0x\nproject = none\n", 29, ":2: the line");
}

/* What is refused must not be printed as it came. */
static void
test_hostile_words(void **state)
{
	struct config cfg;
	struct error err;
	const char *p;

	(void)state;
	assert_int_equal(
	    config_parse(&cfg, "a\nb", "[x\x1b[2J]\n", 8, &err), -1);
	assert_string_equal(err.text,
	    "a?b:1: unknown section [x?[2J]; there "
	    "are [portal], [cache] and [policy]");
	assert_int_equal(
	    config_parse(&cfg, NAME, "[cache]\na\033b = 1\n", 16, &err), -1);
	for (p = err.text; *p != '\0'; p++)
		assert_in_range(*p, 0x20, 0x7e);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_defaults),
	    cmocka_unit_test(test_whole),
	    cmocka_unit_test(test_crlf),
	    cmocka_unit_test(test_line_numbers),
	    cmocka_unit_test(test_syntax),
	    cmocka_unit_test(test_sections),
	    cmocka_unit_test(test_doubles),
	    cmocka_unit_test(test_indented),
	    cmocka_unit_test(test_long_lines),
	    cmocka_unit_test(test_long_comment_and_last_line),
	    cmocka_unit_test(test_nul),
	    cmocka_unit_test(test_hostile_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
