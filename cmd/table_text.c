/* SPDX-License-Identifier: ISC */
/*
 * wcwidth(3) would hang on the locale, and knows nothing in that of an
 * administrator who came by sudo or cron.
 */
#include <stdint.h>
#include <string.h>

#include "cmd/table.h"
#include "cmd/table_text.h"

static const char rest[] = "...";
#define REST (sizeof(rest) - 1)

struct range {
	uint32_t first, last;
};

/* Marks that stand on another character. */
static const struct range marks[] = {{0x300, 0x36f}, {0x483, 0x489},
    {0x591, 0x5bd}, {0x610, 0x61a}, {0x64b, 0x65f}, {0x900, 0x902},
    {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff}, {0x200b, 0x200d}, {0x20d0, 0x20ff},
    {0x302a, 0x302d}, {0x3099, 0x309a}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f},
    {0x1f3fb, 0x1f3ff}, {0xe0100, 0xe01ef}};

/* As wide as two. */
static const struct range wide[] = {{0x1100, 0x115f}, {0x231a, 0x231b},
    {0x2e80, 0x303e}, {0x3041, 0x33ff}, {0x3400, 0x4dbf}, {0x4e00, 0x9fff},
    {0xa000, 0xa4cf}, {0xa960, 0xa97f}, {0xac00, 0xd7a3}, {0xf900, 0xfaff},
    {0xfe30, 0xfe6f}, {0xff00, 0xff60}, {0xffe0, 0xffe6}, {0x1f300, 0x1f64f},
    {0x1f680, 0x1f6ff}, {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd}};

static int
is_in(uint32_t cp, const struct range *v, size_t n)
{
	size_t i;

	for (i = 0; i < n && v[i].first <= cp; i++) {
		if (cp <= v[i].last)
			return 1;
	}
	return 0;
}

#define IS_IN(cp, v) is_in((cp), (v), sizeof(v) / sizeof((v)[0]))

static size_t
width_of(uint32_t cp)
{
	if (cp < 0x300)
		return 1;
	if (IS_IN(cp, marks))
		return 0;
	return IS_IN(cp, wide) ? 2 : 1;
}

/* The length of the character at s, which is UTF-8 (base/text.h). */
static size_t
next(const unsigned char *s, size_t *width)
{
	size_t len, n = *s < 0xc0 ? 1 : *s < 0xe0 ? 2 : *s < 0xf0 ? 3 : 4;
	uint32_t cp = n == 1 ? *s : *s & (0x7fu >> n);

	for (len = 1; len < n && (s[len] & 0xc0) == 0x80; len++)
		cp = cp << 6 | (s[len] & 0x3fu);
	*width = width_of(cp);
	return len;
}

size_t
table_width_of(const char *s, size_t len)
{
	const unsigned char *p = (const unsigned char *)s, *end = p + len;
	size_t sum = 0, width;

	while (p < end) {
		p += next(p, &width);
		sum += width;
	}
	return sum;
}

size_t
table_text_width(const char *s)
{
	return table_width_of(s, strlen(s));
}

size_t
table_break(const char *s, size_t width)
{
	const unsigned char *start = (const unsigned char *)s, *p = start,
			    *blank = NULL;
	size_t used = 0, one, len;

	for (; *p != '\0'; p += len) {
		len = next(p, &one);
		if (*p == ' ' && p != start)
			blank = p;
		if (used + one > width)
			break;
		used += one;
	}
	if (blank != NULL)
		return (size_t)(blank - start);
	return p == start ? next(start, &one) : (size_t)(p - start);
}

size_t
table_put_text(struct buf *b, const char *s, size_t width)
{
	const unsigned char *p = (const unsigned char *)s;
	size_t used = 0, room = width, one, len;
	int cut = table_text_width(s) > width;

	if (cut)
		room = width > REST ? width - REST : 0;
	for (; *p != '\0'; p += len) {
		len = next(p, &one);
		if (used + one > room)
			break;
		(void)buf_put(b, p, len);
		used += one;
	}
	if (cut && width >= REST) {
		(void)buf_puts(b, rest);
		used += REST;
	}
	return used;
}
