/* SPDX-License-Identifier: ISC */
/*
 * Which of all that failed is the reason: the one that must be mended first.
 */
#include <string.h>

#include "cmd/explain.h"

static struct explain_outcome
refuse(struct ruling r, const char *where)
{
	return (struct explain_outcome){false,
	    verdict_code(r.verdict, r.detail),
	    verdict_text(r.verdict, r.detail), where};
}

static struct explain_outcome
refuse_as(enum verdict v, const char *where)
{
	return refuse((struct ruling){v, 0, INT64_MIN}, where);
}

static bool
is_failed(struct ruling r)
{
	return r.verdict != VERDICT_ALLOWED && r.verdict != VERDICT_NOT_FOUND;
}

static bool
is_denied(const struct explanation *e, struct explain_outcome *out)
{
	unsigned o;

	if (e->in_list) {
		*out = refuse_as(VERDICT_DENIED, "the list of denied keys");
		return true;
	}
	for (o = 0; o < GRANT_ORIGINS; o++) {
		if (e->doc[o].keys.ruling.verdict != VERDICT_DENIED)
			continue;
		*out = refuse_as(VERDICT_DENIED,
		    o == GRANT_FILE ? "file keys.deny" : "fleet keys.deny");
		return true;
	}
	return false;
}

/* What keeps the key out whoever asks. */
static bool
is_bad_key(const struct explanation *e, struct explain_outcome *out)
{
	const struct explain_subject *s = e->subject;

	if (s->parsed && s->refusal != PUBKEY_OK)
		*out = (struct explain_outcome){false,
		    pubkey_refusal_code(s->refusal),
		    pubkey_refusal_text(s->refusal), "the key file"};
	else if (e->key == NULL)
		*out = refuse_as(VERDICT_NOT_FOUND, "");
	else if (!e->usable)
		*out = refuse_as(VERDICT_REFUSED, "");
	else if (is_failed(e->tags.ruling))
		*out = refuse(e->tags.ruling, "");
	else
		return false;
	return true;
}

/* Why no rule of a document that names the account lets the key in. */
static bool
is_ruled_out(const struct explain_document *d, struct explain_outcome *out)
{
	const struct explain_rule *first = NULL, *group = NULL;
	size_t i;

	if (!d->wanted)
		return false;
	for (i = 0; i < d->n; i++) {
		const struct explain_rule *r = &d->rules[i];
		bool met = r->ruling.verdict == VERDICT_ALLOWED;

		if (r->applies && met)
			return false;
		if (r->applies && first == NULL)
			first = r;
		if (!r->applies && met && group == NULL)
			group = r;
	}
	if (first != NULL)
		*out = refuse(first->ruling, first->where);
	else if (group != NULL)
		*out = refuse_as(VERDICT_GROUP, group->where);
	else
		*out = refuse_as(VERDICT_NO_RULE, d->name);
	return true;
}

/* sshd takes the line of a CA for the certificates alone. */
static bool
is_let_in(const struct explanation *e, struct explain_outcome *out)
{
	size_t i;

	*out = (struct explain_outcome){false, EXPLAIN_AUTHORITY,
	    "it is a CA: certificates that it has signed are let in, not the "
	    "key itself",
	    ""};
	for (i = 0; i < e->nlines; i++) {
		if (!e->lines[i]->authority)
			*out = (struct explain_outcome){true,
			    verdict_code(VERDICT_ALLOWED, 0),
			    verdict_text(VERDICT_ALLOWED, 0), ""};
	}
	return e->nlines != 0;
}

struct explain_outcome
explain_outcome(const struct explanation *e)
{
	struct explain_outcome out;
	unsigned o;

	if (is_let_in(e, &out) || is_denied(e, &out) || is_bad_key(e, &out))
		return out;
	for (o = 0; o < GRANT_ORIGINS; o++) {
		if (e->doc[o].wanted && is_failed(e->doc[o].keys.ruling))
			return refuse(e->doc[o].keys.ruling, e->doc[o].name);
	}
	for (o = 0; o < GRANT_ORIGINS; o++) {
		if (is_ruled_out(&e->doc[o], &out))
			return out;
	}
	if (is_failed(e->options))
		return refuse(e->options, "");
	return refuse_as(VERDICT_NO_ACCOUNT, "");
}
