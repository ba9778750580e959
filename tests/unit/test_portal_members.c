/* SPDX-License-Identifier: ISC */
/* A project's members: all pages or nothing, of the project that is ours. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/portal_fixture.h"

#define ONLY SOURCE_BIT(SOURCE_MEMBERS)
#define FIRST MEMBERS(PRJ) MEMBERS_QUERY
#define NOBODY "\"00000000-0000-4000-8000-0000000000"
#define MEMBER(nn) "{\"roles\":[\"admin\"],\"user\":{\"id\":" NOBODY nn "\"}}"
#define PEOPLE(nn) "{\"memberships\":[" MEMBER(nn) "]}"
#define PAGE(nn, href)                                                         \
	"{\"memberships\":[" MEMBER(nn) "],"                                   \
					"\"meta\":{\"next\":{\"href\":\"" href \
					"\"}}}"
#define N(a) (sizeof(a) / sizeof((a)[0]))

/* A new list of one member, whose id ends so. */
#define assert_member(f, nn)                                               \
	do {                                                               \
		const struct portal_source *m_ = &(f).src[SOURCE_MEMBERS]; \
		if (m_->outcome != PORTAL_NEW)                             \
			fail_msg("%d %s", (int)m_->outcome, m_->reason);   \
		assert_int_equal(m_->members.n, 1);                        \
		assert_string_equal(m_->members.v[0].id + 34, nn);         \
	} while (0)

#define PEOPLE_IN_ALL 2500u
#define PER_PAGE 1000u

/* The page that the query names, of 2,500 members in pages of 1,000. */
static void
act_page(int fd, const struct httpd_request *req)
{
	static char body[PER_PAGE * 200];
	const char *query = strstr(req->path, "&page=");
	unsigned page = query == NULL ? 1 : (unsigned)atoi(query + 6);
	unsigned i = (page - 1) * PER_PAGE, end = page * PER_PAGE;
	size_t at;

	if (strstr(req->path, MEMBERS_QUERY) == NULL)
		httpd_answer(fd, 500, NULL, NULL, 0);
	at = (size_t)snprintf(body, sizeof(body), "{\"memberships\":[");
	for (; i < end && i < PEOPLE_IN_ALL; i++)
		at += (size_t)snprintf(body + at, sizeof(body) - at,
		    "%s{\"roles\":[\"collaborator\"],\"user\":{\"id\":"
		    "\"%08x-0000-4000-8000-000000000000\","
		    "\"email\":\"u%u@example.com\"}}",
		    i % PER_PAGE == 0 ? "" : ",", i, i);
	at += (size_t)snprintf(body + at, sizeof(body) - at, "],\"meta\":{");
	if (end < PEOPLE_IN_ALL)
		at += (size_t)snprintf(body + at, sizeof(body) - at,
		    "\"next\":{\"href\":\"%s&page=%u\"}", FIRST, page + 1);
	at += (size_t)snprintf(body + at, sizeof(body) - at, "}}");
	httpd_answer(fd, 200, "ETag: \"p\"\r\n", body, at);
}

static void
test_many(void **state)
{
	static const struct httpd_route routes[] = {
	    {.path = FIRST, .act = act_page},
	    {.path = FIRST "&page=2", .act = act_page},
	    {.path = FIRST "&page=3", .act = act_page}};
	const struct portal_source *s;
	struct fixture f;
	char email[64];
	size_t i;

	(void)state;
	FIXTURE(f, routes);
	fixture_ids(&f, DEV, PRJ);
	fixture_fetch(&f, ONLY, false);
	s = &f.src[SOURCE_MEMBERS];
	assert_string_equal(s->reason, "");
	assert_int_equal(s->outcome, PORTAL_NEW);
	assert_int_equal(s->members.n, PEOPLE_IN_ALL);
	for (i = 0; i < PEOPLE_IN_ALL; i++) {
		(void)snprintf(email, sizeof(email), "u%zu@example.com", i);
		assert_string_equal(s->members.v[i].email, email);
		assert_int_equal(s->members.v[i].nroles, 1);
		assert_string_equal(s->members.v[i].roles[0], "collaborator");
	}
	assert_string_equal(s->id, PRJ);
	assert_non_null(strstr(s->url, FIRST));
	/* A tag of one page says nothing about the list. */
	assert_string_equal(s->etag, "");
	assert_int_equal(httpd_count(&f.d, NULL), 3);
	for (i = 0; i < N(routes); i++)
		assert_string_equal(
		    httpd_last(&f.d, routes[i].path)->token, TOKEN);
	fixture_stop(&f);
}

