/* SPDX-License-Identifier: ISC */
/* The form in which a snapshot holds a project's members, and its caps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/memberset.h"

#define ID "0a1b2c3d-4e5f-6789-abcd-ef0123456789"

/* One with all fields, one with an id alone, and the first once more. */
static void
fill(struct memberset *ms)
{
	struct member *m;
	int i;

	memberset_init(ms);
	for (i = 0; i < 3; i++) {
		assert_non_null(m = memberset_add(ms));
		m->id = ID;
		if (i == 1)
			continue;
		m->short_id = "0a1b2c3d";
		m->email = "Zo\xc3\xab@example.com";
		assert_non_null(m->roles = memberset_roles(ms, 3));
		m->roles[0] = "admin";
		m->roles[1] = "";
		m->roles[2] = "owner";
		m->nroles = 3;
	}
}

static void
encode(const struct memberset *ms, struct buf *b)
{
	buf_init(b, 64 * 1024 * 1024);
	assert_int_equal(memberset_encode(ms, b), 0);
}

/*
 * Decodes a copy of bytes that is exact to the last one and freed before the
 * members are looked at.  What is refused must leave nothing; what is taken
 * must encode to just the bytes that were eaten.
 */
static int
decode(const void *data, size_t len, struct memberset *ms)
{
	unsigned char *mem = malloc(len == 0 ? 1 : len);
	struct slice in = {mem, len};
	struct buf again;
	int r;

	assert_non_null(mem);
	memcpy(mem, data, len);
	memset(ms, 0x5a, sizeof(*ms));
	r = memberset_decode(&in, ms);
	memset(mem, 0x5a, len);
	free(mem);
	if (r == -1) {
		assert_null(ms->v);
		assert_int_equal(ms->n, 0);
		assert_null(ms->arena.chunks);
		return -1;
	}
	buf_init(&again, len);
	assert_int_equal(memberset_encode(ms, &again), 0);
	assert_int_equal(again.len, len - in.len);
	assert_memory_equal(again.data, data, again.len);
	buf_free(&again);
	return 0;
}

static void
assert_same(const struct member *a, const struct member *b)
{
	size_t i;

	assert_string_equal(a->id, b->id);
	assert_string_equal(a->short_id, b->short_id);
	assert_string_equal(a->email, b->email);
	assert_int_equal(a->nroles, b->nroles);
	for (i = 0; i < a->nroles; i++)
		assert_string_equal(a->roles[i], b->roles[i]);
}

static void
test_round_trip(void **state)
{
	struct memberset ms, back;
	struct buf b;
	size_t i;

	(void)state;
	fill(&ms);
	encode(&ms, &b);
	assert_int_equal(decode(b.data, b.len, &back), 0);
	assert_int_equal(back.n, 3);
	for (i = 0; i < 3; i++)
		assert_same(&ms.v[i], &back.v[i]);
	buf_free(&b);
	memberset_free(&back);
	memberset_free(&ms);
	assert_null(ms.v);
	assert_int_equal(ms.n, 0);
}

static void
test_no_members(void **state)
{
	struct memberset ms, back;
	struct buf b;

	(void)state;
	memberset_init(&ms);
	encode(&ms, &b);
	assert_int_equal(b.len, 4);
	assert_int_equal(decode(b.data, b.len, &back), 0);
	assert_int_equal(back.n, 0);
	memberset_free(&back);
	buf_free(&b);
}

/* What follows the members is left for the caller. */
static void
test_bytes_behind(void **state)
{
	struct memberset ms, back;
	struct slice in;
	struct buf b;

	(void)state;
	fill(&ms);
	encode(&ms, &b);
	assert_int_equal(buf_puts(&b, "rest"), 0);
	in = (struct slice){b.data, b.len};
	assert_int_equal(memberset_decode(&in, &back), 0);
	assert_int_equal(in.len, 4);
	assert_memory_equal(in.p, "rest", 4);
	memberset_free(&back);
	memberset_free(&ms);
	buf_free(&b);
}

static void
test_truncated(void **state)
{
	struct memberset ms, back;
	struct buf b;
	size_t len;

	(void)state;
	fill(&ms);
	encode(&ms, &b);
	for (len = 0; len < b.len; len++)
		assert_int_equal(decode(b.data, len, &back), -1);
	memberset_free(&ms);
	buf_free(&b);
}

