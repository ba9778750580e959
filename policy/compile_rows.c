/* SPDX-License-Identifier: ISC */
/*
 * Both documents must allow, so a row comes of two rules, one of each; where
 * only one document is wanted the other's side is open to all.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "policy/compile.h"
#include "policy/compile_rows.h"

static int
add_row(struct rows *rows, const struct row *row)
{
	size_t size = rows->size == 0 ? 64 : rows->size + rows->size / 2;
	struct row *v;

	if (rows->n == LIMIT_ROWS) {
		errno = E2BIG;
		return -1;
	}
	if (rows->n == rows->size) {
		if ((v = reallocarray(rows->v, size, sizeof(*v))) == NULL)
			return -1;
		rows->v = v;
		rows->size = size;
	}
	rows->v[rows->n] = *row;
	rows->v[rows->n].order = rows->n;
	rows->n++;
	return 0;
}

void
rows_free(struct rows *rows)
{
	free(rows->v);
	arena_free(&rows->arena);
	buf_free(&rows->scratch);
	*rows = (struct rows){0};
}

/* The key's line, made once. */
static int
make_line(struct rows *rows, const struct candidate *c)
{
	char comment[2 * LIMIT_TEXT];
	struct buf *b = &rows->scratch;

	if (rows->line != NULL)
		return 0;
	buf_reset(b);
	if (pubkey_line(&c->pk, NULL,
		compile_comment(c->key, comment, sizeof(comment)), b) == -1)
		return -1;
	rows->len = b->len;
	rows->line = arena_copy(&rows->arena, b->data, b->len);
	return rows->line == NULL ? -1 : 0;
}

/* The row's options; *failed: out of memory. */
static struct ruling
row_options(struct pair *p, struct row *row, bool *failed)
{
	const struct judge_rule *alone = judge_alone(p->rules, p->c);
	struct rows *rows = p->rows;
	struct ruling r;

	*failed = false;
	if (alone != NULL) {
		row->options = alone->options;
		row->authority = alone->authority;
		return alone->options_ruling;
	}
	buf_reset(&rows->scratch);
	r = judge_options(
	    rows->j, p->rules, p->c, &rows->scratch, &row->authority, failed);
	if (!*failed && r.verdict == VERDICT_ALLOWED) {
		row->options = arena_copy(
		    &rows->arena, rows->scratch.data, rows->scratch.len);
		*failed = row->options == NULL;
	}
	return r;
}

/* The name as long-lived as the rows: a rule's own, or a copy. */
static const char *
row_name(struct pair *p, const char *name)
{
	unsigned o;

	for (o = 0; o < GRANT_ORIGINS; o++) {
		if (p->rules[o] != NULL && p->rules[o]->rule->name == name)
			return name;
	}
	return arena_copy(&p->rows->arena, name, strlen(name));
}

/* Puts the options together and keeps the row, if they can be. */
int
pair_finish(struct pair *p, enum grant_scope scope, const char *name)
{
	struct rows *rows = p->rows;
	struct row row = {.key = p->c->key};
	struct ruling r;
	bool failed;
	unsigned o;

	if (make_line(rows, p->c) == -1)
		return -1;
	row.line = rows->line;
	row.len = rows->len;
	r = row_options(p, &row, &failed);
	if (failed)
		return -1;
	r = judge_both(p->ruling, r);
	if (r.verdict != VERDICT_ALLOWED) {
		rows->why = r;
		return 0;
	}
	row.until_ms = r.until_ms;
	row.grant =
	    (struct grant){.scope = scope, .unless_named = p->unless_named};
	if ((row.grant.name = row_name(p, name)) == NULL)
		return -1;
	for (o = 0; o < GRANT_ORIGINS; o++) {
		row.rules[o] = p->rules[o];
		if (p->rules[o] != NULL && p->rules[o]->group)
			row.grant.groups[o] = p->rules[o]->rule->name;
	}
	return add_row(rows, &row);
}

/* Judges the rules that there are for one account, and keeps the row. */
static int
pair_for(struct pair *p, const char *user)
{
	const struct judge *j = p->rows->j;
	unsigned o;

	for (o = 0; o < GRANT_ORIGINS; o++) {
		if (p->rules[o] != NULL)
			p->ruling = judge_both(
			    p->ruling, judge_rule(j, p->rules[o], p->c, user));
	}
	if (p->ruling.verdict != VERDICT_ALLOWED)
		return 0;
	return pair_finish(p, GRANT_ACCOUNT, user);
}

struct pair
pair(struct rows *rows, const struct candidate *c, struct ruling key,
    const struct judge_rule *a, const struct judge_rule *b)
{
	struct pair p = {.rows = rows, .c = c, .ruling = key};

	if (a != NULL)
		p.rules[a->origin] = a;
	if (b != NULL)
		p.rules[b->origin] = b;
	return p;
}

