/*
 * Key records there and back.  Include it after cmocka.h.
 */
#ifndef TESTS_UNIT_KEYSET_CHECKS_H
#define TESTS_UNIT_KEYSET_CHECKS_H

#include <stdlib.h>
#include <string.h>

#include "base/keyset.h"
#include "base/limits.h"

#define FP "SHA256:0123456789012345678901234567890123456789012"

static inline void
assert_same(const struct keyrec *a, const struct keyrec *b)
{
	size_t i;

	assert_string_equal(a->id, b->id);
	assert_string_equal(a->label, b->label);
	assert_string_equal(a->owner, b->owner);
	assert_true(a->created_ms == b->created_ms);
	assert_int_equal(a->ntags, b->ntags);
	for (i = 0; i < a->ntags; i++)
		assert_string_equal(a->tags[i], b->tags[i]);
	assert_int_equal(a->bloblen, b->bloblen);
	assert_int_equal(a->blob == NULL, b->blob == NULL);
	if (a->blob != NULL)
		assert_memory_equal(a->blob, b->blob, a->bloblen);
	assert_string_equal(a->fp, b->fp);
	assert_int_equal(a->refused == NULL, b->refused == NULL);
	if (a->refused != NULL)
		assert_string_equal(a->refused, b->refused);
	assert_null(b->text);
	assert_int_equal(b->textlen, 0);
}

/*
 * Decodes a copy of bytes that is exact to the last one and freed before the
 * records are looked at.  What is refused must leave nothing; what is taken
 * must encode to just the bytes that were eaten.
 */
static inline int
decode(const void *data, size_t len, struct keyset *ks)
{
	unsigned char *mem = malloc(len == 0 ? 1 : len);
	struct slice in = {mem, len};
	struct buf again;
	int r;

	assert_non_null(mem);
	memcpy(mem, data, len);
	memset(ks, 0x5a, sizeof(*ks));
	r = keyset_decode(&in, ks);
	memset(mem, 0x5a, len);
	free(mem);
	if (r == -1) {
		assert_null(ks->v);
		assert_int_equal(ks->n, 0);
		assert_null(ks->arena.chunks);
		return -1;
	}
	buf_init(&again, len);
	assert_int_equal(keyset_encode(ks, &again), 0);
	assert_int_equal(again.len, len - in.len);
	assert_memory_equal(again.data, data, again.len);
	buf_free(&again);
	return 0;
}

static inline void
encode(const struct keyset *ks, struct buf *b)
{
	buf_init(b, 64 * 1024 * 1024);
	assert_int_equal(keyset_encode(ks, b), 0);
}

#endif
