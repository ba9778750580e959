/* SPDX-License-Identifier: ISC */
/* When a snapshot is believed, and when the portal is asked. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "cache/freshness.h"

#define NOW INT64_C(1750000000000)
#define S INT64_C(1000)
#define DAY (86400 * S)

static const struct freshness defaults = {5 * S, 7 * DAY, 10 * S};

static bool
holds(const struct snapshot_head *head, uint64_t config, uint64_t policy,
    uint64_t deny, int64_t now)
{
	const struct freshness_digests d = {config, policy, deny};

	return freshness_holds(head, &d, now);
}

static void
test_holds(void **state)
{
	const struct snapshot_head head = {.made_ms = NOW - 1000,
	    .due_ms = NOW + 1000,
	    .config_digest = 1,
	    .policy_digest = 2,
	    .deny_digest = 3};

	(void)state;
	assert_true(holds(&head, 1, 2, 3, NOW));
	assert_true(holds(&head, 1, 2, 3, NOW - 1000));
	assert_true(holds(&head, 1, 2, 3, NOW + 999));
	assert_false(holds(&head, 1, 2, 3, NOW + 1000));
	assert_false(holds(&head, 1, 2, 3, NOW + 365 * DAY));
	/* Another config, policy or list: at the next login. */
	assert_false(holds(&head, 4, 2, 3, NOW));
	assert_false(holds(&head, 1, 4, 3, NOW));
	assert_false(holds(&head, 1, 2, 4, NOW));
	assert_false(holds(&head, 2, 1, 3, NOW));
	assert_false(holds(&head, 1, 3, 2, NOW));
}

/* From the future: old, whatever it says of itself. */
static void
test_holds_clock_back(void **state)
{
	struct snapshot_head head = {.made_ms = NOW + 1, .due_ms = INT64_MAX};

	(void)state;
	assert_false(holds(&head, 0, 0, 0, NOW));
	head.made_ms = NOW + 10 * 365 * DAY;
	assert_false(holds(&head, 0, 0, 0, NOW));
	head.made_ms = INT64_MAX;
	assert_false(holds(&head, 0, 0, 0, NOW));
	head.made_ms = NOW;
	assert_true(holds(&head, 0, 0, 0, NOW));
}

static void
test_may_ask(void **state)
{
	struct source_state st = {.outcome = OUTCOME_FAILED,
	    .asked_ms = NOW - 1000,
	    .next_ms = NOW + 10 * S};

	(void)state;
	assert_false(freshness_may_ask(&st, NOW));
	assert_false(freshness_may_ask(&st, NOW + 10 * S - 1));
	assert_true(freshness_may_ask(&st, NOW + 10 * S));
	/* The clock went back behind the failure: the wait is void. */
	assert_true(freshness_may_ask(&st, NOW - 1001));
	assert_false(freshness_may_ask(&st, NOW - 1000));
	/* The longest wait that is ever set, and one that never was. */
	st.next_ms = NOW + LIMIT_RETRY_AFTER_MS;
	assert_false(freshness_may_ask(&st, NOW));
	st.next_ms = NOW + LIMIT_RETRY_AFTER_MS + 1;
	assert_true(freshness_may_ask(&st, NOW));
	st.next_ms = 0;
	assert_true(freshness_may_ask(&st, NOW));
}

static bool
needs(enum source_outcome outcome, int64_t checked, int64_t next)
{
	const struct source_state st = {.outcome = outcome,
	    .checked_ms = checked,
	    .asked_ms = checked,
	    .next_ms = next};

	return freshness_needs_ask(&st, &defaults, NOW);
}

