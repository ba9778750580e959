/* SPDX-License-Identifier: ISC */
#include <limits.h>
#include <string.h>

#include <openssl/evp.h>

#include "policy/base64.h"

/* Bytes whose base64 is compared at a time; a multiple of three. */
#define CHUNK 192

/*
 * EVP_DecodeBlock passes over white space, takes '=' in the middle for 'A'
 * and ignores stray bits.  One text only can have made these bytes: the one
 * that they give back.
 */
static int
is_canonical(const char *s, size_t len, const unsigned char *data, size_t n)
{
	unsigned char again[BASE64_SIZE(CHUNK)];
	size_t part, made;

	for (; n != 0; data += part, n -= part) {
		part = n < CHUNK ? n : CHUNK;
		made = (size_t)EVP_EncodeBlock(again, data, (int)part);
		if (made > len || memcmp(again, s, made) != 0)
			return 0;
		s += made;
		len -= made;
	}
	return len == 0;
}

long
base64_decode(const char *s, size_t len, unsigned char *out, size_t size)
{
	const unsigned char *in = (const unsigned char *)s;
	unsigned char last[3];
	size_t head, tail;

	if (len == 0)
		return 0;
	if (len % 4 != 0 || len > INT_MAX)
		return -1;
	/*
	 * EVP_DecodeBlock writes three bytes for each four characters, the
	 * padded ones too: the last four go by way of a buffer of their own.
	 */
	head = len / 4 * 3 - 3;
	tail = 3 - (size_t)(s[len - 1] == '=') - (size_t)(s[len - 2] == '=');
	if (head + tail > size)
		return -1;
	if (head != 0 && EVP_DecodeBlock(out, in, (int)(len - 4)) != (int)head)
		return -1;
	if (EVP_DecodeBlock(last, in + len - 4, 4) != 3)
		return -1;
	memcpy(out + head, last, tail);
	if (!is_canonical(s, len, out, head + tail))
		return -1;
	return (long)(head + tail);
}

size_t
base64_encode(const unsigned char *data, size_t len, char *out)
{
	out[0] = '\0';
	if (len == 0 || len > INT_MAX / 4 * 3 - 3)
		return 0;
	return (size_t)EVP_EncodeBlock((unsigned char *)out, data, (int)len);
}
