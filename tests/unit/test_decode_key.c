/* SPDX-License-Identifier: ISC */
/* One key of a list: what is read of it, and what makes it a refused one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <time.h>

#include "portal/date.h"
#include "tests/unit/decode_fixture.h"

static void
test_owner(void **state)
{
	static const char *const rows[][2] = {
	    {"\"entity\":{\"href\":\"/users/" U1 "\"}", "user:" U1},
	    {"\"owner\":{\"href\":\"/users/" U1 "\"}", "user:" U1},
	    {"\"user\":{\"href\":\"/users/" U1 "\"}", "user:" U1},
	    {"\"entity\":{\"href\":\"/metal/v1/projects/" U1 "\"}",
		"project:" U1},
	    {"\"owner\":{\"href\":\"https://api.example.net/metal/v1/users/" U1
	     "\",\"id\":\"x\"}",
		"user:" U1},
	    {"\"user\":{\"href\":\"/users/" U1 "\"},"
	     "\"entity\":{\"href\":\"/projects/" U2 "\"}",
		"project:" U2_LOW},
	    {"\"owner\":{},\"user\":{\"href\":\"\\/users\\/" U1 "\"}",
		"user:" U1},
	    {"\"owner\":null,\"entity\":[],\"user\":\"/users/" U1 "\"", ""},
	    {"\"owner\":{\"href\":null}", ""},
	    {"\"owner\":{\"href\":5}", ""},
	    {"\"owner\":{\"href\":\"/users/" U1 "/\"}", ""},
	    {"\"owner\":{\"href\":\"/users/" U1 "0\"}", ""},
	    {"\"owner\":{\"href\":\"/users/" U1 "\\u0000\"}", ""},
	    {"\"owner\":{\"href\":\"/users/" U1 "?x\"}", ""},
	    {"\"owner\":{\"href\":\"/xusers/" U1 "\"}", ""},
	    {"\"owner\":{\"href\":\"users/" U1 "\"}", ""},
	    {"\"owner\":{\"href\":\"" U1 "\"}", ""},
	    {"\"owner\":{\"href\":\"/users/me\"}", ""},
	    {"\"owner\":{\"href\":\"/organizations/" U1 "\"}", ""},
	    {"\"owner\":{\"href\":\"\"}", ""},
	    {"\"owner\":{\"x\":{\"href\":\"/users/" U1 "\"}}", ""},
	    {"\"x\":1", ""},
	};
	struct keyset ks;
	char object[512];
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		(void)snprintf(
		    object, sizeof(object), "{\"key\":\"k\",%s}", rows[i][0]);
		assert_string_equal(one(object, &ks).owner, rows[i][1]);
		keyset_free(&ks);
	}
}

static void
test_wrong_types(void **state)
{
	static const char *const values[] = {"null", "true", "0", "-1.5", "[]",
	    "{}", "[\"x\"]", "{\"href\":[]}", "{\"a\":{\"href\":\"b\"}}"};
	struct keyset ks;
	struct keyrec rec;
	char object[1024];
	size_t i;

	(void)state;
	for (i = 0; i < N(values); i++) {
		const char *v = values[i];

		(void)snprintf(object, sizeof(object),
		    "{\"id\":%s,"
		    "\"label\":%s,\"key\":%s,\"created_at\":%s,\"owner\":%s,"
		    "\"entity\":%s,\"user\":%s,\"href\":%s,\"new\":%s}",
		    v, v, v, v, v, v, v, v, v);
		rec = one(object, &ks);
		assert_string_equal(rec.id, "");
		assert_string_equal(rec.label, "");
		assert_string_equal(rec.owner, "");
		assert_null(rec.text);
		assert_int_equal(rec.textlen, 0);
		assert_true(rec.created_ms == KEYREC_NO_DATE);
		assert_null(rec.refused);
		keyset_free(&ks);
	}
}

static void
test_odd_elements(void **state)
{
	static const char body[] =
	    "{\"ssh_keys\":[null,{\"key\":\"" KEY "\"},"
	    "7,\"ssh-rsa AAAA\",[{\"key\":\"x\"}],{},{\"key\":\"\"}]}";
	struct decode_page page;
	struct keyset ks;
	struct error err;
	size_t i;

	(void)state;
	assert_int_equal(list(body, strlen(body), &ks, &page, &err), 0);
	assert_int_equal(ks.n, 7);
	for (i = 0; i < ks.n; i++) {
		if (i == 1)
			assert_string_equal(ks.v[i].text, KEY);
		else if (i == 6)
			assert_int_equal(ks.v[i].textlen, 0);
		else
			assert_null(ks.v[i].text);
	}
	keyset_free(&ks);
}

static void
test_ids(void **state)
{
	static const char *const bad[] = {"", "x", U1 "0",
	    "0b0a2f5e-1c9d-4b43-9d0e-0123456789a",
	    "0b0a2f5e-1c9d-4b43-9d0e-0123456789ag",
	    "0b0a2f5e01c9d-4b43-9d0e-0123456789ab",
	    "0b0a2f5e-1c9d-4b43-9d0e-01234567\\u0000ab"};
	struct keyset ks;
	char object[256];
	size_t i;

	(void)state;
	assert_string_equal(
	    one("{\"key\":\"k\",\"id\":\"" U2 "\"}", &ks).id, U2);
	keyset_free(&ks);
	for (i = 0; i < N(bad); i++) {
		(void)snprintf(object, sizeof(object),
		    "{\"key\":\"k\",\"id\":\"%s\"}", bad[i]);
		assert_string_equal(one(object, &ks).id, "");
		keyset_free(&ks);
	}
}

/* What is JSON but no text, and what is text but looks odd. */
static void
test_escapes(void **state)
{
	static const char *const rows[][2] = {
	    {"a\\u0000b", "a?b"},
	    {"\\u0000", "?"},
	    {"a\\ud800b", "a?b"},
	    {"a\\udfff", "a?"},
	    {"\\ud800\\ud800\\udc00", "?\xf0\x90\x80\x80"},
	    {"\\udc00\\ud800", "??"},
	    {"\\ud83d\\ude00", "\xf0\x9f\x98\x80"},
	    {"\\uDBFF\\uDFFF", "\xf4\x8f\xbf\xbf"},
	    {"\\u00e9\\u20AC\\uffff", "\xc3\xa9\xe2\x82\xac\xef\xbf\xbf"},
	    {"\\\\u0000", "\\u0000"},
	    {"\\\\\\u0000", "\\?"},
	    {"\\\"\\\\\\/\\b\\f\\n\\r\\t", "\"\\/\b\f\n\r\t"},
	    {"\xc3\xa9\x7f", "\xc3\xa9\x7f"},
	    {"\xe2\x80\xae", "\xe2\x80\xae"},
	    {"\\ud800\\u0041", "?A"},
	};
	struct keyset ks;
	char object[256];
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		(void)snprintf(object, sizeof(object),
		    "{\"key\":\"%s\",\"label\":\"%s\",\"tags\":[\"%s\"]}",
		    rows[i][0], rows[i][0], rows[i][0]);
		assert_string_equal(one(object, &ks).label, rows[i][1]);
		assert_string_equal(ks.v[0].text, rows[i][1]);
		assert_int_equal(ks.v[0].textlen, strlen(rows[i][1]));
		assert_string_equal(ks.v[0].tags[0], rows[i][1]);
		keyset_free(&ks);
	}
}

