/* SPDX-License-Identifier: ISC */
/* The portal's JSON: both of its shapes, and all that is not an answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/decode_fixture.h"

static void
test_original_shape(void **state)
{
	static const char body[] =
	    "{\"ssh_keys\":[{\"id\":\"" U1 "\","
	    "\"label\":\"laptop\",\"key\":\"" KEY "\","
	    "\"fingerprint\":\"aa:bb\","
	    "\"created_at\":\"2016-02-29T23:59:59Z\","
	    "\"updated_at\":\"2016-03-01T00:00:00Z\",\"tags\":[\"a\",\"b\"],"
	    "\"entity\":{\"href\":\"/users/" U2 "\"},"
	    "\"href\":\"/ssh-keys/" U1 "\"}]}";
	struct decode_page page;
	struct keyset ks;
	struct error err;

	(void)state;
	assert_int_equal(list(body, strlen(body), &ks, &page, &err), 0);
	assert_string_equal(page.next, "");
	assert_int_equal(ks.n, 1);
	assert_string_equal(ks.v[0].id, U1);
	assert_string_equal(ks.v[0].label, "laptop");
	assert_string_equal(ks.v[0].owner, "user:" U2_LOW);
	assert_int_equal(ks.v[0].created_ms, 1456790399000);
	assert_int_equal(ks.v[0].ntags, 2);
	assert_string_equal(ks.v[0].tags[0], "a");
	assert_string_equal(ks.v[0].tags[1], "b");
	assert_string_equal(ks.v[0].text, KEY);
	assert_int_equal(ks.v[0].textlen, strlen(KEY));
	assert_null(ks.v[0].refused);
	assert_null(ks.v[0].blob);
	keyset_free(&ks);
}

static void
test_later_shape(void **state)
{
	static const char body[] =
	    " \r\n{ \"meta\" : { \"total\" : 2, "
	    "\"next\" : { \"href\" : \"/metal/v1/ssh-keys?page=2\" } } , "
	    "\"new\":{\"deep\":[1,-0,2.5e+3,true,false,null,{}]},"
	    "\"ssh_keys\" : [ { \"owner\" : { \"href\" : "
	    "\"/metal/v1/projects/" U1 "\" }, \"entity\":null, "
	    "\"user\":{\"href\":\"/metal/v1/users/" U1 "\"}, "
	    "\"key\":\"" KEY "\" , \"label\":null } ] }\n";
	struct decode_page page;
	struct keyset ks;
	struct error err;

	(void)state;
	assert_int_equal(list(body, strlen(body), &ks, &page, &err), 0);
	assert_string_equal(page.next, "/metal/v1/ssh-keys?page=2");
	assert_int_equal(ks.n, 1);
	assert_string_equal(ks.v[0].owner, "project:" U1);
	assert_string_equal(ks.v[0].id, "");
	assert_string_equal(ks.v[0].label, "");
	assert_int_equal(ks.v[0].ntags, 0);
	assert_true(ks.v[0].created_ms == KEYREC_NO_DATE);
	assert_string_equal(ks.v[0].text, KEY);
	keyset_free(&ks);
}

static void
test_empty_list(void **state)
{
	static const char *const bodies[] = {"{\"ssh_keys\":[]}",
	    "{\"ssh_keys\":[ ],\"meta\":null}",
	    "{\"meta\":{\"next\":null},\"ssh_keys\":[]}",
	    "{\"meta\":{\"next\":{\"href\":null}},\"ssh_keys\":[]}",
	    "{\"meta\":{},\"errors\":[],\"error\":null,\"ssh_keys\":[]}",
	    "{\"error\":\"\",\"errors\":{},\"ssh_keys\":[]}",
	    "{\"error\":false,\"ssh_keys\":[],\"x\":1e999}",
	    "{\"ssh_keys\":[],\"y\":123456789012345678901234567890}",
	    "{\"ssh\\u005fkeys\":[]}"};
	struct decode_page page;
	struct keyset ks;
	struct error err;
	size_t i;

	(void)state;
	for (i = 0; i < N(bodies); i++) {
		if (list(bodies[i], strlen(bodies[i]), &ks, &page, &err) == -1)
			fail_msg("%s: %s", bodies[i], err.text);
		assert_int_equal(ks.n, 0);
		assert_string_equal(page.next, "");
		keyset_free(&ks);
	}
}

/* Not one of these may be taken for a list, least of all an empty one. */
static const char *const no_lists[][2] = {
    {"", "empty"},
    {" ", "cut short"},
    {"{}", "no ssh_keys"},
    {"null", "not JSON"},
    {"true", "not JSON"},
    {"\"ssh_keys\"", "not JSON"},
    {"[]", "no JSON object"},
    {"[{\"ssh_keys\":[]}]", "no JSON object"},
    {"<!DOCTYPE html><html></html>", "HTML"},
    {"\n <html>", "HTML"},
    {"\xef\xbb\xbf{\"ssh_keys\":[]}", "not JSON (byte 1"},
    {"Not Acceptable", "not JSON"},
    {"{\"keys\":[]}", "no ssh_keys"},
    {"{\"SSH_KEYS\":[]}", "no ssh_keys"},
    {"{\"x\":{\"ssh_keys\":[]}}", "no ssh_keys"},
    {"{\"ssh_keys\":null}", "no list"},
    {"{\"ssh_keys\":{}}", "no list"},
    {"{\"ssh_keys\":{\"0\":{\"key\":\"k\"}}}", "no list"},
    {"{\"ssh_keys\":\"\"}", "no list"},
    {"{\"ssh_keys\":0}", "no list"},
    {"{\"ssh_keys\":false}", "no list"},
    {"{\"ssh_keys\":[{}]}", "none of its 1 elements"},
    {"{\"ssh_keys\":[1,null,\"k\",[],{\"key\":null}]}",
	"none of its 5 elements"},
    {"{\"ssh_keys\":[{\"href\":\"/ssh-keys/" U1 "\"}]}", "none of its"},
    /* Members that count, twice. */
    {"{\"ssh_keys\":[{\"key\":\"k\"}],\"ssh_keys\":[]}", "twice"},
    {"{\"ssh_keys\":[],\"ssh\\u005fkeys\":[]}", "twice"},
    {"{\"ssh_keys\":[{\"key\":\"k\",\"key\":\"l\"}]}", "key twice"},
    {"{\"ssh_keys\":[{\"key\":\"k\",\"k\\u0065y\":\"l\"}]}", "key twice"},
    {"{\"ssh_keys\":[{\"key\":\"k\",\"tags\":[\"a\"],\"tags\":[]}]}",
	"tags twice"},
    {"{\"ssh_keys\":[{\"key\":\"k\",\"owner\":{\"href\":\"a\","
     "\"href\":\"b\"}}]}",
	"href twice"},
    {"{\"meta\":{},\"ssh_keys\":[],\"meta\":{}}", "meta twice"},
    {"{\"meta\":{\"next\":null,\"next\":null},\"ssh_keys\":[]}", "next twice"},
    /* What hides a page. */
    {"{\"ssh_keys\":[],\"meta\":[]}", "meta is no object"},
    {"{\"ssh_keys\":[],\"meta\":\"\"}", "meta is no object"},
    {"{\"ssh_keys\":[],\"meta\":{\"next\":\"/p2\"}}", "next is no object"},
    {"{\"ssh_keys\":[],\"meta\":{\"next\":2}}", "next is no object"},
    {"{\"ssh_keys\":[],\"meta\":{\"next\":{\"href\":2}}}", "no address"},
    {"{\"ssh_keys\":[],\"meta\":{\"next\":{\"href\":\"\"}}}", "no address"},
    {"{\"ssh_keys\":[],\"meta\":{\"next\":{\"href\":{}}}}", "no address"},
    /* An error with the look of an answer. */
    {"{\"ssh_keys\":[],\"error\":\"backend timed out\"}", "an error"},
    {"{\"errors\":[\"x\"],\"ssh_keys\":[]}", "an error"},
    {"{\"errors\":{\"base\":[]},\"ssh_keys\":[]}", "an error"},
    {"{\"error\":true,\"ssh_keys\":[]}", "an error"},
    /* Broken JSON around and in it. */
    {"{", "cut short"},
    {"{\"ssh_keys", "cut short"},
    {"{\"ssh_keys\"", "cut short"},
    {"{\"ssh_keys\":", "cut short"},
    {"{\"ssh_keys\":[", "cut short"},
    {"{\"ssh_keys\":[{", "cut short"},
    {"{\"ssh_keys\":[{\"key\":\"k", "cut short"},
    {"{\"ssh_keys\":[{\"key\":\"k\\", "cut short"},
    {"{\"ssh_keys\":[{\"key\":\"k\\u00", "cut short"},
    {"{\"ssh_keys\":[{\"key\":\"k\"}", "cut short"},
    {"{\"ssh_keys\":[{\"key\":\"k\"}]", "cut short"},
    {"{\"ssh_keys\":[{\"key\":\"k\"}],", "cut short"},
    {"{\"ssh_keys\":[],}", "name expected"},
    {"{,\"ssh_keys\":[]}", "name expected"},
    {"{\"ssh_keys\":[]},", "behind the end"},
    {"{\"ssh_keys\":[]}{}", "behind the end"},
    {"{\"ssh_keys\":[]}\x01", "behind the end"},
    {"{\"ssh_keys\" []}", "':' expected"},
    {"{\"ssh_keys\"=[]}", "':' expected"},
    {"{ssh_keys:[]}", "name expected"},
    {"{'ssh_keys':[]}", "name expected"},
    {"{\"ssh_keys\":[,]}", "value expected"},
    {"{\"ssh_keys\":[{\"key\":\"k\"},]}", "value expected"},
    {"{\"ssh_keys\":[{\"key\":\"k\"} {\"key\":\"l\"}]}", "comma"},
    {"{\"ssh_keys\":[{\"key\":\"k\"}}", "comma"},
    {"{\"ssh_keys\":[{\"key\":\"k\"]}", "comma"},
    {"{\"a\":nul,\"ssh_keys\":[]}", "value expected"},
    {"{\"a\":nulls,\"ssh_keys\":[]}", "comma"},
    {"{\"a\":True,\"ssh_keys\":[]}", "value expected"},
    {"{\"a\":NaN,\"ssh_keys\":[]}", "value expected"},
    {"{\"a\":01,\"ssh_keys\":[]}", "comma"},
    {"{\"a\":+1,\"ssh_keys\":[]}", "value expected"},
    {"{\"a\":-,\"ssh_keys\":[]}", "value expected"},
    {"{\"a\":1.,\"ssh_keys\":[]}", "digit expected"},
    {"{\"a\":.5,\"ssh_keys\":[]}", "value expected"},
    {"{\"a\":1e,\"ssh_keys\":[]}", "digit expected"},
    {"{\"a\":1e+-1,\"ssh_keys\":[]}", "digit expected"},
    {"{\"a\":0x1,\"ssh_keys\":[]}", "comma"},
    {"{/**/\"ssh_keys\":[]}", "name expected"},
    {"{\"a\":\"\\x\",\"ssh_keys\":[]}", "bad escape"},
    {"{\"a\":\"\\u12g4\",\"ssh_keys\":[]}", "bad escape"},
    {"{\"a\":\"\\u12\",\"ssh_keys\":[]}", "bad escape"},
    {"{\"a\":\"\\U0041\",\"ssh_keys\":[]}", "bad escape"},
    {"{\"a\":\"x\ny\",\"ssh_keys\":[]}", "control character"},
    {"{\"a\":\"\x1f\",\"ssh_keys\":[]}", "control character"},
    {"{\"a\n\":1,\"ssh_keys\":[]}", "control character"},
    {"{\"a\":\"\x80\",\"ssh_keys\":[]}", "no UTF-8"},
    {"{\"a\":\"\xc0\xaf\",\"ssh_keys\":[]}", "no UTF-8"},
    {"{\"a\":\"\xc3(\",\"ssh_keys\":[]}", "no UTF-8"},
    {"{\"a\":\"\xe0\x80\xaf\",\"ssh_keys\":[]}", "no UTF-8"},
    {"{\"a\":\"\xed\xa0\x80\",\"ssh_keys\":[]}", "no UTF-8"},
    {"{\"a\":\"\xf0\x80\x80\xaf\",\"ssh_keys\":[]}", "no UTF-8"},
    {"{\"a\":\"\xf4\x90\x80\x80\",\"ssh_keys\":[]}", "no UTF-8"},
    {"{\"a\":\"\xf5\x80\x80\x80\",\"ssh_keys\":[]}", "no UTF-8"},
    {"{\"a\":\"\xff\",\"ssh_keys\":[]}", "no UTF-8"},
    {"{\"\xc3\":1,\"ssh_keys\":[]}", "no UTF-8"},
    {"{\"ssh_keys\":[{\"key\":\"k\",\"label\":\"\xe2\x82\"}]}", "no UTF-8"},
};

