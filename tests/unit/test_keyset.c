/* SPDX-License-Identifier: ISC */
/* The form in which a snapshot holds key records. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "keyset_checks.h"

/* A usable key with all fields, a refused one, and a bare one. */
static void
fill(struct keyset *ks)
{
	struct keyrec *rec;

	keyset_init(ks);
	assert_non_null(rec = keyset_add(ks));
	rec->id = "0a1b2c3d-4e5f-6789-abcd-ef0123456789";
	rec->label = "Zo\xc3\xab's\nkey";
	rec->owner = "user:0a1b2c3d-4e5f-6789-abcd-ef0123456789";
	rec->created_ms = INT64_C(1750000000123);
	assert_non_null(rec->tags = keyset_tags(ks, 3));
	rec->tags[0] = "deploy";
	rec->tags[1] = "";
	rec->tags[2] = "user:root";
	rec->ntags = 3;
	rec->blob = (const unsigned char *)"\0bl\0ob";
	rec->bloblen = 6;
	(void)snprintf(rec->fp, sizeof(rec->fp), "%s", FP);
	assert_non_null(rec = keyset_add(ks));
	rec->label = "old";
	rec->created_ms = -1;
	rec->refused = "dsa";
	assert_non_null(rec = keyset_add(ks));
	rec->blob = (const unsigned char *)"x";
	rec->bloblen = 1;
	(void)snprintf(rec->fp, sizeof(rec->fp), "%s", FP);
}

static void
test_round_trip(void **state)
{
	struct keyset ks, back;
	struct buf b;
	size_t i;

	(void)state;
	fill(&ks);
	/* The pasted text is never stored. */
	ks.v[0].text = "ssh-rsa";
	ks.v[0].textlen = 7;
	encode(&ks, &b);
	assert_int_equal(decode(b.data, b.len, &back), 0);
	assert_int_equal(back.n, 3);
	for (i = 0; i < 3; i++)
		assert_same(&ks.v[i], &back.v[i]);
	buf_free(&b);
	keyset_free(&back);
	keyset_free(&ks);
	assert_null(ks.v);
	assert_int_equal(ks.n, 0);
}

static void
test_no_records(void **state)
{
	struct keyset ks, back;
	struct buf b;

	(void)state;
	keyset_init(&ks);
	encode(&ks, &b);
	assert_int_equal(b.len, 4);
	assert_int_equal(decode(b.data, b.len, &back), 0);
	assert_int_equal(back.n, 0);
	keyset_free(&back);
	buf_free(&b);
}

/* What follows the records is left for the caller. */
static void
test_bytes_behind(void **state)
{
	struct keyset ks, back;
	struct slice in;
	struct buf b;

	(void)state;
	fill(&ks);
	encode(&ks, &b);
	assert_int_equal(buf_puts(&b, "rest"), 0);
	in = (struct slice){b.data, b.len};
	assert_int_equal(keyset_decode(&in, &back), 0);
	assert_int_equal(in.len, 4);
	assert_memory_equal(in.p, "rest", 4);
	keyset_free(&back);
	keyset_free(&ks);
	buf_free(&b);
}

static void
test_truncated(void **state)
{
	struct keyset ks, back;
	struct buf b;
	size_t len;

	(void)state;
	fill(&ks);
	encode(&ks, &b);
	for (len = 0; len < b.len; len++)
		assert_int_equal(decode(b.data, len, &back), -1);
	keyset_free(&ks);
	buf_free(&b);
}

/* Every byte, every length among them, made another one. */
static void
test_corrupted(void **state)
{
	static const unsigned char flips[] = {1, 2, 4, 8, 16, 32, 64, 128, 255};
	struct keyset ks, back;
	struct buf b;
	size_t i, j, refused = 0;

	(void)state;
	fill(&ks);
	encode(&ks, &b);
	for (i = 0; i < b.len; i++) {
		for (j = 0; j < sizeof(flips); j++) {
			b.data[i] ^= flips[j];
			if (decode(b.data, b.len, &back) == 0)
				keyset_free(&back);
			else
				refused++;
			b.data[i] ^= flips[j];
		}
	}
	assert_in_range(refused, 1, b.len * sizeof(flips) - 1);
	keyset_free(&ks);
	buf_free(&b);
}

/* Each four bytes in a row as a length that points far away. */
static void
test_far_lengths(void **state)
{
	static const uint32_t lengths[] = {UINT32_MAX, UINT32_MAX - 3,
	    (uint32_t)INT32_MAX + 1, INT32_MAX, 0x10000, LIMIT_TEXT + 1};
	struct keyset ks, back;
	unsigned char saved[4];
	struct buf b;
	size_t i, j;

	(void)state;
	fill(&ks);
	encode(&ks, &b);
	for (i = 0; i + 4 <= b.len; i++) {
		memcpy(saved, b.data + i, 4);
		for (j = 0; j < sizeof(lengths) / sizeof(lengths[0]); j++) {
			memcpy(b.data + i, &lengths[j], 4);
			if (decode(b.data, b.len, &back) == 0)
				keyset_free(&back);
		}
		memcpy(b.data + i, saved, 4);
	}
	/* A count alone must not make it take memory. */
	assert_int_equal(decode("\xff\xff\xff\xff", 4, &back), -1);
	keyset_free(&ks);
	buf_free(&b);
}

/* A NUL would end a label for us and not for the digest. */
static void
test_nul_inside(void **state)
{
	static const char *const texts[] = {"old", "dsa"};
	struct keyset ks, back;
	unsigned char *at;
	struct buf b;
	size_t i;

	(void)state;
	fill(&ks);
	encode(&ks, &b);
	for (i = 0; i < 2; i++) {
		at = memmem(b.data, b.len, texts[i], 3);
		assert_non_null(at);
		at[1] = '\0';
		assert_int_equal(decode(b.data, b.len, &back), -1);
		at[1] = (unsigned char)texts[i][1];
	}
	at = memmem(b.data, b.len, FP, KEYREC_FP_LEN);
	assert_non_null(at);
	at[10] = '\0';
	assert_int_equal(decode(b.data, b.len, &back), -1);
	keyset_free(&ks);
	buf_free(&b);
}

static void
test_encode_fails(void **state)
{
	struct keyset ks;
	struct buf b, whole;
	size_t cap;

	(void)state;
	fill(&ks);
	encode(&ks, &whole);
	for (cap = 0; cap < whole.len; cap++) {
		buf_init(&b, cap);
		assert_int_equal(keyset_encode(&ks, &b), -1);
		buf_free(&b);
	}
	buf_free(&whole);
	keyset_free(&ks);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_round_trip),
	    cmocka_unit_test(test_no_records),
	    cmocka_unit_test(test_bytes_behind),
	    cmocka_unit_test(test_truncated),
	    cmocka_unit_test(test_corrupted),
	    cmocka_unit_test(test_far_lengths),
	    cmocka_unit_test(test_nul_inside),
	    cmocka_unit_test(test_encode_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