static void
test_needs_ask(void **state)
{
	(void)state;
	assert_true(needs(OUTCOME_NEVER, 0, 0));
	assert_false(needs(OUTCOME_NEW, NOW, 0));
	assert_false(needs(OUTCOME_NEW, NOW - 5 * S + 1, 0));
	assert_true(needs(OUTCOME_NEW, NOW - 5 * S, 0));
	assert_true(needs(OUTCOME_NEW, NOW - 365 * DAY, 0));
	assert_false(needs(OUTCOME_UNCHANGED, NOW - 1, 0));
	assert_true(needs(OUTCOME_UNCHANGED, NOW - 5 * S, 0));
	assert_true(needs(OUTCOME_FAILED, NOW - 1, NOW));
	assert_false(needs(OUTCOME_FAILED, NOW - 1, NOW + 1));
	assert_false(needs(OUTCOME_NEVER, NOW - 1, NOW + 1));
	/* Checked in the future. */
	assert_true(needs(OUTCOME_NEW, NOW + 1, 0));
	assert_true(needs(OUTCOME_NEW, INT64_MAX, 0));
}

static void
test_needs_ask_always(void **state)
{
	const struct freshness always = {0, DAY, 0};
	const struct source_state st = {
	    .outcome = OUTCOME_NEW, .checked_ms = NOW, .asked_ms = NOW};

	(void)state;
	assert_true(freshness_needs_ask(&st, &always, NOW));
}

/* Doubled with each failure, up to five minutes. */
static void
test_backoff_growth(void **state)
{
	static const int64_t want[] = {10, 10, 20, 40, 80, 160, 300, 300, 300};
	uint32_t i;

	(void)state;
	for (i = 0; i < sizeof(want) / sizeof(want[0]); i++)
		assert_true(freshness_backoff(10 * S, i, 0, 0) == want[i] * S);
	assert_true(
	    freshness_backoff(10 * S, UINT32_MAX, 0, 0) == LIMIT_BACKOFF_MS);
	assert_true(freshness_backoff(1, UINT32_MAX, 0, 0) == LIMIT_BACKOFF_MS);
	assert_true(freshness_backoff(300 * S, 1, 0, 0) == LIMIT_BACKOFF_MS);
	assert_true(freshness_backoff(299 * S, 2, 0, 0) == LIMIT_BACKOFF_MS);
	assert_true(freshness_backoff(301 * S, 1, 0, 0) == LIMIT_BACKOFF_MS);
	assert_true(freshness_backoff(0, 1, 0, 0) == 0);
	assert_true(freshness_backoff(0, UINT32_MAX, 0, UINT32_MAX) == 0);
}

/* Up to a fifth less, never more, and not always the same. */
static void
test_backoff_jitter(void **state)
{
	uint32_t failures, random = 1, i;
	int64_t full, wait, least = INT64_MAX, most = 0;

	(void)state;
	assert_true(freshness_backoff(10 * S, 1, 0, UINT32_MAX) == 8001);
	assert_true(freshness_backoff(10 * S, 1, 0, UINT32_MAX / 2) == 9001);
	for (failures = 1; failures < 10; failures++) {
		full = freshness_backoff(10 * S, failures, 0, 0);
		for (i = 0; i < 1000; i++) {
			random = random * 1664525 + 1013904223;
			wait = freshness_backoff(10 * S, failures, 0, random);
			assert_true(wait <= full && wait >= full / 5 * 4);
			if (wait < least)
				least = wait;
			if (failures == 1 && wait > most)
				most = wait;
		}
	}
	assert_true(least < 8100 && most > 9900);
}

/* What the portal itself asks for is the least, up to an hour. */
static void
test_backoff_retry_after(void **state)
{
	(void)state;
	assert_true(freshness_backoff(10 * S, 1, 30 * S, 0) == 30 * S);
	assert_true(freshness_backoff(10 * S, 1, 30 * S, UINT32_MAX) == 30 * S);
	assert_true(freshness_backoff(10 * S, 1, 9999, 0) == 10 * S);
	assert_true(freshness_backoff(10 * S, 1, 10001, 0) == 10001);
	assert_true(freshness_backoff(10 * S, 9, 600 * S, 0) == 600 * S);
	assert_true(freshness_backoff(10 * S, 1, LIMIT_RETRY_AFTER_MS + 1, 0) ==
	    LIMIT_RETRY_AFTER_MS);
	assert_true(
	    freshness_backoff(10 * S, 1, INT64_MAX, 0) == LIMIT_RETRY_AFTER_MS);
	assert_true(freshness_backoff(0, 1, 1, 0) == 1);
}

