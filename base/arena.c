/* SPDX-License-Identifier: ISC */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/limits.h"

#define CHUNK_SIZE (64 * 1024)

struct arena_chunk {
	struct arena_chunk *next;
	size_t used, size;
	_Alignas(max_align_t) unsigned char data[];
};

void *
arena_take(struct arena *a, size_t len, size_t align)
{
	struct arena_chunk *c = a->chunks;
	size_t at = 0, size;

	if (c != NULL)
		at = (c->used + align - 1) & ~(align - 1);
	if (c == NULL || at > c->size || len > c->size - at) {
		size = len > CHUNK_SIZE ? len : CHUNK_SIZE;
		if (size > SIZE_MAX - sizeof(*c) ||
		    (c = malloc(sizeof(*c) + size)) == NULL)
			return NULL;
		*c = (struct arena_chunk){.next = a->chunks, .size = size};
		a->chunks = c;
		at = 0;
	}
	c->used = at + len;
	return c->data + at;
}

char *
arena_copy(struct arena *a, const void *data, size_t len)
{
	char *p;

	if (len == SIZE_MAX || (p = arena_take(a, len + 1, 1)) == NULL)
		return NULL;
	if (len != 0)
		memcpy(p, data, len);
	p[len] = '\0';
	return p;
}

int
arena_text(struct arena *a, struct slice *in, const char **out)
{
	struct slice s;

	if (slice_string(in, &s, LIMIT_TEXT) == -1 ||
	    memchr(s.p, '\0', s.len) != NULL)
		return -1;
	*out = s.len == 0 ? "" : arena_copy(a, s.p, s.len);
	return *out == NULL ? -1 : 0;
}

void
arena_free(struct arena *a)
{
	struct arena_chunk *c, *next;

	for (c = a->chunks; c != NULL; c = next) {
		next = c->next;
		free(c);
	}
	*a = (struct arena){0};
}
