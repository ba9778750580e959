/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "portal/plan.h"

/* Begun, begun again with a new id, and perhaps once more: then enough. */
#define STARTS_MAX 4

void
plan_init(struct fetch *f, bool relearn)
{
	struct job *j;
	unsigned i;

	learn_init(f, relearn);
	for (i = 0; i < SUBJECT_COUNT; i++) {
		j = &f->job[i];
		j->subject = (enum subject)i;
		j->state =
		    i < SOURCE_COUNT && f->src[i].ask ? JOB_WAIT : JOB_OFF;
	}
	f->job[SUBJECT_DEVICE].wants = &f->device;
	f->job[SUBJECT_RECORD].wants = &f->device;
	f->job[SUBJECT_PROJECT].wants = &f->project;
	f->job[SUBJECT_MEMBERS].wants = &f->project;
	f->job[SUBJECT_FLEET].wants = learn_fleet(f);
}

/* Forgets the request and the pages of a job. */
static void
drop(struct job *j)
{
	struct page *page;

	http_free(j->call);
	j->call = NULL;
	while ((page = j->pages) != NULL) {
		j->pages = page->next;
		free(page);
	}
	j->npages = 0;
	j->got = j->rows = 0;
	j->total = -1;
	j->etag[0] = '\0';
}

void
plan_free(struct fetch *f)
{
	size_t i;

	for (i = 0; i < SUBJECT_COUNT; i++)
		drop(&f->job[i]);
}

struct portal_source *
plan_source(struct fetch *f, const struct job *j)
{
	struct portal_source *s;

	if (j->subject == SUBJECT_RECORD)
		return NULL;
	s = &f->src[j->subject];
	return s->ask && s->outcome == PORTAL_NOT_ASKED ? s : NULL;
}

bool
plan_done(const struct fetch *f)
{
	size_t i;

	for (i = 0; i < SOURCE_COUNT; i++) {
		if (f->src[i].ask && f->src[i].outcome == PORTAL_NOT_ASKED)
			return false;
	}
	return true;
}

void
plan_fail(struct fetch *f, struct job *j, const char *fmt, ...)
{
	struct portal_source *s = plan_source(f, j);
	char text[2 * LIMIT_REASON], reason[LIMIT_REASON];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	reason_put(f->p, reason, "%s", text);
	if (s != NULL) {
		portal_source_empty(s);
		s->outcome = PORTAL_FAILED;
		s->retry_after_ms = j->retry_after_ms;
		memcpy(s->reason, reason, sizeof(s->reason));
	}
	if (j->subject == SUBJECT_METADATA)
		learn_fail(f, &f->device, reason, j->retry_after_ms);
	else if (j->subject == SUBJECT_RECORD)
		learn_fail(f, &f->project, reason, j->retry_after_ms);
	drop(j);
	j->state = JOB_DONE;
	f->moved = true;
}

void
plan_again(struct fetch *f, struct job *j)
{
	struct portal_source *s = plan_source(f, j);

	drop(j);
	if (s != NULL)
		portal_source_empty(s);
	j->state = JOB_WAIT;
	f->moved = true;
}

void
plan_restart(struct fetch *f, struct job *j)
{
	struct portal_source *s;

	if ((j->state != JOB_RUN && j->state != JOB_DONE) ||
	    strcasecmp(j->id, j->wants->now) == 0)
		return;
	drop(j);
	if (j->subject == SUBJECT_RECORD) {
		/* Nothing asks for it now unless its project is awaited. */
		j->state = f->project.how == ID_ASKING ? JOB_WAIT : JOB_OFF;
	} else {
		s = &f->src[j->subject];
		portal_source_empty(s);
		s->outcome = PORTAL_NOT_ASKED;
		s->id[0] = s->reason[0] = '\0';
		j->state = JOB_WAIT;
	}
	f->moved = true;
}

