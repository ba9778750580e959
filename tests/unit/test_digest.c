/* SPDX-License-Identifier: ISC */
/* Every change of the bytes, their number or their portions is seen. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"

#define MOST 40

/* Of a copy that ends where the bytes do. */
static uint64_t
digest(uint64_t h, const unsigned char *p, size_t len)
{
	unsigned char *copy = malloc(len == 0 ? 1 : len);
	uint64_t r;

	assert_non_null(copy);
	memcpy(copy, p, len);
	r = digest_add(h, copy, len);
	free(copy);
	return r;
}

static void
test_each_bit(void **state)
{
	unsigned char p[MOST];
	uint64_t want;
	size_t len, bit;

	(void)state;
	for (len = 0; len < MOST; len++)
		p[len] = (unsigned char)(len * 37);
	for (len = 1; len <= MOST; len++) {
		want = digest(DIGEST_INIT, p, len);
		assert_true(want == digest(DIGEST_INIT, p, len));
		for (bit = 0; bit < 8 * len; bit++) {
			p[bit / 8] ^= (unsigned char)(1u << bit % 8);
			assert_true(want != digest(DIGEST_INIT, p, len));
			p[bit / 8] ^= (unsigned char)(1u << bit % 8);
		}
		/* And each bit of what went before. */
		for (bit = 0; bit < 64; bit++)
			assert_true(want !=
			    digest(DIGEST_INIT ^ UINT64_C(1) << bit, p, len));
	}
}

/* Zeros at the end count, and nothing at all does. */
static void
test_length(void **state)
{
	static const unsigned char zero[MOST];
	uint64_t seen[MOST + 1];
	size_t i, j;

	(void)state;
	for (i = 0; i <= MOST; i++) {
		seen[i] = digest(DIGEST_INIT, zero, i);
		assert_true(seen[i] != DIGEST_INIT);
		for (j = 0; j < i; j++)
			assert_true(seen[i] != seen[j]);
	}
	assert_true(digest_add(DIGEST_INIT, NULL, 0) == seen[0]);
}

/* Two texts in a row are not one, nor are others of the same bytes. */
static void
test_portions(void **state)
{
	static const unsigned char p[] = "0123456789abcdef0123456789abcdef";
	size_t len = sizeof(p) - 1, i, j;
	uint64_t whole = digest(DIGEST_INIT, p, len), seen[sizeof(p)];

	(void)state;
	for (i = 0; i <= len; i++) {
		seen[i] = digest(digest(DIGEST_INIT, p, i), p + i, len - i);
		assert_true(seen[i] != whole);
		for (j = 0; j < i; j++)
			assert_true(seen[i] != seen[j]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_each_bit),
	    cmocka_unit_test(test_length),
	    cmocka_unit_test(test_portions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
