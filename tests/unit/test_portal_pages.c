/* SPDX-License-Identifier: ISC */
/* Where the answers lead: pages, redirects, other origins, entity tags. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "portal/link.h"
#include "tests/unit/portal_fixture.h"

#define PERSONAL SOURCE_BIT(SOURCE_PERSONAL)
#define PAGE(key, href)                          \
	"{\"ssh_keys\":[{\"key\":\"" key "\"}]," \
	"\"meta\":{\"next\":{\"href\":\"" href "\"}}}"
#define N(a) (sizeof(a) / sizeof((a)[0]))

static void
test_pages(void **state)
{
	static const struct httpd_route routes[] = {
	    {.path = MY_KEYS,
		.status = 200,
		.etag = "\"p1\"",
		.body = PAGE("1", "/metal/v1/ssh-keys?page=2")},
	    {.path = MY_KEYS "?page=2",
		.status = 200,
		.body = PAGE("2", "?page=3#here")},
	    {.path = MY_KEYS "?page=3",
		.status = 200,
		.etag = "\"p3\"",
		.body = PAGE("3", "./ssh-keys?page=4")},
	    {.path = MY_KEYS "?page=4", .status = 200, .body = LIST("4")}};
	const struct portal_source *s;
	struct fixture f;
	size_t i;

	(void)state;
	FIXTURE(f, routes);
	fixture_fetch(&f, PERSONAL, false);
	s = &f.src[SOURCE_PERSONAL];
	assert_string_equal(s->reason, "");
	assert_int_equal(s->outcome, PORTAL_NEW);
	assert_int_equal(s->keys.n, 4);
	for (i = 0; i < 4; i++)
		assert_int_equal(s->keys.v[i].text[0], '1' + i);
	/* A tag of one page says nothing about the list. */
	assert_string_equal(s->etag, "");
	assert_string_equal(httpd_last(&f.d, MY_KEYS "?page=4")->token, TOKEN);
	fixture_stop(&f);
}

/* Without its last page the list is not known. */
static void
test_page_missing(void **state)
{
	static const struct httpd_route routes[] = {
	    {.path = MY_KEYS,
		.status = 200,
		.body = PAGE("1", "/metal/v1/ssh-keys?page=2")},
	    {.path = MY_KEYS "?page=2",
		.status = 500,
		.body = "{\"error\":\"oops\"}"}};
	struct fixture f;

	(void)state;
	FIXTURE(f, routes);
	fixture_fetch(&f, PERSONAL, false);
	assert_failed(f, SOURCE_PERSONAL, "portal answered 500 (oops)");
	fixture_stop(&f);
}

static void
test_page_circles(void **state)
{
	static const struct httpd_route self[] = {{.path = MY_KEYS,
	    .status = 200,
	    .body = PAGE("1", "/metal/v1/ssh-keys")}},
					two[] = {{.path = MY_KEYS,
						     .status = 200,
						     .body = PAGE("1", "?p=2")},
					    {.path = MY_KEYS "?p=2",
						.status = 200,
						.body = PAGE("2", "?p=3")},
					    {.path = MY_KEYS "?p=3",
						.status = 200,
						.body = PAGE("3",
						    "../v1/ssh-keys?p=2")}};
	struct fixture f;

	(void)state;
	FIXTURE(f, self);
	fixture_fetch(&f, PERSONAL, false);
	assert_failed(f, SOURCE_PERSONAL, "run in a circle");
	assert_int_equal(httpd_count(&f.d, NULL), 1);
	fixture_stop(&f);
	FIXTURE(f, two);
	fixture_fetch(&f, PERSONAL, false);
	assert_failed(f, SOURCE_PERSONAL, "run in a circle");
	assert_int_equal(httpd_count(&f.d, NULL), 3);
	fixture_stop(&f);
}

/* One more page each time. */
static void
act_endless(int fd, const struct httpd_request *req)
{
	char body[256];

	(void)snprintf(body, sizeof(body),
	    "{\"ssh_keys\":[],\"meta\":{"
	    "\"next\":{\"href\":\"/p?%u\"}}}",
	    (unsigned)(req->path[2] == '?' ? atoi(req->path + 3) + 1 : 1));
	httpd_answer(fd, 200, NULL, body, strlen(body));
}

