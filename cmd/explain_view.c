/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>

#include "base/denylist.h"
#include "cmd/explain_show.h"
#include "policy/pubkey.h"

const char *
explain_state(const struct explain_view *v, enum grant_origin o)
{
	if (!v->e->doc[o].valid)
		return "never valid";
	return explain_problem(v, o)[0] == '\0' ? "in force" : "last valid";
}

const char *
explain_problem(const struct explain_view *v, enum grant_origin o)
{
	return v->w->p.wanted[o] ? v->w->p.problem[o] : "";
}

const struct keyrec *
explain_record(const struct explain_view *v, enum source s, size_t *i)
{
	const struct keyset *ks = &v->w->h.keys[s];

	while (*i < ks->n) {
		const struct keyrec *rec = &ks->v[(*i)++];

		if (rec->blob != NULL &&
		    strcmp(rec->fp, v->e->subject->fp) == 0)
			return rec;
	}
	return NULL;
}

bool
explain_counts(const struct explain_view *v, enum source s)
{
	struct freshness f = holdings_freshness(&v->w->cfg);

	return freshness_until(&v->w->h.state[s], &f) > v->w->now;
}

size_t
explain_unusable(const struct explain_view *v)
{
	size_t i, n = 0;
	unsigned s;

	for (s = 0; s < SOURCE_KEYS; s++) {
		for (i = 0; i < v->w->h.keys[s].n; i++)
			n += v->w->h.keys[s].v[i].refused != NULL;
	}
	return n;
}

char *
explain_note(const struct explain_view *v, char *dst, size_t size)
{
	const struct buf *text = &v->w->h.deny;
	struct denylist_cursor c;
	struct denylist_entry entry;
	int r;

	dst[0] = '\0';
	denylist_start(&c, (const char *)text->data, text->len);
	while ((r = denylist_next(&c, &entry)) != 0) {
		if (r == 1 && strcmp(entry.fp, v->e->subject->fp) == 0) {
			(void)snprintf(dst, size, "%.*s",
			    (int)(entry.notelen < size ? entry.notelen : size),
			    entry.note);
			break;
		}
	}
	return dst;
}

const char *
explain_code(struct ruling r)
{
	if (r.verdict == VERDICT_NOT_FOUND)
		return "-";
	return r.verdict == VERDICT_ALLOWED ? "ok"
					    : verdict_code(r.verdict, r.detail);
}

const char *
explain_type(const struct explanation *e, unsigned *bits)
{
	*bits = 0;
	if (e->usable) {
		*bits = e->candidate.bits;
		return pubkey_type_name(e->candidate.type);
	}
	if (!e->subject->parsed || e->subject->refusal != PUBKEY_OK)
		return "";
	*bits = e->subject->bits;
	return pubkey_type_name(e->subject->type);
}