static void
test_no_list(void **state)
{
	struct decode_page page;
	struct keyset ks;
	struct error err;
	size_t i;

	(void)state;
	for (i = 0; i < N(no_lists); i++) {
		if (list(no_lists[i][0], strlen(no_lists[i][0]), &ks, &page,
			&err) == 0)
			fail_msg("%s: taken", no_lists[i][0]);
		if (strstr(err.text, no_lists[i][1]) == NULL)
			fail_msg("%s: %s", no_lists[i][0], err.text);
		keyset_free(&ks);
	}
}

/* No part of an answer is an answer. */
static void
test_cut_anywhere(void **state)
{
	static const char body[] =
	    "{\"x\":[1.5e3,true,\"\xc3\xa9\\u00e9\"],"
	    "\"ssh_keys\":[{\"id\":\"" U1 "\",\"key\":\"" KEY "\",\"tags\":"
	    "[\"a\"],\"owner\":{\"href\":\"/users/" U1 "\"}}],\"meta\":null}";
	struct decode_page page;
	struct keyset ks;
	struct error err;
	size_t len;

	(void)state;
	for (len = 0; len < strlen(body); len++) {
		assert_int_equal(list(body, len, &ks, &page, &err), -1);
		keyset_free(&ks);
	}
	assert_int_equal(list(body, len, &ks, &page, &err), 0);
	keyset_free(&ks);
	/* The terminating NUL is no white space. */
	assert_int_equal(list(body, len + 1, &ks, &page, &err), -1);
	keyset_free(&ks);
}

