/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/denylist.h"
#include "cmd/explain.h"

static int
compare_fp(const void *fp, const void *key)
{
	return strcmp(fp, ((const struct merged_key *)key)->refs[0].rec->fp);
}

static int
find_key(struct explanation *e)
{
	const struct merged *keys = e->judge.in.keys;

	if (keys->n != 0 && e->subject->fp[0] != '\0')
		e->key = bsearch(e->subject->fp, keys->v, keys->n,
		    sizeof(*keys->v), compare_fp);
	if (e->key == NULL)
		return 0;
	switch (candidate_set(&e->candidate, e->key, &e->judge.people)) {
	case CANDIDATE_OK:
		e->usable = true;
		return 0;
	case CANDIDATE_UNUSABLE:
		return 0;
	default:
		return -1;
	}
}

static void
look_up_denied(struct explanation *e)
{
	struct judge_input *in = &e->judge.in;

	e->in_list = in->deny != NULL &&
	    denylist_has(in->deny, in->denylen, e->subject->fp);
	/* Said once; what else is wrong is to be seen too. */
	in->deny = NULL;
	in->denylen = 0;
}

static bool
is_in(const struct applicant *who, const char *group)
{
	size_t i;

	for (i = 0; i < who->ngroups; i++) {
		if (strcmp(who->groups[i], group) == 0)
			return true;
	}
	return false;
}

static int
add_rule(struct explanation *e, struct explain_document *d,
    const struct judge_rule *r, bool applies)
{
	struct explain_rule *out = &d->rules[d->n];
	char name[GRANT_NAME_SIZE], where[GRANT_NAME_SIZE + 16];
	unsigned i;

	*out = (struct explain_rule){.rule = r,
	    .applies = applies,
	    .ruling = {VERDICT_ALLOWED, 0, INT64_MAX}};
	(void)snprintf(where, sizeof(where), "%s %s", d->name,
	    grant_rule(r->rule, r->group, name));
	out->where = arena_copy(&e->arena, where, strlen(where));
	if (out->where == NULL)
		return -1;
	out->name = out->where + strlen(d->name) + 1;
	for (i = 0; i < JUDGE_CONDITIONS; i++) {
		struct explain_step *step = &out->steps[out->n];

		*step = (struct explain_step){.name = NULL};
		if (explain_condition(e, r, i, step) == -1)
			return -1;
		/* NULL: the rule has no such condition. */
		if (step->name == NULL)
			continue;
		out->n++;
		out->ruling = judge_both(out->ruling, step->ruling);
	}
	d->n++;
	return 0;
}

static int
add_rules(
    struct explanation *e, struct explain_document *d, enum grant_origin o)
{
	const struct judge_document *jd = &e->judge.doc[o];
	const struct judge_rule *own =
	    judge_user_rule(&e->judge, o, e->who->user);
	unsigned in;
	size_t i;

	d->rules = calloc(jd->ngroups + 1, sizeof(*d->rules));
	if (d->rules == NULL)
		return -1;
	if (own != NULL && add_rule(e, d, own, true) == -1)
		return -1;
	for (in = 2; in-- != 0;) {
		for (i = 0; i < jd->ngroups; i++) {
			const struct judge_rule *r = &jd->groups[i];

			if (is_in(e->who, r->rule->name) == (in == 1) &&
			    add_rule(e, d, r, in == 1) == -1)
				return -1;
		}
	}
	return 0;
}

static int
add_documents(struct explanation *e)
{
	unsigned o;

	for (o = 0; o < GRANT_ORIGINS; o++) {
		const struct judge_origin *origin = &e->judge.in.origin[o];
		struct explain_document *d = &e->doc[o];

		d->wanted = origin->wanted;
		d->valid = origin->doc != NULL;
		d->name = grant_origin_name(&e->grants, o);
		if (d->wanted &&
		    (explain_keys(e, o, &d->keys) == -1 ||
			add_rules(e, d, o) == -1))
			return -1;
	}
	return 0;
}

