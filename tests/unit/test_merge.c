/* SPDX-License-Identifier: ISC */
/* The same key from several sources is one key. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "policy/merge.h"

/* Fills a whole fingerprint with one character. */
static void
set_fp(struct keyrec *rec, char c)
{
	memset(rec->fp, 0, sizeof(rec->fp));
	(void)snprintf(rec->fp, sizeof(rec->fp), "SHA256:");
	memset(rec->fp + 7, c, KEYREC_FP_LEN - 7);
}

/* One usable record for each character, in that order; '-' is refused. */
static void
fill(struct keyset *ks, const char *keys)
{
	static const char label[][2] = {"0", "1", "2", "3", "4", "5", "6"};
	struct keyrec *rec;
	size_t i;

	keyset_init(ks);
	for (i = 0; keys[i] != '\0'; i++) {
		assert_non_null(rec = keyset_add(ks));
		rec->label = label[i];
		if (keys[i] == '-') {
			rec->refused = "dsa";
			continue;
		}
		rec->blob = (const unsigned char *)"blob";
		rec->bloblen = 4;
		set_fp(rec, keys[i]);
	}
}

static void
test_nothing(void **state)
{
	struct merge_input in[2];
	struct keyset none, refused;
	struct merged m;

	(void)state;
	memset(&m, 0x5a, sizeof(m));
	assert_int_equal(merge_keys(&m, NULL, 0), 0);
	assert_int_equal(m.n, 0);
	merge_free(&m);
	fill(&none, "");
	fill(&refused, "---");
	in[0] = (struct merge_input){&none, SOURCE_DEVICE, 1};
	in[1] = (struct merge_input){&refused, SOURCE_PROJECT, 1};
	assert_int_equal(merge_keys(&m, in, 1), 0);
	assert_int_equal(m.n, 0);
	merge_free(&m);
	assert_int_equal(merge_keys(&m, in, 2), 0);
	assert_int_equal(m.n, 0);
	merge_free(&m);
	assert_null(m.v);
	assert_null(m.refs);
	merge_free(&m);
	keyset_free(&none);
	keyset_free(&refused);
}

/* In the order of their fingerprints, whatever the order was. */
static void
test_order(void **state)
{
	struct merge_input in;
	struct keyset ks;
	struct merged m;
	char order[8] = "";
	size_t i;

	(void)state;
	fill(&ks, "zA-am0b");
	in = (struct merge_input){&ks, SOURCE_METADATA, 42};
	assert_int_equal(merge_keys(&m, &in, 1), 0);
	assert_int_equal(m.n, 6);
	for (i = 0; i < m.n; i++) {
		order[i] = m.v[i].refs[0].rec->fp[7];
		assert_int_equal(m.v[i].n, 1);
		assert_int_equal(m.v[i].sources, SOURCE_BIT(SOURCE_METADATA));
		assert_true(m.v[i].until_ms == 42);
		assert_int_equal(m.v[i].refs[0].source, SOURCE_METADATA);
	}
	assert_string_equal(order, "0Aabmz");
	merge_free(&m);
	keyset_free(&ks);
}

static void
check_ref(const struct keyref *ref, const struct keyset *ks, size_t i,
    enum source src, int64_t until)
{
	assert_ptr_equal(ref->rec, &ks->v[i]);
	assert_int_equal(ref->source, src);
	assert_true(ref->until_ms == until);
}

/* All records of a key: by source, then as the portal had them. */
static void
test_same_key(void **state)
{
	struct keyset device, project, personal;
	struct merge_input in[3];
	struct merged m;

	(void)state;
	fill(&personal, "b-a");
	fill(&project, "aba");
	fill(&device, "ca");
	in[0] = (struct merge_input){&personal, SOURCE_PERSONAL, 10};
	in[1] = (struct merge_input){&device, SOURCE_DEVICE, 30};
	in[2] = (struct merge_input){&project, SOURCE_PROJECT, 20};
	assert_int_equal(merge_keys(&m, in, 3), 0);
	assert_int_equal(m.n, 3);
	assert_int_equal(m.v[0].n, 4);
	check_ref(&m.v[0].refs[0], &device, 1, SOURCE_DEVICE, 30);
	check_ref(&m.v[0].refs[1], &project, 0, SOURCE_PROJECT, 20);
	check_ref(&m.v[0].refs[2], &project, 2, SOURCE_PROJECT, 20);
	check_ref(&m.v[0].refs[3], &personal, 2, SOURCE_PERSONAL, 10);
	assert_int_equal(m.v[0].sources,
	    SOURCE_BIT(SOURCE_DEVICE) | SOURCE_BIT(SOURCE_PROJECT) |
		SOURCE_BIT(SOURCE_PERSONAL));
	assert_true(m.v[0].until_ms == 30);
	assert_int_equal(m.v[1].n, 2);
	check_ref(&m.v[1].refs[0], &project, 1, SOURCE_PROJECT, 20);
	check_ref(&m.v[1].refs[1], &personal, 0, SOURCE_PERSONAL, 10);
	assert_int_equal(m.v[1].sources,
	    SOURCE_BIT(SOURCE_PROJECT) | SOURCE_BIT(SOURCE_PERSONAL));
	assert_true(m.v[1].until_ms == 20);
	assert_int_equal(m.v[2].n, 1);
	check_ref(&m.v[2].refs[0], &device, 0, SOURCE_DEVICE, 30);
	assert_int_equal(m.v[2].sources, SOURCE_BIT(SOURCE_DEVICE));
	merge_free(&m);
	keyset_free(&personal);
	keyset_free(&project);
	keyset_free(&device);
}

