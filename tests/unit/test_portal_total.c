/* SPDX-License-Identifier: ISC */
/* Lists that change while their pages are read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/portal_fixture.h"

#define PERSONAL SOURCE_BIT(SOURCE_PERSONAL)
#define KEY(text) "{\"key\":\"" text "\"}"
#define FIRST(keys, total)          \
	"{\"ssh_keys\":[" keys "]," \
	"\"meta\":{\"total\":" total ",\"next\":{\"href\":\"?page=2\"}}}"
#define LAST(keys, total)                                                  \
	"{\"ssh_keys\":[" keys "],\"meta\":{\"total\":" total ",\"next\":" \
	"null}}"
#define P1 .path = MY_KEYS, .status = 200
#define P2 .path = MY_KEYS "?page=2", .status = 200

/* a went while the pages were read: c stood on the second, moved to the first
 * then, and was on neither. */
static void
test_removed_meanwhile(void **state)
{
	static const struct httpd_route routes[] = {
	    {P1, .nth = 1, .body = FIRST(KEY("a") "," KEY("b"), "4")},
	    {P2, .nth = 1, .body = LAST(KEY("d"), "3")},
	    {P1, .nth = 2, .body = FIRST(KEY("b") "," KEY("c"), "3")},
	    {P2, .nth = 2, .body = LAST(KEY("d"), "3")}};
	const struct portal_source *s;
	struct fixture f;
	size_t i;

	(void)state;
	FIXTURE(f, routes);
	fixture_fetch(&f, PERSONAL, false);
	s = &f.src[SOURCE_PERSONAL];
	assert_string_equal(s->reason, "");
	assert_int_equal(s->outcome, PORTAL_NEW);
	assert_int_equal(s->keys.n, 3);
	for (i = 0; i < 3; i++)
		assert_int_equal(s->keys.v[i].text[0], 'b' + i);
	assert_int_equal(httpd_count(&f.d, NULL), 4);
	fixture_stop(&f);
}

static void
test_never_still(void **state)
{
	static const struct httpd_route routes[] = {
	    {P1, .body = FIRST(KEY("a"), "4")},
	    {P2, .body = LAST(KEY("d"), "3")}};
	struct fixture f;

	(void)state;
	FIXTURE(f, routes);
	fixture_fetch(&f, PERSONAL, false);
	assert_failed(f, SOURCE_PERSONAL, "changed each time");
	assert_int_equal(httpd_count(&f.d, NULL), 6);
	fixture_stop(&f);
}

/* The end is there, but not all in front of it: no answer to remove keys by. */
static void
test_too_few(void **state)
{
	static const struct httpd_route paged[] = {
	    {P1, .body = FIRST(KEY("a"), "3")},
	    {P2, .body = LAST(KEY("b"), "3")}};
	static const struct httpd_route single[] = {
	    {P1, .body = LAST(KEY("a"), "2")}};
	struct fixture f;

	(void)state;
	FIXTURE(f, paged);
	fixture_fetch(&f, PERSONAL, false);
	assert_failed(f, SOURCE_PERSONAL, "holds 2 of the 3 elements");
	assert_int_equal(httpd_count(&f.d, NULL), 6);
	fixture_stop(&f);
	FIXTURE(f, single);
	fixture_fetch(&f, PERSONAL, false);
	assert_failed(f, SOURCE_PERSONAL, "holds 1 of the 2 elements");
	assert_int_equal(httpd_count(&f.d, NULL), 3);
	fixture_stop(&f);
}

/* More than that, or no number that can be meant, is no reason for doubt. */
static void
test_no_word(void **state)
{
	static const char *const bodies[] = {LAST(KEY("a"), "1"),
	    LAST(KEY("a"), "0"), LAST(KEY("a"), "null"), LAST(KEY("a"), "-2"),
	    LAST(KEY("a"), "2.0"), LAST(KEY("a"), "2e3"),
	    LAST(KEY("a"), "\"2\""), LAST(KEY("a"), "[2]"),
	    LAST(KEY("a"), "12345678901234567890"),
	    "{\"ssh_keys\":[" KEY("a") "],\"meta\":{}}"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		const struct httpd_route routes[] = {{P1, .body = bodies[i]}};
		struct fixture f;

		FIXTURE(f, routes);
		fixture_fetch(&f, PERSONAL, false);
		assert_new(f, SOURCE_PERSONAL, "a");
		fixture_stop(&f);
	}
}

/* The members that a page said are forgotten with it. */
static void
test_members(void **state)
{
#define USER(n) \
	"{\"user\":{\"id\":\"aaaaaaaa-0000-4000-8000-00000000000" n "\"}}"
#define ROWS MEMBERS(PRJ) "?"
	static const struct httpd_route routes[] = {
	    {.path = ROWS "include=user&per_page=1000",
		.status = 200,
		.nth = 1,
		.body = "{\"memberships\":[" USER("1") "," USER(
		    "2") "],\"meta\":"
			 "{\"total\":4,\"next\":{\"href\":\"?page=2\"}}}"},
	    {.path = ROWS "page=2&include=user&per_page=1000",
		.status = 200,
		.nth = 1,
		.body = "{\"memberships\":[" USER("4") "],\"meta\":"
						       "{\"total\":3}}"},
	    {.path = ROWS "include=user&per_page=1000",
		.status = 200,
		.body = "{\"memberships\":[" USER("2") "," USER(
		    "3") "],\"meta\":"
			 "{\"total\":3,\"next\":{\"href\":\"?page=2\"}}}"},
	    {.path = ROWS "page=2&include=user&per_page=1000",
		.status = 200,
		.body = "{\"memberships\":[" USER("4") "],\"meta\":"
						       "{\"total\":3}}"}};
	const struct portal_source *s;
	struct fixture f;
	size_t i;

	(void)state;
	FIXTURE(f, routes);
	f.set.project = PRJ;
	fixture_fetch(&f, SOURCE_BIT(SOURCE_MEMBERS), false);
	s = &f.src[SOURCE_MEMBERS];
	assert_string_equal(s->reason, "");
	assert_int_equal(s->members.n, 3);
	for (i = 0; i < 3; i++)
		assert_int_equal(s->members.v[i].id[35], '2' + i);
	fixture_stop(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_removed_meanwhile),
	    cmocka_unit_test(test_never_still),
	    cmocka_unit_test(test_too_few),
	    cmocka_unit_test(test_no_word),
	    cmocka_unit_test(test_members),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
