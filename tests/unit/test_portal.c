/* SPDX-License-Identifier: ISC */
/* The plan of a fetch: which requests it takes, and with which ids. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/portal_fixture.h"

static const struct httpd_route whole[] = {
    META_ROUTE, RECORD_ROUTE, DEV_ROUTE, PRJ_ROUTE, MY_ROUTE};

static void
test_all_sources(void **state)
{
	const struct httpd_request *req;
	struct fixture f;

	(void)state;
	FIXTURE(f, whole);
	fixture_fetch(&f, ALL, false);
	assert_new(f, SOURCE_DEVICE, "dev");
	assert_new(f, SOURCE_PROJECT, "prj");
	assert_new(f, SOURCE_PERSONAL, "my");
	assert_new(f, SOURCE_METADATA, "meta");
	assert_string_equal(f.ids.device, DEV);
	assert_string_equal(f.ids.project, PRJ);
	assert_true(f.ids.learned_ms > 1600000000000);
	assert_string_equal(f.src[SOURCE_DEVICE].id, DEV);
	assert_string_equal(f.src[SOURCE_PROJECT].id, PRJ);
	assert_string_equal(f.src[SOURCE_PERSONAL].id, "");
	assert_string_equal(f.src[SOURCE_METADATA].id, "");
	assert_int_equal(f.src[SOURCE_DEVICE].status, 200);
	/* The metadata document is asked for once, for both its uses. */
	assert_int_equal(httpd_count(&f.d, NULL), 5);

	req = httpd_last(&f.d, MY_KEYS);
	assert_string_equal(req->token, TOKEN);
	assert_string_equal(req->accept, "application/json");
	assert_string_equal(req->agent, "packet-keys/" PACKAGE_VERSION);
	assert_string_equal(req->encoding, "gzip");
	assert_string_equal(req->etag, "");
	req = httpd_last(&f.d, META_PATH);
	assert_string_equal(req->token, "");
	assert_string_equal(req->accept, "*/*");
	fixture_stop(&f);
}

static void
test_known_ids(void **state)
{
	struct fixture f;

	(void)state;
	FIXTURE(f, whole);
	fixture_ids(&f, DEV, PRJ);
	fixture_fetch(&f, ALL_BUT_METADATA, false);
	assert_new(f, SOURCE_DEVICE, "dev");
	assert_new(f, SOURCE_PROJECT, "prj");
	assert_new(f, SOURCE_PERSONAL, "my");
	assert_int_equal(f.src[SOURCE_METADATA].outcome, PORTAL_NOT_ASKED);
	assert_int_equal(httpd_count(&f.d, NULL), 3);
	assert_int_equal(f.ids.learned_ms, 1);

	/* Once a day: asked again and confirmed. */
	fixture_fetch(&f, ALL_BUT_METADATA, true);
	assert_new(f, SOURCE_DEVICE, "dev");
	assert_int_equal(httpd_count(&f.d, NULL), 8);
	assert_true(f.ids.learned_ms > 1600000000000);
	fixture_stop(&f);
}

static void
test_configured_ids(void **state)
{
	struct fixture f;

	(void)state;
	FIXTURE(f, whole);
	f.set.device = DEV;
	f.set.project = PRJ;
	fixture_fetch(&f, ALL_BUT_METADATA, true);
	assert_new(f, SOURCE_DEVICE, "dev");
	assert_new(f, SOURCE_PROJECT, "prj");
	assert_int_equal(httpd_count(&f.d, NULL), 3);
	assert_string_equal(f.ids.device, "");
	assert_string_equal(f.ids.project, "");
	assert_int_equal(f.ids.learned_ms, 0);
	fixture_stop(&f);

	/* The project alone is learned, from the configured device. */
	FIXTURE(f, whole);
	f.set.device = DEV;
	fixture_fetch(&f, SOURCE_BIT(SOURCE_PROJECT), false);
	assert_new(f, SOURCE_PROJECT, "prj");
	assert_int_equal(httpd_count(&f.d, NULL), 2);
	assert_string_equal(f.ids.project, PRJ);
	assert_true(f.ids.learned_ms > 0);
	fixture_stop(&f);
}

static void
test_no_ids(void **state)
{
	struct fixture f;

	(void)state;
	FIXTURE(f, whole);
	f.set.device = "none";
	f.set.project = "none";
	fixture_fetch(&f, ALL, true);
	assert_failed(f, SOURCE_DEVICE, "device = none");
	assert_failed(f, SOURCE_PROJECT, "project = none");
	assert_new(f, SOURCE_PERSONAL, "my");
	assert_new(f, SOURCE_METADATA, "meta");
	fixture_stop(&f);

	FIXTURE(f, whole);
	f.set.device = "none";
	fixture_fetch(&f, SOURCE_BIT(SOURCE_PROJECT), true);
	assert_failed(f, SOURCE_PROJECT,
	    "project = auto could not be learned: device = none");
	assert_int_equal(httpd_count(&f.d, NULL), 0);
	fixture_stop(&f);
}

