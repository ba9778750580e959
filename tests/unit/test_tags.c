/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/keyset.h"
#include "policy/tags.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define MS(s) (INT64_C(s) * 1000)

static char built[4096];

static const char *
from_text(const struct tags *t)
{
	struct buf b;

	buf_init(&b, sizeof(built) - 1);
	assert_int_equal(from_put(&t->from, &b), 0);
	memset(built, 0, sizeof(built));
	if (b.len != 0)
		memcpy(built, b.data, b.len);
	buf_free(&b);
	return built;
}

/* Tags with `|` between them. */
static enum tags_refusal
read_tags(struct tags *t, const char *list, struct error *err)
{
	char *copy = strdup(list), *rest = copy;
	const char *v[16];
	enum tags_refusal r;
	size_t n = 0;

	while (rest != NULL && n < COUNT(v))
		v[n++] = strsep(&rest, "|");
	err->text[0] = '\0';
	memset(t, 'x', sizeof(*t));
	r = tags_read(t, v, n, err);
	free(copy);
	return r;
}

static void
good(struct tags *t, const char *list)
{
	struct error err;

	if (read_tags(t, list, &err) != TAGS_OK)
		fail_msg("%s: %s", list, err.text);
}

static void
test_none(void **state)
{
	static const char *const other[] = {"", "user", "users:a", "a:user:b",
	    "deploy", "from", "expires", "expires-never", "xfrom:1.2.3.4",
	    ":user:a"};
	struct tags t;
	size_t i;

	(void)state;
	assert_int_equal(tags_read(&t, NULL, 0, NULL), TAGS_OK);
	for (i = 0; i < COUNT(other); i++) {
		good(&t, other[i]);
		assert_true(t.any_user);
		assert_true(tags_let_in(&t, "root"));
		assert_true(t.expires_ms == WHEN_NONE);
		assert_false(tags_expired(&t, INT64_MAX));
		assert_int_equal(t.from.n, 0);
		tags_free(&t);
	}
}

static void
test_users(void **state)
{
	struct tags t;

	(void)state;
	good(&t, "user:deploy|x|USER: web |user:deploy");
	assert_false(t.any_user);
	assert_int_equal(t.users.n, 2);
	assert_true(tags_let_in(&t, "deploy"));
	assert_true(tags_let_in(&t, "web"));
	assert_false(tags_let_in(&t, "Web"));
	assert_false(tags_let_in(&t, "root"));
	assert_false(tags_let_in(&t, ""));
	tags_free(&t);
	assert_true(t.any_user);
}

static void
test_expires(void **state)
{
	static const struct {
		const char *tag;
		int64_t want;
	} table[] = {
	    {"expires:2026-12-31", MS(1798675200)},
	    {"Expires : 2026-12-31 ", MS(1798675200)},
	    {"expires:2026-12-31T00:00:00Z", MS(1798675200)},
	    {"expires:2026-12-31t01:00:00+01:00", MS(1798675200)},
	    {"expires:2026-12-30T12:30:00-11:30", MS(1798675200)},
	    {"expires:2026-12-31T00:00:00.999z", MS(1798675200)},
	    {"expires:2024-02-29", MS(1709164800)},
	    {"expires:2000-02-29", MS(951782400)},
	    {"expires:1971-01-01", MS(31536000)},
	    {"expires:9999-12-31T23:59:59Z", MS(253402300799)},
	    {"expires:2027-01-01|expires:2026-12-31|expires:2028-01-01",
		MS(1798675200)},
	};
	struct tags t;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(table); i++) {
		good(&t, table[i].tag);
		assert_int_equal(t.expires_ms, table[i].want);
		assert_false(tags_expired(&t, table[i].want));
		assert_false(tags_expired(&t, table[i].want + 999));
		assert_true(tags_expired(&t, table[i].want + 1000));
		assert_true(t.any_user);
		tags_free(&t);
	}
}

