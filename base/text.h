/*
 * Text from the network made safe to print.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stddef.h>

/*
 * Copies src[len] to dst[size], always with a NUL, cut at a character's
 * border.  Control characters (C0, DEL, C1), line and paragraph separators,
 * directional overrides and bytes that are no UTF-8 become '?', one for each.
 * Returns the length of the result.
 */
size_t text_clean(char *dst, size_t size, const char *src, size_t len);

/* Copies a string as it is, cut to fit; returns dst. */
char *text_copy(char *dst, size_t size, const char *src);

/*
 * "3 s", "5 min", "2 h", "4 d" for a span of milliseconds (negative counts
 * as 0), into dst[size]; returns dst.
 */
char *text_span(char *dst, size_t size, long long ms);

#endif
