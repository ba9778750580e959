/* SPDX-License-Identifier: ISC */
/* A fleet's policy: from the customdata that is named, and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/portal_fixture.h"

#define ONLY SOURCE_BIT(SOURCE_FLEET)
#define POLICY "{ \"version\" :1, \"users\":{}}"
#define DATA(policy) \
	"{\"own\":[1],\"ssh_policy\": " policy " ,\"error\":\"mine\"}"
#define OF_PRJ CUSTOMDATA("project", PRJ)
#define OF_DEV CUSTOMDATA("device", DEV)
#define OF_ORG CUSTOMDATA("organization", ORG)
#define N(a) (sizeof(a) / sizeof((a)[0]))

#define assert_policy(f, text)                                           \
	do {                                                             \
		const struct portal_source *p_ = &(f).src[SOURCE_FLEET]; \
		if (p_->outcome != PORTAL_NEW)                           \
			fail_msg("%d %s", (int)p_->outcome, p_->reason); \
		assert_int_equal(p_->policy.len, strlen(text));          \
		if (p_->policy.len != 0)                                 \
			assert_memory_equal(                             \
			    p_->policy.data, text, p_->policy.len);      \
	} while (0)

static void
test_kinds(void **state)
{
	static const struct {
		const char *fleet, *id, *path;
		unsigned requests;
	} rows[] = {{"device", DEV, OF_DEV, 2}, {"project", PRJ, OF_PRJ, 3},
	    {"organization:" ORG, ORG, OF_ORG, 1}};
	static const struct httpd_route routes[] = {META_ROUTE, RECORD_ROUTE,
	    {.path = OF_DEV, .status = 200, .body = DATA(POLICY)},
	    {.path = OF_PRJ, .status = 200, .body = DATA(POLICY)},
	    {.path = OF_ORG, .status = 200, .body = DATA(POLICY)}};
	const struct portal_source *s;
	struct fixture f;
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		FIXTURE(f, routes);
		s = &f.src[SOURCE_FLEET];
		f.set.fleet = rows[i].fleet;
		fixture_fetch(&f, ONLY, false);
		assert_policy(f, POLICY);
		assert_string_equal(s->id, rows[i].id);
		assert_int_equal(s->status, 200);
		assert_non_null(strstr(s->url, rows[i].path));
		/* Nothing is asked but what leads to the id. */
		assert_int_equal(httpd_count(&f.d, NULL), rows[i].requests);
		assert_string_equal(
		    httpd_last(&f.d, rows[i].path)->token, TOKEN);
		fixture_stop(&f);
	}
}

static void
test_none(void **state)
{
	static const char *const fleets[] = {NULL, "none", "", "Project",
	    "organization", "organization:", "organization:../" ORG,
	    "organization:" ORG "0", "user:" ORG};
	struct fixture f;
	size_t i;

	(void)state;
	for (i = 0; i < N(fleets); i++) {
		fixture_start(&f, NULL, 0);
		f.set.fleet = fleets[i];
		fixture_fetch(&f, ONLY, false);
		assert_failed(f, SOURCE_FLEET, "fleet = ");
		assert_failed(f, SOURCE_FLEET,
		    " in the configuration, which names no customdata");
		assert_int_equal(httpd_count(&f.d, NULL), 0);
		fixture_stop(&f);
	}
	/* Nor is there an id where the configuration wants none. */
	fixture_start(&f, NULL, 0);
	f.set.project = f.set.device = "none";
	f.set.fleet = "project";
	fixture_fetch(&f, ONLY, false);
	assert_failed(f, SOURCE_FLEET, "project = none in the configuration");
	f.set.fleet = "device";
	fixture_fetch(&f, ONLY, false);
	assert_failed(f, SOURCE_FLEET, "device = none in the configuration");
	assert_int_equal(httpd_count(&f.d, NULL), 0);
	fixture_stop(&f);
}

/* What is not asked for is not asked, whatever the configuration says. */
static void
test_not_asked(void **state)
{
	static const struct httpd_route routes[] = {
	    META_ROUTE, RECORD_ROUTE, DEV_ROUTE, PRJ_ROUTE, MY_ROUTE};
	struct fixture f;

	(void)state;
	FIXTURE(f, routes);
	f.set.fleet = "project";
	fixture_fetch(&f, ALL, false);
	assert_new(f, SOURCE_PROJECT, "prj");
	assert_int_equal(httpd_count(&f.d, NULL), 5);
	fixture_stop(&f);
}

static void
test_no_policy(void **state)
{
	static const char *const bodies[] = {"{}", "{\"errors\":[\"mine\"]}",
	    "{\"x\":{\"ssh_policy\":{}},\"ssh_policies\":{}}",
	    "{\"meta\":{\"next\":{\"href\":\"/p2\"}}}"};
	struct httpd_route routes[] = {
	    {.path = OF_ORG, .nth = 1, .status = 200, .body = DATA(POLICY)},
	    {.path = OF_ORG, .status = 200, .etag = "\"e\""}};
	struct fixture f;
	size_t i;

	(void)state;
	for (i = 0; i < N(bodies); i++) {
		routes[1].body = bodies[i];
		FIXTURE(f, routes);
		f.set.fleet = "organization:" ORG;
		fixture_fetch(&f, ONLY, false);
		assert_policy(f, POLICY);
		/* The one before leaves nothing behind. */
		fixture_fetch(&f, ONLY, false);
		assert_policy(f, "");
		assert_string_equal(f.src[SOURCE_FLEET].etag, "\"e\"");
		assert_int_equal(httpd_count(&f.d, NULL), 2);
		fixture_stop(&f);
	}
}

