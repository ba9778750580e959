/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <syslog.h>

#include "base/log.h"
#include "base/text.h"
#include "cmd/answers.h"
#include "policy/pubkey.h"

/* Of the refused keys in one list so many are named, and so many looked up
 * among those of the list before; the rest is counted. */
#define MAX_NAMED 20
#define MAX_LOOKED 200

static int
compare_fp(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

/* The fingerprints of the usable keys, sorted; NULL: none or no memory. */
static const char **
fingerprints(const struct keyset *ks, size_t *n)
{
	const char **v;
	size_t i;

	*n = 0;
	if (ks->n == 0 || (v = calloc(ks->n, sizeof(*v))) == NULL)
		return NULL;
	for (i = 0; i < ks->n; i++) {
		if (ks->v[i].blob != NULL)
			v[(*n)++] = ks->v[i].fp;
	}
	qsort(v, *n, sizeof(*v), compare_fp);
	return v;
}

/* Whether the new list takes more than half of four or more keys away. */
static bool
is_mass_removal(const struct keyset *old, const struct keyset *new)
{
	const char **a, **b;
	size_t i, na, nb, gone = 0;

	a = fingerprints(old, &na);
	b = fingerprints(new, &nb);
	for (i = 0; i < na; i++) {
		if (nb == 0 || b == NULL ||
		    bsearch(&a[i], b, nb, sizeof(*b), compare_fp) == NULL)
			gone++;
	}
	free(a);
	free(b);
	return na >= 4 && gone * 2 > na;
}

/* Whether old has a refused record like rec. */
static bool
was_refused(const struct keyset *old, const struct keyrec *rec)
{
	const struct keyrec *r;
	size_t i;

	for (i = 0; i < old->n; i++) {
		r = &old->v[i];
		if (r->refused != NULL && strcmp(r->id, rec->id) == 0 &&
		    strcmp(r->label, rec->label) == 0 &&
		    strcmp(r->refused, rec->refused) == 0)
			return true;
	}
	return false;
}

static void
log_refused(enum source src, const struct keyrec *rec)
{
	char label[128];
	enum pubkey_refusal r = pubkey_refusal_by_code(rec->refused);

	(void)text_clean(label, sizeof(label), rec->label, strlen(rec->label));
	log_line(LOG_WARNING, "source %s: key \"%s\"%s%s left out: %s (%s)",
	    source_name(src), label, rec->id[0] != '\0' ? " id " : "", rec->id,
	    r == PUBKEY_REFUSAL_COUNT ? "cannot be used"
				      : pubkey_refusal_text(r),
	    rec->refused);
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
		if (rec->refused == NULL)
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
		if (rec->refused == NULL)
			continue;
		if (named == MAX_NAMED || looked++ == MAX_LOOKED) {
			/* Said once too, not at each fetch. */
			if (named != 0 || now != before)
				log_line(LOG_WARNING,
				    "source %s: %u keys "
				    "left out in all; see packet-keys list",
				    source_name(src), now);
			return;
		}
		if (!was_refused(old, rec)) {
			log_refused(src, rec);
			named++;
		}
	}
}

static void
take_ids(struct source_state *st, const struct portal_source *answer)
{
	(void)snprintf(st->id, sizeof(st->id), "%s", answer->id);
	(void)snprintf(st->etag, sizeof(st->etag), "%s", answer->etag);
	(void)snprintf(st->url, sizeof(st->url), "%s", answer->url);
}

static int
take_new(struct holdings *h, enum source src, struct portal_source *answer,
    const struct config *cfg)
{
	struct source_state *st = &h->state[src], before = *st;

	if (check_keys(&answer->keys, st) == -1)
		return -1;
	if (st->votes + 1 < cfg->mass_removal &&
	    is_mass_removal(&h->keys[src], &answer->keys)) {
		st->keys = before.keys;
		st->refused = before.refused;
		st->votes++;
		st->outcome = OUTCOME_UNCHANGED;
		(void)snprintf(st->reason, sizeof(st->reason),
		    "an answer "
		    "without most keys counts after %u more like it "
		    "(mass-removal)",
		    cfg->mass_removal - st->votes);
		log_line(
		    LOG_WARNING, "source %s: %s", source_name(src), st->reason);
		return 0;
	}
	log_new_refusals(
	    &h->keys[src], &answer->keys, src, before.refused, st->refused);
	st->votes = 0;
	st->outcome = OUTCOME_NEW;
	take_ids(st, answer);
	keyset_free(&h->keys[src]);
	h->keys[src] = answer->keys;
	keyset_init(&answer->keys);
	return 0;
}

static void
take_failure(struct source_state *st, enum source src,
    const struct portal_source *answer, const struct config *cfg, int64_t now,
    uint32_t random)
{
	char span[32];

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
		log_line(LOG_ERR,
		    "source %s failed: %s (it has never "
		    "answered)",
		    source_name(src), st->reason);
	else
		log_line(LOG_WARNING,
		    "source %s failed: %s (its %u keys, "
		    "confirmed %s ago, %s)",
		    source_name(src), st->reason, st->keys,
		    text_span(span, sizeof(span), now - st->checked_ms),
		    now - st->checked_ms < cfg->stale_ms ? "stay in force"
							 : "are stale");
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