/* Where the next page's address leaves out what was asked for. */
static void
test_query_kept(void **state)
{
	static const struct httpd_route routes[] = {
	    {.path = FIRST, .status = 200, .body = PAGE("01", "?page=2")},
	    {.path = MEMBERS(PRJ) "?page=2&include=user&per_page=1000",
		.status = 200,
		.body = PAGE("02", "?per_page=5&page=3&xinclude=1&include")},
	    {.path = MEMBERS(PRJ) "?per_page=5&page=3&xinclude=1&include",
		.status = 200,
		.body = PAGE("03", MEMBERS(PRJ))},
	    {.path = FIRST, .nth = 2, .status = 500}};
	struct fixture f;

	(void)state;
	FIXTURE(f, routes);
	fixture_ids(&f, DEV, PRJ);
	fixture_fetch(&f, ONLY, false);
	/* So the last of them is the first one again. */
	assert_failed(f, SOURCE_MEMBERS, "run in a circle");
	assert_int_equal(httpd_count(&f.d, NULL), 3);
	fixture_stop(&f);
}

/* Without any one of its pages the list is not known. */
static void
test_bad_page(void **state)
{
	static const struct {
		int status;
		const char *body, *words;
	} rows[] = {
	    {500, "{\"error\":\"oops\"}", "portal answered 500 (oops)"},
	    {404, "", "portal answered 404: project " PRJ},
	    {204, NULL, "portal answered 204, which is no list"},
	    {200, "", "answer is empty"},
	    {200, "<html>", "answer is HTML"},
	    {200, "{\"memberships\":[" MEMBER("02"), "cut short"},
	    {200, "{\"ssh_keys\":[]}", "answer has no memberships"},
	    {200, "{\"memberships\":{}}", "memberships is no list"},
	    {200, "{\"memberships\":[],\"error\":\"x\"}", "reports an error"},
	    {200, "{\"memberships\":[],\"meta\":3}", "meta is no object"},
	};
	struct httpd_route routes[] = {{.path = FIRST,
					   .status = 200,
					   .body = PAGE("01", FIRST "&page=2"),
					   .etag = "\"1\""},
	    {.path = FIRST "&page=2"}};
	struct fixture f;
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		routes[1].status = rows[i].status;
		routes[1].body = rows[i].body;
		FIXTURE(f, routes);
		f.set.project = PRJ;
		fixture_fetch(&f, ONLY, false);
		assert_failed(f, SOURCE_MEMBERS, rows[i].words);
		assert_string_equal(f.src[SOURCE_MEMBERS].etag, "");
		assert_string_equal(f.src[SOURCE_MEMBERS].id, PRJ);
		fixture_stop(&f);
	}
}