static void
check_deep(char open, char close, size_t depth, int expected)
{
	static const char head[] = "{\"ssh_keys\":[],\"x\":";
	size_t i, at = strlen(head), len = at + 6 * depth + 2;
	char *body = malloc(len);
	struct decode_page page;
	struct keyset ks;
	struct error err;

	assert_non_null(body);
	memcpy(body, head, at);
	for (i = 0; i < depth; i++) {
		body[at++] = open;
		if (open == '{') {
			memcpy(body + at, "\"a\":", 4);
			at += 4;
		}
	}
	if (open == '{')
		body[at++] = '1';
	for (i = 0; i < depth; i++)
		body[at++] = close;
	body[at++] = '}';
	assert_int_equal(list(body, at, &ks, &page, &err), expected);
	if (expected == -1)
		assert_non_null(strstr(err.text, "nested too deep"));
	keyset_free(&ks);
	free(body);
}

static void
test_depth(void **state)
{
	(void)state;
	check_deep('[', ']', 100, 0);
	check_deep('{', '}', 100, 0);
	check_deep('[', ']', 511, 0);
	check_deep('[', ']', 512, -1);
	check_deep('{', '}', 200000, -1);
	check_deep('[', ']', 200000, -1);
}

static void
test_next(void **state)
{
	char body[LIMIT_URL + 100], href[LIMIT_URL + 1];
	struct decode_page page;
	struct keyset ks;
	struct error err;
	size_t len;

	(void)state;
	memset(href, 'a', sizeof(href));
	for (len = LIMIT_URL - 1; len <= LIMIT_URL; len++) {
		(void)snprintf(body, sizeof(body),
		    "{\"ssh_keys\":[],"
		    "\"meta\":{\"next\":{\"href\":\"%.*s\"}}}",
		    (int)len, href);
		assert_int_equal(list(body, strlen(body), &ks, &page, &err),
		    len < LIMIT_URL ? 0 : -1);
		assert_int_equal(strlen(page.next), len < LIMIT_URL ? len : 0);
		keyset_free(&ks);
	}
}