/* "…": n times c. */
static char *
quoted(const char *c, size_t n)
{
	size_t len = strlen(c), i;
	char *s = malloc(n * len + 3);

	assert_non_null(s);
	s[0] = '"';
	for (i = 0; i < n; i++)
		memcpy(s + 1 + i * len, c, len);
	memcpy(s + 1 + n * len, "\"", 2);
	return s;
}

/* A list of two keys, the first with that one member. */
static void
with_member(const char *name, const char *value, struct keyset *ks)
{
	size_t size = strlen(value) + 128;
	char *body = malloc(size);
	struct decode_page page;
	struct error err;
	int n;

	assert_non_null(body);
	n = snprintf(body, size,
	    "{\"ssh_keys\":[{\"%s\":%s},"
	    "{\"key\":\"k\"}]}",
	    name, value);
	assert_in_range(n, 1, size - 1);
	if (list(body, (size_t)n, ks, &page, &err) == -1)
		fail_msg("%s", err.text);
	free(body);
}

static void
test_long_texts(void **state)
{
	static const struct {
		const char *name, *unit;
		size_t n, expected;
	} rows[] = {
	    {"label", "a", LIMIT_TEXT, LIMIT_TEXT},
	    {"label", "a", LIMIT_TEXT + 1, LIMIT_TEXT},
	    {"label", "a", 1000000, LIMIT_TEXT},
	    {"label", "\xe2\x82\xac", 342, 1023},
	    {"label", "\\u20ac", 342, 1023},
	    {"key", "k", LIMIT_KEY_TEXT, LIMIT_KEY_TEXT},
	    {"key", "k", LIMIT_KEY_TEXT + 1, LIMIT_KEY_TEXT + 1},
	    {"key", "\\n", 3 * LIMIT_KEY_TEXT, LIMIT_KEY_TEXT + 1},
	};
	struct keyset ks;
	size_t i, len;
	char *value;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		value = quoted(rows[i].unit, rows[i].n);
		with_member(rows[i].name, value, &ks);
		len = rows[i].name[0] == 'l' ? strlen(ks.v[0].label)
					     : ks.v[0].textlen;
		assert_int_equal(len, rows[i].expected);
		keyset_free(&ks);
		free(value);
	}
}

