/*
 * Blobs put together field by field, for the tests of the parser.  Include it
 * after cmocka.h.
 */
#ifndef TESTS_UNIT_PUBKEY_BUILDER_H
#define TESTS_UNIT_PUBKEY_BUILDER_H

#include <string.h>

#include "policy/base64.h"
#include "pubkey_samples.h"

/* A blob being put together. */
struct blob {
	unsigned char p[2 * LIMIT_KEY_BLOB];
	size_t len;
};

static inline void
put_string(struct blob *b, const void *p, size_t len)
{
	unsigned char n[4] = {(unsigned char)(len >> 24),
	    (unsigned char)(len >> 16), (unsigned char)(len >> 8),
	    (unsigned char)len};

	assert_true(len + 4 <= sizeof(b->p) - b->len);
	memcpy(b->p + b->len, n, 4);
	if (len != 0)
		memcpy(b->p + b->len + 4, p, len);
	b->len += len + 4;
}

static inline void
put_text(struct blob *b, const char *s)
{
	put_string(b, s, strlen(s));
}

/* Parses it, checks that a refused one leaves nothing. */
static inline enum pubkey_refusal
parse_blob(const struct blob *b, unsigned *bits)
{
	struct pubkey key;
	enum pubkey_refusal r;

	memset(&key, 0xa5, sizeof(key));
	r = pubkey_parse_blob(b->p, b->len, &key);
	if (r == PUBKEY_OK) {
		assert_int_equal(key.bloblen, b->len);
		assert_memory_equal(key.blob, b->p, b->len);
	} else {
		assert_int_equal(key.type, 0);
		assert_int_equal(key.bits, 0);
		assert_int_equal(key.bloblen, 0);
		assert_int_equal(key.blob[0], 0);
	}
	if (bits != NULL)
		*bits = key.bits;
	return r;
}

/* The way that a pasted key takes, libcrypto's check included. */
static inline enum pubkey_refusal
parse_pasted(const char *type, const struct blob *b)
{
	char text[64 + BASE64_SIZE(LIMIT_KEY_BLOB)];
	struct pubkey key;
	size_t len = strlen(type);

	memcpy(text, type, len);
	text[len] = ' ';
	len += 1 + base64_encode(b->p, b->len, text + len + 1);
	return pubkey_parse(text, len, &key);
}

static inline void
sample_blob(const struct sample *s, struct blob *b)
{
	long len = base64_decode(s->b64, strlen(s->b64), b->p, sizeof(b->p));

	assert_true(len > 0);
	b->len = (size_t)len;
}

#endif