static void
test_too_many(void **state)
{
	static const char unit[] = "{\"key\":\"\"},";
	size_t i, n = LIMIT_KEYS + 1, at = 0;
	char *body = malloc(n * sizeof(unit) + 32);
	struct decode_page page;
	struct keyset ks;
	struct error err;

	(void)state;
	assert_non_null(body);
	at = (size_t)sprintf(body, "{\"ssh_keys\":[");
	for (i = 0; i < n; i++) {
		memcpy(body + at, unit, sizeof(unit) - 1);
		at += sizeof(unit) - 1;
	}
	memcpy(body + at - 1, "]}", 2);
	assert_int_equal(list(body, at + 1, &ks, &page, &err), -1);
	assert_non_null(strstr(err.text, "answer holds more than "));
	keyset_free(&ks);
	/* One less is fine. */
	memcpy(body + at - sizeof(unit), "]}", 2);
	assert_int_equal(
	    list(body, at + 2 - sizeof(unit), &ks, &page, &err), 0);
	assert_int_equal(ks.n, LIMIT_KEYS);
	/* Nor do further pages go over it. */
	assert_int_equal(decode_key_list("{\"ssh_keys\":[{\"key\":\"\"}]}", 25,
			     &ks, &page, &err),
	    -1);
	keyset_free(&ks);
	free(body);
}

