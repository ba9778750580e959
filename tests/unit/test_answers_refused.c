/* SPDX-License-Identifier: ISC */
/* Keys that are left out, and how often that is said. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "answers_fixture.h"

static void
test_refused(void **state)
{
	struct fixture *f = *state;
	struct portal_source a = answer_new(1, 2);
	const struct keyset *ks = &f->held.keys[SRC];

	add_text(&a.keys, DSA, "my\nold key");
	add_text(&a.keys, NULL, "empty");
	a.keys.v[3].id = ID_B;
	take(f, a);
	assert_int_equal(ks->n, 4);
	assert_int_equal(f->held.state[SRC].keys, 2);
	assert_int_equal(f->held.state[SRC].refused, 2);
	assert_non_null(ks->v[0].blob);
	assert_non_null(ks->v[1].blob);
	assert_string_equal(ks->v[2].refused, "dsa");
	assert_null(ks->v[2].blob);
	assert_string_equal(ks->v[3].refused, "no-text");
	assert_int_equal(count(f->log, "\n"), 2);
	assert_non_null(strstr(f->log,
	    "source project: key \"my?old key\" "
	    "left out: "));
	assert_non_null(strstr(f->log, pubkey_refusal_text(PUBKEY_DSA)));
	assert_non_null(strstr(f->log, "(dsa)\n"));
	assert_non_null(strstr(f->log, "key \"empty\" id " ID_B " left out"));
}

/* What the portal client refused keeps its own reason. */
static void
test_refused_before(void **state)
{
	struct fixture *f = *state;
	struct portal_source a = answer_new(1, 1);

	add_text(&a.keys, NULL, "odd");
	a.keys.v[1].refused = "tags";
	take(f, a);
	assert_string_equal(f->held.keys[SRC].v[1].refused, "tags");
	assert_int_equal(f->held.state[SRC].refused, 1);
	assert_non_null(strstr(f->log, "key \"odd\" left out"));
	assert_non_null(strstr(f->log, "(tags)\n"));
}

/* Its blob is good, but nobody knows whom it was to be narrowed to. */
static void
test_tags_lost(void **state)
{
	struct fixture *f = *state;
	struct portal_source a = answer_new(1, 3);

	lose_tags(&a.keys, 1);
	take(f, a);
	assert_non_null(f->held.keys[SRC].v[1].blob);
	assert_null(f->held.keys[SRC].v[1].refused);
	assert_int_equal(f->held.state[SRC].keys, 2);
	assert_int_equal(f->held.state[SRC].refused, 1);
	assert_non_null(strstr(f->log, "key \"key 2\" left out: "));
	assert_non_null(strstr(f->log, "(tag-lost)\n"));
	assert_int_equal(count(f->log, "\n"), 1);
	a = answer_new(1, 3);
	lose_tags(&a.keys, 1);
	take(f, a);
	assert_string_equal(f->log, "");
}

/* Each is named once, until its label or the reason is another. */
static void
test_refused_once(void **state)
{
	struct fixture *f = *state;
	struct portal_source a = answer_new(1, 1);

	add_text(&a.keys, DSA, "old");
	take(f, a);
	assert_int_equal(count(f->log, "left out"), 1);
	a = answer_new(1, 2);
	add_text(&a.keys, DSA, "old");
	take(f, a);
	assert_int_equal(count(f->log, "left out"), 0);
	a = answer_new(1, 2);
	add_text(&a.keys, DSA, "old");
	add_text(&a.keys, DSA, "older");
	take(f, a);
	assert_int_equal(count(f->log, "left out"), 1);
	assert_non_null(strstr(f->log, "\"older\""));
	a = answer_new(1, 2);
	add_text(&a.keys, "", "old");
	a.keys.v[2].id = ID_A;
	add_text(&a.keys, "ssh-rsa ?", "older");
	take(f, a);
	assert_int_equal(count(f->log, "left out"), 2);
	/* A usable key of that label was no refused one. */
	take(f, answer_new(1, 2));
	a = answer_new(1, 1);
	add_text(&a.keys, DSA, "key 2");
	take(f, a);
	assert_int_equal(count(f->log, "left out"), 1);
}

static struct portal_source
answer_refused(unsigned n)
{
	struct portal_source a = answer_new(1, 1);
	char label[32];
	unsigned i;

	for (i = 0; i < n; i++) {
		(void)snprintf(label, sizeof(label), "old %u", i);
		add_text(&a.keys, DSA, label);
	}
	return a;
}

/* A list full of them does not fill the log, at no fetch. */
static void
test_refused_many(void **state)
{
	struct fixture *f = *state;

	take(f, answer_refused(20));
	assert_int_equal(count(f->log, "\n"), 20);
	assert_int_equal(count(f->log, "in all"), 0);
	take(f, answer_refused(41));
	assert_int_equal(count(f->log, "\n"), 21);
	assert_non_null(strstr(f->log, "\"old 20\""));
	assert_non_null(strstr(f->log, "\"old 39\""));
	assert_non_null(strstr(f->log,
	    "source project: 41 keys left out in "
	    "all"));
	take(f, answer_refused(41));
	assert_string_equal(f->log, "");
	take(f, answer_refused(500));
	assert_int_equal(count(f->log, "\n"), 21);
	assert_int_equal(f->held.state[SRC].refused, 500);
	take(f, answer_refused(500));
	assert_string_equal(f->log, "");
	take(f, answer_refused(501));
	assert_int_equal(count(f->log, "\n"), 1);
	assert_non_null(strstr(f->log, "501 keys left out in all"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    answer_test(test_refused),
	    answer_test(test_refused_before),
	    answer_test(test_tags_lost),
	    answer_test(test_refused_once),
	    answer_test(test_refused_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
