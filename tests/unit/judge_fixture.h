/*
 * A judge over a world of policy_fixture.h, and one of its keys.  Include it
 * after cmocka.h.
 */
#ifndef TESTS_UNIT_JUDGE_FIXTURE_H
#define TESTS_UNIT_JUDGE_FIXTURE_H

#include "policy_fixture.h"

struct court {
	struct judge j;
	struct candidate c;
};

static inline void
court_open(struct court *t, struct world *w, size_t sample)
{
	size_t i;

	*t = (struct court){0};
	world_merge(w);
	assert_int_equal(judge_open(&t->j, &w->in), 0);
	for (i = 0;
	     strcmp(w->merged.v[i].refs[0].rec->fp, samples[sample].fp) != 0;
	     i++)
		assert_true(i + 1 < w->merged.n);
	assert_int_equal(
	    candidate_set(&t->c, &w->merged.v[i], &t->j.people), CANDIDATE_OK);
}

static inline void
court_close(struct court *t)
{
	candidate_free(&t->c);
	judge_close(&t->j);
}

static inline void
check_ruling(struct ruling r, enum verdict v, int64_t until_ms)
{
	assert_string_equal(verdict_code(r.verdict, 0), verdict_code(v, 0));
	if (v == VERDICT_ALLOWED)
		assert_true(r.until_ms == until_ms);
	else
		assert_true(r.until_ms == CANDIDATE_NEVER);
}

#endif