/* Nothing may send the token anywhere else. */
static void
test_other_origin(void **state)
{
	static const char *const hrefs[] = {"http://127.0.0.1:%d" FIRST,
	    "//127.0.0.1:%d" FIRST, "http://u@127.0.0.1:%d" FIRST};
	static const struct httpd_route theirs[] = {
	    {.path = FIRST, .status = 200, .body = PEOPLE("66")}};
	char body[1024], href[512];
	struct httpd_route mine[] = {
	    {.path = FIRST, .status = 200, .body = body}};
	struct httpd other;
	struct fixture f;
	size_t i;

	(void)state;
	assert_int_equal(httpd_start(&other, theirs, N(theirs)), 0);
	for (i = 0; i < N(hrefs); i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		(void)snprintf(href, sizeof(href), hrefs[i], other.port);
#pragma GCC diagnostic pop
		(void)snprintf(body, sizeof(body), PAGE("01", "%s"), href);
		FIXTURE(f, mine);
		fixture_ids(&f, DEV, PRJ);
		fixture_fetch(&f, ONLY, false);
		assert_failed(f, SOURCE_MEMBERS, "the next page's address ");
		assert_int_equal(httpd_count(&f.d, NULL), 1);
		fixture_stop(&f);
	}
	assert_int_equal(httpd_count(&other, NULL), 0);
	httpd_stop(&other);
}

static void
test_unchanged(void **state)
{
	static const struct httpd_route routes[] = {{.path = FIRST,
							.status = 200,
							.body = PEOPLE("01"),
							.etag = "\"m1\""},
	    {.path = MEMBERS(PRJ2) MEMBERS_QUERY,
		.status = 200,
		.body = PEOPLE("02"),
		.etag = "\"m1\""}};
	const struct portal_source *s;
	struct fixture f;

	(void)state;
	FIXTURE(f, routes);
	s = &f.src[SOURCE_MEMBERS];
	fixture_ids(&f, DEV, PRJ);
	fixture_fetch(&f, ONLY, false);
	assert_member(f, "01");
	assert_string_equal(s->etag, "\"m1\"");
	fixture_fetch(&f, ONLY, false);
	assert_int_equal(s->outcome, PORTAL_UNCHANGED);
	assert_int_equal(s->status, 304);
	assert_string_equal(s->etag, "\"m1\"");
	assert_string_equal(s->id, PRJ);
	assert_string_equal(httpd_last(&f.d, FIRST)->token, TOKEN);
	/* The tag was for the list of another project. */
	fixture_ids(&f, DEV, PRJ2);
	fixture_fetch(&f, ONLY, false);
	assert_member(f, "02");
	assert_string_equal(s->id, PRJ2);
	fixture_stop(&f);
}

static void
test_learned_project(void **state)
{
	static const struct httpd_route routes[] = {META_ROUTE, RECORD_ROUTE,
	    {.path = FIRST, .status = 200, .body = PEOPLE("01")}};
	struct fixture f;

	(void)state;
	/* Nothing is asked but what leads to the project's id. */
	FIXTURE(f, routes);
	fixture_fetch(&f, ONLY, false);
	assert_member(f, "01");
	assert_string_equal(f.src[SOURCE_MEMBERS].id, PRJ);
	assert_string_equal(f.ids.project, PRJ);
	assert_true(f.ids.learned_ms > 1600000000000);
	assert_int_equal(httpd_count(&f.d, NULL), 3);

	/* A learned id that is gone is learned anew. */
	fixture_ids(&f, DEV, PRJ2);
	fixture_fetch(&f, ONLY, false);
	assert_member(f, "01");
	assert_string_equal(f.ids.project, PRJ);
	assert_int_equal(httpd_count(&f.d, MEMBERS(PRJ2) MEMBERS_QUERY), 1);
	fixture_stop(&f);

	FIXTURE(f, routes);
	f.set.project = "none";
	fixture_fetch(&f, ONLY, false);
	assert_failed(f, SOURCE_MEMBERS, "project = none in the configuration");
	assert_int_equal(httpd_count(&f.d, NULL), 0);
	fixture_stop(&f);
}

