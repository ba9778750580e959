/* SPDX-License-Identifier: ISC */
/*
 * A fetch from its start to its deadline.
 */
#include <string.h>

#include "base/clock.h"
#include "portal/plan.h"

/* The time is up: ends what runs, and with it all that waits for that. */
static void
expire(struct fetch *f)
{
	struct http_call *c;
	size_t i;

	for (i = 0; i < SUBJECT_COUNT; i++) {
		if ((c = f->job[i].call) != NULL) {
			http_time_out(c);
			plan_answer(f, c);
		}
	}
	plan_step(f);
}

/* How long to wait at most: to the deadline, or until old ids are used. */
static int
patience(const struct fetch *f)
{
	int left = clock_left_ms(f->deadline), grace = clock_left_ms(f->grace);

	return grace > 0 && grace < left ? grace : left;
}

static int
run(struct fetch *f, struct error *err)
{
	struct http_call *c;
	bool news = false;

	plan_step(f);
	while (!plan_done(f) && clock_left_ms(f->deadline) > 0) {
		if (!news && http_wait(f->p, patience(f), err) == -1)
			return -1;
		if (http_perform(f->p, err) == -1)
			return -1;
		for (news = false; (c = http_ended(f->p)) != NULL; news = true)
			plan_answer(f, c);
		plan_step(f);
	}
	if (!plan_done(f))
		expire(f);
	return 0;
}

/* Whatever went wrong, no source is left without its outcome. */
static void
fail_rest(struct fetch *f, const char *reason)
{
	size_t i;

	for (i = 0; i < SOURCE_COUNT; i++) {
		if (plan_source(f, &f->job[i]) != NULL)
			plan_fail(f, &f->job[i], "%s", reason);
	}
}

static void
clear_sources(struct fetch *f)
{
	struct portal_source *s;
	size_t i;

	for (i = 0; i < SOURCE_COUNT; i++) {
		s = &f->src[i];
		memcpy(f->held[i].etag, s->etag, sizeof(s->etag));
		memcpy(f->held[i].url, s->url, sizeof(s->url));
		portal_source_empty(s);
		s->outcome = PORTAL_NOT_ASKED;
		s->id[0] = s->reason[0] = '\0';
		s->status = 0;
		s->retry_after_ms = s->date_ms = 0;
	}
}

/* Without a new list the caller still holds its old one: so do tag and URL,
 * even if a new list came and was thrown away again. */
static void
restore_held(struct fetch *f)
{
	struct portal_source *s;
	size_t i;

	for (i = 0; i < SOURCE_COUNT; i++) {
		s = &f->src[i];
		if (s->outcome == PORTAL_NEW)
			continue;
		memcpy(s->etag, f->held[i].etag, sizeof(s->etag));
		memcpy(s->url, f->held[i].url, sizeof(s->url));
	}
}

int
portal_fetch(struct portal *p, struct portal_ids *ids, bool relearn,
    struct portal_source src[SOURCE_COUNT], int64_t deadline, struct error *err)
{
	int64_t began = clock_mono_ms(), half;
	int64_t connect = p->set->connect_timeout_ms;
	struct fetch f = {.p = p, .ids = ids, .src = src, .deadline = deadline};
	char late[LIMIT_REASON];
	struct error why;
	int r;

	f.span = deadline > began ? deadline - began : 0;
	half = f.span / 2;
	f.grace = began + (connect > 0 && connect < half ? connect : half);
	memset(p->resolved, 0, sizeof(p->resolved));
	clear_sources(&f);
	plan_init(&f, relearn);
	if ((r = run(&f, &why)) == -1)
		fail_rest(&f, why.text);
	reason_late(p, f.span, late);
	fail_rest(&f, late);
	learn_keep(&f);
	restore_held(&f);
	plan_free(&f);
	if (r == -1)
		return error_set(err, "%s", why.text);
	return 0;
}
