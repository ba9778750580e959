/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <syslog.h>

#include "base/digest.h"
#include "base/text.h"
#include "cmd/answers_in.h"
#include "cmd/removal.h"
#include "cmd/tell.h"
#include "policy/pubkey.h"
#include "policy/tags.h"

/* Of the refused keys in one list so many are named, and so many looked up
 * among those of the list before; the rest is counted. */
#define MAX_NAMED 20
#define MAX_LOOKED 200

/* Why a record opens nothing, whatever the policy; NULL: it may. */
static const char *
refusal(const struct keyrec *rec)
{
	if (rec->refused == NULL && keyrec_tags_lost(rec))
		return tags_refusal_code(TAGS_LOST);
	return rec->refused;
}

/* Whether old has a refused record like rec. */
static bool
was_refused(const struct keyset *old, const struct keyrec *rec)
{
	const struct keyrec *r;
	size_t i;

	for (i = 0; i < old->n; i++) {
		r = &old->v[i];
		if (refusal(r) != NULL && strcmp(r->id, rec->id) == 0 &&
		    strcmp(r->label, rec->label) == 0 &&
		    strcmp(refusal(r), refusal(rec)) == 0)
			return true;
	}
	return false;
}

static void
log_refused(enum source src, const struct keyrec *rec)
{
	char label[128];
	const char *code = refusal(rec);
	enum pubkey_refusal r = pubkey_refusal_by_code(code);
	struct tell t = {.code = TELL_LEFT_OUT,
	    .priority = LOG_WARNING,
	    .part = THROTTLE_LEFT_OUT,
	    .key = tell_key(rec->id)};

	t.key = digest_add(t.key, rec->label, strlen(rec->label));
	t.key = digest_add(t.key, code, strlen(code));
	(void)text_clean(label, sizeof(label), rec->label, strlen(rec->label));
	tell_line(&t, "source %s: key \"%s\"%s%s left out: %s (%s)",
	    source_name(src), label, rec->id[0] != '\0' ? " id " : "", rec->id,
	    r == PUBKEY_REFUSAL_COUNT ? tags_refusal_text(TAGS_LOST)
				      : pubkey_refusal_text(r),
	    code);
}

/* Makes the texts of a list into blobs, and counts. */
static int
check_keys(struct keyset *keys, struct source_state *st)
{
	struct keyrec *rec;
	size_t i;

	st->keys = st->refused = 0;
	for (i = 0; i < keys->n; i++) {
		rec = &keys->v[i];
		/* The portal client refuses some for reasons of its own. */
		if (rec->refused == NULL &&
		    pubkey_check_record(keys, rec) == -1)
			return -1;
		if (refusal(rec) == NULL)
			st->keys++;
		else
			st->refused++;
	}
	return 0;
}

/* Names the refused keys that were not refused before. */
static void
log_new_refusals(const struct keyset *old, const struct keyset *new,
    enum source src, uint32_t before, uint32_t now)
{
	const struct keyrec *rec;
	size_t i, looked = 0, named = 0;

	for (i = 0; i < new->n; i++) {
		rec = &new->v[i];
		if (refusal(rec) == NULL)
			continue;
		if (named == MAX_NAMED || looked++ == MAX_LOOKED) {
			/* Said once too, not at each fetch. */
			if (named != 0 || now != before)
				tell(TELL_LEFT_OUT, LOG_WARNING,
				    tell_key(source_name(src)),
				    "source %s: %u keys left out in all; see "
				    "packet-keys list",
				    source_name(src), now);
			return;
		}
		if (!was_refused(old, rec)) {
			log_refused(src, rec);
			named++;
		}
	}
}

void
answer_take_ids(struct source_state *st, const struct portal_source *answer)
{
	(void)snprintf(st->id, sizeof(st->id), "%s", answer->id);
	(void)snprintf(st->etag, sizeof(st->etag), "%s", answer->etag);
	(void)snprintf(st->url, sizeof(st->url), "%s", answer->url);
}

/* An answer that takes most away has to be confirmed: 1; 0: it counts. */
static int
awaits_votes(struct holdings *h, enum source src,
    const struct portal_source *answer, const struct config *cfg)
{
	struct source_state *st = &h->state[src];
	int r;

	if (st->votes + 1 >= cfg->mass_removal)
		return 0;
	if ((r = removal_is_mass(h, src, answer)) != 1)
		return r;
	st->votes++;
	st->outcome = OUTCOME_UNCHANGED;
	(void)snprintf(st->reason, sizeof(st->reason),
	    "an answer without most %s counts after %u more like it "
	    "(mass-removal)",
	    source_what(src), cfg->mass_removal - st->votes);
	tell(TELL_MASS_REMOVAL, LOG_WARNING, tell_key(source_name(src)),
	    "source %s: %s", source_name(src), st->reason);
	return 1;
}

static int
take_keys(struct holdings *h, enum source src, struct portal_source *answer,
    const struct config *cfg)
{
	struct source_state *st = &h->state[src], before = *st;
	int r;

	if (check_keys(&answer->keys, st) == -1)
		return -1;
	if ((r = awaits_votes(h, src, answer, cfg)) != 0) {
		st->keys = before.keys;
		st->refused = before.refused;
		return r;
	}
	log_new_refusals(
	    &h->keys[src], &answer->keys, src, before.refused, st->refused);
	keyset_free(&h->keys[src]);
	h->keys[src] = answer->keys;
	keyset_init(&answer->keys);
	return 0;
}