/* The first source to be due makes the snapshot due; others don't count. */
static void
test_due(void **state)
{
	struct source_state st[SOURCE_COUNT] = {
	    [SOURCE_DEVICE] = {.outcome = OUTCOME_NEW, .checked_ms = NOW - 1},
	    [SOURCE_PROJECT] = {.outcome = OUTCOME_UNCHANGED,
		.checked_ms = NOW - 2},
	    [SOURCE_PERSONAL] = {.outcome = OUTCOME_FAILED,
		.checked_ms = NOW - 900 * S,
		.next_ms = NOW + 3 * S},
	    [SOURCE_METADATA] = {.outcome = OUTCOME_NEVER},
	    [SOURCE_MEMBERS] = {.outcome = OUTCOME_NEW, .checked_ms = NOW - 3},
	    [SOURCE_FLEET] = {.outcome = OUTCOME_FAILED, .next_ms = NOW + S},
	};
	const unsigned device = SOURCE_BIT(SOURCE_DEVICE),
		       project = SOURCE_BIT(SOURCE_PROJECT),
		       personal = SOURCE_BIT(SOURCE_PERSONAL),
		       metadata = SOURCE_BIT(SOURCE_METADATA);

	(void)state;
	assert_true(
	    freshness_due(st, device, &defaults, NOW) == NOW - 1 + 5 * S);
	assert_true(
	    freshness_due(st, project, &defaults, NOW) == NOW - 2 + 5 * S);
	assert_true(freshness_due(st, device | project, &defaults, NOW) ==
	    NOW - 2 + 5 * S);
	assert_true(freshness_due(st, personal, &defaults, NOW) == NOW + 3 * S);
	assert_true(freshness_due(st, device | personal, &defaults, NOW) ==
	    NOW + 3 * S);
	assert_true(freshness_due(st, metadata, &defaults, NOW) == NOW);
	assert_true(
	    freshness_due(st, device | metadata, &defaults, NOW) == NOW);
	/* What a policy needs is due like any list of keys. */
	assert_true(freshness_due(st, device | SOURCE_BIT(SOURCE_MEMBERS),
			&defaults, NOW) == NOW - 3 + 5 * S);
	assert_true(freshness_due(st, device | SOURCE_BIT(SOURCE_FLEET),
			&defaults, NOW) == NOW + S);
	assert_true(freshness_due(st, 0, &defaults, NOW) == INT64_MAX);
}

static void
test_until(void **state)
{
	struct source_state st = {.checked_ms = NOW};

	(void)state;
	assert_true(freshness_until(&st, &defaults) == NOW + 7 * DAY);
	st.checked_ms = 1;
	assert_true(freshness_until(&st, &defaults) == 1 + 7 * DAY);
	/* Records that were never confirmed never count. */
	st.checked_ms = 0;
	assert_true(freshness_until(&st, &defaults) == INT64_MIN);
	st.checked_ms = -1;
	assert_true(freshness_until(&st, &defaults) == INT64_MIN);
}

/* Stamps that no clock of ours gave must not wrap round. */
static void
test_absurd_stamps(void **state)
{
	struct source_state st[SOURCE_COUNT] = {
	    [SOURCE_DEVICE] = {
		.outcome = OUTCOME_NEW, .checked_ms = INT64_MAX}};

	(void)state;
	assert_true(
	    freshness_until(&st[SOURCE_DEVICE], &defaults) == INT64_MAX);
	assert_true(freshness_due(st, SOURCE_BIT(SOURCE_DEVICE), &defaults,
			NOW) == INT64_MAX);
	assert_true(needs(OUTCOME_NEW, INT64_MIN, 0));
	assert_true(needs(OUTCOME_FAILED, NOW, INT64_MIN));
	assert_true(needs(OUTCOME_FAILED, NOW, INT64_MAX));
}