/* Every byte, every length among them, made another one. */
static void
test_corrupted(void **state)
{
	static const unsigned char flips[] = {1, 2, 4, 8, 16, 32, 64, 128, 255};
	struct memberset ms, back;
	size_t i, j, refused = 0;
	struct buf b;

	(void)state;
	fill(&ms);
	encode(&ms, &b);
	for (i = 0; i < b.len; i++) {
		for (j = 0; j < sizeof(flips); j++) {
			b.data[i] ^= flips[j];
			if (decode(b.data, b.len, &back) == 0)
				memberset_free(&back);
			else
				refused++;
			b.data[i] ^= flips[j];
		}
	}
	assert_in_range(refused, 1, b.len * sizeof(flips) - 1);
	memberset_free(&ms);
	buf_free(&b);
}

/* Each four bytes in a row as a length that points far away. */
static void
test_far_lengths(void **state)
{
	static const uint32_t lengths[] = {UINT32_MAX, UINT32_MAX - 3,
	    (uint32_t)INT32_MAX + 1, INT32_MAX, 0x10000, LIMIT_TEXT + 1,
	    LIMIT_ROLES + 1};
	struct memberset ms, back;
	unsigned char saved[4];
	struct buf b;
	size_t i, j;

	(void)state;
	fill(&ms);
	encode(&ms, &b);
	for (i = 0; i + 4 <= b.len; i++) {
		memcpy(saved, b.data + i, 4);
		for (j = 0; j < sizeof(lengths) / sizeof(lengths[0]); j++) {
			memcpy(b.data + i, &lengths[j], 4);
			if (decode(b.data, b.len, &back) == 0)
				memberset_free(&back);
		}
		memcpy(b.data + i, saved, 4);
	}
	/* A count alone must not make it take memory. */
	assert_int_equal(decode("\xff\xff\xff\xff", 4, &back), -1);
	memberset_free(&ms);
	buf_free(&b);
}

/* A NUL would end an e-mail for us and not for the digest. */
static void
test_nul_inside(void **state)
{
	static const char *const texts[] = {
	    ID, "0a1b2c3d", "@example", "owner"};
	struct memberset ms, back;
	unsigned char *at;
	struct buf b;
	size_t i;

	(void)state;
	fill(&ms);
	encode(&ms, &b);
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		at = memmem(b.data, b.len, texts[i], strlen(texts[i]));
		assert_non_null(at);
		at[1] = '\0';
		assert_int_equal(decode(b.data, b.len, &back), -1);
		at[1] = (unsigned char)texts[i][1];
	}
	assert_int_equal(decode(b.data, b.len, &back), 0);
	memberset_free(&back);
	memberset_free(&ms);
	buf_free(&b);
}

static void
test_encode_fails(void **state)
{
	struct memberset ms;
	struct buf b, whole;
	size_t cap;

	(void)state;
	fill(&ms);
	encode(&ms, &whole);
	for (cap = 0; cap < whole.len; cap++) {
		buf_init(&b, cap);
		assert_int_equal(memberset_encode(&ms, &b), -1);
		buf_free(&b);
	}
	buf_free(&whole);
	memberset_free(&ms);
}

/* A member with an id, short id, e-mail and role of so many bytes, and so
 * many roles: whether it can be read again. */
