/* SPDX-License-Identifier: ISC */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/text.h"
#include "cmd/table.h"
#include "cmd/table_text.h"

#define GAP 2
#define INDENT 2
#define LINE_CAP (2 * TABLE_COLUMNS * LIMIT_OPTIONS)

/* How a row is laid out: columns up to fold on its first line, the others on
 * its second. */
struct layout {
	const struct table *t;
	bool shown[TABLE_COLUMNS];
	size_t width[TABLE_COLUMNS];
	size_t fold;
};

struct sink {
	struct buf line;
	table_line fn;
	void *ctx;
};

void
table_init(struct table *t, const struct table_column *columns, size_t n)
{
	*t = (struct table){.columns = columns, .ncolumns = n};
}

void
table_free(struct table *t)
{
	free(t->cells);
	arena_free(&t->arena);
	*t = (struct table){0};
}

static int
reserve(struct table *t)
{
	size_t size = t->size == 0 ? 64 : 2 * t->size;
	const char **v;

	if (t->rows < t->size)
		return 0;
	v = reallocarray(t->cells, size, t->ncolumns * sizeof(*v));
	if (v == NULL)
		return -1;
	t->cells = v;
	t->size = size;
	return 0;
}

int
table_add(struct table *t, const char *const cells[])
{
	char clean[LIMIT_OPTIONS + 1];
	const char **row;
	size_t i, len, width;

	if (reserve(t) == -1)
		return -1;
	row = t->cells + t->rows * t->ncolumns;
	for (i = 0; i < t->ncolumns; i++) {
		len = text_clean(
		    clean, sizeof(clean), cells[i], strlen(cells[i]));
		if ((row[i] = arena_copy(&t->arena, clean, len)) == NULL)
			return -1;
	}
	for (i = 0; i < t->ncolumns; i++) {
		width = table_text_width(row[i]);
		if (width > t->widest[i])
			t->widest[i] = width;
	}
	t->rows++;
	return 0;
}

/* The columns' own widths, and what they take together, gaps included. */
static size_t
natural(struct layout *l, size_t from, size_t to)
{
	size_t i, title, sum = 0;

	for (i = from; i < to; i++) {
		if (!l->shown[i])
			continue;
		title = strlen(l->t->columns[i].title);
		l->width[i] = l->t->widest[i] > title ? l->t->widest[i] : title;
		sum += l->width[i] + (sum == 0 ? 0 : GAP);
	}
	return sum;
}

/* The widest column that may still be cut, or `to`. */
static size_t
widest(const struct layout *l, size_t from, size_t to)
{
	size_t i, best = to;

	for (i = from; i < to; i++) {
		if (!l->shown[i] || l->t->columns[i].least == 0 ||
		    l->width[i] <= l->t->columns[i].least)
			continue;
		if (best == to || l->width[i] > l->width[best])
			best = i;
	}
	return best;
}

/* Cuts columns until they fit; false: they can't. */
static bool
fit(struct layout *l, size_t from, size_t to, size_t room)
{
	size_t sum = natural(l, from, to), i;

	while (sum > room && (i = widest(l, from, to)) != to) {
		l->width[i]--;
		sum--;
	}
	return sum <= room;
}

/* Whether rows fit on one line, or on two with as many columns as may be
 * whole on the first. */
static bool
lay_out(struct layout *l, size_t width)
{
	size_t n = l->t->ncolumns, i;

	for (i = 0; i < n; i++)
		l->shown[i] = width == 0 || l->t->widest[i] != 0;
	l->fold = n;
	if (width == 0) {
		(void)natural(l, 0, n);
		return true;
	}
	if (fit(l, 0, n, width))
		return true;
	while (l->fold > 1 && natural(l, 0, l->fold) > width)
		l->fold--;
	return natural(l, 0, l->fold) <= width && width > INDENT &&
	    fit(l, l->fold, n, width - INDENT);
}

static int
end_line(struct sink *s)
{
	int r;

	while (s->line.len != 0 && s->line.data[s->line.len - 1] == ' ')
		s->line.len--;
	if (buf_putc(&s->line, '\0') == -1)
		return -1;
	r = s->fn(s->ctx, (const char *)s->line.data, s->line.len - 1);
	buf_reset(&s->line);
	return r;
}