static void
test_page_endless(void **state)
{
	struct httpd_route routes[LIMIT_PAGES + 2];
	char paths[LIMIT_PAGES + 2][16];
	struct fixture f;
	size_t i;

	(void)state;
	routes[0] = (struct httpd_route){.path = MY_KEYS, .act = act_endless};
	for (i = 1; i < N(routes); i++) {
		(void)snprintf(
		    paths[i], sizeof(paths[i]), "/p?%u", (unsigned)i);
		routes[i] =
		    (struct httpd_route){.path = paths[i], .act = act_endless};
	}
	FIXTURE(f, routes);
	fixture_fetch(&f, PERSONAL, false);
	assert_failed(f, SOURCE_PERSONAL, "the list has more than ");
	assert_int_equal(httpd_count(&f.d, NULL), LIMIT_PAGES);
	fixture_stop(&f);
}

/* Nothing may send the token anywhere else. */
static void
test_other_origin(void **state)
{
	static const char *const hrefs[] = {
	    "http://127.0.0.1:%d/metal/v1/ssh-keys?page=2",
	    "http://localhost:%d/metal/v1/ssh-keys?page=2",
	    "//127.0.0.1:%d/metal/v1/ssh-keys?page=2", "https://127.0.0.1:%d/x",
	    "ftp://127.0.0.1:%d/x", "http://user@127.0.0.1:%d/x",
	    "http://127.0.0.1.:%d/", "file:///etc/passwd",
	    "\\\\\\\\127.0.0.1:%d\\\\x", "/a b%d", "/a\\n%d", "/\xc3\xa9%d",
	    "http://[::1]:%d/x", "http:", "http://", "http://127.0.0.1:99999/x",
	    "gopher://127.0.0.1:%d/_x"};
	struct httpd other;
	struct fixture f;
	size_t i;
	char body[512], href[256];
	struct httpd_route mine[] = {
	    {.path = MY_KEYS, .status = 200, .body = body}};
	static const struct httpd_route theirs[] = {
	    {.path = MY_KEYS "?page=2", .status = 200, .body = LIST("evil")}};

	(void)state;
	assert_int_equal(httpd_start(&other, theirs, N(theirs)), 0);
	for (i = 0; i < N(hrefs); i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		(void)snprintf(href, sizeof(href), hrefs[i], other.port);
#pragma GCC diagnostic pop
		(void)snprintf(body, sizeof(body), PAGE("1", "%s"), href);
		FIXTURE(f, mine);
		fixture_fetch(&f, PERSONAL, false);
		assert_failed(f, SOURCE_PERSONAL, "the next page's address ");
		assert_int_equal(httpd_count(&f.d, NULL), 1);
		fixture_stop(&f);
	}
	assert_int_equal(httpd_count(&other, NULL), 0);
	httpd_stop(&other);
}

static void
test_follow(void **state)
{
	static const char page[] = "https://api.example.net/metal/v1/a?b=c";
	static const char *const good[][2] = {
	    {"/x", "https://api.example.net/x"},
	    {"https://API.example.NET:443/y", "https://API.example.NET:443/y"},
	    {"//api.example.net/y", "https://api.example.net/y"},
	    {"?d", "https://api.example.net/metal/v1/a?d"},
	    {"../../../z", "https://api.example.net/z"},
	    {"HTTPS://api.example.net/#f", "https://api.example.net/"}};
	static const char *const bad[] = {"http://api.example.net/x",
	    "https://api.example.net:444/x", "https://api.example.net.evil/x",
	    "https://evil@api.example.net/x", "https://:p@api.example.net/x",
	    "https://api.example.net@evil/x", "https://xapi.example.net/",
	    "https://api.example.net:0443x/", "https://evil/", "https:evil",
	    "https:///evil/x", "https://api.example.net%00/",
	    "https://api.example.net%2f@evil/", "//evil/x", "/\\evil", "\t/x"};
	char dst[LIMIT_URL], longest[LIMIT_URL + 8];
	struct error err;
	size_t i;

	(void)state;
	for (i = 0; i < N(good); i++) {
		assert_int_equal(link_follow(page, good[i][0], dst, &err), 0);
		assert_string_equal(dst, good[i][1]);
	}
	for (i = 0; i < N(bad); i++) {
		if (link_follow(page, bad[i], dst, &err) == 0)
			fail_msg("%s: %s", bad[i], dst);
		assert_string_equal(dst, "");
	}
	memset(longest, 'a', sizeof(longest));
	longest[0] = '/';
	longest[LIMIT_URL - 1] = '\0';
	assert_int_equal(link_follow(page, longest, dst, &err), -1);
}

