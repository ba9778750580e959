/* SPDX-License-Identifier: ISC */
/*
 * What the rules allow that name no account: `*` and the groups'.
 */
#include <string.h>

#include "policy/compile_rows.h"

/* A side of a pair that is for no account by name. */
struct side {
	const struct judge_rule *r; /* NULL: the document isn't wanted */
	struct ruling any; /* for whatever account */
	struct ruling rest; /* all but the owner: %u may name one */
};

static struct side
side(const struct judge *j, const struct judge_rule *r,
    const struct candidate *c)
{
	const struct ruling yes = {VERDICT_ALLOWED, 0, INT64_MAX};
	struct side s = {r, yes, yes};
	unsigned i;

	if (r == NULL)
		return s;
	for (i = 0; i < JUDGE_CONDITIONS; i++) {
		if (i != JUDGE_OWNER)
			s.rest = judge_both(
			    s.rest, judge_condition(j, r, c, i, NULL));
		if (s.rest.verdict != VERDICT_ALLOWED)
			return (struct side){r, s.rest, s.rest};
	}
	s.any = judge_both(s.rest, judge_condition(j, r, c, JUDGE_OWNER, NULL));
	if (s.any.verdict == VERDICT_ALLOWED || !r->pattern)
		s.rest = s.any;
	return s;
}

struct deriving {
	struct pair pair;
	const struct side *second; /* that %u must name the same account in */
	int64_t until_ms; /* of the first's name */
	const char *want; /* the first's name, for the second */
	bool inner;
};

static int on_second(void *ctx, const char *folded, int64_t until_ms);

static int
keep_folded(struct deriving *d, const char *folded, int64_t until_ms)
{
	const struct ruling name = {VERDICT_ALLOWED, 0, until_ms};
	struct pair p = d->pair;

	if (until_ms <= p.rows->j->in.now_ms)
		return 0;
	p.ruling = judge_both(p.ruling, name);
	return pair_finish(&p, GRANT_FOLDED, folded);
}

static int
on_first(void *ctx, const char *folded, int64_t until_ms)
{
	struct deriving *d = ctx;

	if (d->second == NULL)
		return keep_folded(d, folded, until_ms);
	d->want = folded;
	d->until_ms = until_ms;
	return judge_derive(
	    d->pair.rows->j, d->second->r, d->pair.c, on_second, d);
}

static int
on_second(void *ctx, const char *folded, int64_t until_ms)
{
	struct deriving *d = ctx;

	if (strcmp(folded, d->want) != 0)
		return 0;
	return keep_folded(
	    d, folded, until_ms < d->until_ms ? until_ms : d->until_ms);
}

static int
for_sides(struct rows *rows, const struct candidate *c, struct ruling key,
    const struct side *a, const struct side *b)
{
	struct deriving d = {.pair = pair(rows, c, key, a->r, b->r)};
	bool a_any = a->any.verdict == VERDICT_ALLOWED,
	     b_any = b->any.verdict == VERDICT_ALLOWED;
	unsigned o;

	d.pair.ruling = judge_both(key, judge_both(a->rest, b->rest));
	if (d.pair.ruling.verdict != VERDICT_ALLOWED)
		return 0;
	for (o = 0; o < GRANT_ORIGINS; o++) {
		if (d.pair.rules[o] != NULL && d.pair.rules[o]->star)
			d.pair.unless_named |= GRANT_BIT(o);
	}
	if (a_any && b_any)
		return pair_finish(&d.pair, GRANT_ANY, "");
	if (!a_any && !b_any)
		d.second = b;
	return judge_derive(rows->j, a_any ? b->r : a->r, c, on_first, &d);
}

/*
 * The rules of a document that name no account: first its `*`, at 0, then its
 * groups'.  The first from i on that may be for the key; NULL: none is left.
 */
static const struct judge_rule *
open_rule(const struct judge *j, enum grant_origin o, const struct candidate *c,
    size_t *i)
{
	const struct judge_document *d = &j->doc[o];
	size_t k;

	if (*i == 0 && d->star != NULL)
		return d->star;
	k = judge_next(&d->group_index, c, *i == 0 ? 0 : *i - 1);
	if (k >= d->ngroups)
		return NULL;
	*i = k + 1;
	return &d->groups[k];
}

/* One side, with each of the other document's. */
static int
for_side(struct rows *rows, const struct candidate *c, struct ruling key,
    const struct judge_rule *r)
{
	const struct judge *j = rows->j;
	enum grant_origin o = other(r->origin);
	struct side a = side(j, r, c), b;
	size_t i;

	if (a.rest.verdict != VERDICT_ALLOWED)
		return 0;
	if (!wanted(j, o)) {
		b = side(j, NULL, c);
		return for_sides(rows, c, key, &a, &b);
	}
	for (i = 0; (r = open_rule(j, o, c, &i)) != NULL; i++) {
		b = side(j, r, c);
		if (for_sides(rows, c, key, &a, &b) == -1)
			return -1;
	}
	return 0;
}

int
rows_add_open(struct rows *rows, const struct candidate *c, struct ruling key)
{
	const struct judge *j = rows->j;
	enum grant_origin o = wanted(j, GRANT_FILE) ? GRANT_FILE : GRANT_FLEET;
	const struct judge_rule *r;
	size_t i;

	for (i = 0; (r = open_rule(j, o, c, &i)) != NULL; i++) {
		if (for_side(rows, c, key, r) == -1)
			return -1;
	}
	return 0;
}
