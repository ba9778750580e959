/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>

#include "policy/position.h"

#define LEVELS 16 /* of a path that is shown; ours have fewer */

struct scan {
	const char *text;
	size_t len, at;
};

struct level {
	bool object, name_next;
	size_t index;
	const char *name;
	size_t namelen;
};

struct position
position_at(const char *text, size_t len, size_t offset)
{
	struct position p = {1, 1};
	size_t i;

	for (i = 0; i < len && i < offset; i++) {
		if (text[i] == '\n')
			p = (struct position){p.line + 1, 1};
		else if (((unsigned char)text[i + 1 < len ? i + 1 : i] &
			     0xc0) != 0x80)
			p.column++;
	}
	return p;
}

/* The character that is next, or NUL at the end. */
static char
peek(const struct scan *s)
{
	if (s->at < s->len)
		return s->text[s->at];
	return '\0';
}

static void
skip_space(struct scan *s)
{
	while (s->at < s->len && strchr(" \t\r\n", s->text[s->at]) != NULL &&
	    s->text[s->at] != '\0')
		s->at++;
}

/* From a quote to behind its fellow. */
static void
skip_string(struct scan *s)
{
	for (s->at++; s->at < s->len && s->text[s->at] != '"'; s->at++) {
		if (s->text[s->at] == '\\' && s->at + 1 < s->len)
			s->at++;
	}
	if (s->at < s->len)
		s->at++;
}

/* A whole value, however deep; an opened one is left with depth 0. */
static void
skip_value(struct scan *s)
{
	size_t depth = 0;
	char c;

	while (s->at < s->len) {
		c = s->text[s->at];
		if (c == '"') {
			skip_string(s);
			if (depth == 0)
				return;
			continue;
		}
		if (c == '{' || c == '[')
			depth++;
		else if (c == '}' || c == ']') {
			if (depth == 0)
				return;
			if (--depth == 0) {
				s->at++;
				return;
			}
		} else if (c == ',' && depth == 0)
			return;
		s->at++;
	}
}

/* Behind a member's name and colon. */
static bool
skip_name(struct scan *s)
{
	if (peek(s) != '"')
		return false;
	skip_string(s);
	skip_space(s);
	if (peek(s) != ':')
		return false;
	s->at++;
	skip_space(s);
	return true;
}

/* From an opening bracket to the member or element of that ordinal. */
static bool
enter(struct scan *s, size_t ordinal, size_t *name)
{
	bool object = peek(s) == '{';
	size_t i;

	if (!object && peek(s) != '[')
		return false;
	s->at++;
	skip_space(s);
	for (i = 0; i < ordinal; i++) {
		if (object && !skip_name(s))
			return false;
		skip_value(s);
		skip_space(s);
		if (peek(s) != ',')
			return false;
		s->at++;
		skip_space(s);
	}
	*name = s->at;
	return object ? skip_name(s) : peek(s) != ']' && s->at < s->len;
}

bool
position_find(const char *text, size_t len, const size_t *steps, size_t n,
    bool name, size_t *offset)
{
	struct scan s = {text, len, 0};
	size_t i, named;

	*offset = 0;
	skip_space(&s);
	named = s.at;
	for (i = 0; i < n; i++) {
		if (!enter(&s, steps[i], &named))
			return false;
	}
	*offset = name ? named : s.at;
	return true;
}

static void
show_path(const struct level *levels, size_t depth, char *dst, size_t size)
{
	const struct level *l;
	size_t i, used = 0;

	dst[0] = '\0';
	for (i = 0; i < depth && i < LEVELS && used + 1 < size; i++) {
		l = &levels[i];
		if (l->object)
			(void)snprintf(dst + used, size - used, "%s%.*s",
			    i == 0 ? "" : ".",
			    l->namelen < size ? (int)l->namelen : (int)size,
			    l->name);
		else
			(void)snprintf(
			    dst + used, size - used, "[%zu]", l->index);
		used += strlen(dst + used);
	}
}

/* One token; true when it was a member's name. */
static bool
step(struct scan *s, struct level *levels, size_t *depth)
{
	struct level *l =
	    *depth == 0 || *depth > LEVELS ? NULL : &levels[*depth - 1];
	size_t start = s->at;
	char c = peek(s);

	if (c == '"') {
		skip_string(s);
		if (l == NULL || !l->name_next)
			return false;
		l->name = s->text + start + 1;
		l->namelen = s->at - start < 2 ? 0 : s->at - start - 2;
		l->name_next = false;
		return true;
	}
	s->at++;
	if (c == '{' || c == '[') {
		if (++*depth <= LEVELS)
			levels[*depth - 1] = (struct level){
			    .object = c == '{', .name_next = c == '{'};
	} else if ((c == '}' || c == ']') && *depth > 0)
		--*depth;
	else if (c == ',' && l != NULL) {
		l->index++;
		l->name_next = l->object;
	}
	return false;
}

bool
position_path(const char *text, size_t len, size_t offset, char *dst,
    size_t size, size_t *start)
{
	struct level levels[LEVELS];
	struct scan s = {text, len, 0};
	size_t depth = 0;

	*start = 0;
	dst[0] = '\0';
	while (s.at < s.len) {
		*start = s.at;
		if (step(&s, levels, &depth) && s.at >= offset) {
			show_path(levels, depth, dst, size);
			return true;
		}
	}
	*start = 0;
	return false;
}
