/* SPDX-License-Identifier: ISC */
/* Which URLs a config may name, and what a uuid is. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/limits.h"
#include "base/url.h"

static void
check_all(const char *const *urls, size_t n, const char *reason)
{
	struct error err;
	size_t i;

	for (i = 0; i < n; i++) {
		err.text[0] = '\0';
		if (url_check(urls[i], &err) != (reason == NULL ? 0 : -1))
			fail_msg("\"%s\": %s", urls[i], err.text);
		if (reason != NULL && strstr(err.text, reason) == NULL)
			fail_msg("\"%s\": \"%s\" has no \"%s\"", urls[i],
			    err.text, reason);
		assert_int_equal(
		    url_check(urls[i], NULL), reason == NULL ? 0 : -1);
	}
}

#define CHECK(reason, ...)                                               \
	do {                                                             \
		static const char *const urls[] = {__VA_ARGS__};         \
		check_all(urls, sizeof(urls) / sizeof(urls[0]), reason); \
	} while (0)

static void
test_good(void **state)
{
	(void)state;
	CHECK(NULL, "https://api.equinix.com/metal/v1", "https://h",
	    "https://h/", "HTTPS://H.example/", "https://h:1", "https://h:443/",
	    "https://h:8989/", "https://h:65535/a/b", "https://10.0.0.1/x",
	    "https://h_1-2.test", "https://[2001:db8::1]/",
	    "https://[2001:db8::1]:8443/x", "https://[::ffff:192.0.2.1]",
	    /* The longest address there is. */
	    "https://[1111:2222:3333:4444:5555:6666:123.123.123.123]/",
	    "https://h/a:b@c/%20;=&,~!$'()*+");
}

static void
test_loopback(void **state)
{
	(void)state;
	CHECK(NULL, "http://127.0.0.1", "http://127.0.0.1:8080/metal/v1",
	    "http://127.255.255.254/", "http://[::1]", "http://[::1]:80/x",
	    "http://localhost", "http://LocalHost:1/", "HTTP://localhost/",
	    "https://localhost");
}

/* A token must not leave the machine in plain text. */
static void
test_plain_elsewhere(void **state)
{
	(void)state;
	CHECK("must start with https://", "http://h", "http://10.0.0.1/",
	    "http://126.255.255.255/", "http://128.0.0.1/",
	    "http://localhost.example/", "http://127.0.0.1.example/",
	    "http://127.1/", "http://2130706433/", "http://0x7f.0.0.1/",
	    "http://[::2]/", "http://[::]/", "http://[::ffff:127.0.0.1]/",
	    "http://0.0.0.0/", "http://localhost./", "http://xlocalhost/");
}

static void
test_scheme(void **state)
{
	(void)state;
	CHECK("must start with https://", "", "h", "https", "https:", "https:/",
	    "https:h", "ftp://h/", "file:///etc/passwd", "//h/", "/h",
	    "xhttps://h", "httpss://h");
}

/* What looks like one host to us and like another one to libcurl. */
static void
test_authority(void **state)
{
	(void)state;
	CHECK("user name", "https://u@h/", "https://u:p@h/", "https://@h/",
	    "http://localhost@h/", "http://127.0.0.1:80@h/", "https://h@");
	CHECK("bad port", "https://h:/", "https://h:0/", "https://h:65536/",
	    "https://h:99999/", "https://h:100000/", "https://h:000443/",
	    "https://h:+1/", "https://h:1a/", "https://h:-1/",
	    "https://[::1]:", "https://:x/", "https://a:b:c/",
	    "http://[::1]:0");
	CHECK("bad host name", "https://", "https:///", "https:///x",
	    "https://:443/", "https://h%20/", "https://h,i/", "https://h;x/",
	    "https://h!/", "https://[]/", "https://[]:1/", "https://[h]/",
	    "https://[:::]/", "https://[::1]x/", "https://x[::1]/",
	    "https://[127.0.0.1]/", "https://[fe80::1%25eth0]/",
	    "https://[::1]]/", "https://[[::1]/", "https://a:b:1/",
	    "https://::1/", "https://[::1/", "https://[::1",
	    "https://[1111:2222:3333:4444:5555:6666:123.123.123.1234]",
	    "https://[1111:2222:3333:4444:5555:6666:123.123.123.12345]",
	    "https://[1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb]");
}