static void
put_blanks(struct sink *s, size_t n)
{
	while (n-- != 0)
		(void)buf_putc(&s->line, ' ');
}

/* Writes what fits of the text and moves on to what is left of it: nothing,
 * but in a column that wraps.  Returns the width. */
static size_t
put_cell(struct sink *s, const struct layout *l, size_t i, const char **text)
{
	const char *p = *text;
	size_t len;

	if (!l->t->columns[i].wrap || table_text_width(p) <= l->width[i]) {
		*text = "";
		return table_put_text(&s->line, p, l->width[i]);
	}
	len = table_break(p, l->width[i]);
	(void)buf_put(&s->line, p, len);
	*text = p + len + strspn(p + len, " ");
	return table_width_of(p, len);
}

/* One line of the columns from..to, as long as any of them has text left. */
static int
put_line(struct sink *s, const struct layout *l, const char **cells,
    size_t from, size_t to)
{
	bool first = true;
	size_t i, used;

	put_blanks(s, from == 0 ? 0 : INDENT);
	for (i = from; i < to; i++) {
		if (!l->shown[i])
			continue;
		if (!first)
			put_blanks(s, GAP);
		first = false;
		used = put_cell(s, l, i, &cells[i]);
		/* A wide character in a column of one is wider. */
		put_blanks(s, used < l->width[i] ? l->width[i] - used : 0);
	}
	return end_line(s);
}

static bool
any_left(const char *const *cells, size_t from, size_t to)
{
	for (; from < to; from++) {
		if (cells[from][0] != '\0')
			return true;
	}
	return false;
}

static int
put_lines(struct sink *s, const struct layout *l, const char **cells,
    size_t from, size_t to)
{
	do {
		if (put_line(s, l, cells, from, to) == -1)
			return -1;
	} while (any_left(cells, from, to));
	return 0;
}

/* cells NULL: the titles. */
static int
put_row(struct sink *s, const struct layout *l, const char *const *cells)
{
	const char *left[TABLE_COLUMNS];
	size_t n = l->t->ncolumns, i;

	for (i = 0; i < n; i++)
		left[i] = !l->shown[i] ? ""
		    : cells == NULL    ? l->t->columns[i].title
				       : cells[i];
	if (put_lines(s, l, left, 0, l->fold) == -1)
		return -1;
	return any_left(left, l->fold, n) ? put_lines(s, l, left, l->fold, n)
					  : 0;
}

/* A line for each column that isn't empty. */
static int
put_block(struct sink *s, const struct layout *l, const char *const *cells,
    size_t width)
{
	const struct table_column *c = l->t->columns;
	size_t i, used, head = 0, room;

	for (i = 0; i < l->t->ncolumns; i++) {
		if (l->shown[i] && strlen(c[i].title) > head)
			head = strlen(c[i].title);
	}
	head += GAP;
	for (i = 0; i < l->t->ncolumns; i++) {
		if (cells[i][0] == '\0')
			continue;
		room = table_text_width(cells[i]);
		if (c[i].least != 0 && !c[i].wrap && width < head + room)
			room = width > head + c[i].least ? width - head
							 : c[i].least;
		used = table_put_text(&s->line, c[i].title, head);
		put_blanks(s, head - used);
		(void)table_put_text(&s->line, cells[i], room);
		if (end_line(s) == -1)
			return -1;
	}
	return 0;
}

int
table_write(const struct table *t, size_t width, table_line fn, void *ctx)
{
	struct layout l = {.t = t};
	struct sink s = {.fn = fn, .ctx = ctx};
	bool rows = lay_out(&l, width);
	const char *const *cells;
	size_t i;
	int r = 0;

	if (t->rows == 0)
		return 0;
	buf_init(&s.line, LINE_CAP);
	if (rows)
		r = put_row(&s, &l, NULL);
	for (i = 0; i < t->rows && r == 0; i++) {
		cells = t->cells + i * t->ncolumns;
		if (rows)
			r = put_row(&s, &l, cells);
		else if (i == 0 || (r = end_line(&s)) == 0)
			r = put_block(&s, &l, cells, width);
	}
	buf_free(&s.line);
	return r;
}
