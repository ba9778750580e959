/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "policy/span.h"

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool
is_space(char c)
{
	return is_blank(c) || c == '\n' || c == '\r';
}

static struct span
skip(struct span s, size_t n)
{
	return (struct span){s.p + n, s.len - n};
}

struct span
span_trim(struct span s)
{
	while (s.len != 0 && is_space(s.p[0]))
		s = skip(s, 1);
	while (s.len != 0 && is_space(s.p[s.len - 1]))
		s.len--;
	return s;
}

struct span
span_line(struct span *s)
{
	struct span line = {s->p, 0};

	while (line.len < s->len && line.p[line.len] != '\n' &&
	    line.p[line.len] != '\r')
		line.len++;
	*s = skip(*s, line.len);
	if (s->len >= 2 && s->p[0] == '\r' && s->p[1] == '\n')
		*s = skip(*s, 2);
	else if (s->len != 0)
		*s = skip(*s, 1);
	return line;
}

struct span
span_word(struct span *s)
{
	struct span word;

	while (s->len != 0 && is_blank(s->p[0]))
		*s = skip(*s, 1);
	word = (struct span){s->p, 0};
	while (word.len < s->len && !is_blank(word.p[word.len]))
		word.len++;
	*s = skip(*s, word.len);
	return word;
}

bool
span_is(struct span s, const char *text)
{
	return s.len == strlen(text) && span_starts(s, text);
}

bool
span_starts(struct span s, const char *text)
{
	size_t len = strlen(text);

	return s.len >= len && memcmp(s.p, text, len) == 0;
}

bool
span_ends(struct span s, const char *text)
{
	size_t len = strlen(text);

	return s.len >= len && memcmp(s.p + s.len - len, text, len) == 0;
}

bool
span_has(struct span s, char c)
{
	return s.len != 0 && memchr(s.p, c, s.len) != NULL;
}
