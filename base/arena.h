/*
 * Memory that is taken in small pieces and given back whole.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

struct arena_chunk;

/* All zero is an empty arena. */
struct arena {
	struct arena_chunk *chunks;
};

/* len bytes, aligned, not cleared; NULL: out of memory. */
void *arena_take(struct arena *a, size_t len, size_t align);
/* len bytes copied with a NUL behind; NULL: out of memory. */
char *arena_copy(struct arena *a, const void *data, size_t len);
/* Frees all of it and leaves an empty arena. */
void arena_free(struct arena *a);

#endif
