/*
 * Inputs as changes to bytes that are known to be good: triples of an offset
 * (two bytes) and what to xor the byte there with; with 0 the bytes end there.
 * So seeds stay small, and few inputs fail at the first check.
 */
#ifndef TESTS_FUZZ_PATCH_H
#define TESTS_FUZZ_PATCH_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(x)                 \
	do {                     \
		if (!(x))        \
			abort(); \
	} while (0)

#define PATCH_SIZE 3

/* Applies one triple to bytes[*len]. */
static inline void
patch_apply(unsigned char *bytes, size_t *len, const uint8_t *patch)
{
	size_t at = patch[0] | (size_t)patch[1] << 8;

	if (*len == 0)
		return;
	at %= *len;
	if (patch[2] == 0)
		*len = at;
	else
		bytes[at] ^= patch[2];
}

/* A copy to the last byte, so that a sanitizer sees a step over the end. */
static inline unsigned char *
patch_copy(const void *data, size_t len)
{
	unsigned char *p = malloc(len == 0 ? 1 : len);

	CHECK(p != NULL);
	if (len != 0)
		memcpy(p, data, len);
	return p;
}

#endif
