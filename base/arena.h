/*
 * Memory that is taken in small pieces and given back whole.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

#include "base/buf.h"

struct arena_chunk;

/* All zero is an empty arena. */
struct arena {
	struct arena_chunk *chunks;
};

/* len bytes, aligned, not cleared; NULL: out of memory. */
void *arena_take(struct arena *a, size_t len, size_t align);
/* len bytes copied with a NUL behind; NULL: out of memory. */
char *arena_copy(struct arena *a, const void *data, size_t len);
/*
 * A string of at most LIMIT_TEXT bytes that buf_put_string wrote, copied; ""
 * takes no memory.  0, or -1: damaged, a NUL in it, or out of memory.
 */
int arena_text(struct arena *a, struct slice *in, const char **out);
/* Frees all of it and leaves an empty arena. */
void arena_free(struct arena *a);

#endif