/* An id in the snapshot that is none is as good as missing. */
static void
test_broken_ids(void **state)
{
	struct fixture f;

	(void)state;
	FIXTURE(f, whole);
	fixture_ids(&f, "../../x", "?");
	fixture_fetch(&f, ALL_BUT_METADATA, false);
	assert_new(f, SOURCE_DEVICE, "dev");
	assert_new(f, SOURCE_PROJECT, "prj");
	fixture_stop(&f);
}

static void
test_learning_fails(void **state)
{
	static const struct httpd_route routes[] = {
	    {.path = META_PATH,
		.status = 500,
		.headers = "Retry-After: 30\r\n"},
	    DEV_ROUTE, PRJ_ROUTE, MY_ROUTE};
	struct fixture f;

	(void)state;
	/* Nothing is known: the personal list alone. */
	FIXTURE(f, routes);
	fixture_fetch(&f, ALL_BUT_METADATA, false);
	assert_failed(f, SOURCE_DEVICE,
	    "device = auto could not be learned: "
	    "metadata service answered 500");
	assert_failed(f, SOURCE_PROJECT,
	    "project = auto could not be "
	    "learned: device = auto could not be learned: metadata service "
	    "answered 500");
	assert_string_equal(f.src[SOURCE_DEVICE].id, "");
	assert_int_equal(f.src[SOURCE_DEVICE].retry_after_ms, 30000);
	assert_int_equal(f.src[SOURCE_PROJECT].retry_after_ms, 30000);
	assert_new(f, SOURCE_PERSONAL, "my");
	assert_int_equal(f.src[SOURCE_PERSONAL].retry_after_ms, 0);
	assert_int_equal(f.ids.learned_ms, 0);

	/* What was learned before stays in use. */
	fixture_ids(&f, DEV, PRJ);
	fixture_fetch(&f, ALL_BUT_METADATA, true);
	assert_new(f, SOURCE_DEVICE, "dev");
	assert_new(f, SOURCE_PROJECT, "prj");
	assert_string_equal(f.ids.device, DEV);
	assert_string_equal(f.ids.project, PRJ);
	assert_int_equal(f.ids.learned_ms, 1);
	fixture_stop(&f);
}

static void
act_hang(int fd, const struct httpd_request *req)
{
	(void)req;
	httpd_hang(fd);
}

/* A metadata service that never answers takes but a part of the time. */
static void
test_learning_hangs(void **state)
{
	static const struct httpd_route routes[] = {
	    {.path = META_PATH, .act = act_hang}, RECORD_ROUTE, DEV_ROUTE,
	    PRJ_ROUTE, MY_ROUTE};
	struct fixture f;

	(void)state;
	FIXTURE(f, routes);
	f.set.connect_timeout_ms = 300;
	fixture_ids(&f, DEV, PRJ);
	fixture_fetch(&f, ALL_BUT_METADATA, true);
	assert_new(f, SOURCE_DEVICE, "dev");
	assert_new(f, SOURCE_PROJECT, "prj");
	assert_new(f, SOURCE_PERSONAL, "my");
	assert_in_range(f.took, 300, 2000);
	assert_int_equal(f.ids.learned_ms, 1);

	/* With nothing to fall back on it is waited for. */
	fixture_ids(&f, "", "");
	f.timeout = 500;
	fixture_fetch(&f, ALL_BUT_METADATA, true);
	assert_failed(f, SOURCE_DEVICE,
	    "could not be learned: no answer "
	    "within ");
	assert_failed(f, SOURCE_PROJECT, "could not be learned");
	assert_new(f, SOURCE_PERSONAL, "my");
	fixture_stop(&f);
}

/* It comes late, and with another device than was asked for meanwhile. */
static void
act_late_meta(int fd, const struct httpd_request *req)
{
	(void)req;
	(void)usleep(600 * 1000);
	httpd_answer(fd, 200, NULL, META(DEV2), strlen(META(DEV2)));
}

static void
act_later_list(int fd, const struct httpd_request *req)
{
	(void)req;
	(void)usleep(900 * 1000);
	httpd_answer(fd, 200, NULL, LIST("old"), strlen(LIST("old")));
}