/* Tags only take away: a key whose tags are in doubt is no key at all. */
static void
test_tags(void **state)
{
	static const char *const bad[] = {"\"user:deploy\"", "{}", "1", "true",
	    "false", "{\"0\":\"a\"}", "[null]", "[\"a\",1]", "[[\"a\"]]",
	    "[{\"name\":\"a\"}]", "[\"a\",false,\"b\"]"};
	struct keyset ks;
	struct keyrec rec;
	char object[256];
	size_t i;

	(void)state;
	rec = one("{\"key\":\"k\",\"tags\":null}", &ks);
	assert_int_equal(rec.ntags, 0);
	assert_null(rec.refused);
	assert_non_null(rec.text);
	keyset_free(&ks);
	rec = one("{\"tags\":[ ],\"key\":\"k\"}", &ks);
	assert_int_equal(rec.ntags, 0);
	assert_null(rec.refused);
	keyset_free(&ks);
	for (i = 0; i < 2 * N(bad); i++) {
		/* Before and behind the text. */
		(void)snprintf(object, sizeof(object),
		    i < N(bad) ? "{\"tags\":%s,\"key\":\"k\",\"label\":\"l\"}"
			       : "{\"key\":\"k\",\"label\":\"l\",\"tags\":%s}",
		    bad[i % N(bad)]);
		rec = one(object, &ks);
		assert_true(keyrec_tags_lost(&rec));
		assert_int_equal(rec.ntags, 1);
		assert_string_equal(rec.label, "l");
		/* The same key of another source must be known by it. */
		assert_int_equal(rec.textlen, 1);
		assert_null(rec.refused);
		keyset_free(&ks);
	}
}

static void
check_tag_count(size_t n, size_t len, int fine)
{
	char *tag = quoted("t", len), *value = malloc(n * (len + 3) + 3);
	struct keyset ks;
	size_t i, at = 0;

	assert_non_null(value);
	value[at++] = '[';
	for (i = 0; i < n; i++) {
		if (i != 0)
			value[at++] = ',';
		memcpy(value + at, tag, len + 2);
		at += len + 2;
	}
	memcpy(value + at, "]", 2);
	with_member("tags", value, &ks);
	assert_int_equal(ks.v[0].ntags, fine ? n : 1);
	assert_int_equal(keyrec_tags_lost(&ks.v[0]), !fine);
	keyset_free(&ks);
	free(tag);
	free(value);
}

static void
test_tag_limits(void **state)
{
	(void)state;
	check_tag_count(LIMIT_TAGS, 1, 1);
	check_tag_count(LIMIT_TAGS + 1, 1, 0);
	check_tag_count(5000, 1, 0);
	check_tag_count(1, LIMIT_TEXT, 1);
	check_tag_count(1, LIMIT_TEXT + 1, 0);
	check_tag_count(2, 0, 1);
}