static int
try_options(struct explanation *e, const struct judge_rule *file,
    const struct judge_rule *fleet)
{
	const struct judge_rule *const rules[GRANT_ORIGINS] = {file, fleet};
	struct ruling r;
	struct buf text;
	bool authority, failed;

	buf_init(&text, LIMIT_LINE);
	r = judge_options(
	    &e->judge, rules, &e->candidate, &text, &authority, &failed);
	buf_free(&text);
	if (failed)
		return -1;
	if (e->options.verdict == VERDICT_ALLOWED)
		e->options = r;
	return 0;
}

static bool
is_met(const struct explain_rule *r)
{
	return r->applies && r->ruling.verdict == VERDICT_ALLOWED;
}

/* The options of each pair of rules that is met; one rule, where only one
 * document is wanted. */
static int
add_options(struct explanation *e)
{
	const struct explain_document *a = &e->doc[0], *b = &e->doc[1];
	size_t i, k;

	e->options = (struct ruling){VERDICT_ALLOWED, 0, INT64_MAX};
	if (!a->wanted) {
		a = b;
		b = &e->doc[0];
	}
	/* Its date would be said once more, as an option. */
	if (!e->usable || e->tags.ruling.verdict != VERDICT_ALLOWED)
		return 0;
	for (i = 0; i < a->n; i++) {
		const struct judge_rule *r = a->rules[i].rule;

		if (!is_met(&a->rules[i]))
			continue;
		if (!b->wanted &&
		    try_options(e, r->origin == GRANT_FILE ? r : NULL,
			r->origin == GRANT_FILE ? NULL : r) == -1)
			return -1;
		for (k = 0; k < b->n; k++) {
			if (is_met(&b->rules[k]) &&
			    try_options(e, r, b->rules[k].rule) == -1)
				return -1;
		}
	}
	return 0;
}

/* The same line by way of two rules counts once, as in a lookup. */
static bool
is_there(const struct granted *const *v, size_t n, const char *line)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (strcmp(v[i]->line, line) == 0)
			return true;
	}
	return false;
}

static int
add_lines(struct explanation *e)
{
	size_t i, n = e->grants.n;

	e->lines = calloc(n + 1, sizeof(struct granted *));
	e->authorities = calloc(n + 1, sizeof(struct granted *));
	e->nlines = e->nauthorities = 0;
	if (e->lines == NULL || e->authorities == NULL)
		return -1;
	for (i = 0; i < n; i++) {
		const struct granted *v = &e->grants.v[i];

		if (!granted_to(v, e->who))
			continue;
		if (strcmp(v->key->refs[0].rec->fp, e->subject->fp) == 0) {
			if (!is_there(e->lines, e->nlines, v->line))
				e->lines[e->nlines++] = v;
		} else if (!is_there(
			       e->authorities, e->nauthorities, v->line)) {
			e->authorities[e->nauthorities++] = v;
		}
	}
	return 0;
}

int
explain(struct explanation *e, const struct judge_input *in,
    const struct applicant *who, const struct explain_subject *subject)
{
	*e = (struct explanation){.who = who, .subject = subject};
	if (grants_gather(&e->grants, in, subject->fp) == -1 ||
	    judge_open(&e->judge, &e->grants.in) == -1 || find_key(e) == -1)
		return -1;
	look_up_denied(e);
	if (explain_tags(e, &e->tags) == -1 || add_documents(e) == -1 ||
	    add_options(e) == -1 || add_lines(e) == -1)
		return -1;
	e->outcome = explain_outcome(e);
	return 0;
}

void
explain_free(struct explanation *e)
{
	unsigned o;

	for (o = 0; o < GRANT_ORIGINS; o++)
		free(e->doc[o].rules);
	free(e->lines);
	free(e->authorities);
	grants_free(&e->grants);
	candidate_free(&e->candidate);
	judge_close(&e->judge);
	arena_free(&e->arena);
	*e = (struct explanation){.who = NULL};
}
