/* SPDX-License-Identifier: ISC */
/* What an answer of the portal changes, and what it must not change. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "answers_fixture.h"

static void
test_new(void **state)
{
	struct portal_source a = answer_new(1, 3);
	struct fixture *f = *state;
	const struct source_state *st = &f->held.state[SRC];

	/* Traces of a failure before. */
	f->held.state[SRC] = (struct source_state){.outcome = OUTCOME_FAILED,
	    .reason = "x",
	    .next_ms = NOW + 1,
	    .failures = 3,
	    .votes = 2,
	    .doubted_ms = NOW};
	take_at(f, &a, NOW - 7, NOW);
	assert_held(f, 1, 3);
	assert_int_equal(st->outcome, OUTCOME_NEW);
	assert_string_equal(st->reason, "");
	assert_true(st->checked_ms == NOW - 7);
	assert_true(st->asked_ms == NOW - 7);
	assert_true(st->next_ms == 0 && st->doubted_ms == 0);
	assert_int_equal(st->failures, 0);
	assert_int_equal(st->votes, 0);
	assert_int_equal(st->refused, 0);
	assert_string_equal(st->id, ID_A);
	assert_string_equal(st->etag, "\"1\"");
	assert_string_equal(st->url, "https://h/keys");
	assert_non_null(strstr(f->log,
	    "[answers-again] source project answers for the first time "
	    "(failures in a row: 3)\n"));
	/* A fingerprint for each, and the text is gone. */
	assert_int_equal(strlen(f->held.keys[SRC].v[0].fp), KEYREC_FP_LEN);
	assert_null(f->held.keys[SRC].v[0].text);
	/* Only this source. */
	assert_int_equal(f->held.state[SOURCE_DEVICE].outcome, OUTCOME_NEVER);
}

/* A list replaces the one before it, and an empty one is the truth. */
static void
test_new_replaces(void **state)
{
	struct fixture *f = *state;

	take(f, answer_new(1, 3));
	take(f, answer_new(2, 5));
	assert_held(f, 2, 5);
	take(f, answer_new(1, 0));
	assert_int_equal(f->held.keys[SRC].n, 0);
	assert_int_equal(f->held.state[SRC].keys, 0);
	assert_int_equal(f->held.state[SRC].outcome, OUTCOME_NEW);
}

/* The end of a failure is told, once. */
static void
test_again(void **state)
{
	struct portal_source a = {.outcome = PORTAL_UNCHANGED, .id = ID_A};
	struct fixture *f = *state;
	struct source_state *st = &f->held.state[SRC];

	take(f, answer_new(1, 3));
	assert_string_equal(f->log, "");
	*st = (struct source_state){.outcome = OUTCOME_FAILED,
	    .failures = 5,
	    .checked_ms = NOW - 720 * S};
	take_at(f, &a, NOW, NOW + 1);
	assert_non_null(strstr(f->log,
	    "[answers-again] source project answers again, 12 min after its "
	    "last good answer (failures in a row: 5)\n"));
	take_at(f, &a, NOW + 2, NOW + 3);
	assert_string_equal(f->log, "");
}

static void
test_not_asked(void **state)
{
	struct portal_source a = {.outcome = PORTAL_NOT_ASKED, .id = ID_B};
	struct fixture *f = *state;
	struct source_state before;

	take(f, answer_new(1, 3));
	before = f->held.state[SRC];
	take_at(f, &a, NOW + 1, NOW + 2);
	assert_memory_equal(&f->held.state[SRC], &before, sizeof(before));
	assert_held(f, 1, 3);
}

static void
test_unchanged(void **state)
{
	struct portal_source a = {.outcome = PORTAL_UNCHANGED,
	    .id = ID_A,
	    .etag = "\"1\"",
	    .url = "https://h/keys",
	    .status = 304};
	struct fixture *f = *state;
	struct source_state *st = &f->held.state[SRC];

	take(f, answer_new(1, 3));
	st->failures = 2;
	st->next_ms = NOW + 5;
	st->votes = 1;
	(void)strcpy(st->reason, "x");
	take_at(f, &a, NOW + 100, NOW + 200);
	assert_held(f, 1, 3);
	assert_int_equal(st->outcome, OUTCOME_UNCHANGED);
	assert_true(st->checked_ms == NOW + 100);
	assert_true(st->asked_ms == NOW + 100);
	assert_true(st->next_ms == 0);
	assert_int_equal(st->failures, 0);
	assert_int_equal(st->votes, 0);
	assert_string_equal(st->reason, "");
	assert_string_equal(st->etag, "\"1\"");
	assert_string_equal(f->log, "");
}

