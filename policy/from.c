/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "policy/from_entry.h"

static bool
has(const struct from *f, const struct from_entry *e)
{
	size_t i;

	for (i = 0; i < f->n; i++) {
		if (from_entry_equal(&f->v[i], e))
			return true;
	}
	return false;
}

/* FROM_OK, FROM_BAD when the list is full, FROM_NO_MEMORY. */
static enum from_result
append(struct from *f, const struct from_entry *e)
{
	struct from_entry *v;

	if (has(f, e))
		return FROM_OK;
	if (f->n == LIMIT_FROM)
		return FROM_BAD;
	if ((f->n & (f->n - 1)) == 0) {
		v = reallocarray(f->v, f->n == 0 ? 1 : 2 * f->n, sizeof(*v));
		if (v == NULL)
			return FROM_NO_MEMORY;
		f->v = v;
	}
	f->v[f->n++] = *e;
	return FROM_OK;
}

static enum from_result
add_one(struct from *f, struct span text, struct error *err)
{
	struct from_entry e;
	enum from_result r;

	if (from_entry_parse(&e, text, err) == -1)
		return FROM_BAD;
	if ((r = append(f, &e)) == FROM_BAD)
		(void)error_set(err, "more than %d entries", LIMIT_FROM);
	else if (r == FROM_NO_MEMORY)
		(void)error_set(err, "no memory");
	return r;
}

enum from_result
from_add(struct from *f, const char *text, size_t len, struct error *err)
{
	size_t before = f->n;
	struct span rest = {text, len}, entry;
	enum from_result r;

	do {
		entry = (struct span){rest.p, 0};
		while (entry.len < rest.len && entry.p[entry.len] != ',')
			entry.len++;
		if ((r = add_one(f, entry, err)) != FROM_OK) {
			f->n = before;
			return r;
		}
		if (entry.len == rest.len)
			return FROM_OK;
		rest.p += entry.len + 1;
		rest.len -= entry.len + 1;
	} while (true);
}

enum from_result
from_check(const struct from *f, struct error *err)
{
	size_t i;

	for (i = 0; i < f->n; i++) {
		if (!f->v[i].negated)
			return FROM_OK;
	}
	if (f->n == 0)
		return FROM_OK;
	(void)error_set(err,
	    "only entries with ! in front: nobody could log "
	    "in");
	return FROM_BAD;
}

/*
 * What two entries have in common: one of them, or NULL; *unclear is set
 * where that can't be said.
 */
static const struct from_entry *
common(const struct from_entry *a, const struct from_entry *b, bool *unclear)
{
	*unclear = false;
	if (from_entry_covers(a, b))
		return b;
	if (from_entry_covers(b, a))
		return a;
	/* Networks lie one in the other or have nothing in common. */
	*unclear = a->family == 0 || b->family == 0;
	return NULL;
}

static bool
covered(const struct from *f, const struct from_entry *e)
{
	size_t i;

	for (i = 0; i < f->n; i++) {
		if (!f->v[i].negated && from_entry_covers(&f->v[i], e))
			return true;
	}
	return false;
}

/* Appends what each entry of a has in common with each of b. */
static enum from_result
add_common(struct from *out, const struct from *a, const struct from *b)
{
	const struct from_entry *e;
	enum from_result r;
	bool unclear;
	size_t i, j;

	for (i = 0; i < a->n; i++) {
		for (j = 0; j < b->n && !a->v[i].negated; j++) {
			if (b->v[j].negated)
				continue;
			e = common(&a->v[i], &b->v[j], &unclear);
			if (e != NULL && (r = append(out, e)) != FROM_OK)
				return r;
		}
	}
	return FROM_OK;
}

/* Whether a pair that can't be written lets in nobody that out doesn't. */
static bool
all_clear(const struct from *out, const struct from *a, const struct from *b)
{
	size_t i, j;
	bool unclear;

	for (i = 0; i < a->n; i++) {
		if (a->v[i].negated || covered(out, &a->v[i]))
			continue;
		for (j = 0; j < b->n; j++) {
			if (b->v[j].negated)
				continue;
			(void)common(&a->v[i], &b->v[j], &unclear);
			if (unclear && !covered(out, &b->v[j]))
				return false;
		}
	}
	return true;
}

static enum from_result
add_all(struct from *out, const struct from *f, bool negated_only)
{
	enum from_result r;
	size_t i;

	for (i = 0; i < f->n; i++) {
		if (negated_only && !f->v[i].negated)
			continue;
		if ((r = append(out, &f->v[i])) != FROM_OK)
			return r;
	}
	return FROM_OK;
}

static enum from_result
intersect(struct from *out, const struct from *a, const struct from *b)
{
	enum from_result r;

	if (a->n == 0 || b->n == 0)
		return add_all(out, a->n == 0 ? b : a, false);
	if ((r = add_common(out, a, b)) != FROM_OK)
		return r;
	if (!all_clear(out, a, b))
		return FROM_UNCLEAR;
	if (out->n == 0)
		return FROM_EMPTY;
	if ((r = add_all(out, a, true)) != FROM_OK)
		return r;
	return add_all(out, b, true);
}

enum from_result
from_intersect(struct from *out, const struct from *a, const struct from *b)
{
	struct from made = {0};
	enum from_result r;

	*out = (struct from){0};
	r = intersect(&made, a, b);
	if (r == FROM_OK) {
		*out = made;
		return FROM_OK;
	}
	from_free(&made);
	/* A list too long to be written is one that can't be written. */
	return r == FROM_BAD ? FROM_UNCLEAR : r;
}

int
from_put(const struct from *f, struct buf *b)
{
	char text[FROM_TEXT];
	size_t i;

	for (i = 0; i < f->n; i++) {
		from_entry_text(&f->v[i], text);
		if (i != 0)
			(void)buf_putc(b, ',');
		if (f->v[i].negated)
			(void)buf_putc(b, '!');
		(void)buf_puts(b, text);
	}
	return b->failed ? -1 : 0;
}

void
from_free(struct from *f)
{
	free(f->v);
	*f = (struct from){0};
}
