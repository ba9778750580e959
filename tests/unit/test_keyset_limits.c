/* SPDX-License-Identifier: ISC */
/* The caps of key records, and the arena that they live in. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "keyset_checks.h"

/* One record after a change by f; whether it can be read again. */
static int
reread(void (*f)(struct keyset *, struct keyrec *))
{
	struct keyset ks, back;
	struct keyrec *rec;
	struct buf b;
	int r;

	keyset_init(&ks);
	assert_non_null(rec = keyset_add(&ks));
	rec->blob = (const unsigned char *)"blob";
	rec->bloblen = 4;
	(void)snprintf(rec->fp, sizeof(rec->fp), "%s", FP);
	f(&ks, rec);
	encode(&ks, &b);
	r = decode(b.data, b.len, &back);
	if (r == 0) {
		assert_same(rec, &back.v[0]);
		keyset_free(&back);
	}
	buf_free(&b);
	keyset_free(&ks);
	return r;
}

static char *
filled(struct keyset *ks, size_t len)
{
	char *big = calloc(1, len + 1), *p;

	assert_non_null(big);
	memset(big, 'y', len);
	assert_non_null(p = keyset_copy(ks, big, len));
	free(big);
	return p;
}

static void
longest(struct keyset *ks, struct keyrec *rec)
{
	size_t i;

	rec->id = filled(ks, LIMIT_TEXT);
	rec->label = filled(ks, LIMIT_TEXT);
	rec->owner = filled(ks, LIMIT_TEXT);
	rec->blob = (unsigned char *)filled(ks, LIMIT_KEY_BLOB);
	rec->bloblen = LIMIT_KEY_BLOB;
	assert_non_null(rec->tags = keyset_tags(ks, LIMIT_TAGS));
	for (i = 0; i < LIMIT_TAGS; i++)
		rec->tags[i] = filled(ks, LIMIT_TEXT);
	rec->ntags = LIMIT_TAGS;
	rec->created_ms = INT64_MAX;
}

static void
long_id(struct keyset *ks, struct keyrec *rec)
{
	rec->id = filled(ks, LIMIT_TEXT + 1);
}

static void
long_label(struct keyset *ks, struct keyrec *rec)
{
	rec->label = filled(ks, LIMIT_TEXT + 1);
}

static void
long_owner(struct keyset *ks, struct keyrec *rec)
{
	rec->owner = filled(ks, LIMIT_TEXT + 1);
}

static void
long_tag(struct keyset *ks, struct keyrec *rec)
{
	assert_non_null(rec->tags = keyset_tags(ks, 1));
	rec->tags[0] = filled(ks, LIMIT_TEXT + 1);
	rec->ntags = 1;
}

static void
many_tags(struct keyset *ks, struct keyrec *rec)
{
	static const char *tags[LIMIT_TAGS + 1];

	(void)ks;
	rec->tags = tags;
	rec->ntags = LIMIT_TAGS + 1;
}

static void
long_blob(struct keyset *ks, struct keyrec *rec)
{
	rec->blob = (unsigned char *)filled(ks, LIMIT_KEY_BLOB + 1);
	rec->bloblen = LIMIT_KEY_BLOB + 1;
}

static void
key_and_refused(struct keyset *ks, struct keyrec *rec)
{
	(void)ks;
	rec->refused = "dsa";
}

static void
neither(struct keyset *ks, struct keyrec *rec)
{
	(void)ks;
	rec->blob = NULL;
	rec->bloblen = 0;
	rec->fp[0] = '\0';
}

static void
no_fingerprint(struct keyset *ks, struct keyrec *rec)
{
	(void)ks;
	rec->fp[0] = '\0';
}

static void
short_fingerprint(struct keyset *ks, struct keyrec *rec)
{
	(void)ks;
	rec->fp[KEYREC_FP_LEN - 1] = '\0';
}

static void
refused_fingerprint(struct keyset *ks, struct keyrec *rec)
{
	(void)ks;
	rec->blob = NULL;
	rec->bloblen = 0;
	rec->refused = "dsa";
}

static void
test_limits(void **state)
{
	(void)state;
	assert_int_equal(reread(longest), 0);
	assert_int_equal(reread(long_id), -1);
	assert_int_equal(reread(long_label), -1);
	assert_int_equal(reread(long_owner), -1);
	assert_int_equal(reread(long_tag), -1);
	assert_int_equal(reread(many_tags), -1);
	assert_int_equal(reread(long_blob), -1);
}

