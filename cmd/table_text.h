/*
 * Inside cmd/table.h: characters on a screen.  Pure.
 */
#ifndef CMD_TABLE_TEXT_H
#define CMD_TABLE_TEXT_H

#include <stddef.h>

#include "base/buf.h"

/*
 * Appends a clean text, cut so that it takes at most width columns, with
 * "..." at its end if it was cut.  Returns how many it takes.  A failure is
 * b's.
 */
size_t table_put_text(struct buf *b, const char *s, size_t width);

/*
 * How many bytes of a clean text, at least one character, to write on a line
 * of width columns: up to a blank, if one is there.  (s is wider than that.)
 */
size_t table_break(const char *s, size_t width);

/* As table_text_width, of len bytes. */
size_t table_width_of(const char *s, size_t len);

#endif