static void
test_unchanged(void **state)
{
	static const struct httpd_route routes[] = {{.path = OF_PRJ,
							.status = 200,
							.body = DATA(POLICY),
							.etag = "W/\"f1\""},
	    {.path = OF_DEV,
		.status = 200,
		.body = DATA("1"),
		.etag = "W/\"f1\""}};
	struct portal_source *s;
	struct fixture f;

	(void)state;
	FIXTURE(f, routes);
	s = &f.src[SOURCE_FLEET];
	f.set.fleet = "project";
	fixture_ids(&f, DEV, PRJ);
	fixture_fetch(&f, ONLY, false);
	assert_policy(f, POLICY);
	assert_string_equal(s->etag, "W/\"f1\"");
	fixture_fetch(&f, ONLY, false);
	assert_int_equal(s->outcome, PORTAL_UNCHANGED);
	assert_int_equal(s->status, 304);
	assert_string_equal(s->etag, "W/\"f1\"");
	assert_string_equal(s->id, PRJ);
	/* The tag was for another customdata. */
	f.set.fleet = "device";
	fixture_fetch(&f, ONLY, false);
	assert_policy(f, "1");
	assert_string_equal(httpd_last(&f.d, OF_DEV)->etag, "");
	fixture_stop(&f);
}

static void
test_broken(void **state)
{
	static const struct {
		int status;
		const char *body, *words;
	} rows[] = {
	    {200, "", "answer is empty"},
	    {200, "null", "answer is not JSON"},
	    {200, "[]", "answer is no JSON object"},
	    {200, "<html>", "answer is HTML"},
	    {200, "{\"ssh_policy\":" POLICY, "answer was cut short"},
	    {200, "{\"ssh_policy\":1,\"ssh_policy\":1}", "ssh_policy twice"},
	    {200, "{\"ssh_policy\":" POLICY "} x", "behind the end"},
	    {204, NULL, "portal answered 204, which is no customdata"},
	    {302, DATA(POLICY), "redirects are not followed"},
	    {304, NULL, "answered 304 to a request that set no condition"},
	    {500, DATA(POLICY), "portal answered 500 (mine)"},
	    {401, "",
		"portal answered 401: the token in /etc/packet-keys/token "
		"was not accepted; if it is a project's token, it may not "
		"see the organization"},
	    {403, "",
		"portal answered 403: the token in /etc/packet-keys/token "
		"may not read this; if it is a project's token, it may not "
		"see the organization"},
	    {404, "",
		"portal answered 404: organization " ORG
		" is not known there, or the token in /etc/packet-keys/token "
		"may not see its customdata"},
	};
	struct httpd_route routes[] = {{.path = OF_ORG, .etag = "\"new\""}};
	struct portal_source *s;
	struct fixture f;
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		routes[0].status = rows[i].status;
		routes[0].body = rows[i].body;
		FIXTURE(f, routes);
		s = &f.src[SOURCE_FLEET];
		(void)snprintf(s->etag, sizeof(s->etag), "\"held\"");
		(void)snprintf(s->url, sizeof(s->url), "https://held/");
		f.set.fleet = "organization:" ORG;
		fixture_fetch(&f, ONLY, false);
		assert_failed(f, SOURCE_FLEET, rows[i].words);
		assert_int_equal(s->status, rows[i].status);
		assert_string_equal(s->etag, "\"held\"");
		assert_string_equal(s->url, "https://held/");
		assert_string_equal(s->id, ORG);
		fixture_stop(&f);
	}
}

/* Of its own project a token may see the customdata; and what is no fleet's
 * has nothing to do with the organization. */
static void
test_no_hint(void **state)
{
	static const char words[] =
	    "portal answered 403: the token in /etc/packet-keys/token may "
	    "not read this";
	static const struct httpd_route routes[] = {
	    {.path = OF_PRJ, .status = 403},
	    {.path = PRJ_KEYS(PRJ), .status = 403}};
	struct fixture f;

	(void)state;
	FIXTURE(f, routes);
	f.set.fleet = "project";
	f.set.project = PRJ;
	fixture_fetch(&f, ONLY, false);
	assert_string_equal(f.src[SOURCE_FLEET].reason, words);
	f.set.fleet = "organization:" ORG;
	fixture_fetch(&f, SOURCE_BIT(SOURCE_PROJECT), false);
	assert_string_equal(f.src[SOURCE_PROJECT].reason, words);
	fixture_stop(&f);
}