/* The latest of its records, whichever source it is in. */
static void
test_until(void **state)
{
	static const int64_t untils[][2] = {{1, 2}, {2, 1}, {INT64_MIN, 7},
	    {7, INT64_MIN}, {INT64_MIN, INT64_MIN}, {INT64_MAX, 0}};
	struct merge_input in[2];
	struct keyset a, b;
	struct merged m;
	size_t i;

	(void)state;
	fill(&a, "k");
	fill(&b, "k");
	for (i = 0; i < sizeof(untils) / sizeof(untils[0]); i++) {
		in[0] = (struct merge_input){&a, SOURCE_DEVICE, untils[i][0]};
		in[1] = (struct merge_input){&b, SOURCE_PROJECT, untils[i][1]};
		assert_int_equal(merge_keys(&m, in, 2), 0);
		assert_int_equal(m.n, 1);
		assert_true(m.v[0].until_ms ==
		    (untils[i][0] > untils[i][1] ? untils[i][0]
						 : untils[i][1]));
		merge_free(&m);
	}
	keyset_free(&a);
	keyset_free(&b);
}

/* The last character tells two keys apart as well as the first does. */
static void
test_near_fingerprints(void **state)
{
	struct merge_input in;
	struct keyset ks;
	struct merged m;

	(void)state;
	fill(&ks, "kkk");
	ks.v[1].fp[KEYREC_FP_LEN - 1] = 'l';
	ks.v[2].fp[7] = 'l';
	in = (struct merge_input){&ks, SOURCE_DEVICE, 1};
	assert_int_equal(merge_keys(&m, &in, 1), 0);
	assert_int_equal(m.n, 3);
	assert_ptr_equal(m.v[0].refs[0].rec, &ks.v[0]);
	assert_ptr_equal(m.v[1].refs[0].rec, &ks.v[1]);
	assert_ptr_equal(m.v[2].refs[0].rec, &ks.v[2]);
	merge_free(&m);
	keyset_free(&ks);
}

static void
test_many(void **state)
{
	enum { MANY = 5000 };
	struct merge_input in[2];
	struct keyset a, b;
	struct keyrec *rec;
	struct merged m;
	size_t i;

	(void)state;
	keyset_init(&a);
	keyset_init(&b);
	for (i = 0; i < MANY; i++) {
		assert_non_null(rec = keyset_add(i % 2 == 0 ? &a : &b));
		rec->blob = (const unsigned char *)"blob";
		rec->bloblen = 4;
		(void)snprintf(rec->fp, sizeof(rec->fp), "SHA256:%043zu",
		    i * 7919 % MANY / 2);
	}
	in[0] = (struct merge_input){&a, SOURCE_DEVICE, 1};
	in[1] = (struct merge_input){&b, SOURCE_PROJECT, 2};
	assert_int_equal(merge_keys(&m, in, 2), 0);
	assert_int_equal(m.n, MANY / 2);
	for (i = 0; i < m.n; i++) {
		assert_int_equal(m.v[i].n, 2);
		if (i > 0)
			assert_true(strcmp(m.v[i - 1].refs[0].rec->fp,
					m.v[i].refs[0].rec->fp) < 0);
	}
	merge_free(&m);
	keyset_free(&a);
	keyset_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_nothing),
	    cmocka_unit_test(test_order),
	    cmocka_unit_test(test_same_key),
	    cmocka_unit_test(test_until),
	    cmocka_unit_test(test_near_fingerprints),
	    cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