static void
test_from(void **state)
{
	struct tags t;

	(void)state;
	good(&t,
	    "from:10.0.0.0/8|from:2001:db8::/32|FROM:10.0.0.0/8|"
	    "from: !10.0.0.1,*.example.com");
	assert_string_equal(
	    from_text(&t), "10.0.0.0/8,2001:db8::/32,!10.0.0.1,*.example.com");
	tags_free(&t);
	assert_int_equal(t.from.n, 0);
}

static void
test_refused(void **state)
{
	static const struct {
		const char *tags;
		enum tags_refusal want;
		const char *text;
	} table[] = {
	    {"user:", TAGS_USER, "tag user:: no account has such a name"},
	    {"user:*", TAGS_USER, "no account"},
	    {"user:a/b", TAGS_USER, "no account"},
	    {"user:a\nb", TAGS_USER, "no account"},
	    {"user:a|user: ", TAGS_USER, "no account"},
	    {"expires:", TAGS_EXPIRES, "tag expires:: needs a date"},
	    {"expires:soon", TAGS_EXPIRES, "tag expires:soon: needs a date"},
	    {"expires:2026-13-01", TAGS_EXPIRES, "needs a date"},
	    {"expires:2026-02-29", TAGS_EXPIRES, "needs a date"},
	    {"expires:2026-12-31T12:00:00", TAGS_EXPIRES, "needs a date"},
	    {"expires:2026-12-31T12:00Z", TAGS_EXPIRES, "needs a date"},
	    {"expires:2026-12-31T12:00:00.Z", TAGS_EXPIRES, "needs a date"},
	    {"expires:2026-12-31T24:00:00Z", TAGS_EXPIRES, "needs a date"},
	    {"expires:2026-12-31T23:59:60Z", TAGS_EXPIRES, "needs a date"},
	    {"expires:2026-12-31T12:00:00+24:00", TAGS_EXPIRES, "date"},
	    {"expires:2026-12-31T12:00:00+1:00", TAGS_EXPIRES, "date"},
	    {"expires:2026-12-31T12:00:00ZZ", TAGS_EXPIRES, "needs a date"},
	    {"expires:2026-12-31 12:00:00Z", TAGS_EXPIRES, "needs a date"},
	    {"expires:2026-12-31Z", TAGS_EXPIRES, "needs a date"},
	    {"expires:20261231", TAGS_EXPIRES, "needs a date"},
	    {"expires:31.12.2026", TAGS_EXPIRES, "needs a date"},
	    {"expires:1970-12-31", TAGS_EXPIRES, "needs a date"},
	    {"EXPIRES:x", TAGS_EXPIRES, "needs a date"},
	    {"expires:2026-12-31|expires:never", TAGS_EXPIRES, "never"},
	    {"from:", TAGS_FROM, "an entry is empty"},
	    {"from:10.0.0.1/8", TAGS_FROM, "is no network"},
	    {"from:10.0.0.0/8|from:300.1.1.1", TAGS_FROM, "is no address"},
	    {"from:10.0.0.0/8, 11.0.0.0/8", TAGS_FROM, "no network"},
	    {"from:!10.0.0.1", TAGS_FROM, "nobody could log in"},
	    {"from:a\"b", TAGS_FROM, "neither"},
	};
	struct tags t;
	struct error err;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(table); i++) {
		if (read_tags(&t, table[i].tags, &err) != table[i].want)
			fail_msg("%s: %s", table[i].tags, err.text);
		if (strstr(err.text, table[i].text) == NULL)
			fail_msg("%s: %s", table[i].tags, err.text);
		/* Whoever overlooks it lets nobody in. */
		assert_false(t.any_user);
		assert_int_equal(t.users.n, 0);
		assert_false(tags_let_in(&t, "root"));
		tags_free(&t);
	}
}

static void
narrow(const char *a, const char *b, enum tags_refusal want, struct tags *out)
{
	struct tags more;

	good(out, a);
	good(&more, b);
	assert_int_equal(tags_narrow(out, &more), want);
	tags_free(&more);
}

