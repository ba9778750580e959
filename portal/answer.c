/* SPDX-License-Identifier: ISC */
/*
 * What each answer means.
 */
#include <string.h>

#include "portal/decode.h"
#include "portal/plan.h"

#define STATUS_OK 200
#define STATUS_NOT_MODIFIED 304
#define STATUS_NOT_FOUND 404
#define READS_MAX 3 /* of a list that changes while it is read */

static const char *
text(const struct http_call *c)
{
	return (const char *)c->body.data;
}

/* The list or document is whole: hands it to its source. */
static void
take_whole(struct fetch *f, struct job *j)
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

static int
decode_page(const struct http_call *c, enum subject subject,
    struct portal_source *s, struct decode_page *page, struct error *err)
{
	if (subject == SUBJECT_MEMBERS)
		return decode_member_list(
		    text(c), c->body.len, &s->members, page, err);
	return decode_key_list(text(c), c->body.len, &s->keys, page, err);
}

/*
 * Pages go by number: what is removed while they are read moves a row from
 * a page that is to come to one that was read, and nobody sees it.
 */
static bool
is_complete(
    const struct job *j, const struct decode_page *page, struct error *err)
{
	if (j->total != -1 && page->total != -1 && page->total != j->total)
		(void)error_set(
		    err, "the list changed each time that it was read");
	else if (page->next[0] == '\0' && page->total > (int64_t)j->rows)
		(void)error_set(err,
		    "answer holds %zu of the %lld elements that it says there "
		    "are",
		    j->rows, (long long)page->total);
	else
		return true;
	return false;
}

static void
read_list(struct fetch *f, struct job *j, struct http_call *c)
{
	struct decode_page page;
	char url[LIMIT_URL];
	struct portal_source *s = plan_source(f, j);
	struct error err;

	if (s == NULL) {
		j->state = JOB_DONE;
		return;
	}
	if (decode_page(c, j->subject, s, &page, &err) == -1) {
		plan_fail(f, j, "%s", err.text);
		return;
	}
	j->got += c->body.len;
	j->rows += page.elements;
	if (!is_complete(j, &page, &err)) {
		if (j->starts < READS_MAX)
			plan_again(f, j);
		else
			plan_fail(f, j, "%s", err.text);
		return;
	}
	if (j->npages == 1) {
		memcpy(j->etag, c->etag, sizeof(j->etag));
		j->total = page.total;
	}
	if (page.next[0] == '\0') {
		take_whole(f, j);
		return;
	}
	if (address_next(j, page.next, url, &err) == -1) {
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
	take_whole(f, j);
}

static void
read_customdata(struct fetch *f, struct job *j, struct http_call *c)
{
	struct portal_source *s = plan_source(f, j);
	struct error err;

	if (s != NULL &&
	    decode_customdata(text(c), c->body.len, &s->policy, &err) == -1) {
		plan_fail(f, j, "%s", err.text);
		return;
	}
	memcpy(j->etag, c->etag, sizeof(j->etag));
	take_whole(f, j);
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

void
plan_answer(struct fetch *f, struct http_call *c)
{
	struct job *j = c->owner;
	struct portal_source *s = plan_source(f, j);

	j->call = NULL;
	if (s != NULL)
		s->status = c->status;
	/* The metadata service has no TLS: anybody may be it. */
	if (s != NULL && c->peer == HTTP_PORTAL && c->code == CURLE_OK)
		s->date_ms = c->date_ms;
	if (c->code == CURLE_OK && c->status == STATUS_NOT_MODIFIED &&
	    c->conditional)
		unchanged(f, j);
	else if (c->code != CURLE_OK || c->status != STATUS_OK)
		refused(f, j, c);
	else if (j->subject == SUBJECT_METADATA)
		read_metadata(f, j, c);
	else if (j->subject == SUBJECT_RECORD)
		read_record(f, j, c);
	else if (j->subject == SUBJECT_FLEET)
		read_customdata(f, j, c);
	else
		read_list(f, j, c);
	http_free(c);
}
