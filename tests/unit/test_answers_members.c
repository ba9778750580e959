/* SPDX-License-Identifier: ISC */
/* The members of the project, and answers without most of them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "answers_fixture.h"

/* The members from first to last; their ids are made of the number. */
static struct portal_source
answer_members(unsigned first, unsigned last)
{
	struct portal_source a = {.ask = true,
	    .outcome = PORTAL_NEW,
	    .id = ID_A,
	    .etag = "\"1\"",
	    .url = "https://h/memberships",
	    .status = 200};
	struct member *m;
	char id[40];

	memberset_init(&a.members);
	for (; first <= last; first++) {
		(void)snprintf(
		    id, sizeof(id), "aaaaaaaa-0000-4000-8000-%012u", first);
		assert_non_null(m = memberset_add(&a.members));
		m->id = memberset_copy(&a.members, id, strlen(id));
		assert_non_null(m->id);
		m->email = "x@example.com";
	}
	return a;
}

static void
take_members(struct fixture *f, unsigned first, unsigned last)
{
	struct portal_source a = answer_members(first, last);

	take_from(f, SOURCE_MEMBERS, &a, NOW, NOW);
}

static void
assert_members(const struct fixture *f, unsigned first, unsigned last)
{
	const struct memberset *ms = &f->held.members;
	size_t i;

	assert_int_equal(ms->n, last - first + 1);
	assert_int_equal(f->held.state[SOURCE_MEMBERS].keys, ms->n);
	for (i = 0; i < ms->n; i++)
		assert_int_equal(
		    strtoul(ms->v[i].id + 24, NULL, 10), first + i);
}

static void
test_new(void **state)
{
	struct fixture *f = *state;
	const struct source_state *st = &f->held.state[SOURCE_MEMBERS];

	take(f, answer_new(1, 3));
	take_members(f, 1, 3);
	assert_members(f, 1, 3);
	assert_int_equal(st->outcome, OUTCOME_NEW);
	assert_true(st->checked_ms == NOW);
	assert_int_equal(st->refused, 0);
	assert_string_equal(st->id, ID_A);
	assert_string_equal(st->etag, "\"1\"");
	assert_string_equal(st->url, "https://h/memberships");
	assert_string_equal(f->log, "");
	/* A list replaces the one before it, and an empty one is the truth. */
	take_members(f, 2, 5);
	assert_members(f, 2, 5);
	take_members(f, 1, 0);
	assert_members(f, 1, 0);
	/* The keys are another source's. */
	assert_held(f, 1, 3);
}

static void
test_failed(void **state)
{
	struct fixture *f = *state;
	struct portal_source a = answer_failed("down", 0);

	take_members(f, 1, 3);
	take_from(f, SOURCE_MEMBERS, &a, NOW + 60 * S, NOW + 61 * S);
	assert_members(f, 1, 3);
	assert_true(f->held.state[SOURCE_MEMBERS].checked_ms == NOW);
	assert_non_null(strstr(f->log,
	    "source members failed: down (its 3 members, confirmed 61 s ago, "
	    "stay in force)"));
	/* Another project's are not this machine's. */
	(void)strcpy(a.id, ID_B);
	take_from(f, SOURCE_MEMBERS, &a, NOW, NOW);
	assert_int_equal(f->held.members.n, 0);
	assert_int_equal(f->held.state[SOURCE_MEMBERS].keys, 0);
}

/* Only the second of two answers in a row is believed. */
static void
test_votes(void **state)
{
	struct fixture *f = *state;
	const struct source_state *st = &f->held.state[SOURCE_MEMBERS];

	f->cfg.mass_removal = 2;
	take_members(f, 1, 10);
	take_members(f, 1, 4);
	assert_members(f, 1, 10);
	assert_int_equal(st->votes, 1);
	assert_int_equal(st->outcome, OUTCOME_UNCHANGED);
	assert_string_equal(st->reason,
	    "an answer without most members counts after 1 more like it "
	    "(mass-removal)");
	assert_non_null(strstr(f->log, st->reason));
	take_members(f, 1, 9);
	assert_members(f, 1, 9);
	assert_int_equal(st->votes, 0);
	take_members(f, 1, 1);
	assert_members(f, 1, 9);
	take_members(f, 1, 1);
	assert_members(f, 1, 1);
	assert_string_equal(st->reason, "");
}

static void
check_vote(struct fixture *f, unsigned before, unsigned first, unsigned last,
    bool vote)
{
	holdings_forget(&f->held, SOURCE_MEMBERS);
	take_members(f, 1, before);
	take_members(f, first, last);
	assert_int_equal(f->held.state[SOURCE_MEMBERS].votes, vote);
	assert_members(f, vote ? 1 : first, vote ? before : last);
}

/* More than half of four or more, whoever came instead. */
static void
test_vote_counts(void **state)
{
	struct fixture *f = *state;

	f->cfg.mass_removal = 2;
	check_vote(f, 3, 1, 0, false);
	check_vote(f, 4, 1, 2, false);
	check_vote(f, 4, 1, 1, true);
	check_vote(f, 4, 1, 0, true);
	check_vote(f, 5, 3, 9, false);
	check_vote(f, 5, 4, 9, true);
	check_vote(f, 10, 11, 20, true);
	/* At once, where that is what is asked for. */
	f->cfg.mass_removal = 1;
	check_vote(f, 10, 1, 0, false);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    answer_test(test_new),
	    answer_test(test_failed),
	    answer_test(test_votes),
	    answer_test(test_vote_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
