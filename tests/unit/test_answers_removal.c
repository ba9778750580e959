/* SPDX-License-Identifier: ISC */
/* Answers that take most keys away count only when they are repeated. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "answers_fixture.h"

static void
test_mass_removal_at_once(void **state)
{
	struct fixture *f = *state;

	take(f, answer_new(1, 10));
	take(f, answer_new(1, 0));
	assert_int_equal(f->held.keys[SRC].n, 0);
	assert_int_equal(f->held.state[SRC].votes, 0);
}

/* Only the third of three answers in a row is believed. */
static void
test_mass_removal_votes(void **state)
{
	struct fixture *f = *state;
	struct source_state *st = &f->held.state[SRC];
	struct portal_source a;

	f->cfg.mass_removal = 3;
	take(f, answer_new(1, 10));
	a = answer_new(1, 4);
	(void)strcpy(a.etag, "\"2\"");
	take_at(f, &a, NOW + 10, NOW + 10);
	assert_held(f, 1, 10);
	assert_int_equal(st->votes, 1);
	assert_int_equal(st->outcome, OUTCOME_UNCHANGED);
	/* With the new ETag the next answer would be a 304 for ever. */
	assert_string_equal(st->etag, "\"1\"");
	assert_true(st->checked_ms == NOW + 10);
	assert_non_null(strstr(st->reason, "after 2 more"));
	assert_non_null(strstr(f->log, "after 2 more"));
	take(f, answer_new(1, 3));
	assert_held(f, 1, 10);
	assert_non_null(strstr(st->reason, "after 1 more"));
	/* A failure says nothing, one way or the other. */
	take(f, answer_failed("down", 0));
	assert_int_equal(st->votes, 2);
	a = answer_new(1, 4);
	(void)strcpy(a.etag, "\"2\"");
	take(f, a);
	assert_held(f, 1, 4);
	assert_int_equal(st->votes, 0);
	assert_int_equal(st->outcome, OUTCOME_NEW);
	assert_string_equal(st->reason, "");
	assert_string_equal(st->etag, "\"2\"");
}

/* An answer that has the keys after all ends the row. */
static void
test_mass_removal_interrupted(void **state)
{
	struct portal_source same = {.outcome = PORTAL_UNCHANGED, .id = ID_A};
	struct fixture *f = *state;

	f->cfg.mass_removal = 2;
	take(f, answer_new(1, 10));
	take(f, answer_new(1, 1));
	assert_int_equal(f->held.state[SRC].votes, 1);
	take(f, answer_new(1, 9));
	assert_held(f, 1, 9);
	assert_int_equal(f->held.state[SRC].votes, 0);
	take(f, answer_new(1, 1));
	assert_held(f, 1, 9);
	take(f, same);
	assert_int_equal(f->held.state[SRC].votes, 0);
	take(f, answer_new(1, 1));
	assert_held(f, 1, 9);
	take(f, answer_new(1, 1));
	assert_held(f, 1, 1);
}

/* From `before` keys to those from first to last: whether it takes a vote. */
static void
check_vote(struct fixture *f, unsigned before, unsigned first, unsigned last,
    bool vote)
{
	holdings_forget(&f->held, SRC);
	take(f, answer_new(1, before));
	take(f, answer_new(first, last));
	assert_int_equal(f->held.state[SRC].votes, vote);
	if (vote)
		assert_held(f, 1, before);
	else
		assert_held(f, first, last);
}

/* More than half of four or more; keys that are new don't make up for it. */
static void
test_mass_removal_counts(void **state)
{
	struct fixture *f = *state;

	f->cfg.mass_removal = 2;
	check_vote(f, 3, 1, 0, false);
	check_vote(f, 3, 4, 9, false);
	check_vote(f, 4, 1, 2, false);
	check_vote(f, 4, 1, 1, true);
	check_vote(f, 4, 1, 0, true);
	check_vote(f, 5, 1, 3, false);
	check_vote(f, 5, 1, 2, true);
	check_vote(f, 5, 3, 9, false);
	check_vote(f, 5, 4, 9, true);
	check_vote(f, 10, 11, 20, true);
}

/* Refused records are no keys: neither their loss nor their coming counts. */
static void
test_mass_removal_refused(void **state)
{
	struct fixture *f = *state;
	struct portal_source a = answer_new(1, 3);
	unsigned i;

	f->cfg.mass_removal = 2;
	for (i = 0; i < 6; i++)
		add_text(&a.keys, DSA, "old");
	take(f, a);
	assert_int_equal(f->held.state[SRC].keys, 3);
	assert_int_equal(f->held.state[SRC].refused, 6);
	take(f, answer_new(3, 3));
	assert_held(f, 3, 3);
	take(f, answer_new(1, 6));
	a = answer_new(1, 1);
	for (i = 0; i < 6; i++)
		add_text(&a.keys, DSA, "old");
	take(f, a);
	assert_held(f, 1, 6);
	assert_int_equal(f->held.state[SRC].refused, 0);
	assert_int_equal(f->held.state[SRC].votes, 1);
	/* Of an answer that isn't believed no key is left out. */
	assert_int_equal(count(f->log, "left out"), 0);
}

/* Nor are those whose tags are lost: they open nothing any more. */
static void
test_mass_removal_tags(void **state)
{
	struct fixture *f = *state;
	struct portal_source a = answer_new(1, 4);
	unsigned i;

	f->cfg.mass_removal = 2;
	take(f, answer_new(1, 4));
	for (i = 0; i < 3; i++)
		lose_tags(&a.keys, i);
	take(f, a);
	assert_held(f, 1, 4);
	assert_int_equal(f->held.state[SRC].votes, 1);
	a = answer_new(1, 4);
	lose_tags(&a.keys, 0);
	lose_tags(&a.keys, 1);
	take(f, a);
	assert_int_equal(f->held.state[SRC].votes, 0);
	assert_int_equal(f->held.state[SRC].keys, 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    answer_test(test_mass_removal_at_once),
	    answer_test(test_mass_removal_votes),
	    answer_test(test_mass_removal_interrupted),
	    answer_test(test_mass_removal_counts),
	    answer_test(test_mass_removal_refused),
	    answer_test(test_mass_removal_tags),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
