/* SPDX-License-Identifier: ISC */
/* Buckets of log lines: what is told, what is counted, who makes room. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/throttle.h"

#define NOW INT64_C(1750000000000)
#define S INT64_C(1000)
#define REFILL LIMIT_LOG_REFILL_MS
#define BURST LIMIT_LOG_BURST

static struct throttle *
new_table(void)
{
	struct throttle *t = calloc(1, sizeof(*t));

	assert_non_null(t);
	return t;
}

/* One line of key at now: whether it is told.  held: how many were before. */
static bool
line(struct throttle *t, enum throttle_part part, uint64_t key, int64_t now,
    uint32_t *held)
{
	struct throttle_slot gone, *s;

	s = throttle_find(t, part, key, now, &gone);
	assert_non_null(s);
	*held = s->held;
	if (throttle_may(s, now)) {
		throttle_told(s, "code", now);
		assert_int_equal(s->held, 0);
		return true;
	}
	throttle_hold(s, "code", "text", now);
	assert_true(throttle_sound(s));
	return false;
}

static unsigned
told_of(struct throttle *t, enum throttle_part part, uint64_t key, int64_t now,
    unsigned lines)
{
	unsigned told = 0;
	uint32_t held;

	while (lines-- > 0)
		told += line(t, part, key, now, &held);
	return told;
}

static void
test_burst(void **state)
{
	struct throttle *t = new_table();
	uint32_t held;

	(void)state;
	assert_int_equal(told_of(t, THROTTLE_STATE, 7, NOW, 200), BURST);
	/* Another reason has a bucket of its own. */
	assert_int_equal(told_of(t, THROTTLE_STATE, 8, NOW, 1), 1);
	assert_int_equal(told_of(t, THROTTLE_REFUSAL, 7, NOW, 1), 1);
	/* A ms before there is one more, and then. */
	assert_false(line(t, THROTTLE_STATE, 7, NOW + REFILL - 1, &held));
	assert_true(line(t, THROTTLE_STATE, 7, NOW + REFILL, &held));
	assert_int_equal(held, 200 - BURST + 1);
	assert_false(line(t, THROTTLE_STATE, 7, NOW + REFILL, &held));
	assert_int_equal(held, 0);
	/* Never more than a bucketful, however long it was quiet. */
	assert_int_equal(
	    told_of(t, THROTTLE_STATE, 7, NOW + 1000 * REFILL, 200), BURST);
	free(t);
}

/* Over hours: one each refill. */
static void
test_rate(void **state)
{
	struct throttle *t = new_table();
	unsigned told = 0, i;

	(void)state;
	for (i = 0; i < 3600; i++)
		told += told_of(t, THROTTLE_STATE, 7, NOW + i * S, 5);
	assert_int_equal(told, BURST + 3600 * S / REFILL - 1);
	free(t);
}

/* A change is told although nothing is left, and pushes the next one no
 * further away than an empty bucket is. */
static void
test_always(void **state)
{
	struct throttle *t = new_table();
	struct throttle_slot gone, *s;
	int i;

	(void)state;
	assert_int_equal(told_of(t, THROTTLE_STATE, 7, NOW, 20), BURST);
	s = throttle_find(t, THROTTLE_STATE, 7, NOW, &gone);
	for (i = 0; i < 50; i++)
		throttle_told(s, "code", NOW);
	assert_int_equal(s->held, 0);
	assert_false(throttle_may(s, NOW));
	assert_true(throttle_may(s, NOW + REFILL));
	free(t);
}

/* Back or ahead, by little or much: never silent for longer than a bucket
 * takes to fill. */
static void
test_clock(void **state)
{
	static const int64_t jumps[] = {-NOW + 1, -1000 * REFILL,
	    -BURST * REFILL - 1, -REFILL, -1, 1, REFILL, 1000 * REFILL, NOW};
	struct throttle *t;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(jumps) / sizeof(jumps[0]); i++) {
		t = new_table();
		(void)told_of(t, THROTTLE_STATE, 7, NOW, 20);
		if (jumps[i] < -BURST * REFILL)
			assert_int_equal(
			    told_of(t, THROTTLE_STATE, 7, NOW + jumps[i], 20),
			    BURST);
		assert_true(told_of(t, THROTTLE_STATE, 7,
				NOW + jumps[i] + BURST * REFILL, 1) == 1);
		free(t);
	}
}

static void
test_span(void **state)
{
	struct throttle_slot s = {.held = 0};

	(void)state;
	throttle_hold(&s, "a", "b", NOW);
	throttle_hold(&s, "a", "c", NOW + 5);
	assert_int_equal(s.held, 2);
	assert_string_equal(s.text, "c");
	assert_int_equal(throttle_span(&s, NOW + 120 * S), 120 * S);
	assert_int_equal(throttle_span(&s, NOW - 1), 0);
	s.since_ms = INT64_MIN;
	assert_int_equal(throttle_span(&s, NOW), 0);
	s.held = UINT32_MAX;
	throttle_hold(&s, "a", "c", NOW);
	assert_true(s.held == UINT32_MAX);
}