static int
take_members(
    struct holdings *h, struct portal_source *answer, const struct config *cfg)
{
	int r = awaits_votes(h, SOURCE_MEMBERS, answer, cfg);

	if (r != 0)
		return r;
	h->state[SOURCE_MEMBERS].keys = (uint32_t)answer->members.n;
	memberset_free(&h->members);
	h->members = answer->members;
	memberset_init(&answer->members);
	return 0;
}

static int
take_new(struct holdings *h, enum source src, struct portal_source *answer,
    const struct config *cfg)
{
	struct source_state *st = &h->state[src];
	int r;

	r = src == SOURCE_MEMBERS ? take_members(h, answer, cfg)
				  : take_keys(h, src, answer, cfg);
	if (r != 0)
		return r == 1 ? 0 : -1;
	st->votes = 0;
	st->outcome = OUTCOME_NEW;
	answer_take_ids(st, answer);
	return 0;
}

/* "its 3 keys, confirmed 61 s ago, stay in force" */
static void
describe_held(const struct source_state *st, enum source src,
    const struct config *cfg, int64_t now, char *dst, size_t size)
{
	int64_t age = now - st->checked_ms;
	bool stale = age >= cfg->stale_ms;
	char span[32];

	(void)text_span(span, sizeof(span), age);
	if (src == SOURCE_FLEET)
		(void)snprintf(dst, size, "its document, confirmed %s ago, %s",
		    span, stale ? "is stale" : "stays in force");
	else
		(void)snprintf(dst, size, "its %u %s, confirmed %s ago, %s",
		    st->keys, source_what(src), span,
		    stale ? "are stale" : "stay in force");
}

static void
take_failure(struct source_state *st, enum source src,
    const struct portal_source *answer, const struct config *cfg, int64_t now,
    uint32_t random)
{
	const struct tell t = {.code = TELL_FAILED_SOURCE,
	    .priority = st->checked_ms == 0 ? LOG_ERR : LOG_WARNING,
	    .key = throttle_gist(tell_key(source_name(src)), answer->reason),
	    .always = st->outcome != OUTCOME_FAILED};
	char held[128];

	st->outcome = OUTCOME_FAILED;
	if (st->checked_ms == 0)
		(void)text_copy(st->id, sizeof(st->id), answer->id);
	if (st->failures < UINT32_MAX)
		st->failures++;
	st->next_ms = now +
	    freshness_backoff(
		cfg->retry_ms, st->failures, answer->retry_after_ms, random);
	(void)snprintf(st->reason, sizeof(st->reason), "%s", answer->reason);
	if (st->checked_ms == 0)
		tell_line(&t, "source %s failed: %s (it has never answered)",
		    source_name(src), st->reason);
	else {
		describe_held(st, src, cfg, now, held, sizeof(held));
		tell_line(&t, "source %s failed: %s (%s)", source_name(src),
		    st->reason, held);
	}
}

void
answer_tell_again(
    enum source src, const struct source_state *before, int64_t now)
{
	const struct tell t = {.code = TELL_ANSWERS_AGAIN,
	    .priority = LOG_NOTICE,
	    .key = tell_key(source_name(src)),
	    .always = true};
	char span[32];

	if (before->outcome != OUTCOME_FAILED)
		return;
	if (before->checked_ms == 0)
		tell_line(&t,
		    "source %s answers for the first time (failures in a "
		    "row: %u)",
		    source_name(src), before->failures);
	else
		tell_line(&t,
		    "source %s answers again, %s after its last good answer "
		    "(failures in a row: %u)",
		    source_name(src),
		    text_span(span, sizeof(span), now - before->checked_ms),
		    before->failures);
}

int
answer_take(struct holdings *h, enum source src, struct portal_source *answer,
    const struct config *cfg, int64_t asked_at, int64_t now, uint32_t random)
{
	struct source_state *st = &h->state[src];

	if (answer->outcome == PORTAL_NOT_ASKED)
		return 0;
	/* Records of another device or project are not this machine's, even
	 * while its own can't be had. */
	if (answer->id[0] != '\0' && st->id[0] != '\0' &&
	    strcasecmp(answer->id, st->id) != 0)
		holdings_forget(h, src);
	st->asked_ms = asked_at;
	if (answer->outcome == PORTAL_FAILED) {
		take_failure(st, src, answer, cfg, now, random);
		return 0;
	}
	if (src == SOURCE_FLEET && answer->outcome == PORTAL_NEW)
		return answer_take_document(h, answer, cfg, asked_at);
	answer_tell_again(src, st, asked_at);
	st->reason[0] = '\0';
	st->failures = 0;
	st->next_ms = 0;
	/* The list may have changed while it was on its way. */
	st->checked_ms = asked_at;
	st->doubted_ms = 0;
	if (answer->outcome == PORTAL_NEW)
		return take_new(h, src, answer, cfg);
	st->outcome = OUTCOME_UNCHANGED;
	st->votes = 0;
	return 0;
}