static void
test_keep(void **state)
{
	static const char *const rows[][2] = {
	    {"https://h/m", "https://h/m?include=user"},
	    {"https://h/m?page=2", "https://h/m?page=2&include=user"},
	    {"https://h/include=x", "https://h/include=x?include=user"},
	    {"https://h/m?xinclude=1&includes=2&x=include",
		"https://h/m?xinclude=1&includes=2&x=include&include=user"},
	    {"https://h/m?include=user", NULL}, {"https://h/m?include=", NULL},
	    {"https://h/m?a&include", NULL},
	    {"https://h/m?a=b&include&c", NULL},
	    {"https://h/m?a=b&include=project&c", NULL}};
	char url[LIMIT_URL];
	struct error err;
	size_t i, len;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		(void)snprintf(url, sizeof(url), "%s", rows[i][0]);
		assert_int_equal(link_keep(url, "include", "user", &err), 0);
		assert_string_equal(url, rows[i][rows[i][1] != NULL]);
	}
	/* "?a=b" fits to the last byte, or not at all. */
	for (len = LIMIT_URL - 5; len <= LIMIT_URL - 4; len++) {
		memset(url, 'u', len);
		url[len] = '\0';
		if (len == LIMIT_URL - 5) {
			assert_int_equal(link_keep(url, "a", "b", &err), 0);
			assert_int_equal(strlen(url), LIMIT_URL - 1);
		} else {
			assert_int_equal(link_keep(url, "a", "b", &err), -1);
			assert_int_equal(strlen(url), len);
		}
	}
}

static void
test_redirects(void **state)
{
	static const int statuses[] = {300, 301, 302, 303, 307, 308};
	struct httpd other;
	struct fixture f;
	char location[128], words[64];
	struct httpd_route mine[] = {{.path = MY_KEYS, .headers = location},
	    {.path = META_PATH, .headers = location}};
	static const struct httpd_route theirs[] = {
	    {.path = "/ssh-keys", .status = 200, .body = LIST("evil")}};
	size_t i;

	(void)state;
	assert_int_equal(httpd_start(&other, theirs, N(theirs)), 0);
	(void)snprintf(location, sizeof(location),
	    "Location: %s/ssh-keys\r\nRefresh: 0; url=%s/ssh-keys\r\n",
	    other.origin, other.origin);
	for (i = 0; i < N(statuses); i++) {
		mine[0].status = mine[1].status = statuses[i];
		FIXTURE(f, mine);
		fixture_fetch(
		    &f, PERSONAL | SOURCE_BIT(SOURCE_METADATA), false);
		(void)snprintf(words, sizeof(words),
		    "portal answered %d (redirects are not followed)",
		    statuses[i]);
		assert_failed(f, SOURCE_PERSONAL, words);
		assert_failed(f, SOURCE_METADATA, "are not followed");
		fixture_stop(&f);
	}
	assert_int_equal(httpd_count(&other, NULL), 0);
	httpd_stop(&other);
}

/* What the environment says is not the administrator's configuration. */
static void
test_environment(void **state)
{
	static const struct httpd_route routes[] = {
	    {.path = MY_KEYS, .status = 200, .body = LIST("my")},
	    {.path = META_PATH, .status = 200, .body = META(DEV)}};
	static const char *const names[] = {"http_proxy", "https_proxy",
	    "all_proxy", "HTTPS_PROXY", "ALL_PROXY"};
	struct httpd other;
	struct fixture f;
	size_t i;

	(void)state;
	assert_int_equal(httpd_start(&other, NULL, 0), 0);
	for (i = 0; i < N(names); i++)
		assert_int_equal(setenv(names[i], other.origin, 1), 0);
	FIXTURE(f, routes);
	/* A proxy would be told the token of an http:// URL. */
	f.set.proxy = other.origin;
	fixture_fetch(&f, PERSONAL | SOURCE_BIT(SOURCE_METADATA), false);
	assert_new(f, SOURCE_PERSONAL, "my");
	assert_new(f, SOURCE_METADATA, "meta");
	assert_string_equal(httpd_last(&f.d, MY_KEYS)->authorization, "");
	assert_int_equal(httpd_count(&other, NULL), 0);
	fixture_stop(&f);
	for (i = 0; i < N(names); i++)
		assert_int_equal(unsetenv(names[i]), 0);
	httpd_stop(&other);
}