static void
act_large(int fd, const struct httpd_request *req)
{
	static char body[LIMIT_POLICY_FILE + 64];
	size_t len = LIMIT_POLICY_FILE - 2 + (req->nth == 2), at;

	at = (size_t)snprintf(body, sizeof(body), "{\"ssh_policy\":\"");
	memset(body + at, 'a', len);
	at += len;
	memcpy(body + at, "\"}", 2);
	httpd_answer(fd, 200, NULL, body, at + 2);
}

static void
test_size(void **state)
{
	static const struct httpd_route routes[] = {
	    {.path = OF_ORG, .act = act_large}};
	struct fixture f;

	(void)state;
	FIXTURE(f, routes);
	f.set.fleet = "organization:" ORG;
	fixture_fetch(&f, ONLY, false);
	assert_int_equal(f.src[SOURCE_FLEET].outcome, PORTAL_NEW);
	assert_int_equal(f.src[SOURCE_FLEET].policy.len, LIMIT_POLICY_FILE);
	fixture_fetch(&f, ONLY, false);
	assert_failed(f, SOURCE_FLEET, "is larger than 4 MiB");
	fixture_stop(&f);
}

/* A learned id that is gone is learned anew, a given one is not doubted. */
static void
test_gone(void **state)
{
	static const struct httpd_route routes[] = {META_ROUTE, RECORD_ROUTE,
	    {.path = OF_PRJ, .status = 200, .body = DATA("1")},
	    {.path = OF_DEV, .status = 200, .body = DATA("2")}};
	struct fixture f;

	(void)state;
	FIXTURE(f, routes);
	fixture_ids(&f, DEV, PRJ2);
	f.set.fleet = "project";
	fixture_fetch(&f, ONLY, false);
	assert_policy(f, "1");
	assert_string_equal(f.ids.project, PRJ);
	fixture_ids(&f, DEV2, PRJ);
	f.set.fleet = "device";
	fixture_fetch(&f, ONLY, false);
	assert_policy(f, "2");
	assert_string_equal(f.ids.device, DEV);
	fixture_stop(&f);

	FIXTURE(f, routes);
	fixture_ids(&f, DEV, PRJ);
	f.set.fleet = "organization:" ORG;
	fixture_fetch(&f, ONLY, false);
	assert_failed(f, SOURCE_FLEET, "404: organization " ORG);
	f.set.project = PRJ2;
	f.set.fleet = "project";
	fixture_fetch(&f, ONLY, false);
	assert_failed(f, SOURCE_FLEET,
	    "404: project " PRJ2 " is not known there, or the token in "
	    "/etc/packet-keys/token may not see its customdata");
	assert_int_equal(httpd_count(&f.d, NULL), 2);
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

/* The policy of the machine that this was is not the one of this machine. */
static void
test_withdrawn(void **state)
{
	static const struct httpd_route routes[] = {
	    {.path = META_PATH, .act = act_late_meta},
	    {.path = OF_DEV,
		.status = 200,
		.body = DATA(POLICY),
		.etag = "\"new\""},
	    {.path = CUSTOMDATA("device", DEV2), .nth = 1, .status = 500},
	    {.path = CUSTOMDATA("device", DEV2), .status = 200, .body = "{}"}};
	struct fixture f;
	int i;

	(void)state;
	FIXTURE(f, routes);
	f.set.fleet = "device";
	for (i = 0; i < 2; i++) {
		fixture_ids(&f, DEV, PRJ);
		fixture_fetch(&f, ONLY | SOURCE_BIT(SOURCE_METADATA), false);
		if (i == 0)
			assert_failed(f, SOURCE_FLEET, "portal answered 500");
		else
			assert_policy(f, "");
		assert_string_equal(f.src[SOURCE_FLEET].id, DEV2);
		assert_string_equal(f.src[SOURCE_FLEET].etag, "");
	}
	fixture_stop(&f);
}

/* Nothing may send the token anywhere else. */
static void
test_redirect(void **state)
{
	static const struct httpd_route theirs[] = {
	    {.path = OF_ORG, .status = 200, .body = DATA(POLICY)}};
	char location[128];
	struct httpd_route mine[] = {
	    {.path = OF_ORG, .status = 307, .headers = location}};
	struct httpd other;
	struct fixture f;

	(void)state;
	assert_int_equal(httpd_start(&other, theirs, N(theirs)), 0);
	(void)snprintf(location, sizeof(location), "Location: %s" OF_ORG "\r\n",
	    other.origin);
	FIXTURE(f, mine);
	f.set.fleet = "organization:" ORG;
	fixture_fetch(&f, ONLY, false);
	assert_failed(f, SOURCE_FLEET, "redirects are not followed");
	assert_int_equal(httpd_count(&other, NULL), 0);
	fixture_stop(&f);
	httpd_stop(&other);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_kinds),
	    cmocka_unit_test(test_none),
	    cmocka_unit_test(test_not_asked),
	    cmocka_unit_test(test_no_policy),
	    cmocka_unit_test(test_unchanged),
	    cmocka_unit_test(test_broken),
	    cmocka_unit_test(test_no_hint),
	    cmocka_unit_test(test_size),
	    cmocka_unit_test(test_gone),
	    cmocka_unit_test(test_withdrawn),
	    cmocka_unit_test(test_redirect),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