/* A rule for one account with each of the other document's rules that may be
 * for it. */
static int
with_partners(struct rows *rows, const struct candidate *c, struct ruling key,
    const struct judge_rule *r, const char *user)
{
	const struct judge *j = rows->j;
	enum grant_origin o = other(r->origin);
	const struct judge_document *d = &j->doc[o];
	const struct judge_rule *partner;
	struct pair p;
	size_t i;

	if (!wanted(j, o)) {
		p = pair(rows, c, key, r, NULL);
		return pair_for(&p, user);
	}
	if ((partner = judge_user_rule(j, o, user)) != NULL) {
		p = pair(rows, c, key, r, partner);
		if (pair_for(&p, user) == -1)
			return -1;
	}
	for (i = 0; i < d->ngroups; i++) {
		p = pair(rows, c, key, r, &d->groups[i]);
		if (pair_for(&p, user) == -1)
			return -1;
	}
	return 0;
}

/* All that one account gets, where it is known to be the only one. */
static int
for_account(struct rows *rows, const struct candidate *c, struct ruling key,
    const char *user)
{
	const struct judge *j = rows->j;
	enum grant_origin o = wanted(j, GRANT_FILE) ? GRANT_FILE : GRANT_FLEET;
	const struct judge_document *d = &j->doc[o];
	const struct judge_rule *r;
	size_t i;

	if ((r = judge_user_rule(j, o, user)) != NULL &&
	    with_partners(rows, c, key, r, user) == -1)
		return -1;
	for (i = 0; i < d->ngroups; i++) {
		if (with_partners(rows, c, key, &d->groups[i], user) == -1)
			return -1;
	}
	return 0;
}

/* A rule of the fleet for one account with those of the file that name none. */
static int
with_open_partners(struct rows *rows, const struct candidate *c,
    struct ruling own, const struct judge_rule *r, const char *user)
{
	const struct judge *j = rows->j;
	const struct judge_document *d = &j->doc[GRANT_FILE];
	struct pair p;
	size_t k;

	if ((judge_named(j, user) & GRANT_BIT(GRANT_FILE)) == 0 &&
	    d->star != NULL && strcmp(user, "root") != 0) {
		p = pair(rows, c, own, d->star, r);
		if (pair_for(&p, user) == -1)
			return -1;
	}
	for (k = 0; k < d->ngroups; k++) {
		p = pair(rows, c, own, &d->groups[k], r);
		if (pair_for(&p, user) == -1)
			return -1;
	}
	return 0;
}

/* A rule that names an account. */
static int
for_rule(struct rows *rows, const struct candidate *c, struct ruling key,
    const struct judge_rule *r)
{
	const struct judge *j = rows->j;
	const char *user = r->rule->name;
	struct ruling own = judge_both(key, judge_rule(j, r, c, user));

	if (own.verdict != VERDICT_ALLOWED)
		return 0;
	if (r->origin == GRANT_FILE || !wanted(j, GRANT_FILE))
		return with_partners(rows, c, own, r, user);
	return with_open_partners(rows, c, own, r, user);
}

/*
 * The rules that name accounts, each with its partners.  A pair of two such
 * rules is met on the side of the file alone.
 */
static int
for_named(struct rows *rows, const struct candidate *c, struct ruling key)
{
	const struct judge *j = rows->j;
	unsigned o;
	size_t i;

	for (o = 0; o < GRANT_ORIGINS; o++) {
		const struct judge_document *d = &j->doc[o];

		for (i = judge_next(&d->user_index, c, 0); i < d->nusers;
		     i = judge_next(&d->user_index, c, i + 1)) {
			if (!d->users[i].star &&
			    for_rule(rows, c, key, &d->users[i]) == -1)
				return -1;
		}
	}
	return 0;
}

int
rows_add_key(struct rows *rows, const struct candidate *c)
{
	struct ruling key = judge_key(rows->j, c);
	unsigned o;
	size_t i;

	for (o = 0; o < GRANT_ORIGINS; o++) {
		if (wanted(rows->j, o))
			key =
			    judge_both(key, judge_document_keys(rows->j, o, c));
	}
	rows->line = NULL;
	rows->why = key;
	if (key.verdict != VERDICT_ALLOWED)
		return 0;
	rows->why = (struct ruling){VERDICT_NO_ACCOUNT, 0, CANDIDATE_NEVER};
	if (c->tags.any_user)
		return for_named(rows, c, key) == -1 ||
			rows_add_open(rows, c, key) == -1
		    ? -1
		    : 0;
	for (i = 0; i < c->tags.users.n; i++) {
		if (for_account(rows, c, key, c->tags.users.v[i]) == -1)
			return -1;
	}
	return 0;
}