/* Each bit of a slot counts: one that was changed is empty. */
static void
test_sound(void **state)
{
	struct throttle_slot s = {.key = 7}, bad;
	size_t i;

	(void)state;
	assert_false(throttle_sound(&s));
	throttle_hold(&s, "code-that-is-longer-than-24", "\xc3\xa4 text", NOW);
	assert_true(throttle_sound(&s));
	assert_int_equal(strlen(s.code), sizeof(s.code) - 1);
	for (i = 0; i < 8 * sizeof(s); i++) {
		bad = s;
		((unsigned char *)&bad)[i / 8] ^= (unsigned char)(1u << i % 8);
		assert_false(throttle_sound(&bad));
	}
	/* Well sealed, but a text without its end. */
	memset(s.text, 'x', sizeof(s.text));
	s.digest = 0;
	assert_false(throttle_sound(&s));
}

/* Whoever floods one part of the table with reasons hides none of another,
 * and in his own each is told once while there is room. */
static void
test_flood(void **state)
{
	struct throttle *t = new_table();
	unsigned i, told = 0;

	(void)state;
	for (i = 0; i < LIMIT_LOG_REFUSALS - 1; i++)
		assert_int_equal(
		    told_of(t, THROTTLE_REFUSAL, 1000 + i, NOW, 9), BURST);
	/* Then they share one, and the first of it is told. */
	for (i = 0; i < 5000; i++)
		told += told_of(t, THROTTLE_REFUSAL, 9000 + i, NOW, 1);
	assert_int_equal(told, BURST);
	/* Those that have a slot keep it. */
	assert_int_equal(told_of(t, THROTTLE_REFUSAL, 1000, NOW, 9), 0);
	assert_int_equal(told_of(t, THROTTLE_STATE, 1, NOW, 9), BURST);
	assert_int_equal(told_of(t, THROTTLE_LEFT_OUT, 1, NOW, 9), BURST);
	/* When they have been quiet for long enough there is room again. */
	assert_int_equal(
	    told_of(t, THROTTLE_REFUSAL, 77, NOW + BURST * REFILL, 9), BURST);
	free(t);
}

/* What this machine has to say of itself is always told at first. */
static void
test_new_states(void **state)
{
	struct throttle *t = new_table();
	struct throttle_slot gone;
	unsigned i, told = 0;
	uint32_t lost = 0;

	(void)state;
	for (i = 0; i < 1000; i++) {
		told += told_of(t, THROTTLE_STATE, 1000 + i, NOW, 6) == BURST;
		(void)throttle_find(t, THROTTLE_STATE, 5000 + i, NOW, &gone);
		/* And who had to go for it did not go untold. */
		lost += gone.held;
	}
	assert_int_equal(told, 1000);
	assert_true(lost > 0);
	free(t);
}

/* An idle slot without untold lines goes before one with. */
static void
test_makes_room(void **state)
{
	struct throttle *t = new_table();
	struct throttle_slot gone;
	int64_t later = NOW + 100 * REFILL;
	unsigned i;

	(void)state;
	(void)told_of(t, THROTTLE_STATE, 1, NOW, BURST + 3);
	for (i = 1; i < LIMIT_LOG_STATES; i++)
		(void)told_of(t, THROTTLE_STATE, 1 + i, NOW + 1, 1);
	for (i = 1; i < LIMIT_LOG_STATES; i++) {
		throttle_told(
		    throttle_find(t, THROTTLE_STATE, 500 + i, later, &gone),
		    "code", later);
		assert_int_equal(gone.held, 0);
	}
	(void)throttle_find(t, THROTTLE_STATE, 999, later, &gone);
	assert_int_equal(gone.held, 3);
	assert_string_equal(gone.code, "code");
	assert_string_equal(gone.text, "text");
	free(t);
}

static uint64_t
gist(const char *text)
{
	return throttle_gist(DIGEST_INIT, text);
}

static void
test_gist(void **state)
{
	(void)state;
	assert_true(
	    gist("no answer within 5 s") == gist("no answer within 4 s"));
	assert_true(gist("portal answered 503 (request 8a1)") ==
	    gist("portal answered 503 (request 77f (b) c)"));
	assert_true(gist("portal answered 503") != gist("portal answered 500"));
	assert_true(gist("portal answered 503") !=
	    gist("metadata service answered 503"));
	assert_true(gist("cannot reach h: a") != gist("cannot reach h: b"));
	assert_true(gist("503") == gist("504"));
	assert_true(gist("") == DIGEST_INIT);
	assert_true(gist("(a") == DIGEST_INIT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_burst),
	    cmocka_unit_test(test_rate),
	    cmocka_unit_test(test_always),
	    cmocka_unit_test(test_clock),
	    cmocka_unit_test(test_span),
	    cmocka_unit_test(test_sound),
	    cmocka_unit_test(test_flood),
	    cmocka_unit_test(test_new_states),
	    cmocka_unit_test(test_makes_room),
	    cmocka_unit_test(test_gist),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
