/* SPDX-License-Identifier: ISC */
/* Blobs as a whole, and RSA: each field at, under and over its bounds. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "policy/blob.h"
#include "pubkey_builder.h"

static void
test_truncated_and_extended(void **state)
{
	const struct sample *s;
	struct blob b;
	size_t len;

	(void)state;
	for (s = samples; s < samples + SAMPLES; s++) {
		sample_blob(s, &b);
		len = b.len;
		for (b.len = 0; b.len < len; b.len++)
			assert_int_not_equal(parse_blob(&b, NULL), PUBKEY_OK);
		assert_int_equal(parse_blob(&b, NULL), PUBKEY_OK);
		b.p[b.len++] = 0;
		assert_int_equal(parse_blob(&b, NULL), PUBKEY_MALFORMED);
	}
}

/* Each byte of each length, each value: never a key. */
static void
test_lengths(void **state)
{
	const struct sample *s;
	struct blob b;
	size_t at, i, next;
	unsigned v, was;

	(void)state;
	for (s = samples; s < samples + SAMPLES; s++) {
		sample_blob(s, &b);
		for (at = 0; at < b.len; at = next) {
			next =
			    at + 4 + ((size_t)b.p[at + 2] << 8) + b.p[at + 3];
			for (i = at; i < at + 4; i++) {
				was = b.p[i];
				for (v = 0; v < 256; v++) {
					b.p[i] = (unsigned char)v;
					assert_int_equal(
					    parse_blob(&b, NULL) == PUBKEY_OK,
					    v == was);
				}
				b.p[i] = (unsigned char)was;
			}
		}
	}
}

/* A changed byte gives no key or one of the same type, size and length. */
static void
test_changed_bytes(void **state)
{
	const struct sample *s;
	struct pubkey key;
	struct blob b;
	unsigned v;
	size_t i;

	(void)state;
	for (s = samples; s < samples + SAMPLES; s++) {
		sample_blob(s, &b);
		for (i = 0; i < b.len; i++) {
			for (v = 1; v < 256; v++) {
				b.p[i] ^= (unsigned char)v;
				if (pubkey_parse_blob(b.p, b.len, &key) ==
				    PUBKEY_OK) {
					assert_int_equal(key.type, s->type);
					assert_in_range(
					    key.bits, s->bits - 8, s->bits + 8);
					assert_int_equal(key.bloblen, b.len);
				}
				b.p[i] ^= (unsigned char)v;
			}
		}
	}
}

/* Lengths are big-endian; one that runs over takes nothing. */
static void
test_string(void **state)
{
	static unsigned char p[0x10203 + 5] = {0, 1, 2, 3};
	struct slice in = {p, sizeof(p)}, out;

	(void)state;
	assert_true(blob_string(&in, &out));
	assert_ptr_equal(out.p, p + 4);
	assert_int_equal(out.len, 0x10203);
	assert_ptr_equal(in.p, p + sizeof(p) - 1);
	assert_int_equal(in.len, 1);
	in = (struct slice){p, sizeof(p) - 1};
	assert_true(blob_string(&in, &out));
	assert_int_equal(in.len, 0);
	in = (struct slice){p, sizeof(p) - 2};
	assert_false(blob_string(&in, &out));
	assert_ptr_equal(in.p, p);
	assert_int_equal(in.len, sizeof(p) - 2);
	in.len = 3;
	assert_false(blob_string(&in, &out));
	p[0] = 0xff;
	in.len = sizeof(p);
	assert_false(blob_string(&in, &out));
}

static void
test_inner_types(void **state)
{
	static const struct {
		const char *name;
		enum pubkey_refusal want;
	} cases[] = {
	    {"", PUBKEY_UNKNOWN_TYPE},
	    {"ssh-rs", PUBKEY_UNKNOWN_TYPE},
	    {"ssh-dss", PUBKEY_DSA},
	    {"ssh-rsa-cert-v01@openssh.com", PUBKEY_CERTIFICATE},
	    {"sk-ssh-ed25519-cert-v01@openssh.com", PUBKEY_CERTIFICATE},
	    {"ssh-ed25519", PUBKEY_MALFORMED},
	};
	struct blob b;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		b.len = 0;
		put_text(&b, cases[i].name);
		assert_int_equal(parse_blob(&b, NULL), cases[i].want);
	}
	b.len = LIMIT_KEY_BLOB + 1;
	memset(b.p, 0, b.len);
	assert_int_equal(parse_blob(&b, NULL), PUBKEY_TOO_LONG);
	b.len = LIMIT_KEY_BLOB;
	assert_int_equal(parse_blob(&b, NULL), PUBKEY_UNKNOWN_TYPE);
}