static int
reread(size_t id, size_t short_id, size_t email, size_t role, size_t nroles)
{
	char text[LIMIT_TEXT + 2];
	const char *roles[LIMIT_ROLES + 1];
	struct memberset ms, back;
	struct member *m;
	struct buf b;
	size_t i;
	int r;

	memset(text, 'y', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	memberset_init(&ms);
	assert_non_null(m = memberset_add(&ms));
	m->id = text + sizeof(text) - 1 - id;
	m->short_id = text + sizeof(text) - 1 - short_id;
	m->email = text + sizeof(text) - 1 - email;
	for (i = 0; i < nroles; i++)
		roles[i] = text + sizeof(text) - 1 - role;
	m->roles = roles;
	m->nroles = nroles;
	encode(&ms, &b);
	r = decode(b.data, b.len, &back);
	if (r == 0) {
		assert_same(m, &back.v[0]);
		memberset_free(&back);
	}
	buf_free(&b);
	memberset_free(&ms);
	return r;
}

static void
test_limits(void **state)
{
	const size_t most = LIMIT_TEXT;

	(void)state;
	assert_int_equal(reread(most, most, most, most, LIMIT_ROLES), 0);
	assert_int_equal(reread(1, 0, 0, 0, 1), 0);
	assert_int_equal(reread(0, 1, 1, 1, 1), -1);
	assert_int_equal(reread(most + 1, 1, 1, 1, 1), -1);
	assert_int_equal(reread(1, most + 1, 1, 1, 1), -1);
	assert_int_equal(reread(1, 1, most + 1, 1, 1), -1);
	assert_int_equal(reread(1, 1, 1, most + 1, 1), -1);
	assert_int_equal(reread(1, 1, 1, 1, LIMIT_ROLES + 1), -1);
}

/* The count of members has its cap on the way in and on the way back. */
static void
test_most_members(void **state)
{
	struct memberset ms, back;
	struct member *m;
	struct slice in;
	struct buf b, one;
	size_t i;

	(void)state;
	memberset_init(&ms);
	for (i = 0; i < LIMIT_MEMBERS; i++) {
		assert_non_null(m = memberset_add(&ms));
		m->id = ID;
	}
	assert_null(memberset_add(&ms));
	assert_int_equal(ms.n, LIMIT_MEMBERS);
	encode(&ms, &b);
	in = (struct slice){b.data, b.len};
	assert_int_equal(memberset_decode(&in, &back), 0);
	assert_int_equal(back.n, LIMIT_MEMBERS);
	memberset_free(&back);
	ms.n = 1;
	encode(&ms, &one);
	assert_int_equal(buf_put(&b, one.data + 4, one.len - 4), 0);
	memcpy(b.data, &(uint32_t){LIMIT_MEMBERS + 1}, 4);
	in = (struct slice){b.data, b.len};
	assert_int_equal(memberset_decode(&in, &back), -1);
	assert_int_equal(back.n, 0);
	buf_free(&one);
	buf_free(&b);
	memberset_free(&ms);
}

/* What was taken from the arena stays where it is while the set grows. */
static void
test_arena(void **state)
{
	const char **roles[300];
	char *texts[300], longest[LIMIT_TEXT];
	struct memberset ms;
	struct member *m;
	size_t i, j;

	(void)state;
	memset(longest, 'z', sizeof(longest));
	memberset_init(&ms);
	for (i = 0; i < 300; i++) {
		assert_non_null(m = memberset_add(&ms));
		assert_string_equal(m->id, "");
		assert_string_equal(m->short_id, "");
		assert_string_equal(m->email, "");
		assert_null(m->roles);
		assert_int_equal(m->nroles, 0);
		assert_non_null(texts[i] = memberset_copy(&ms, longest, i * 3));
		assert_non_null(
		    roles[i] = memberset_roles(&ms, i % (LIMIT_ROLES + 1)));
		assert_int_equal((uintptr_t)roles[i] % _Alignof(char *), 0);
		for (j = 0; j < i % (LIMIT_ROLES + 1); j++) {
			assert_null(roles[i][j]);
			roles[i][j] = texts[i];
		}
	}
	for (i = 0; i < 300; i++) {
		assert_int_equal(strlen(texts[i]), i * 3);
		assert_memory_equal(texts[i], longest, i * 3);
		for (j = 0; j < i % (LIMIT_ROLES + 1); j++)
			assert_ptr_equal(roles[i][j], texts[i]);
	}
	assert_null(memberset_roles(&ms, LIMIT_ROLES + 1));
	assert_null(memberset_roles(&ms, SIZE_MAX / 4));
	assert_null(memberset_copy(&ms, "", SIZE_MAX));
	assert_string_equal(memberset_copy(&ms, "a\0b", 3) + 2, "b");
	memberset_free(&ms);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_round_trip),
	    cmocka_unit_test(test_no_members),
	    cmocka_unit_test(test_bytes_behind),
	    cmocka_unit_test(test_truncated),
	    cmocka_unit_test(test_corrupted),
	    cmocka_unit_test(test_far_lengths),
	    cmocka_unit_test(test_nul_inside),
	    cmocka_unit_test(test_encode_fails),
	    cmocka_unit_test(test_limits),
	    cmocka_unit_test(test_most_members),
	    cmocka_unit_test(test_arena),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