static void
test_narrow(void **state)
{
	struct tags t;

	(void)state;
	narrow("", "", TAGS_OK, &t);
	assert_true(t.any_user);
	tags_free(&t);
	narrow("", "user:a", TAGS_OK, &t);
	assert_true(tags_let_in(&t, "a"));
	assert_false(tags_let_in(&t, "b"));
	tags_free(&t);
	narrow("user:a", "", TAGS_OK, &t);
	assert_true(tags_let_in(&t, "a"));
	assert_false(tags_let_in(&t, "b"));
	tags_free(&t);
	narrow("user:a|user:b", "user:b|user:c", TAGS_OK, &t);
	assert_int_equal(t.users.n, 1);
	assert_true(tags_let_in(&t, "b"));
	tags_free(&t);
	/* No account in common: none, not any. */
	narrow("user:a", "user:b", TAGS_OK, &t);
	assert_false(t.any_user);
	assert_false(tags_let_in(&t, "a"));
	assert_false(tags_let_in(&t, "b"));
	tags_free(&t);
	narrow("expires:2026-12-31", "expires:2027-12-31", TAGS_OK, &t);
	assert_int_equal(t.expires_ms, MS(1798675200));
	tags_free(&t);
	narrow("", "expires:2026-12-31", TAGS_OK, &t);
	assert_int_equal(t.expires_ms, MS(1798675200));
	tags_free(&t);
	narrow("from:10.0.0.0/8", "from:10.1.0.0/16", TAGS_OK, &t);
	assert_string_equal(from_text(&t), "10.1.0.0/16");
	tags_free(&t);
	narrow("", "from:10.1.0.0/16", TAGS_OK, &t);
	assert_string_equal(from_text(&t), "10.1.0.0/16");
	tags_free(&t);
	narrow("from:10.0.0.0/8", "from:11.0.0.0/8", TAGS_FROM_EMPTY, &t);
	assert_false(tags_let_in(&t, "root"));
	tags_free(&t);
	narrow("from:10.0.0.0/8", "from:*.example.com", TAGS_FROM_UNCLEAR, &t);
	assert_false(tags_let_in(&t, "root"));
	tags_free(&t);
}

static void
test_codes(void **state)
{
	int i, j;

	(void)state;
	for (i = 0; i < TAGS_REFUSAL_COUNT; i++) {
		assert_non_null(tags_refusal_text((enum tags_refusal)i));
		for (j = 0; j < i; j++)
			assert_string_not_equal(
			    tags_refusal_code((enum tags_refusal)i),
			    tags_refusal_code((enum tags_refusal)j));
	}
	assert_string_equal(tags_refusal_code(TAGS_EXPIRES), "tag-expires");
	assert_string_equal(tags_refusal_code(TAGS_FROM), "tag-from");
	assert_string_equal(tags_refusal_code(TAGS_USER), "tag-user");
}

static void
test_lost(void **state)
{
	const char *const tags[] = {"deploy", KEYREC_TAGS_LOST};
	struct tags t;

	(void)state;
	assert_int_equal(tags_read(&t, tags, 2, NULL), TAGS_LOST);
	assert_false(t.any_user);
	assert_false(tags_let_in(&t, "root"));
	assert_string_equal(tags_refusal_code(TAGS_LOST), "tag-lost");
	tags_free(&t);
}

static void
test_narrowing(void **state)
{
	(void)state;
	assert_true(tags_is_narrowing("user:deploy"));
	assert_true(tags_is_narrowing(" Expires : soon"));
	assert_true(tags_is_narrowing("FROM:"));
	assert_false(tags_is_narrowing("user"));
	assert_false(tags_is_narrowing("team:user"));
	assert_false(tags_is_narrowing(""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_none),
	    cmocka_unit_test(test_users),
	    cmocka_unit_test(test_expires),
	    cmocka_unit_test(test_from),
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_narrow),
	    cmocka_unit_test(test_codes),
	    cmocka_unit_test(test_lost),
	    cmocka_unit_test(test_narrowing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