/* A record is a key with its fingerprint, or refused: nothing between. */
static void
test_key_or_refused(void **state)
{
	(void)state;
	assert_int_equal(reread(key_and_refused), -1);
	assert_int_equal(reread(neither), -1);
	assert_int_equal(reread(no_fingerprint), -1);
	assert_int_equal(reread(short_fingerprint), -1);
	assert_int_equal(reread(refused_fingerprint), -1);
}

/* The count of records has its cap on the way in and on the way back. */
static void
test_most_records(void **state)
{
	struct keyset ks, back;
	struct keyrec *rec;
	struct slice in;
	struct buf b, one;
	size_t i;

	(void)state;
	keyset_init(&ks);
	for (i = 0; i < LIMIT_KEYS; i++) {
		assert_non_null(rec = keyset_add(&ks));
		rec->refused = "dsa";
	}
	assert_null(keyset_add(&ks));
	assert_int_equal(ks.n, LIMIT_KEYS);
	encode(&ks, &b);
	in = (struct slice){b.data, b.len};
	assert_int_equal(keyset_decode(&in, &back), 0);
	assert_int_equal(back.n, LIMIT_KEYS);
	keyset_free(&back);
	ks.n = 1;
	encode(&ks, &one);
	assert_int_equal(buf_put(&b, one.data + 4, one.len - 4), 0);
	memcpy(b.data, &(uint32_t){LIMIT_KEYS + 1}, 4);
	in = (struct slice){b.data, b.len};
	assert_int_equal(keyset_decode(&in, &back), -1);
	assert_int_equal(back.n, 0);
	buf_free(&one);
	buf_free(&b);
	keyset_free(&ks);
}

/* Strings stay where they are while the keyset grows. */
static void
test_arena(void **state)
{
	static const size_t sizes[] = {
	    0, 1, 7, 100, 65535, 65536, 65537, 200000};
	char *strings[400];
	const char **tags;
	struct keyset ks;
	size_t i, len;

	(void)state;
	keyset_init(&ks);
	for (i = 0; i < 400; i++) {
		len = sizes[i % 8];
		strings[i] = filled(&ks, len);
		memset(strings[i], 'a' + (int)(i % 26), len);
		assert_non_null(tags = keyset_tags(&ks, i % LIMIT_TAGS));
		assert_int_equal((uintptr_t)tags % _Alignof(char *), 0);
		for (len = 0; len < i % LIMIT_TAGS; len++) {
			assert_null(tags[len]);
			tags[len] = strings[i];
		}
		assert_non_null(keyset_add(&ks));
	}
	for (i = 0; i < 400; i++) {
		assert_int_equal(strlen(strings[i]), sizes[i % 8]);
		assert_int_equal(
		    strspn(strings[i], (char[]){(char)('a' + i % 26), '\0'}),
		    sizes[i % 8]);
	}
	assert_null(keyset_tags(&ks, LIMIT_TAGS + 1));
	assert_null(keyset_tags(&ks, SIZE_MAX / 4));
	assert_null(keyset_copy(&ks, "", SIZE_MAX));
	assert_null(keyset_copy(&ks, "", SIZE_MAX - 1));
	assert_string_equal(keyset_copy(&ks, "a\0b", 3) + 2, "b");
	keyset_free(&ks);
}

static void
test_new_record(void **state)
{
	struct keyset ks;
	struct keyrec *rec;

	(void)state;
	keyset_init(&ks);
	assert_non_null(rec = keyset_add(&ks));
	assert_string_equal(rec->id, "");
	assert_string_equal(rec->label, "");
	assert_string_equal(rec->owner, "");
	assert_string_equal(rec->fp, "");
	assert_true(rec->created_ms == KEYREC_NO_DATE);
	assert_int_equal(rec->ntags, 0);
	assert_null(rec->text);
	assert_null(rec->blob);
	assert_null(rec->refused);
	keyset_free(&ks);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_limits),
	    cmocka_unit_test(test_key_or_refused),
	    cmocka_unit_test(test_most_records),
	    cmocka_unit_test(test_arena),
	    cmocka_unit_test(test_new_record),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