static void
test_query_and_characters(void **state)
{
	(void)state;
	CHECK("query or fragment", "https://h?q", "https://h/?", "https://h#",
	    "https://h/a#b", "http://localhost?x");
	CHECK("character", "https://h/a b", " https://h", "https://h ",
	    "https://h\t", "https://h/\n", "https://h/\rX-A: b",
	    "https://h/\x7f", "https://h/\x01", "https://h/\xc3\xab",
	    "https://h/\"", "https://h/<", "https://h/>", "https://h\\i/",
	    "https://h/^", "https://h/`", "https://h/{a}", "https://h/}",
	    "https://h/|");
}

static void
test_lengths(void **state)
{
	char url[LIMIT_URL + 1];
	struct error err;
	size_t len;

	(void)state;
	memset(url, 'a', sizeof(url));
	memcpy(url, "https://h/", 10);
	url[LIMIT_URL - 1] = '\0';
	assert_int_equal(url_check(url, &err), 0);
	url[LIMIT_URL - 1] = 'a';
	url[LIMIT_URL] = '\0';
	assert_int_equal(url_check(url, &err), -1);
	assert_string_equal(err.text, "is too long");
	/* A host of 253 characters is the longest that DNS knows. */
	memset(url, 'a', 8 + 254);
	memcpy(url, "https://", 8);
	url[8 + 253] = '\0';
	assert_int_equal(url_check(url, &err), 0);
	url[8 + 253] = 'a';
	url[8 + 254] = '\0';
	assert_int_equal(url_check(url, &err), -1);
	assert_string_equal(err.text, "has a bad host name");
	/* Around the longest host with a port, or without. */
	for (len = 250; len < 270; len++) {
		memset(url, 'a', sizeof(url));
		memcpy(url, "https://", 8);
		(void)strcpy(url + 8 + len, "/x");
		assert_int_equal(url_check(url, NULL), len <= 253 ? 0 : -1);
		(void)strcpy(url + 8 + len, ":65535");
		assert_int_equal(url_check(url, NULL), len <= 253 ? 0 : -1);
	}
	/* Without a slash it is all host. */
	memset(url, 'a', LIMIT_URL - 1);
	memcpy(url, "https://", 8);
	url[LIMIT_URL - 1] = '\0';
	assert_int_equal(url_check(url, &err), -1);
}

static void
test_uuid(void **state)
{
	static const char *const bad[] = {"", "0",
	    "0a1b2c3d-4e5f-6789-abcd-ef012345678",
	    "0a1b2c3d-4e5f-6789-abcd-ef01234567890",
	    "0a1b2c3d-4e5f-6789-abcd-ef012345678g",
	    "0a1b2c3d-4e5f-6789-abcd-ef01234567 9",
	    "0a1b2c3d04e5f-6789-abcd-ef0123456789",
	    "0a1b2c3d-4e5f06789-abcd-ef0123456789",
	    "0a1b2c3d-4e5f-67890abcd-ef0123456789",
	    "0a1b2c3d-4e5f-6789-abcd0ef0123456789",
	    "-a1b2c3d-4e5f-6789-abcd-ef0123456789",
	    "0a1b2c3d4-e5f-6789-abcd-ef0123456789",
	    "{a1b2c3d-4e5f-6789-abcd-ef012345678}",
	    "0a1b2c3d-4e5f-6789-abcd-ef012345678/"};
	size_t i;

	(void)state;
	assert_true(uuid_ok("0a1b2c3d-4e5f-6789-abcd-ef0123456789"));
	assert_true(uuid_ok("0A1B2C3D-4E5F-6789-ABCD-EF0123456789"));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (uuid_ok(bad[i]))
			fail_msg("\"%s\" taken", bad[i]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_good),
	    cmocka_unit_test(test_loopback),
	    cmocka_unit_test(test_plain_elsewhere),
	    cmocka_unit_test(test_scheme),
	    cmocka_unit_test(test_authority),
	    cmocka_unit_test(test_query_and_characters),
	    cmocka_unit_test(test_lengths),
	    cmocka_unit_test(test_uuid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