static void
test_learning_late(void **state)
{
	static const struct httpd_route routes[] = {
	    {.path = META_PATH, .act = act_late_meta},
	    {.path = DEV_KEYS(DEV), .act = act_later_list}, PRJ_ROUTE,
	    {.path = DEV_KEYS(DEV2), .status = 200, .body = LIST("dev2")},
	    {.path = DEV_PATH(DEV2), .status = 200, .body = RECORD(PRJ2)},
	    {.path = PRJ_KEYS(PRJ2), .status = 200, .body = LIST("prj2")}};
	struct fixture f;

	(void)state;
	FIXTURE(f, routes);
	f.set.connect_timeout_ms = 200;
	fixture_ids(&f, DEV, PRJ);
	fixture_fetch(
	    &f, SOURCE_BIT(SOURCE_DEVICE) | SOURCE_BIT(SOURCE_PROJECT), true);
	assert_new(f, SOURCE_DEVICE, "dev2");
	assert_string_equal(f.src[SOURCE_DEVICE].id, DEV2);
	assert_new(f, SOURCE_PROJECT, "prj2");
	assert_string_equal(f.src[SOURCE_PROJECT].id, PRJ2);
	assert_string_equal(f.ids.device, DEV2);
	assert_string_equal(f.ids.project, PRJ2);
	fixture_stop(&f);
}

/* A new list that was thrown away again leaves no trace. */
static void
test_list_withdrawn(void **state)
{
	static const struct httpd_route routes[] = {
	    {.path = META_PATH, .act = act_late_meta},
	    {.path = DEV_KEYS(DEV),
		.status = 200,
		.body = LIST("dev"),
		.etag = "\"new\""},
	    {.path = DEV_KEYS(DEV2), .status = 500}};
	struct portal_source *s;
	struct fixture f;

	(void)state;
	FIXTURE(f, routes);
	fixture_ids(&f, DEV, PRJ);
	s = &f.src[SOURCE_DEVICE];
	(void)snprintf(s->etag, sizeof(s->etag), "\"held\"");
	(void)snprintf(s->url, sizeof(s->url), "https://held/");
	fixture_fetch(
	    &f, SOURCE_BIT(SOURCE_DEVICE) | SOURCE_BIT(SOURCE_METADATA), false);
	assert_new(f, SOURCE_METADATA, "meta");
	assert_failed(f, SOURCE_DEVICE, "portal answered 500");
	assert_string_equal(s->etag, "\"held\"");
	assert_string_equal(s->url, "https://held/");
	assert_string_equal(s->id, DEV2);
	fixture_stop(&f);
}

/* The device is another one now: so is all that was learned by the old. */
static void
test_device_gone(void **state)
{
	static const struct httpd_route routes[] = {
	    {.path = META_PATH, .status = 200, .body = META(DEV2)},
	    {.path = DEV_KEYS(DEV2), .status = 200, .body = LIST("dev2")},
	    {.path = DEV_PATH(DEV2), .status = 200, .body = RECORD(PRJ2)},
	    PRJ_ROUTE, MY_ROUTE,
	    {.path = PRJ_KEYS(PRJ2), .status = 200, .body = LIST("prj2")}};
	struct fixture f;

	(void)state;
	FIXTURE(f, routes);
	fixture_ids(&f, DEV, PRJ);
	fixture_fetch(&f, ALL_BUT_METADATA, false);
	assert_new(f, SOURCE_DEVICE, "dev2");
	assert_new(f, SOURCE_PROJECT, "prj2");
	assert_new(f, SOURCE_PERSONAL, "my");
	assert_string_equal(f.ids.device, DEV2);
	assert_string_equal(f.ids.project, PRJ2);
	assert_int_equal(httpd_count(&f.d, DEV_KEYS(DEV)), 1);
	assert_int_equal(httpd_count(&f.d, DEV_KEYS(DEV2)), 1);
	fixture_stop(&f);
}

static void
test_device_unknown(void **state)
{
	static const struct httpd_route routes[] = {META_ROUTE, PRJ_ROUTE};
	struct fixture f;

	(void)state;
	FIXTURE(f, routes);
	fixture_ids(&f, DEV, PRJ);
	fixture_fetch(
	    &f, SOURCE_BIT(SOURCE_DEVICE) | SOURCE_BIT(SOURCE_PROJECT), false);
	assert_failed(f, SOURCE_DEVICE,
	    "portal answered 404: device " DEV
	    " is not known there, or the token in /etc/packet-keys/token may "
	    "not see it (Not found)");
	assert_int_equal(f.src[SOURCE_DEVICE].status, 404);
	assert_string_equal(f.src[SOURCE_DEVICE].id, DEV);
	assert_new(f, SOURCE_PROJECT, "prj");
	/* The id was confirmed: there is nothing new to ask for. */
	assert_int_equal(httpd_count(&f.d, META_PATH), 1);
	assert_int_equal(httpd_count(&f.d, DEV_KEYS(DEV)), 1);
	fixture_stop(&f);

	/* Configured, it is not for the program to doubt. */
	FIXTURE(f, routes);
	f.set.device = DEV;
	fixture_fetch(&f, SOURCE_BIT(SOURCE_DEVICE), false);
	assert_failed(f, SOURCE_DEVICE, "404: device " DEV);
	assert_int_equal(httpd_count(&f.d, NULL), 1);
	fixture_stop(&f);
}

