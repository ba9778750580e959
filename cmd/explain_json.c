/* SPDX-License-Identifier: ISC */
#include "cmd/describe.h"
#include "cmd/explain_show.h"
#include "cmd/packet-keys.h"

/* Adds the members of more, whose reference it takes; as describe_append. */
static json_t *
extend(json_t *object, json_t *more)
{
	int r = json_object_update(object, more);

	json_decref(more);
	if (r == 0)
		return object;
	json_decref(object);
	return NULL;
}

/* Whether it is met; null where there was no key to ask. */
static json_t *
met_json(struct ruling r)
{
	return r.verdict == VERDICT_NOT_FOUND
	    ? json_null()
	    : json_boolean(r.verdict == VERDICT_ALLOWED);
}

static json_t *
reason_json(struct ruling r)
{
	if (r.verdict == VERDICT_ALLOWED || r.verdict == VERDICT_NOT_FOUND)
		return json_null();
	return json_string(verdict_code(r.verdict, r.detail));
}

static json_t *
step_json(const struct explain_step *s)
{
	return json_pack("{s:s, s:o, s:o, s:o, s:o}", "condition", s->name,
	    "wanted", describe_json(s->wanted), "saw", describe_json(s->saw),
	    "met", met_json(s->ruling), "reason", reason_json(s->ruling));
}

static json_t *
rule_json(const struct explain_rule *r)
{
	json_t *steps = json_array();
	struct ruling ruling = r->ruling;
	size_t i;

	for (i = 0; i < r->n && steps != NULL; i++)
		steps = describe_append(steps, step_json(&r->steps[i]));
	if (!r->applies)
		ruling = (struct ruling){VERDICT_GROUP, 0, 0};
	return json_pack("{s:o, s:b, s:o, s:o, s:o}", "rule",
	    describe_json(r->name), "applies", r->applies, "conditions", steps,
	    "met", met_json(ruling), "reason", reason_json(ruling));
}

static json_t *
documents_json(const struct explain_view *v)
{
	json_t *list = json_array(), *rules;
	unsigned o;
	size_t i;

	for (o = 0; o < GRANT_ORIGINS && list != NULL; o++) {
		const struct explain_document *d = &v->e->doc[o];

		if (!d->wanted)
			continue;
		rules = json_array();
		for (i = 0; i < d->n && rules != NULL; i++)
			rules = describe_append(rules, rule_json(&d->rules[i]));
		list = describe_append(list,
		    json_pack("{s:s, s:s, s:o, s:o, s:o}", "origin", d->name,
			"state", explain_state(v, o), "problem",
			describe_json(explain_problem(v, o)), "keys",
			step_json(&d->keys), "rules", rules));
	}
	return list;
}

static json_t *
source_json(
    const struct explain_view *v, enum source s, const struct keyrec *rec)
{
	const struct source_state *st = &v->w->h.state[s];
	json_t *source = json_pack("{s:s, s:b, s:o, s:b, s:o}", "source",
		   source_name(s), "held", rec != NULL, "confirmed",
		   stamp_json(st->checked_ms), "stale",
		   st->checked_ms != 0 && !explain_counts(v, s), "problem",
		   describe_json(st->reason)),
	       *tags = json_array();
	size_t i;

	for (i = 0; rec != NULL && i < rec->ntags && tags != NULL; i++)
		tags = describe_append(tags, describe_json(rec->tags[i]));
	if (rec != NULL)
		source = extend(source,
		    json_pack("{s:o, s:o, s:o, s:o, s:O}", "id",
			clean_json(rec->id), "label", clean_json(rec->label),
			"owner", clean_json(rec->owner), "created",
			stamp_json(rec->created_ms), "tags", tags));
	json_decref(tags);
	return source;
}

/* An object for each record; one where a source has none. */
static json_t *
sources_json(const struct explain_view *v)
{
	json_t *list = json_array();
	const struct keyrec *rec;
	unsigned s;
	size_t i;

	for (s = 0; s < SOURCE_KEYS && list != NULL; s++) {
		if ((v->w->cfg.sources & SOURCE_BIT(s)) == 0)
			continue;
		i = 0;
		rec = explain_record(v, s, &i);
		do {
			list = describe_append(list, source_json(v, s, rec));
		} while (list != NULL && rec != NULL &&
		    (rec = explain_record(v, s, &i)) != NULL);
	}
	return list;
}

static json_t *
lines_json(const struct granted *const *v, size_t n)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < n && list != NULL; i++)
		list = describe_append(list, describe_json(v[i]->line));
	return list;
}

/* Until when the first line holds that isn't a CA's. */
static int64_t
until(const struct explanation *e)
{
	size_t i;

	for (i = 0; i < e->nlines; i++) {
		if (!e->lines[i]->authority)
			return e->lines[i]->until_ms;
	}
	return 0;
}

static json_t *
snapshot_json(const struct explain_view *v)
{
	const struct holdings *h = &v->w->h;
	bool found = h->found == SNAPSHOT_OK;

	return json_pack("{s:b, s:o, s:b, s:o}", "found", found, "made",
	    stamp_json(found ? h->head.made_ms : 0), "fresh", v->w->fresh,
	    "error", found ? json_null() : describe_json(h->why.text));
}

static json_t *
key_json(const struct explanation *e)
{
	unsigned bits;
	const char *type = explain_type(e, &bits);

	return json_pack("{s:o, s:o, s:o, s:b, s:o}", "fingerprint",
	    e->subject->fp[0] == '\0' ? json_null()
				      : json_string(e->subject->fp),
	    "type", type[0] == '\0' ? json_null() : json_string(type), "bits",
	    bits == 0 ? json_null() : json_integer((json_int_t)bits), "denied",
	    e->in_list, "tags", step_json(&e->tags));
}

json_t *
explain_json(const struct explain_view *v)
{
	const struct explanation *e = v->e;
	const struct explain_outcome *out = &e->outcome;
	json_t *value = json_pack("{s:o, s:b, s:b, s:s, s:s, s:o, s:o, s:o, "
				  "s:o, s:o, s:o, s:o, s:o, s:o}",
	    "user", describe_json(e->who->user), "local_account",
	    v->who->exists, "allowed", out->allowed, "reason", out->code,
	    "text", out->text, "where", describe_json(out->where), "until",
	    stamp_json(until(e)), "lines", lines_json(e->lines, e->nlines),
	    "authorities", lines_json(e->authorities, e->nauthorities),
	    "snapshot", snapshot_json(v), "sources", sources_json(v),
	    "documents", documents_json(v), "denied_problem",
	    clean_json(v->w->p.deny_problem), "options",
	    reason_json(e->options));

	return extend(value, key_json(e));
}
