/*
 * Rows of text in columns, fitted to the width of a screen.  Pure.
 *
 * A row is one line where that fits, with columns cut as far as they may be
 * ("..." stands for the rest, unless the column wraps); else two such lines,
 * the second one indented; else a block of lines, one for each column.
 */
#ifndef CMD_TABLE_H
#define CMD_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

#define TABLE_COLUMNS 8

struct table_column {
	const char *title; /* ASCII */
	size_t least; /* may be cut to so many characters; 0: never */
	bool wrap; /* what is cut off goes on in the lines below */
};

struct table {
	const struct table_column *columns; /* borrowed */
	size_t ncolumns;
	const char **cells; /* ncolumns for each row */
	size_t rows, size;
	size_t widest[TABLE_COLUMNS]; /* cell of each column, 0: all empty */
	struct arena arena;
};

/* At most TABLE_COLUMNS; columns must outlive t.  table_free after. */
void table_init(struct table *t, const struct table_column *columns, size_t n);
void table_free(struct table *t);

/*
 * Copies a text for each column, cleaned (base/text.h) and cut after
 * LIMIT_OPTIONS bytes.  0, or -1 out of memory; then t is as it was.
 */
int table_add(struct table *t, const char *const cells[]);

/* Called with each line, without an end of line.  Returns -1 to stop. */
typedef int (*table_line)(void *ctx, const char *line, size_t len);

/*
 * Writes titles and rows; nothing where there are no rows.  width 0: for a
 * program, every column on one line and nothing cut; else columns that are
 * empty in all rows are left out.  No line ends in a blank.  0, or -1 when fn
 * stopped it or there was no memory.
 */
int table_write(const struct table *t, size_t width, table_line fn, void *ctx);

/* How many columns of a screen a clean text takes: two for a character of
 * East Asian scripts and the like, none for a mark on top of another. */
size_t table_text_width(const char *s);

#endif