/* Notes the page as asked; -1 and the job failed if it must not be. */
static int
add_page(struct fetch *f, struct job *j, const char *url)
{
	size_t size = strlen(url) + 1;
	struct page *page;

	for (page = j->pages; page != NULL; page = page->next) {
		if (strcmp(page->url, url) == 0) {
			plan_fail(f, j, "the list's pages run in a circle");
			return -1;
		}
	}
	if (j->npages >= LIMIT_PAGES) {
		plan_fail(f, j, "the list has more than %d pages", LIMIT_PAGES);
		return -1;
	}
	if ((page = malloc(sizeof(*page) + size)) == NULL) {
		plan_fail(f, j, "out of memory");
		return -1;
	}
	memcpy(page->url, url, size);
	page->next = j->pages;
	j->pages = page;
	j->npages++;
	return 0;
}

void
plan_ask(struct fetch *f, struct job *j, const char *url, const char *etag)
{
	struct http_ask ask = {.url = url,
	    .etag = etag,
	    .owner = j,
	    .peer =
		j->subject == SUBJECT_METADATA ? HTTP_METADATA : HTTP_PORTAL,
	    .cap = LIMIT_ANSWER - j->got,
	    .deadline = f->deadline};
	char reason[LIMIT_REASON];
	struct error err;

	if (ask.peer == HTTP_PORTAL && f->p->token[0] == '\0') {
		plan_fail(
		    f, j, "there is no token in %s", f->p->set->token_file);
		return;
	}
	if (clock_left_ms(f->deadline) == 0) {
		reason_late(f->p, f->span, reason);
		plan_fail(f, j, "%s", reason);
		return;
	}
	if (add_page(f, j, url) == -1)
		return;
	if ((j->call = http_start(f->p, &ask, &err)) == NULL) {
		plan_fail(f, j, "%s", err.text);
		return;
	}
	j->state = JOB_RUN;
	f->moved = true;
}

static void
begin(struct fetch *f, struct job *j)
{
	struct portal_source *s = plan_source(f, j);
	const char *etag = "";
	struct error err;

	drop(j);
	j->retry_after_ms = 0;
	memcpy(j->id, j->wants == NULL ? "" : j->wants->now,
	    j->wants == NULL ? 1 : sizeof(j->id));
	if (++j->starts > STARTS_MAX) {
		plan_fail(f, j, "what this machine is changes too often");
		return;
	}
	if (address_first(f, j, j->url, &err) == -1) {
		plan_fail(f, j, "%s", err.text);
		return;
	}
	if (s != NULL) {
		memcpy(s->id, j->id, sizeof(s->id));
		/* A 304 would bring no device id. */
		if (strcmp(f->held[j->subject].url, j->url) == 0 &&
		    !(j->subject == SUBJECT_METADATA &&
			f->device.how == ID_ASKING))
			etag = f->held[j->subject].etag;
	}
	plan_ask(f, j, j->url, etag);
}

static void
move(struct fetch *f, struct job *j)
{
	enum ready ready;

	if (j->state != JOB_WAIT && j->state != JOB_AGAIN)
		return;
	if (j->wants == NULL) {
		begin(f, j);
		return;
	}
	ready = learn_need(f, j->wants);
	if (j->state == JOB_AGAIN) {
		if (j->wants->how == ID_ASKING)
			return;
		/* Only another id than the unknown one is worth asking. */
		if (ready == READY_YES && strcasecmp(j->wants->now, j->id) != 0)
			begin(f, j);
		else
			plan_fail(f, j, "%s", j->reason);
	} else if (ready == READY_YES) {
		begin(f, j);
	} else if (ready == READY_NO) {
		j->retry_after_ms = j->wants->retry_after_ms;
		plan_fail(f, j, "%s", j->wants->reason);
	}
}

void
plan_step(struct fetch *f)
{
	/* The document last: whether it may be a 304 is known by then. */
	static const enum subject order[] = {SUBJECT_PERSONAL, SUBJECT_DEVICE,
	    SUBJECT_PROJECT, SUBJECT_MEMBERS, SUBJECT_FLEET, SUBJECT_RECORD,
	    SUBJECT_METADATA};
	size_t i;

	do {
		f->moved = false;
		for (i = 0; i < sizeof(order) / sizeof(order[0]); i++)
			move(f, &f->job[order[i]]);
	} while (f->moved);
}