/* An RSA key of that many bits, sign byte where it needs one. */
static enum pubkey_refusal
rsa(const void *e, size_t elen, unsigned bits, unsigned char last,
    unsigned *got)
{
	unsigned char n[LIMIT_KEY_BLOB] = {0};
	size_t pad = bits % 8 == 0, len = pad + (bits + 7) / 8;
	struct blob b = {.len = 0};

	n[pad] = (unsigned char)(1u << (bits + 7) % 8);
	n[len - 1] |= last;
	put_text(&b, "ssh-rsa");
	put_string(&b, e, elen);
	put_string(&b, n, len);
	assert_int_equal(parse_pasted("ssh-rsa", &b), parse_blob(&b, NULL));
	return parse_blob(&b, got);
}

static void
test_rsa_bits(void **state)
{
	static const struct {
		unsigned bits;
		enum pubkey_refusal want;
	} cases[] = {
	    {8, PUBKEY_RSA_SIZE},
	    {1000, PUBKEY_RSA_SIZE},
	    {1023, PUBKEY_RSA_SIZE},
	    {1024, PUBKEY_OK},
	    {1025, PUBKEY_OK},
	    {2047, PUBKEY_OK},
	    {3072, PUBKEY_OK},
	    {4096, PUBKEY_OK},
	    {16383, PUBKEY_OK},
	    {16384, PUBKEY_OK},
	    {16385, PUBKEY_RSA_SIZE},
	    {32000, PUBKEY_RSA_SIZE},
	};
	unsigned bits;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(
		    rsa("\x03", 1, cases[i].bits, 1, &bits), cases[i].want);
		if (cases[i].want == PUBKEY_OK)
			assert_int_equal(bits, cases[i].bits);
		/* An even one is the product of no two primes. */
		assert_int_not_equal(
		    rsa("\x03", 1, cases[i].bits, 2, NULL), PUBKEY_OK);
	}
	assert_int_equal(rsa("\x03", 1, 2048, 2, NULL), PUBKEY_MALFORMED);
	assert_int_equal(rsa("\x03", 1, 1024, 0, NULL), PUBKEY_MALFORMED);
}

static void
test_rsa_exponent(void **state)
{
	static const struct {
		const char *e;
		size_t len;
		enum pubkey_refusal want;
	} cases[] = {
	    {"", 0, PUBKEY_MALFORMED},
	    {"\x00", 1, PUBKEY_MALFORMED},
	    {"\x01", 1, PUBKEY_MALFORMED},
	    {"\x02", 1, PUBKEY_MALFORMED},
	    {"\x03", 1, PUBKEY_OK},
	    {"\x25", 1, PUBKEY_OK},
	    {"\x01\x00\x00", 3, PUBKEY_MALFORMED},
	    {"\x01\x00\x01", 3, PUBKEY_OK},
	    /* Negative. */
	    {"\x81", 1, PUBKEY_MALFORMED},
	    {"\x00\x81", 2, PUBKEY_OK},
	    /* Second forms. */
	    {"\x00\x03", 2, PUBKEY_MALFORMED},
	    {"\x00\x00\x81", 3, PUBKEY_MALFORMED},
	    {"\x00\x01\x00\x01", 4, PUBKEY_MALFORMED},
	    /* 64 bits, 65 bits. */
	    {"\x00\xff\xff\xff\xff\xff\xff\xff\xff", 9, PUBKEY_OK},
	    {"\x01\x00\x00\x00\x00\x00\x00\x00\x01", 9, PUBKEY_MALFORMED},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(rsa(cases[i].e, cases[i].len, 2048, 1, NULL),
		    cases[i].want);
}

/* The modulus in forms that are not the shortest, zero and negative ones. */
static void
test_rsa_modulus_form(void **state)
{
	unsigned char n[258] = {0};
	struct blob b;
	size_t skip, len;

	(void)state;
	n[2] = 0x80;
	n[257] = 1;
	for (skip = 0; skip <= 2; skip++) {
		b.len = 0;
		put_text(&b, "ssh-rsa");
		put_string(&b, "\x03", 1);
		put_string(&b, n + skip, sizeof(n) - skip);
		assert_int_equal(parse_blob(&b, NULL),
		    skip == 1 ? PUBKEY_OK : PUBKEY_MALFORMED);
	}
	memset(n, 0, sizeof(n));
	for (len = 0; len <= sizeof(n); len++) {
		b.len = 0;
		put_text(&b, "ssh-rsa");
		put_string(&b, "\x03", 1);
		put_string(&b, n, len);
		assert_int_equal(parse_blob(&b, NULL), PUBKEY_MALFORMED);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_truncated_and_extended),
	    cmocka_unit_test(test_lengths),
	    cmocka_unit_test(test_changed_bytes),
	    cmocka_unit_test(test_string),
	    cmocka_unit_test(test_inner_types),
	    cmocka_unit_test(test_rsa_bits),
	    cmocka_unit_test(test_rsa_exponent),
	    cmocka_unit_test(test_rsa_modulus_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