/* Keys and members wait for the same id and fail apart. */
static void
test_beside_keys(void **state)
{
	static const struct httpd_route both[] = {META_ROUTE, RECORD_ROUTE,
	    PRJ_ROUTE, {.path = FIRST, .status = 200, .body = PEOPLE("01")}},
					keys[] = {META_ROUTE, RECORD_ROUTE,
					    PRJ_ROUTE};
	struct fixture f;

	(void)state;
	FIXTURE(f, both);
	fixture_fetch(&f, ONLY | SOURCE_BIT(SOURCE_PROJECT), false);
	assert_new(f, SOURCE_PROJECT, "prj");
	assert_member(f, "01");
	assert_int_equal(httpd_count(&f.d, NULL), 4);
	fixture_stop(&f);

	FIXTURE(f, keys);
	fixture_ids(&f, DEV, PRJ);
	fixture_fetch(&f, ONLY | SOURCE_BIT(SOURCE_PROJECT), false);
	assert_new(f, SOURCE_PROJECT, "prj");
	assert_failed(f, SOURCE_MEMBERS,
	    "portal answered 404: project " PRJ
	    " is not known there, or the token in /etc/packet-keys/token may "
	    "not see its members (Not found)");
	assert_int_equal(httpd_count(&f.d, PRJ_KEYS(PRJ)), 1);
	fixture_stop(&f);
}

/* It comes late, and with another device than was in use meanwhile. */
static void
act_late_meta(int fd, const struct httpd_request *req)
{
	(void)req;
	(void)usleep(600 * 1000);
	httpd_answer(fd, 200, NULL, META(DEV2), strlen(META(DEV2)));
}

static void
test_withdrawn(void **state)
{
	static const struct httpd_route routes[] = {
	    {.path = META_PATH, .act = act_late_meta},
	    {.path = FIRST, .status = 200, .body = PEOPLE("01")},
	    {.path = DEV_PATH(DEV2), .status = 200, .body = RECORD(PRJ2)},
	    {.path = MEMBERS(PRJ2) MEMBERS_QUERY,
		.status = 200,
		.body = PEOPLE("02")}};
	struct fixture f;

	(void)state;
	FIXTURE(f, routes);
	fixture_ids(&f, DEV, PRJ);
	fixture_fetch(&f, ONLY | SOURCE_BIT(SOURCE_METADATA), false);
	assert_new(f, SOURCE_METADATA, "meta");
	assert_member(f, "02");
	assert_string_equal(f.src[SOURCE_MEMBERS].id, PRJ2);
	assert_int_equal(httpd_count(&f.d, FIRST), 1);
	fixture_stop(&f);
}

static void
test_refused(void **state)
{
	static const struct {
		int status;
		const char *words;
	} rows[] = {
	    {401,
		"portal answered 401: the token in /etc/packet-keys/token "
		"was not accepted (no); if it is a project's token, it may "
		"not see the project's members"},
	    {403,
		"portal answered 403: the token in /etc/packet-keys/token "
		"may not read this (no); if it is a project's token, it "
		"may not see the project's members"},
	    {302, "redirects are not followed"},
	    {503, "portal answered 503 (no)"},
	};
	struct httpd_route routes[] = {
	    {.path = FIRST, .body = "{\"error\":\"no\"}"}};
	struct fixture f;
	struct error err;
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		routes[0].status = rows[i].status;
		FIXTURE(f, routes);
		f.set.project = PRJ;
		fixture_fetch(&f, ONLY, false);
		assert_failed(f, SOURCE_MEMBERS, rows[i].words);
		fixture_stop(&f);
	}
	FIXTURE(f, routes);
	f.set.project = PRJ;
	assert_non_null(f.p = portal_new(&f.set, NULL, &err));
	fixture_fetch(&f, ONLY, false);
	assert_failed(f, SOURCE_MEMBERS, "there is no token in /etc/");
	assert_int_equal(httpd_count(&f.d, NULL), 0);
	fixture_stop(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_many),
	    cmocka_unit_test(test_query_kept),
	    cmocka_unit_test(test_bad_page),
	    cmocka_unit_test(test_other_origin),
	    cmocka_unit_test(test_unchanged),
	    cmocka_unit_test(test_learned_project),
	    cmocka_unit_test(test_beside_keys),
	    cmocka_unit_test(test_withdrawn),
	    cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