static void
test_project_moved(void **state)
{
	static const struct httpd_route routes[] = {DEV_ROUTE,
	    {.path = DEV_PATH(DEV), .status = 200, .body = RECORD(PRJ2)},
	    {.path = PRJ_KEYS(PRJ2), .status = 200, .body = LIST("prj2")}};
	struct fixture f;

	(void)state;
	FIXTURE(f, routes);
	fixture_ids(&f, DEV, PRJ);
	fixture_fetch(
	    &f, SOURCE_BIT(SOURCE_DEVICE) | SOURCE_BIT(SOURCE_PROJECT), false);
	assert_new(f, SOURCE_DEVICE, "dev");
	assert_new(f, SOURCE_PROJECT, "prj2");
	assert_string_equal(f.ids.project, PRJ2);
	assert_int_equal(httpd_count(&f.d, META_PATH), 0);
	fixture_stop(&f);
}

/* Both ids are wrong, and the device's own record says so first. */
static void
test_project_and_device_gone(void **state)
{
	static const struct httpd_route routes[] = {
	    {.path = META_PATH, .status = 200, .body = META(DEV2)},
	    {.path = DEV_PATH(DEV2), .status = 200, .body = RECORD(PRJ2)},
	    {.path = PRJ_KEYS(PRJ2), .status = 200, .body = LIST("prj2")}};
	struct fixture f;

	(void)state;
	FIXTURE(f, routes);
	fixture_ids(&f, DEV, PRJ);
	fixture_fetch(&f, SOURCE_BIT(SOURCE_PROJECT), false);
	assert_new(f, SOURCE_PROJECT, "prj2");
	assert_string_equal(f.ids.device, DEV2);
	assert_string_equal(f.ids.project, PRJ2);
	fixture_stop(&f);

	/* And one where nothing leads anywhere ends too. */
	fixture_start(&f, NULL, 0);
	fixture_ids(&f, DEV, PRJ);
	fixture_fetch(&f, ALL, false);
	assert_failed(f, SOURCE_PROJECT, "404: project " PRJ);
	assert_failed(f, SOURCE_DEVICE, "404: device " DEV);
	assert_failed(f, SOURCE_PERSONAL, "404: check url");
	assert_failed(f, SOURCE_METADATA, "404: check metadata-url");
	assert_true(f.took < 2000);
	fixture_stop(&f);
}

static void
test_unchanged(void **state)
{
	static const struct httpd_route routes[] = {{.path = META_PATH,
							.status = 200,
							.body = META(DEV),
							.etag = "\"m1\""},
	    RECORD_ROUTE,
	    {.path = DEV_KEYS(DEV),
		.status = 200,
		.body = LIST("dev"),
		.etag = "W/\"d1\""},
	    PRJ_ROUTE, MY_ROUTE};
	struct fixture f;

	(void)state;
	FIXTURE(f, routes);
	fixture_fetch(&f, ALL, false);
	assert_new(f, SOURCE_DEVICE, "dev");
	assert_string_equal(f.src[SOURCE_DEVICE].etag, "W/\"d1\"");
	assert_string_equal(f.src[SOURCE_METADATA].etag, "\"m1\"");
	assert_string_equal(f.src[SOURCE_PROJECT].etag, "");
	assert_non_null(strstr(f.src[SOURCE_DEVICE].url, DEV_KEYS(DEV)));

	fixture_fetch(&f, ALL, false);
	assert_int_equal(f.src[SOURCE_DEVICE].outcome, PORTAL_UNCHANGED);
	assert_int_equal(f.src[SOURCE_DEVICE].status, 304);
	assert_int_equal(f.src[SOURCE_METADATA].outcome, PORTAL_UNCHANGED);
	assert_string_equal(f.src[SOURCE_DEVICE].etag, "W/\"d1\"");
	assert_string_equal(f.src[SOURCE_DEVICE].id, DEV);
	assert_string_equal(httpd_last(&f.d, DEV_KEYS(DEV))->token, TOKEN);
	assert_new(f, SOURCE_PROJECT, "prj");

	/* Wanted for the id, the document is asked for without condition. */
	fixture_fetch(&f, ALL, true);
	assert_new(f, SOURCE_METADATA, "meta");
	assert_int_equal(f.src[SOURCE_DEVICE].outcome, PORTAL_UNCHANGED);

	/* The tag was for the list of another device. */
	fixture_ids(&f, DEV2, PRJ);
	fixture_fetch(&f, SOURCE_BIT(SOURCE_DEVICE), false);
	assert_string_equal(httpd_last(&f.d, DEV_KEYS(DEV2))->etag, "");
	assert_int_equal(f.src[SOURCE_DEVICE].outcome, PORTAL_UNCHANGED);
	assert_string_equal(f.src[SOURCE_DEVICE].id, DEV);
	fixture_stop(&f);
}

