/* SPDX-License-Identifier: ISC */
/* Growing buffers and their cap. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/buf.h"

static void
test_empty(void **state)
{
	struct buf b;

	(void)state;
	memset(&b, 0xa5, sizeof(b));
	buf_init(&b, 10);
	assert_null(b.data);
	assert_int_equal(b.len, 0);
	assert_false(b.failed);
	assert_int_equal(buf_put(&b, NULL, 0), 0);
	assert_int_equal(buf_puts(&b, ""), 0);
	assert_int_equal(b.len, 0);
	buf_free(&b);
}

/* The cap is the last byte that fits; what fails appends nothing. */
static void
test_cap(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 10);
	assert_int_equal(buf_put(&b, "0123456", 7), 0);
	assert_int_equal(buf_put(&b, "abcd", 4), -1);
	assert_true(b.failed);
	assert_int_equal(b.len, 7);
	buf_reset(&b);
	assert_int_equal(buf_put(&b, "0123456", 7), 0);
	assert_int_equal(buf_put(&b, "abc", 3), 0);
	assert_int_equal(buf_putc(&b, 'd'), -1);
	assert_int_equal(b.len, 10);
	assert_memory_equal(b.data, "0123456abc", 10);
	buf_free(&b);
}

static void
test_failure_is_sticky(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 8);
	assert_int_equal(buf_put(&b, "123456789", 9), -1);
	assert_int_equal(buf_put(&b, "1", 1), -1);
	assert_int_equal(buf_put(&b, NULL, 0), -1);
	assert_int_equal(buf_put_u8(&b, 1), -1);
	assert_int_equal(buf_put_cstring(&b, ""), -1);
	assert_true(b.failed);
	assert_int_equal(b.len, 0);
	buf_reset(&b);
	assert_false(b.failed);
	assert_int_equal(buf_put(&b, "1", 1), 0);
	buf_free(&b);
}

/* Freeing clears all but the cap, and the buffer can be used again. */
static void
test_free_keeps_cap(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 4);
	assert_int_equal(buf_put(&b, "12345", 5), -1);
	buf_free(&b);
	assert_false(b.failed);
	assert_null(b.data);
	assert_int_equal(b.cap, 4);
	assert_int_equal(buf_put(&b, "1234", 4), 0);
	assert_int_equal(buf_put(&b, "5", 1), -1);
	buf_free(&b);
	assert_int_equal(b.len, 0);
}

/* Bytes survive every move, and a grown buffer never passes its cap. */
static void
test_growth(void **state)
{
	const size_t cap = 100003;
	struct buf b;
	size_t i;

	(void)state;
	buf_init(&b, cap);
	for (i = 0; i < cap; i++) {
		assert_int_equal(
		    buf_putc(&b, (unsigned char)(i * 7 + i / 251)), 0);
		assert_true(b.size <= cap);
	}
	assert_int_equal(b.len, cap);
	assert_int_equal(buf_putc(&b, 0), -1);
	for (i = 0; i < cap; i++)
		assert_int_equal(b.data[i], (unsigned char)(i * 7 + i / 251));
	buf_reset(&b);
	assert_int_equal(b.len, 0);
	assert_int_equal(b.size, cap);
	buf_free(&b);
}

/* Borrowed storage is used while it suffices and never freed. */
static void
test_storage(void **state)
{
	unsigned char storage[10];
	struct buf b;

	(void)state;
	buf_init_on(&b, storage, sizeof(storage), 20);
	assert_int_equal(buf_puts(&b, "0123456789"), 0);
	assert_ptr_equal(b.data, storage);
	assert_memory_equal(storage, "0123456789", 10);
	assert_int_equal(buf_puts(&b, "abc"), 0);
	assert_ptr_not_equal(b.data, storage);
	assert_int_equal(b.len, 13);
	assert_memory_equal(b.data, "0123456789abc", 13);
	assert_int_equal(buf_puts(&b, "defghij"), 0);
	assert_int_equal(buf_puts(&b, "k"), -1);
	assert_memory_equal(b.data, "0123456789abcdefghij", 20);
	buf_free(&b);
	assert_null(b.data);
	assert_int_equal(b.cap, 20);
}

static void
test_storage_kept(void **state)
{
	unsigned char storage[10];
	struct buf b;

	(void)state;
	buf_init_on(&b, storage, sizeof(storage), 20);
	assert_int_equal(buf_puts(&b, "abc"), 0);
	buf_reset(&b);
	assert_int_equal(buf_puts(&b, "xyz"), 0);
	assert_ptr_equal(b.data, storage);
	buf_free(&b);
	assert_null(b.data);
	assert_int_equal(b.size, 0);
	/* What comes next must not be written to it. */
	storage[0] = 'S';
	assert_int_equal(buf_puts(&b, "abc"), 0);
	assert_int_equal(storage[0], 'S');
	buf_free(&b);
}

