/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "cmd/policy_view.h"

static int
compare_groups(const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		return (a != NULL) - (b != NULL);
	return strcmp(a, b);
}

int
view_compare(const struct merged_key *ka, const struct grant *a,
    const struct merged_key *kb, const struct grant *b)
{
	unsigned o;
	int r = 0;

	if (ka != kb)
		return ka < kb ? -1 : 1;
	for (o = 0; o < GRANT_ORIGINS && r == 0; o++)
		r = compare_groups(a->groups[o], b->groups[o]);
	return r;
}

static int
compare(const void *a, const void *b)
{
	const struct granted *const *x = a, *const *y = b;
	int r = view_compare((*x)->key, &(*x)->grant, (*y)->key, &(*y)->grant);

	if (r != 0)
		return r;
	/* Of the same options the one is as good as the other. */
	return strcmp((*x)->options, (*y)->options);
}

static void
sort(const struct granted **v, size_t n)
{
	if (n != 0)
		qsort(v, n, sizeof(struct granted *), compare);
}

int
view_open(struct view *v, const struct grants *g)
{
	size_t i;

	*v = (struct view){.g = g};
	if ((v->any = calloc(g->n + 1, sizeof(struct granted *))) == NULL)
		return -1;
	for (i = 0; i < g->n; i++) {
		if (g->v[i].grant.scope == GRANT_ANY)
			v->any[v->nany++] = &g->v[i];
	}
	sort(v->any, v->nany);
	return 0;
}

void
view_close(struct view *v)
{
	free(v->any);
	free(v->v);
	*v = (struct view){.g = NULL};
}

static int
add(struct view *v, const struct granted *g)
{
	size_t size = v->size == 0 ? 64 : 2 * v->size;
	const struct granted **p;

	if (v->n == v->size) {
		p = reallocarray(v->v, size, sizeof(struct granted *));
		if (p == NULL)
			return -1;
		v->v = p;
		v->size = size;
	}
	v->v[v->n++] = g;
	return 0;
}

int
view_any(struct view *v)
{
	size_t i;

	v->n = 0;
	for (i = 0; i < v->nany; i++) {
		if (add(v, v->any[i]) == -1)
			return -1;
	}
	return 0;
}

void
view_user(struct view *v, const char *user)
{
	v->n = 0;
	v->user = user;
	v->named = grants_named(v->g, user);
}

/* The place of the first grant of that scope and name (in the order of
 * cmd/grants.h), or of the one that would follow it. */
static size_t
first_of(const struct grants *g, enum grant_scope scope, const char *name)
{
	size_t low = 0, high = g->n, mid;
	bool before;

	while (low < high) {
		const struct grant *at;

		mid = low + (high - low) / 2;
		at = &g->v[mid].grant;
		if (at->scope == scope)
			before = strcmp(at->name, name) < 0;
		else
			before =
			    at->scope == GRANT_ACCOUNT || scope == GRANT_ANY;
		if (before)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static int
add_named(struct view *v, enum grant_scope scope, const char *name)
{
	const struct grants *g = v->g;
	size_t i;

	for (i = first_of(g, scope, name); i < g->n; i++) {
		if (g->v[i].grant.scope != scope ||
		    strcmp(g->v[i].grant.name, name) != 0)
			break;
		if (grant_applies(&g->v[i].grant, v->user, v->named) &&
		    add(v, &g->v[i]) == -1)
			return -1;
	}
	return 0;
}

int
view_own(struct view *v)
{
	char folded[LIMIT_USER_NAME + 1];

	if (add_named(v, GRANT_ACCOUNT, v->user) == -1 ||
	    (grant_fold(folded, v->user) &&
		add_named(v, GRANT_FOLDED, folded) == -1))
		return -1;
	sort(v->v, v->n);
	return 0;
}

/* The account's part of what is for any, of one key (NULL: of all). */
static int
add_any(struct view *v, const struct merged_key *key)
{
	size_t low = 0, high = v->nany, mid;

	while (key != NULL && low < high) {
		mid = low + (high - low) / 2;
		if (v->any[mid]->key < key)
			low = mid + 1;
		else
			high = mid;
	}
	for (; low < v->nany; low++) {
		const struct granted *g = v->any[low];

		if (key != NULL && g->key != key)
			break;
		if (grant_applies(&g->grant, v->user, v->named) &&
		    add(v, g) == -1)
			return -1;
	}
	return 0;
}

int
view_shared(struct view *a, struct view *b, bool all)
{
	size_t i = 0, k = 0, n = a->n, m = b->n;
	const struct merged_key *key;

	if (all && (add_any(a, NULL) == -1 || add_any(b, NULL) == -1))
		return -1;
	/* Each key once, of both in their order. */
	while (!all && (i < n || k < m)) {
		if (k == m || (i < n && a->v[i]->key < b->v[k]->key))
			key = a->v[i]->key;
		else
			key = b->v[k]->key;
		while (i < n && a->v[i]->key == key)
			i++;
		while (k < m && b->v[k]->key == key)
			k++;
		if (add_any(a, key) == -1 || add_any(b, key) == -1)
			return -1;
	}
	sort(a->v, a->n);
	sort(b->v, b->n);
	return 0;
}

static int
compare_names(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

/* Puts the names of g into v, if there is one; how many there are. */
static size_t
names_of(const struct grants *g, const char **v)
{
	size_t i, n = 0;
	unsigned o;

	for (i = 0; i < g->n; i++) {
		if (g->v[i].grant.scope == GRANT_ANY)
			continue;
		if (v != NULL)
			v[n] = g->v[i].grant.name;
		n++;
	}
	for (o = 0; o < GRANT_ORIGINS; o++) {
		const struct judge_origin *origin = &g->in.origin[o];

		if (!origin->wanted || origin->doc == NULL)
			continue;
		for (i = 0; i < origin->doc->users.n; i++) {
			if (v != NULL)
				v[n] = origin->doc->users.v[i].name;
			n++;
		}
	}
	return n;
}

int
view_list_names(
    struct view_names *names, const struct grants *a, const struct grants *b)
{
	size_t n = names_of(a, NULL), total = n + names_of(b, NULL) + 1, i;

	names->n = 0;
	names->v = calloc(total, sizeof(*names->v));
	if (names->v == NULL)
		return -1;
	(void)names_of(a, names->v);
	(void)names_of(b, names->v + n);
	names->v[total - 1] = "root";
	qsort(names->v, total, sizeof(*names->v), compare_names);
	for (i = 0; i < total; i++) {
		/* "*" is nobody's name. */
		if (strcmp(names->v[i], "*") != 0 &&
		    (names->n == 0 ||
			strcmp(names->v[names->n - 1], names->v[i]) != 0))
			names->v[names->n++] = names->v[i];
	}
	return 0;
}
