/*
 * Inside policy/from.h: one entry.  Pure.
 */
#ifndef POLICY_FROM_ENTRY_H
#define POLICY_FROM_ENTRY_H

#include "policy/from.h"
#include "policy/span.h"

#define FROM_TEXT (LIMIT_HOST_PATTERN + 1) /* the longest, with ! and NUL */

/* 0, or -1 with the reason; then e is zero. */
int from_entry_parse(struct from_entry *e, struct span text, struct error *err);
/* The canonical text, without the `!`. */
void from_entry_text(const struct from_entry *e, char dst[FROM_TEXT]);
bool from_entry_equal(const struct from_entry *a, const struct from_entry *b);
/* Whether wide surely matches whatever narrow does; `!` is not looked at. */
bool from_entry_covers(
    const struct from_entry *wide, const struct from_entry *narrow);

#endif