/* Records, when they last held and their ETag stay; the wait grows. */
static void
test_failed(void **state)
{
	struct portal_source a = answer_failed("portal answered 500", 0);
	struct fixture *f = *state;
	const struct source_state *st = &f->held.state[SRC];

	take(f, answer_new(1, 3));
	take_at(f, &a, NOW + 60 * S, NOW + 61 * S);
	assert_held(f, 1, 3);
	assert_int_equal(st->outcome, OUTCOME_FAILED);
	assert_string_equal(st->reason, "portal answered 500");
	assert_true(st->checked_ms == NOW);
	assert_true(st->asked_ms == NOW + 60 * S);
	assert_true(st->next_ms == NOW + 71 * S);
	assert_int_equal(st->failures, 1);
	assert_string_equal(st->etag, "\"1\"");
	assert_string_equal(st->id, ID_A);
	assert_non_null(strstr(f->log,
	    "[failed-source] source project failed: portal answered"
	    " 500 (its 3 keys, confirmed 61 s ago, stay in force)"));
	assert_int_equal(count(f->log, "\n"), 1);
	take_at(f, &a, NOW + 80 * S, NOW + 80 * S);
	assert_int_equal(st->failures, 2);
	assert_true(st->next_ms == NOW + 100 * S);
	take_at(f, &a, NOW + 3700 * S, NOW + 3700 * S);
	assert_true(st->next_ms == NOW + 3740 * S);
	assert_held(f, 1, 3);
	assert_non_null(strstr(f->log, "are stale"));
}

static void
test_failed_never_answered(void **state)
{
	struct fixture *f = *state;

	take(f, answer_failed("no route to host", 0));
	assert_int_equal(f->held.keys[SRC].n, 0);
	assert_true(f->held.state[SRC].checked_ms == 0);
	assert_non_null(strstr(f->log, "it has never answered"));
}

static void
test_failed_waits(void **state)
{
	struct fixture *f = *state;
	const struct source_state *st = &f->held.state[SRC];
	unsigned i;

	take(f, answer_failed("busy", 120 * S));
	assert_true(st->next_ms == NOW + 120 * S);
	for (i = 0; i < 10; i++)
		take(f, answer_failed("down", 0));
	assert_int_equal(st->failures, 11);
	assert_true(st->next_ms == NOW + 300 * S);
	f->held.state[SRC].failures = UINT32_MAX;
	take(f, answer_failed("down", 0));
	assert_true(st->failures == UINT32_MAX);
	assert_true(st->next_ms == NOW + 300 * S);
}

/* Another device or project: what is held is not this machine's. */
static void
test_other_id(void **state)
{
	struct portal_source a = answer_failed("gone", 0);
	struct fixture *f = *state;

	take(f, answer_new(1, 5));
	(void)strcpy(a.id, ID_B);
	take(f, a);
	assert_int_equal(f->held.keys[SRC].n, 0);
	assert_int_equal(f->held.state[SRC].keys, 0);
	assert_true(f->held.state[SRC].checked_ms == 0);
	assert_string_equal(f->held.state[SRC].etag, "");
	assert_int_equal(f->held.state[SRC].failures, 1);
	assert_string_equal(f->held.state[SRC].id, ID_B);
	assert_non_null(strstr(f->log, "it has never answered"));
	/* No vote is needed against another machine's keys. */
	f->cfg.mass_removal = 3;
	take(f, answer_new(1, 5));
	a = answer_new(8, 8);
	(void)strcpy(a.id, ID_B);
	take(f, a);
	assert_held(f, 8, 8);
	assert_string_equal(f->held.state[SRC].id, ID_B);
}

/* The id could not be learned, or is written in other letters. */
static void
test_same_id(void **state)
{
	struct portal_source a = answer_failed("no id", 0);
	struct fixture *f = *state;

	take(f, answer_new(1, 3));
	a.id[0] = '\0';
	take(f, a);
	assert_held(f, 1, 3);
	assert_string_equal(f->held.state[SRC].id, ID_A);
	(void)strcpy(a.id, "0A1B2C3D-4E5F-6789-ABCD-EF0123456789");
	take(f, a);
	assert_held(f, 1, 3);
	/* A source that belongs to no id keeps its own too. */
	f->held.state[SRC].id[0] = '\0';
	(void)strcpy(a.id, ID_B);
	take(f, a);
	assert_held(f, 1, 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    answer_test(test_new),
	    answer_test(test_new_replaces),
	    answer_test(test_again),
	    answer_test(test_not_asked),
	    answer_test(test_unchanged),
	    answer_test(test_failed),
	    answer_test(test_failed_never_answered),
	    answer_test(test_failed_waits),
	    answer_test(test_other_id),
	    answer_test(test_same_id),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
