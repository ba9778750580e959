/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/grants.h"

/* Room for one more of size in an array of n; 0, or -1 out of memory. */
static int
grow(void **v, size_t n, size_t *room, size_t size)
{
	size_t more = *room == 0 ? 64 : 2 * *room;
	void *p;

	if (n < *room)
		return 0;
	if ((p = reallocarray(*v, more, size)) == NULL)
		return -1;
	*v = p;
	*room = more;
	return 0;
}

static int
keep_texts(
    struct grants *g, struct granted *out, const struct compile_line *line)
{
	size_t len = line->len;

	out->grant.name =
	    arena_copy(&g->arena, line->grant.name, strlen(line->grant.name));
	out->options =
	    arena_copy(&g->arena, line->options, strlen(line->options));
	if (out->grant.name == NULL || out->options == NULL)
		return -1;
	if (g->fp == NULL)
		return 0;
	if (len != 0 && line->line[len - 1] == '\n')
		len--;
	out->line = arena_copy(&g->arena, line->line, len);
	return out->line == NULL ? -1 : 0;
}

static int
on_line(void *ctx, const struct compile_line *line)
{
	struct grants *g = ctx;
	struct granted *out;
	void *v = g->v;
	unsigned o;

	if (g->fp != NULL && !line->authority && strcmp(line->fp, g->fp) != 0)
		return 0;
	if (grow(&v, g->n, &g->size, sizeof(*g->v)) == -1)
		return -1;
	g->v = v;
	out = &g->v[g->n];
	*out = (struct granted){.grant = line->grant,
	    .key = line->key,
	    .until_ms = line->until_ms,
	    .authority = line->authority,
	    .order = g->n};
	/* Names of groups are the documents', which outlive us; those of
	 * accounts may be compile()'s own. */
	if (keep_texts(g, out, line) == -1)
		return -1;
	for (o = 0; o < GRANT_ORIGINS; o++) {
		if (line->rules[o] != NULL)
			out->rules[o] = line->rules[o]->rule;
	}
	g->n++;
	return 0;
}

static int
on_refused(void *ctx, const struct merged_key *key, const struct ruling *why)
{
	struct grants *g = ctx;
	void *v = g->left;

	if (grow(&v, g->nleft, &g->left_size, sizeof(*g->left)) == -1)
		return -1;
	g->left = v;
	g->left[g->nleft++] = (struct left_out){key, *why};
	return 0;
}

static int
rank(enum grant_scope s)
{
	return s == GRANT_ACCOUNT ? 0 : s == GRANT_FOLDED ? 1 : 2;
}

/* None before any. */
static int
compare_group(const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		return (a != NULL) - (b != NULL);
	return strcmp(a, b);
}

static int
compare(const void *a, const void *b)
{
	const struct granted *x = a, *y = b;
	int r = rank(x->grant.scope) - rank(y->grant.scope);
	unsigned o;

	if (r == 0)
		r = strcmp(x->grant.name, y->grant.name);
	for (o = 0; o < GRANT_ORIGINS && r == 0; o++)
		r = compare_group(x->grant.groups[o], y->grant.groups[o]);
	if (r != 0)
		return r;
	return x->order < y->order ? -1 : x->order > y->order;
}

int
grants_gather(struct grants *g, const struct judge_input *in, const char *fp)
{
	const struct compile_out out = {g, on_line, on_refused};
	unsigned o;

	*g =
	    (struct grants){.in = compile_input(in), .fp = fp, .builtin = true};
	for (o = 0; o < GRANT_ORIGINS; o++) {
		if (in->origin[o].wanted)
			g->builtin = false;
	}
	if (compile(in, &out) == -1)
		return -1;
	if (g->n != 0)
		qsort(g->v, g->n, sizeof(*g->v), compare);
	return 0;
}

void
grants_free(struct grants *g)
{
	free(g->v);
	free(g->left);
	arena_free(&g->arena);
	*g = (struct grants){.v = NULL};
}

unsigned
grants_named(const struct grants *g, const char *user)
{
	const struct judge_origin *origin;
	unsigned o, named = 0;

	if (strcmp(user, "root") == 0)
		return GRANT_NAMED_ALL;
	for (o = 0; o < GRANT_ORIGINS; o++) {
		origin = &g->in.origin[o];
		/* An account called "*" has no rule of its own. */
		if (origin->wanted && origin->doc != NULL &&
		    strcmp(user, "*") != 0 &&
		    policy_rule_named(&origin->doc->users, user) != NULL)
			named |= GRANT_BIT(o);
	}
	return named;
}

static bool
is_in(const struct applicant *a, const char *group)
{
	size_t i;

	for (i = 0; i < a->ngroups; i++) {
		if (strcmp(a->groups[i], group) == 0)
			return true;
	}
	return false;
}

bool
granted_to(const struct granted *v, const struct applicant *a)
{
	unsigned o;

	if (!grant_applies(&v->grant, a->user, a->named))
		return false;
	for (o = 0; o < GRANT_ORIGINS; o++) {
		if (v->grant.groups[o] != NULL && !is_in(a, v->grant.groups[o]))
			return false;
	}
	return true;
}

char *
grant_rule(const struct policy_rule *r, bool group, char dst[GRANT_NAME_SIZE])
{
	(void)snprintf(
	    dst, GRANT_NAME_SIZE, "%s.%s", group ? "groups" : "users", r->name);
	return dst;
}

const char *
grant_origin_name(const struct grants *g, enum grant_origin o)
{
	if (g->builtin)
		return "built-in";
	return o == GRANT_FILE ? "file" : "fleet";
}