/* A 304 for the document, and then a 404 that needs its id after all. */
static void
test_unchanged_then_needed(void **state)
{
	static const struct httpd_route routes[] = {{.path = META_PATH,
							.status = 200,
							.body = META(DEV2),
							.etag = "\"m1\""},
	    {.path = DEV_KEYS(DEV2), .status = 200, .body = LIST("dev2")}};
	struct fixture f;

	(void)state;
	FIXTURE(f, routes);
	fixture_fetch(&f, SOURCE_BIT(SOURCE_METADATA), false);
	assert_string_equal(f.src[SOURCE_METADATA].etag, "\"m1\"");
	fixture_ids(&f, DEV, "");
	fixture_fetch(
	    &f, SOURCE_BIT(SOURCE_DEVICE) | SOURCE_BIT(SOURCE_METADATA), false);
	assert_new(f, SOURCE_DEVICE, "dev2");
	assert_string_equal(f.ids.device, DEV2);
	fixture_stop(&f);
}

/* One that is not asked for a condition must not claim that one holds. */
static void
test_false_304(void **state)
{
	static const struct httpd_route routes[] = {
	    {.path = MY_KEYS, .status = 304},
	    {.path = META_PATH, .status = 304}};
	struct fixture f;

	(void)state;
	FIXTURE(f, routes);
	fixture_fetch(&f,
	    SOURCE_BIT(SOURCE_PERSONAL) | SOURCE_BIT(SOURCE_METADATA), false);
	assert_failed(f, SOURCE_PERSONAL,
	    "portal answered 304 to a request "
	    "that set no condition");
	assert_failed(f, SOURCE_METADATA, "answered 304");
	fixture_stop(&f);
}

static void
test_token(void **state)
{
	static const char *const bad[] = {
	    "a b", "a\n", "a\r\nX-Evil: 1", "\t", "\xc3\xa9", "a\x7f"};
	struct fixture f;
	struct error err;
	char longest[LIMIT_TOKEN_FILE + 2];
	size_t i;

	(void)state;
	FIXTURE(f, whole);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_null(portal_new(&f.set, bad[i], &err));
		assert_non_null(strstr(err.text, "the token in "));
		assert_null(strstr(err.text, bad[i]));
	}
	memset(longest, 'a', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	assert_null(portal_new(&f.set, longest, &err));

	/* None: the portal is not bothered. */
	assert_non_null(f.p = portal_new(&f.set, NULL, &err));
	fixture_fetch(&f, ALL, false);
	assert_new(f, SOURCE_METADATA, "meta");
	assert_failed(f, SOURCE_PERSONAL, "there is no token in /etc/");
	assert_failed(f, SOURCE_DEVICE, "there is no token in /etc/");
	assert_failed(f, SOURCE_PROJECT, "there is no token in /etc/");
	assert_int_equal(httpd_count(&f.d, NULL), 1);
	fixture_stop(&f);
	portal_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_all_sources),
	    cmocka_unit_test(test_known_ids),
	    cmocka_unit_test(test_configured_ids),
	    cmocka_unit_test(test_no_ids),
	    cmocka_unit_test(test_broken_ids),
	    cmocka_unit_test(test_learning_fails),
	    cmocka_unit_test(test_learning_hangs),
	    cmocka_unit_test(test_learning_late),
	    cmocka_unit_test(test_list_withdrawn),
	    cmocka_unit_test(test_device_gone),
	    cmocka_unit_test(test_device_unknown),
	    cmocka_unit_test(test_project_moved),
	    cmocka_unit_test(test_project_and_device_gone),
	    cmocka_unit_test(test_unchanged),
	    cmocka_unit_test(test_unchanged_then_needed),
	    cmocka_unit_test(test_false_304),
	    cmocka_unit_test(test_token),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
