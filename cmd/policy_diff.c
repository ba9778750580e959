/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "cmd/policy_diff.h"
#include "cmd/policy_view.h"

struct differ {
	struct policy_diff *d;
	struct view before, after;
	size_t nany; /* changes for whoever is not named, first in d */
};

static int
add_change(struct differ *x, const struct policy_change *c)
{
	struct policy_diff *d = x->d;
	size_t size = d->size == 0 ? 64 : 2 * d->size;
	struct policy_change *v;
	char who[GRANT_NAME_SIZE];

	if (d->n == d->size) {
		if ((v = reallocarray(d->v, size, sizeof(*v))) == NULL)
			return -1;
		d->v = v;
		d->size = size;
	}
	d->v[d->n] = *c;
	(void)grant_name(&c->grant, who);
	d->v[d->n].who = arena_copy(&d->arena, who, strlen(who));
	if (d->v[d->n].who == NULL)
		return -1;
	d->n++;
	return 0;
}

/* The first of a[n] whose options are none of b[m]; NULL: all are. */
static const struct granted *
first_new(const struct granted *const *a, size_t n,
    const struct granted *const *b, size_t m)
{
	size_t i, k;

	for (i = 0; i < n; i++) {
		for (k = 0; k < m; k++) {
			if (strcmp(a[i]->options, b[k]->options) == 0)
				break;
		}
		if (k == m)
			return a[i];
	}
	return NULL;
}

static bool
same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* The change for anybody that is of the same key and groups, or NULL. */
static const struct policy_change *
general(const struct differ *x, const struct policy_change *c)
{
	const struct policy_change *v = x->d->v;
	size_t low = 0, high = x->nany, mid;
	int r;

	while (low < high) {
		mid = low + (high - low) / 2;
		r = view_compare(v[mid].key, &v[mid].grant, c->key, &c->grant);
		if (r == 0)
			return &v[mid];
		if (r < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

/* Whether the same happens to the account as to anybody, and because it is
 * anybody: then it is said once. */
static bool
is_general(const struct differ *x, const struct policy_change *c)
{
	const struct policy_change *g = general(x, c);
	const char *user = c->grant.name;

	if (g == NULL || g->sign != c->sign ||
	    !same_text(g->before, c->before) || !same_text(g->after, c->after))
		return false;
	/* An account that one of the policies names may have kept the key by
	 * its own rule: silence would not tell that from this. */
	return grant_applies(&g->grant, user, x->before.named) &&
	    grant_applies(&g->grant, user, x->after.named);
}

/* One key for one account (NULL: any), under both policies. */
static int
compare_key(struct differ *x, const char *user, const struct granted *const *a,
    size_t n, const struct granted *const *b, size_t m)
{
	const struct granted *old = first_new(a, n, b, m),
			     *now = first_new(b, m, a, n);
	struct policy_change c;

	if (old == NULL && now == NULL)
		return 0;
	c = (struct policy_change){.sign = n == 0 ? POLICY_GAINED
		: m == 0                          ? POLICY_LOST
						  : POLICY_OPTIONS,
	    .grant = m != 0 ? b[0]->grant : a[0]->grant,
	    .key = m != 0 ? b[0]->key : a[0]->key,
	    .before = n == 0 ? NULL : (old != NULL ? old : a[0])->options,
	    .after = m == 0 ? NULL : (now != NULL ? now : b[0])->options};
	if (user != NULL) {
		c.grant.scope = GRANT_ACCOUNT;
		c.grant.name = user;
		c.grant.unless_named = 0;
		if (is_general(x, &c))
			return 0;
	}
	return add_change(x, &c);
}

/* How many from the i-th on are of the same key and for the same groups. */
static size_t
run(const struct view *v, size_t i)
{
	size_t n = i;

	while (n < v->n &&
	    view_compare(v->v[i]->key, &v->v[i]->grant, v->v[n]->key,
		&v->v[n]->grant) == 0)
		n++;
	return n - i;
}

static int
compare_views(struct differ *x, const char *user)
{
	const struct view *a = &x->before, *b = &x->after;
	size_t i = 0, k = 0, n, m;
	int r;

	while (i < a->n || k < b->n) {
		r = i == a->n   ? 1
		    : k == b->n ? -1
				: view_compare(a->v[i]->key, &a->v[i]->grant,
				      b->v[k]->key, &b->v[k]->grant);
		n = r <= 0 ? run(a, i) : 0;
		m = r >= 0 ? run(b, k) : 0;
		if (compare_key(x, user, a->v + i, n, b->v + k, m) == -1)
			return -1;
		i += n;
		k += m;
	}
	return 0;
}

static int
compare_account(struct differ *x, const char *user)
{
	bool all;

	view_user(&x->before, user);
	view_user(&x->after, user);
	/*
	 * What is for anybody changes for an account as it does for anybody,
	 * unless only one of the policies names it (root counts as named even
	 * where there is none): so otherwise the keys that are its own are
	 * all that need a look.
	 */
	all = x->before.named != x->after.named || strcmp(user, "root") == 0;
	if (view_own(&x->before) == -1 || view_own(&x->after) == -1 ||
	    view_shared(&x->before, &x->after, all) == -1)
		return -1;
	return compare_views(x, user);
}

static int
compare_changes(const void *a, const void *b)
{
	const struct policy_change *x = a, *y = b;
	int r = strcmp(x->who, y->who);

	if (r != 0)
		return r;
	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return (x->sign > y->sign) - (x->sign < y->sign);
}

static int
compare_all(struct differ *x)
{
	struct view_names names = {NULL, 0};
	size_t i;
	int r = 0;

	if (view_any(&x->before) == -1 || view_any(&x->after) == -1 ||
	    compare_views(x, NULL) == -1)
		return -1;
	x->nany = x->d->n;
	if (view_list_names(&names, x->before.g, x->after.g) == -1)
		r = -1;
	for (i = 0; i < names.n && r == 0; i++)
		r = compare_account(x, names.v[i]);
	free(names.v);
	return r;
}

int
policy_diff(struct policy_diff *d, const struct grants *before,
    const struct grants *after)
{
	struct differ x = {.d = d};
	int r = -1;

	*d = (struct policy_diff){.v = NULL};
	if (view_open(&x.before, before) == 0 &&
	    view_open(&x.after, after) == 0)
		r = compare_all(&x);
	if (r == 0 && d->n != 0)
		qsort(d->v, d->n, sizeof(*d->v), compare_changes);
	view_close(&x.before);
	view_close(&x.after);
	return r;
}

void
policy_diff_free(struct policy_diff *d)
{
	free(d->v);
	arena_free(&d->arena);
	*d = (struct policy_diff){.v = NULL};
}