static void
test_pages_append(void **state)
{
	static const char p1[] = "{\"ssh_keys\":[{\"key\":\"1\"}]}",
			  p2[] = "{\"ssh_keys\":[{\"key\":\"2\"}]}",
			  p3[] = "{\"ssh_keys\":[]}";
	struct decode_page page;
	struct keyset ks;
	struct error err;

	(void)state;
	keyset_init(&ks);
	assert_int_equal(decode_key_list(p1, strlen(p1), &ks, &page, &err), 0);
	assert_int_equal(decode_key_list(p2, strlen(p2), &ks, &page, &err), 0);
	assert_int_equal(decode_key_list(p3, strlen(p3), &ks, &page, &err), 0);
	assert_int_equal(ks.n, 2);
	assert_string_equal(ks.v[0].text, "1");
	assert_string_equal(ks.v[1].text, "2");
	keyset_free(&ks);
}

static void
test_metadata(void **state)
{
	static const char body[] =
	    "{\"id\":\"" U1 "\",\"hostname\":\"h\","
	    "\"ssh_keys\":[\"" KEY "\",null,\"ssh-rsa \\u0000\",{}],"
	    "\"customdata\":{\"ssh_keys\":1,\"id\":2},\"tags\":[]}";
	char device[PORTAL_UUID_SIZE], *copy = exact(body, strlen(body));
	struct keyset ks;
	struct error err;

	(void)state;
	keyset_init(&ks);
	assert_int_equal(
	    decode_metadata(copy, strlen(body), device, &ks, &err), 0);
	assert_string_equal(device, U1);
	assert_int_equal(ks.n, 4);
	assert_string_equal(ks.v[0].text, KEY);
	assert_string_equal(ks.v[0].label, "");
	assert_null(ks.v[1].text);
	assert_string_equal(ks.v[2].text, "ssh-rsa ?");
	assert_null(ks.v[3].text);
	keyset_free(&ks);
	memset(device, 'x', sizeof(device));
	assert_int_equal(
	    decode_metadata(copy, strlen(body), device, NULL, &err), 0);
	assert_string_equal(device, U1);
	free(copy);
}

