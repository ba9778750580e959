/* SPDX-License-Identifier: ISC */
/*
 * A fetch from its start to its deadline, and what each answer means.
 */
#include <string.h>

#include "base/clock.h"
#include "portal/decode.h"
#include "portal/link.h"
#include "portal/plan.h"

#define STATUS_OK 200
#define STATUS_NOT_MODIFIED 304
#define STATUS_NOT_FOUND 404

static const char *
text(const struct http_call *c)
{
	return (const char *)c->body.data;
}

/* The list is whole: hands it to its source. */
static void
list_whole(struct fetch *f, struct job *j)
{
	struct portal_source *s = plan_source(f, j);
	const char *token = f->p->token;

	j->state = JOB_DONE;
	if (s == NULL)
		return;
	s->outcome = PORTAL_NEW;
	memcpy(s->url, j->url, sizeof(s->url));
	/* The tag of a page says nothing about the others; and what is kept
	 * on disk must not be the token. */
	if (j->npages == 1 &&
	    (token[0] == '\0' || strstr(j->etag, token) == NULL))
		memcpy(s->etag, j->etag, sizeof(s->etag));
	else
		s->etag[0] = '\0';
}

static void
read_list(struct fetch *f, struct job *j, struct http_call *c)
{
	char next[LIMIT_URL], url[LIMIT_URL];
	struct portal_source *s = plan_source(f, j);
	struct error err;

	if (s == NULL) {
		j->state = JOB_DONE;
		return;
	}
	if (decode_key_list(text(c), c->body.len, &s->keys, next, &err) == -1) {
		plan_fail(f, j, "%s", err.text);
		return;
	}
	j->got += c->body.len;
	if (j->npages == 1)
		memcpy(j->etag, c->etag, sizeof(j->etag));
	if (next[0] == '\0') {
		list_whole(f, j);
		return;
	}
	/* j->pages is the page that was just read. */
	if (link_follow(j->pages->url, next, url, &err) == -1) {
		plan_fail(f, j, "%s", err.text);
		return;
	}
	plan_ask(f, j, url, "");
}

/* The list for its source, and the id for whoever needs it. */
static void
read_metadata(struct fetch *f, struct job *j, struct http_call *c)
{
	char device[PORTAL_UUID_SIZE];
	struct portal_source *s = plan_source(f, j);
	struct error err;

	if (decode_metadata(text(c), c->body.len, device, NULL, &err) == -1) {
		plan_fail(f, j, "metadata service: %s", err.text);
		return;
	}
	if (device[0] != '\0')
		learn_device(f, device);
	else
		learn_fail(
		    f, &f->device, "the metadata document has no device id", 0);
	if (s != NULL &&
	    decode_metadata(text(c), c->body.len, device, &s->keys, &err) ==
		-1) {
		plan_fail(f, j, "metadata service: %s", err.text);
		return;
	}
	memcpy(j->etag, c->etag, sizeof(j->etag));
	list_whole(f, j);
}

static void
read_record(struct fetch *f, struct job *j, struct http_call *c)
{
	char project[PORTAL_UUID_SIZE];
	struct error err;

	if (decode_device(text(c), c->body.len, project, &err) == -1) {
		plan_fail(f, j, "%s", err.text);
		return;
	}
	j->state = JOB_DONE;
	learn_project(f, project);
}

/* 304: what the caller holds is still so. */
static void
unchanged(struct fetch *f, struct job *j)
{
	struct portal_source *s = plan_source(f, j);

	if (s != NULL)
		s->outcome = PORTAL_UNCHANGED;
	j->state = JOB_DONE;
	/* By now the document is wanted for its id too: ask for all of it. */
	if (j->subject == SUBJECT_METADATA && f->device.how == ID_ASKING) {
		j->state = JOB_WAIT;
		f->moved = true;
	}
}

static void
refused(struct fetch *f, struct job *j, struct http_call *c)
{
	char reason[LIMIT_REASON];

	j->retry_after_ms = c->retry_after_ms;
	reason_http(f->p, c, j->subject, j->id, f->span, reason);
	if (c->status == STATUS_NOT_FOUND && j->npages == 1 &&
	    learn_doubt(j->wants, j->id)) {
		memcpy(j->reason, reason, sizeof(j->reason));
		j->state = JOB_AGAIN;
		f->moved = true;
		return;
	}
	plan_fail(f, j, "%s", reason);
}

/* A call of this fetch has ended: what it means for its job. */
static void
answer(struct fetch *f, struct http_call *c)
{
	struct job *j = c->owner;
	struct portal_source *s = plan_source(f, j);

	j->call = NULL;
	if (s != NULL)
		s->status = c->status;
	if (c->code == CURLE_OK && c->status == STATUS_NOT_MODIFIED &&
	    c->conditional)
		unchanged(f, j);
	else if (c->code != CURLE_OK || c->status != STATUS_OK)
		refused(f, j, c);
	else if (j->subject == SUBJECT_METADATA)
		read_metadata(f, j, c);
	else if (j->subject == SUBJECT_RECORD)
		read_record(f, j, c);
	else
		read_list(f, j, c);
	http_free(c);
}

/* The time is up: ends what runs, and with it all that waits for that. */
static void
expire(struct fetch *f)
{
	struct http_call *c;
	size_t i;

	for (i = 0; i < SUBJECT_COUNT; i++) {
		if ((c = f->job[i].call) != NULL) {
			http_time_out(c);
			answer(f, c);
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
			answer(f, c);
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
		keyset_free(&s->keys);
		s->outcome = PORTAL_NOT_ASKED;
		s->id[0] = s->reason[0] = '\0';
		s->status = 0;
		s->retry_after_ms = 0;
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