/* Refused for its tags, it still shows that the list is one of keys. */
static void
test_only_bad_tags(void **state)
{
	static const char body[] = "{\"ssh_keys\":[{\"key\":\"k\","
				   "\"tags\":[1]}]}";
	struct decode_page page;
	struct keyset ks;
	struct error err;

	(void)state;
	assert_int_equal(list(body, strlen(body), &ks, &page, &err), 0);
	assert_int_equal(ks.n, 1);
	keyset_free(&ks);
}

static void
test_dates(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
	} rows[] = {
	    {"1970-01-01T00:00:00Z", 0},
	    {"1970-01-01T00:00:00.001Z", 1},
	    {"1969-12-31T23:59:59.999Z", -1},
	    {"2000-02-29T12:00:00Z", 951825600000},
	    {"2026-06-30T12:00:00+02:00", 1782813600000},
	    {"2026-06-30T12:00:00-00:30", 1782822600000},
	    {"2026-06-30t10:00:00.5z", 1782813600500},
	    {"2026-06-30T10:00:00.123456789Z", 1782813600123},
	    {"2016-12-31T23:59:60Z", 1483228800000},
	    {"0000-01-01T00:00:00Z", -62167219200000},
	    {"9999-12-31T23:59:59Z", 253402300799000},
	    {"2026-06-30T10:00:00+23:59", 1782727260000},
	};
	static const char *const bad[] = {"", "2026", "2026-06-30",
	    "2026-06-30T10:00:00", "2026-06-30 10:00:00Z", "2026-06-30T10:00Z",
	    "2026-06-30T10:00:00Z ", " 2026-06-30T10:00:00Z",
	    "2026-6-30T10:00:00Z", "2026-02-29T00:00:00Z",
	    "1900-02-29T00:00:00Z", "2026-00-01T00:00:00Z",
	    "2026-13-01T00:00:00Z", "2026-01-00T00:00:00Z",
	    "2026-04-31T00:00:00Z", "2026-01-01T24:00:00Z",
	    "2026-01-01T00:60:00Z", "2026-01-01T00:00:61Z",
	    "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00,5Z",
	    "2026-01-01T00:00:00+24:00", "2026-01-01T00:00:00+02",
	    "2026-01-01T00:00:00+0200", "2026-01-01T00:00:00+02:60",
	    "2026-01-01T00:00:00UTC", "+2026-01-01T00:00:00Z",
	    "-026-01-01T00:00:00Z", "12026-01-01T00:00:00Z", "1782813600",
	    "2026-01-01T-1:00:00Z"};
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		if (date_rfc3339(rows[i].text, strlen(rows[i].text)) !=
		    rows[i].ms)
			fail_msg("%s", rows[i].text);
	}
	for (i = 0; i < N(bad); i++) {
		if (date_rfc3339(bad[i], strlen(bad[i])) != KEYREC_NO_DATE)
			fail_msg("%s", bad[i]);
	}
}

/* Each day of 800 years, held against the C library's calendar. */
static void
test_calendar(void **state)
{
	/* 1600 to 2400 */
	time_t t, first = -11676096000, last = 13569465600;
	char text[32];
	struct tm tm;

	(void)state;
	for (t = first; t < last; t += 86400 - 1) {
		assert_non_null(gmtime_r(&t, &tm));
		assert_true(strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ",
				&tm) > 0);
		if (date_rfc3339(text, strlen(text)) != (int64_t)t * 1000)
			fail_msg("%s", text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_owner),
	    cmocka_unit_test(test_wrong_types),
	    cmocka_unit_test(test_odd_elements),
	    cmocka_unit_test(test_ids),
	    cmocka_unit_test(test_escapes),
	    cmocka_unit_test(test_long_texts),
	    cmocka_unit_test(test_tags),
	    cmocka_unit_test(test_tag_limits),
	    cmocka_unit_test(test_only_bad_tags),
	    cmocka_unit_test(test_dates),
	    cmocka_unit_test(test_calendar),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