/* Storage larger than the cap does not lift it. */
static void
test_storage_cap(void **state)
{
	unsigned char storage[10];
	struct buf b;

	(void)state;
	buf_init_on(&b, storage, sizeof(storage), 4);
	assert_true(b.size <= 4);
	assert_int_equal(buf_puts(&b, "12345"), -1);
	buf_reset(&b);
	assert_int_equal(buf_puts(&b, "1234"), 0);
	assert_ptr_equal(b.data, storage);
	buf_free(&b);
}

static void
test_reserve(void **state)
{
	unsigned char *before;
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	assert_int_equal(buf_puts(&b, "abc"), 0);
	assert_int_equal(buf_reserve(&b, 997), 0);
	assert_int_equal(b.len, 3);
	assert_true(b.size >= 1000);
	before = b.data;
	memset(b.data + 3, 'x', 997);
	b.len = 1000;
	assert_int_equal(buf_reserve(&b, 0), 0);
	assert_ptr_equal(b.data, before);
	assert_memory_equal(b.data, "abcx", 4);
	assert_int_equal(buf_reserve(&b, 1), -1);
	assert_true(b.failed);
	assert_int_equal(buf_reserve(&b, 0), -1);
	buf_free(&b);
}

static void
test_layout(void **state)
{
	static const unsigned char want[] = {0x11, 0x44, 0x33, 0x22, 0x11, 8, 7,
	    6, 5, 4, 3, 2, 1, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 3,
	    0, 0, 0, 'a', 0, 'b', 2, 0, 0, 0, 'x', 'y', 0, 0, 0, 0, 'z', '!'};
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	assert_int_equal(buf_put_u8(&b, 0x11), 0);
	assert_int_equal(buf_put_u32(&b, 0x11223344), 0);
	assert_int_equal(buf_put_u64(&b, UINT64_C(0x0102030405060708)), 0);
	assert_int_equal(buf_put_i64(&b, -2), 0);
	assert_int_equal(buf_put_string(&b, "a\0b", 3), 0);
	assert_int_equal(buf_put_cstring(&b, "xy"), 0);
	assert_int_equal(buf_put_cstring(&b, NULL), 0);
	assert_int_equal(buf_puts(&b, "z"), 0);
	assert_int_equal(buf_putc(&b, '!'), 0);
	assert_int_equal(b.len, sizeof(want));
	assert_memory_equal(b.data, want, sizeof(want));
	buf_free(&b);
}

/* Neither its length alone nor half of it. */
static void
test_string_all_or_nothing(void **state)
{
	struct buf b;
	size_t len;

	(void)state;
	for (len = 0; len < 9; len++) {
		buf_init(&b, 10);
		assert_int_equal(buf_puts(&b, "ab"), 0);
		assert_int_equal(
		    buf_put_string(&b, "01234567", len), len <= 4 ? 0 : -1);
		assert_int_equal(b.failed, len > 4);
		assert_int_equal(b.len, len <= 4 ? 6 + len : 2);
		buf_free(&b);
	}
}

/* Lengths that wrap round must be seen before a byte is read. */
static void
test_string_huge(void **state)
{
	static const size_t huge[] = {
	    SIZE_MAX, SIZE_MAX - 3, SIZE_MAX - 4, (size_t)UINT32_MAX + 1};
	struct buf b;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(huge) / sizeof(huge[0]); i++) {
		buf_init(&b, SIZE_MAX);
		assert_int_equal(buf_put_string(&b, "x", huge[i]), -1);
		assert_true(b.failed);
		assert_int_equal(b.len, 0);
		buf_free(&b);
		buf_init(&b, 16);
		assert_int_equal(buf_puts(&b, "ab"), 0);
		assert_int_equal(buf_put(&b, "x", huge[i]), -1);
		assert_int_equal(b.len, 2);
		buf_free(&b);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_empty),
	    cmocka_unit_test(test_cap),
	    cmocka_unit_test(test_failure_is_sticky),
	    cmocka_unit_test(test_free_keeps_cap),
	    cmocka_unit_test(test_growth),
	    cmocka_unit_test(test_storage),
	    cmocka_unit_test(test_storage_kept),
	    cmocka_unit_test(test_storage_cap),
	    cmocka_unit_test(test_reserve),
	    cmocka_unit_test(test_layout),
	    cmocka_unit_test(test_string_all_or_nothing),
	    cmocka_unit_test(test_string_huge),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
