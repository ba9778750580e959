/* SPDX-License-Identifier: ISC */
/* Readers over bytes that trust no length. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

/* A copy on the heap to the last byte, so that a sanitizer sees a step over
 * the end. */
static struct slice
exact(const void *data, size_t len, void **mem)
{
	assert_non_null(*mem = malloc(len == 0 ? 1 : len));
	memcpy(*mem, data, len);
	return (struct slice){*mem, len};
}

static void
test_integers(void **state)
{
	static const uint64_t values[] = {0, 1, 0x7f, 0x80, 0xff, 0x100,
	    INT32_MAX, UINT32_MAX, INT64_MAX, UINT64_C(1) << 63, UINT64_MAX};
	struct buf b;
	struct slice s;
	uint64_t v64;
	uint32_t v32;
	uint8_t v8;
	int64_t i64;
	size_t i;

	(void)state;
	buf_init(&b, 100);
	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		buf_reset(&b);
		(void)buf_put_u8(&b, (uint8_t)values[i]);
		(void)buf_put_u32(&b, (uint32_t)values[i]);
		(void)buf_put_u64(&b, values[i]);
		(void)buf_put_i64(&b, (int64_t)values[i]);
		assert_int_equal(b.len, 21);
		s = (struct slice){b.data, b.len};
		assert_int_equal(slice_u8(&s, &v8), 0);
		assert_int_equal(slice_u32(&s, &v32), 0);
		assert_int_equal(slice_u64(&s, &v64), 0);
		assert_int_equal(slice_i64(&s, &i64), 0);
		assert_int_equal(v8, (uint8_t)values[i]);
		assert_int_equal(v32, (uint32_t)values[i]);
		assert_true(v64 == values[i]);
		assert_true(i64 == (int64_t)values[i]);
		assert_int_equal(s.len, 0);
		assert_ptr_equal(s.p, b.data + b.len);
	}
	buf_free(&b);
}

/* One byte short: zero comes out, and the reader stays where it was. */
static void
test_integers_cut_short(void **state)
{
	static const unsigned char ones[8] = {
	    255, 255, 255, 255, 255, 255, 255, 255};
	struct slice s, before;
	uint64_t v64;
	uint32_t v32;
	uint8_t v8;
	int64_t i64;
	size_t len;
	void *mem;

	(void)state;
	for (len = 0; len < 8; len++) {
		before = s = exact(ones, len, &mem);
		v8 = 1;
		v32 = 1;
		v64 = 1;
		i64 = 1;
		assert_int_equal(slice_u64(&s, &v64), -1);
		assert_int_equal(slice_i64(&s, &i64), -1);
		assert_true(v64 == 0 && i64 == 0);
		if (len < 4) {
			assert_int_equal(slice_u32(&s, &v32), -1);
			assert_int_equal(v32, 0);
		}
		if (len < 1) {
			assert_int_equal(slice_u8(&s, &v8), -1);
			assert_int_equal(v8, 0);
		}
		assert_ptr_equal(s.p, before.p);
		assert_int_equal(s.len, len);
		free(mem);
	}
}

static void
test_slice_string(void **state)
{
	struct slice s, out;
	struct buf b;
	void *mem;

	(void)state;
	buf_init(&b, 100);
	(void)buf_put_string(&b, "a\0bc", 4);
	(void)buf_puts(&b, "rest");
	s = exact(b.data, b.len, &mem);
	assert_int_equal(slice_string(&s, &out, 3), -1);
	assert_null(out.p);
	assert_int_equal(out.len, 0);
	assert_int_equal(s.len, b.len);
	assert_ptr_equal(s.p, mem);
	assert_int_equal(slice_string(&s, &out, 4), 0);
	assert_int_equal(out.len, 4);
	assert_memory_equal(out.p, "a\0bc", 4);
	assert_int_equal(s.len, 4);
	assert_memory_equal(s.p, "rest", 4);
	free(mem);
	buf_free(&b);
}

/* Every length but the right one, with every number of bytes behind it. */
static void
test_slice_string_lengths(void **state)
{
	static const uint32_t lengths[] = {0, 1, 2, 3, 4, 5, 100, INT32_MAX,
	    (uint32_t)INT32_MAX + 1, UINT32_MAX - 3, UINT32_MAX};
	struct slice s, out;
	struct buf b;
	size_t i, behind;
	void *mem;
	int want;

	(void)state;
	buf_init(&b, 100);
	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		for (behind = 0; behind <= 5; behind++) {
			buf_reset(&b);
			(void)buf_put_u32(&b, lengths[i]);
			(void)buf_put(&b, "12345", behind);
			s = exact(b.data, b.len, &mem);
			want = lengths[i] <= behind ? 0 : -1;
			assert_int_equal(
			    slice_string(&s, &out, SIZE_MAX), want);
			assert_int_equal(out.len, want == 0 ? lengths[i] : 0);
			assert_int_equal(
			    s.len, want == 0 ? behind - lengths[i] : b.len);
			free(mem);
		}
	}
	for (i = 0; i < 4; i++) {
		s = exact("\0\0\0", i, &mem);
		assert_int_equal(slice_string(&s, &out, 10), -1);
		assert_int_equal(s.len, i);
		free(mem);
	}
	buf_free(&b);
}

static void
check_cstring(const char *data, size_t len, size_t size, int want)
{
	struct slice s, before;
	struct buf b;
	char *dst;
	void *mem;

	buf_init(&b, 100);
	(void)buf_put_string(&b, data, len);
	before = s = exact(b.data, b.len, &mem);
	assert_non_null(dst = malloc(size));
	memset(dst, 'X', size);
	assert_int_equal(slice_cstring(&s, dst, size), want);
	if (want == 0) {
		assert_int_equal(strlen(dst), len);
		assert_memory_equal(dst, data, len);
		assert_int_equal(s.len, 0);
	} else {
		assert_int_equal(dst[0], '\0');
		assert_ptr_equal(s.p, before.p);
		assert_int_equal(s.len, before.len);
	}
	free(dst);
	free(mem);
	buf_free(&b);
}

static void
test_slice_cstring(void **state)
{
	struct slice s = {(const unsigned char *)"\5\0\0\0abcd", 8};
	char dst[10] = "old";

	(void)state;
	check_cstring("", 0, 1, 0);
	check_cstring("a", 1, 1, -1);
	check_cstring("abcd", 4, 5, 0);
	check_cstring("abcd", 4, 6, 0);
	check_cstring("abcd", 4, 4, -1);
	check_cstring("ab\0d", 4, 10, -1);
	check_cstring("abc\0", 4, 10, -1);
	check_cstring("\0", 1, 10, -1);
	assert_int_equal(slice_cstring(&s, dst, sizeof(dst)), -1);
	assert_int_equal(dst[0], '\0');
	assert_int_equal(s.len, 8);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_integers),
	    cmocka_unit_test(test_integers_cut_short),
	    cmocka_unit_test(test_slice_string),
	    cmocka_unit_test(test_slice_string_lengths),
	    cmocka_unit_test(test_slice_cstring),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