static void
test_etags(void **state)
{
	static char longest[LIMIT_ETAG + 16];
	static const char *const kept[] = {
	    "\"a\"", "W/\"a\"", "\"\"", "\"!#~\""};
	static const char *const dropped[] = {"a", "\"a", "a\"", "\"a\"b\"",
	    "\"a b\"", "w/\"a\"", "W/", "\"", "\"\x80\"", "\"\xc3\xa9\"",
	    "\"a\", \"b\"", "\"" TOKEN "\"", longest};
	struct fixture f;
	char etag[LIMIT_ETAG + 32];
	struct httpd_route routes[] = {
	    {.path = MY_KEYS, .status = 200, .body = LIST("my"), .etag = etag}};
	size_t i;

	(void)state;
	memset(longest, 'a', sizeof(longest) - 1);
	longest[0] = longest[LIMIT_ETAG - 1] = '"';
	longest[LIMIT_ETAG] = '\0';
	for (i = 0; i < N(kept) + N(dropped); i++) {
		bool keep = i < N(kept);

		(void)snprintf(etag, sizeof(etag), "%s",
		    keep ? kept[i] : dropped[i - N(kept)]);
		FIXTURE(f, routes);
		fixture_fetch(&f, PERSONAL, false);
		assert_new(f, SOURCE_PERSONAL, "my");
		assert_string_equal(
		    f.src[SOURCE_PERSONAL].etag, keep ? etag : "");
		fixture_fetch(&f, PERSONAL, false);
		assert_int_equal(f.src[SOURCE_PERSONAL].outcome,
		    keep ? PORTAL_UNCHANGED : PORTAL_NEW);
		fixture_stop(&f);
	}
	/* Nor is one sent that no snapshot of ours can hold. */
	(void)snprintf(etag, sizeof(etag), "\"x\"");
	FIXTURE(f, routes);
	fixture_fetch(&f, PERSONAL, false);
	(void)snprintf(
	    f.src[SOURCE_PERSONAL].etag, LIMIT_ETAG, "\"x\"\r\nX-Evil: 1");
	fixture_fetch(&f, PERSONAL, false);
	assert_new(f, SOURCE_PERSONAL, "my");
	assert_string_equal(httpd_last(&f.d, MY_KEYS)->etag, "");
	fixture_stop(&f);
}

static void
act_two_tags(int fd, const struct httpd_request *req)
{
	(void)req;
	/* Those of an interim answer are not of this one. */
	httpd_sends(fd, "HTTP/1.1 103 Early Hints\r\nETag: \"hint\"\r\n\r\n");
	httpd_answer(fd, 200,
	    req->nth == 1 ? "ETag: \"a\"\r\nETag: \"a\"\r\n" : NULL, LIST("my"),
	    strlen(LIST("my")));
}

static void
test_two_etags(void **state)
{
	static const struct httpd_route routes[] = {
	    {.path = MY_KEYS, .act = act_two_tags}};
	struct fixture f;

	(void)state;
	FIXTURE(f, routes);
	fixture_fetch(&f, PERSONAL, false);
	assert_new(f, SOURCE_PERSONAL, "my");
	assert_string_equal(f.src[SOURCE_PERSONAL].etag, "");
	fixture_fetch(&f, PERSONAL, false);
	assert_new(f, SOURCE_PERSONAL, "my");
	assert_string_equal(f.src[SOURCE_PERSONAL].etag, "");
	fixture_stop(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_pages),
	    cmocka_unit_test(test_page_missing),
	    cmocka_unit_test(test_page_circles),
	    cmocka_unit_test(test_page_endless),
	    cmocka_unit_test(test_other_origin),
	    cmocka_unit_test(test_follow),
	    cmocka_unit_test(test_keep),
	    cmocka_unit_test(test_redirects),
	    cmocka_unit_test(test_environment),
	    cmocka_unit_test(test_etags),
	    cmocka_unit_test(test_two_etags),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