static void
test_metadata_faults(void **state)
{
	/* With the list; without it; the device that remains. */
	static const struct {
		const char *body;
		int with, without;
		const char *device;
	} rows[] = {
	    {"{\"ssh_keys\":[]}", 0, 0, ""},
	    {"{\"ssh_keys\":[],\"id\":null}", 0, 0, ""},
	    {"{\"ssh_keys\":[],\"id\":\"i-0123\"}", 0, 0, ""},
	    {"{\"ssh_keys\":[],\"id\":[\"" U1 "\"]}", 0, 0, ""},
	    {"{\"id\":\"" U1 "\"}", -1, 0, U1},
	    {"{\"id\":\"" U1 "\",\"ssh_keys\":null}", -1, 0, U1},
	    {"{\"id\":\"" U1 "\",\"ssh_keys\":{}}", -1, 0, U1},
	    {"{\"id\":\"" U1 "\",\"ssh_keys\":\"k\"}", -1, 0, U1},
	    {"{\"id\":\"" U1 "\",\"ssh_keys\":[{\"href\":\"x\"}]}", -1, 0, U1},
	    {"{\"id\":\"" U1 "\",\"id\":\"" U1 "\",\"ssh_keys\":[]}", -1, -1,
		""},
	    {"{\"id\":\"" U1 "\",\"ssh_keys\":[]", -1, -1, ""},
	    {"{\"id\":\"" U1 "\",\"ssh_keys\":[]} x", -1, -1, ""},
	    {"", -1, -1, ""},
	    {"<html>", -1, -1, ""},
	    {"Not Acceptable", -1, -1, ""},
	    {"[]", -1, -1, ""},
	    {"null", -1, -1, ""},
	};
	char device[PORTAL_UUID_SIZE];
	struct keyset ks;
	struct error err;
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		size_t len = strlen(rows[i].body);
		char *copy = exact(rows[i].body, len);

		keyset_init(&ks);
		assert_int_equal(decode_metadata(copy, len, device, &ks, &err),
		    rows[i].with);
		if (rows[i].with == 0)
			assert_string_equal(device, rows[i].device);
		else
			assert_string_equal(device, "");
		keyset_free(&ks);
		assert_int_equal(decode_metadata(copy, len, device, NULL, &err),
		    rows[i].without);
		assert_string_equal(device, rows[i].device);
		free(copy);
	}
}

