/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "policy/compile.h"
#include "policy/compile_rows.h"
#include "policy/pubkey.h"

/* Without any document root gets every key, as cloud-init does. */
static char builtin_name[] = "root";
static struct policy_rule builtin_rule = {.name = builtin_name,
    .options = {.expiry_utc_ms = WHEN_NONE,
	.expiry_local_ms = WHEN_NONE,
	.tunnel = OPTIONS_NO_TUNNEL}};
static const struct policy builtin = {
    .keys = {.max_age_ms = POLICY_NO_AGE}, .users = {&builtin_rule, 1}};

const struct policy *
compile_builtin(void)
{
	return &builtin;
}

struct judge_input
compile_input(const struct judge_input *in)
{
	struct judge_input out = *in;

	if (!in->origin[GRANT_FILE].wanted && !in->origin[GRANT_FLEET].wanted)
		out.origin[GRANT_FILE] =
		    (struct judge_origin){true, &builtin, INT64_MAX};
	return out;
}

char *
compile_comment(const struct merged_key *key, char *dst, size_t size)
{
	const char *label = "", *owner = "";
	size_t i;

	for (i = 0; i < key->n; i++) {
		if (label[0] == '\0')
			label = key->refs[i].rec->label;
		if (owner[0] == '\0')
			owner = key->refs[i].rec->owner;
	}
	(void)snprintf(dst, size, "%s%s%s", label,
	    label[0] != '\0' && owner[0] != '\0' ? " " : "", owner);
	return dst;
}

static int
compare_rows(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	int r;

	if (x->grant.scope != y->grant.scope)
		return x->grant.scope < y->grant.scope ? -1 : 1;
	if ((r = strcmp(x->grant.name, y->grant.name)) != 0)
		return r;
	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

/* Whether b says nothing that a does not, such as two %u that come to the
 * same account. */
static bool
same_row(const struct row *a, const struct row *b)
{
	return a->grant.scope == b->grant.scope && a->key == b->key &&
	    a->grant.unless_named == b->grant.unless_named &&
	    a->rules[0] == b->rules[0] && a->rules[1] == b->rules[1] &&
	    a->until_ms >= b->until_ms &&
	    strcmp(a->grant.name, b->grant.name) == 0 &&
	    strcmp(a->options, b->options) == 0;
}

static int
emit_row(const struct row *row, struct buf *line, const struct compile_out *out)
{
	struct compile_line l = {.grant = row->grant,
	    .key = row->key,
	    .fp = row->key->refs[0].rec->fp,
	    .until_ms = row->until_ms,
	    .authority = row->authority,
	    .options = row->options};

	buf_reset(line);
	if (pubkey_line_with(row->options, row->line, row->len, line) == -1)
		return -1;
	l.line = line->data;
	l.len = line->len;
	memcpy(l.rules, row->rules, sizeof(l.rules));
	return out->line(out->ctx, &l);
}

static int
emit_rows(struct rows *rows, const struct compile_out *out)
{
	struct buf line;
	size_t i;
	int r = 0;

	if (rows->n != 0)
		qsort(rows->v, rows->n, sizeof(*rows->v), compare_rows);
	buf_init(&line, LIMIT_LINE);
	for (i = 0; i < rows->n && r == 0; i++) {
		/* Its conditions hold now, so this is a second look. */
		if (rows->v[i].until_ms <= rows->j->in.now_ms ||
		    (i != 0 && same_row(&rows->v[i - 1], &rows->v[i])))
			continue;
		r = emit_row(&rows->v[i], &line, out);
	}
	buf_free(&line);
	return r;
}

/* Whether some rule may come to nothing for want of the members. */
static bool
lacks_members(const struct judge_input *in)
{
	unsigned o;

	if (in->members_until_ms > in->now_ms)
		return false;
	for (o = 0; o < GRANT_ORIGINS; o++) {
		const struct judge_origin *origin = &in->origin[o];

		if (origin->wanted && origin->doc != NULL &&
		    policy_needs_members(origin->doc))
			return true;
	}
	return false;
}

static int
add_key(struct rows *rows, struct candidate *c, const struct merged_key *key,
    const struct compile_out *out)
{
	size_t before = rows->n;

	switch (candidate_set(c, key, &rows->j->people)) {
	case CANDIDATE_NO_MEMORY:
		return -1;
	case CANDIDATE_UNUSABLE:
		rows->why =
		    (struct ruling){VERDICT_REFUSED, 0, CANDIDATE_NEVER};
		break;
	default:
		if (rows_add_key(rows, c) == -1)
			return -1;
		if (rows->why.verdict == VERDICT_NO_ACCOUNT &&
		    rows->lacks_members)
			rows->why.verdict = VERDICT_MEMBERS;
		break;
	}
	if (rows->n != before || out->refused == NULL)
		return 0;
	return out->refused(out->ctx, key, &rows->why);
}

int
compile(const struct judge_input *in, const struct compile_out *out)
{
	const struct judge_input all = compile_input(in);
	struct candidate c = {0};
	struct judge j;
	struct rows rows = {.j = &j};
	size_t i;
	int r;

	buf_init(&rows.scratch, LIMIT_LINE);
	r = judge_open(&j, &all);
	rows.lacks_members = lacks_members(&all);
	for (i = 0; i < all.keys->n && r == 0; i++)
		r = add_key(&rows, &c, &all.keys->v[i], out);
	if (r == 0)
		r = emit_rows(&rows, out);
	candidate_free(&c);
	rows_free(&rows);
	judge_close(&j);
	return r;
}