static void
test_doubt(void **state)
{
	struct source_state st = {.checked_ms = NOW,
	    .asked_ms = NOW,
	    .next_ms = NOW + 10,
	    .failures = 2};

	(void)state;
	freshness_doubt(&st, NOW);
	assert_true(st.doubted_ms == 0);
	/* The first time that it is noted counts. */
	freshness_doubt(&st, NOW - 100);
	assert_true(st.doubted_ms == NOW - 100);
	freshness_doubt(&st, NOW - 50);
	assert_true(st.doubted_ms == NOW - 100);
	/* Unless the clock goes back further still. */
	freshness_doubt(&st, NOW - 200);
	assert_true(st.doubted_ms == NOW - 200);
	/* A clock that is right again finds the stamp as it was. */
	freshness_doubt(&st, NOW + 1);
	assert_true(st.doubted_ms == 0 && st.checked_ms == NOW);
	assert_true(st.asked_ms == NOW && st.next_ms == NOW + 10);
	assert_int_equal(st.failures, 2);
	/* A source that has never answered has no stamp to doubt. */
	st = (struct source_state){.asked_ms = NOW + 5};
	freshness_doubt(&st, NOW);
	assert_true(st.doubted_ms == 0);
}

/* A machine that booted in 2050 and then learned the time: no key is lost,
 * and the span until they are stale starts anew. */
static void
test_clock_story(void **state)
{
	const int64_t then = NOW + 25 * 365 * DAY;
	struct source_state st = {
	    .outcome = OUTCOME_NEW, .checked_ms = then, .asked_ms = then};

	(void)state;
	assert_true(freshness_until(&st, &defaults) > NOW);
	assert_true(freshness_needs_ask(&st, &defaults, NOW));
	freshness_doubt(&st, NOW);
	assert_true(freshness_until(&st, &defaults) == NOW + 7 * DAY);
	assert_true(freshness_needs_ask(&st, &defaults, NOW));
	/* However often a login finds the portal dead, the span stays. */
	freshness_doubt(&st, NOW + DAY);
	assert_true(freshness_until(&st, &defaults) == NOW + 7 * DAY);
}

/* A machine that booted 400 days back, saw a login with the portal dead, and
 * then learned the time: its keys are as fresh as they were. */
static void
test_clock_back_and_right_again(void **state)
{
	struct source_state st = {
	    .outcome = OUTCOME_NEW, .checked_ms = NOW, .asked_ms = NOW};

	(void)state;
	freshness_doubt(&st, NOW - 400 * DAY);
	assert_true(freshness_until(&st, &defaults) == NOW - 393 * DAY);
	freshness_doubt(&st, NOW + DAY);
	assert_true(freshness_until(&st, &defaults) == NOW + 7 * DAY);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_holds),
	    cmocka_unit_test(test_holds_clock_back),
	    cmocka_unit_test(test_may_ask),
	    cmocka_unit_test(test_needs_ask),
	    cmocka_unit_test(test_needs_ask_always),
	    cmocka_unit_test(test_backoff_growth),
	    cmocka_unit_test(test_backoff_jitter),
	    cmocka_unit_test(test_backoff_retry_after),
	    cmocka_unit_test(test_due),
	    cmocka_unit_test(test_until),
	    cmocka_unit_test(test_absurd_stamps),
	    cmocka_unit_test(test_doubt),
	    cmocka_unit_test(test_clock_story),
	    cmocka_unit_test(test_clock_back_and_right_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