static void
test_device(void **state)
{
	/* The project, or NULL where that must fail. */
	static const char *const rows[][2] = {
	    {"{\"project\":{\"href\":\"/projects/" U1 "\"}}", U1},
	    {"{\"id\":\"x\",\"project\":{\"href\":\"/metal/v1/projects/" U2
	     "\"}}",
		U2_LOW},
	    {"{\"project\":{\"href\":\"https://h/projects/" U1 "\"}}", U1},
	    {"{\"project\":{\"id\":\"" U1 "\",\"name\":\"p\"}}", U1},
	    {"{\"project\":{\"href\":\"/p\",\"id\":\"" U1 "\"}}", U1},
	    {"{\"project\":{\"id\":\"" U2 "\",\"href\":\"/projects/" U1 "\"}}",
		U1},
	    {"{\"project\":{\"href\":\"/users/" U1 "\"}}", NULL},
	    {"{\"project\":{\"href\":\"/projects/1\"}}", NULL},
	    {"{\"project\":{\"id\":\"1\"}}", NULL},
	    {"{\"project\":{}}", NULL},
	    {"{\"project\":null}", NULL},
	    {"{\"project\":\"" U1 "\"}", NULL},
	    {"{\"project\":[]}", NULL},
	    {"{}", NULL},
	    {"", NULL},
	    {"<html>", NULL},
	    {"{\"project\":{\"id\":\"" U1 "\"},\"project\":null}", NULL},
	    {"{\"project\":{\"id\":\"" U1 "\",\"id\":\"" U2 "\"}}", NULL},
	    {"{\"project\":{\"id\":\"" U1 "\"}", NULL},
	    {"{\"project\":{\"id\":\"" U1 "\"}}x", NULL},
	    {"{\"project\":{\"id\":\"" U1 "\"},\"x\":tru}", NULL},
	};
	char project[PORTAL_UUID_SIZE];
	struct error err;
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		const char *expected = rows[i][1];
		int r;

		memset(project, 'x', sizeof(project));
		r = decode_device(
		    rows[i][0], strlen(rows[i][0]), project, &err);
		assert_int_equal(r, expected == NULL ? -1 : 0);
		assert_string_equal(project, expected == NULL ? "" : expected);
	}
}

static void
test_error_text(void **state)
{
	static const char *const rows[][2] = {
	    {"{\"error\":\"Invalid authentication token\"}",
		"Invalid authentication token"},
	    {"{\"errors\":[\"a\",\"b\"]}", "a; b"},
	    {"{\"errors\":\"a\"}", "a"},
	    {"{\"error\":\"a\",\"errors\":[\"b\",2,{},\"c\"]}", "a; b; c"},
	    {"{\"error\":\"line\\nfeed\\u001b[2J\\u0000\"}", "line?feed?[2J?"},
	    {"{\"error\":\"\xe2\x80\xae\"}", "?"},
	    {"{\"error\":{\"message\":\"a\"}}", ""},
	    {"{\"errors\":[]}", ""},
	    {"{\"error\":null}", ""},
	    {"{\"message\":\"a\"}", ""},
	    {"{\"error\":\"a\"", ""},
	    {"{\"error\":\"a\"} x", ""},
	    {"{\"errors\":[\"a\"", ""},
	    {"<html>502 Bad Gateway</html>", ""},
	    {"[\"a\"]", ""},
	    {"\"a\"", ""},
	    {"", ""},
	};
	char text[32], tiny[6];
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		memset(text, 'x', sizeof(text));
		decode_error_text(
		    rows[i][0], strlen(rows[i][0]), text, sizeof(text));
		assert_string_equal(text, rows[i][1]);
	}
	decode_error_text(rows[0][0], strlen(rows[0][0]), tiny, sizeof(tiny));
	assert_string_equal(tiny, "Inval");
	decode_error_text(
	    "{\"errors\":[\"abc\",\"d\",\"e\"]}", 26, tiny, sizeof(tiny));
	assert_string_equal(tiny, "abc; ");
	decode_error_text(NULL, 0, tiny, sizeof(tiny));
	assert_string_equal(tiny, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_original_shape),
	    cmocka_unit_test(test_later_shape),
	    cmocka_unit_test(test_empty_list),
	    cmocka_unit_test(test_no_list),
	    cmocka_unit_test(test_cut_anywhere),
	    cmocka_unit_test(test_depth),
	    cmocka_unit_test(test_next),
	    cmocka_unit_test(test_too_many),
	    cmocka_unit_test(test_pages_append),
	    cmocka_unit_test(test_metadata),
	    cmocka_unit_test(test_metadata_faults),
	    cmocka_unit_test(test_device),
	    cmocka_unit_test(test_error_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
