/* SPDX-License-Identifier: ISC */
/* ECDSA, Ed25519 and security keys: each field and its bounds. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "pubkey_builder.h"

/* Changes byte i of an ECDSA sample's point to v. */
static enum pubkey_refusal
with_point_byte(const struct sample *s, size_t i, unsigned char v, bool text)
{
	size_t at = 4 + strlen(s->name) + 4 + strlen("nistp256") + 4 + i;
	struct blob b;

	sample_blob(s, &b);
	b.p[at] = v;
	return text ? parse_pasted(s->name, &b) : parse_blob(&b, NULL);
}

static void
test_ecdsa_point_form(void **state)
{
	const struct sample *s;
	unsigned v;

	(void)state;
	for (s = samples; s < samples + SAMPLES; s++) {
		if (strstr(s->name, "ecdsa") == NULL)
			continue;
		for (v = 0; v < 256; v++)
			assert_int_equal(
			    with_point_byte(s, 0, (unsigned char)v, false),
			    v == 4 ? PUBKEY_OK : PUBKEY_MALFORMED);
	}
}

/* Off the curve; but of a blob from the snapshot that is not asked again. */
static void
test_ecdsa_off_curve(void **state)
{
	const struct sample *s;

	(void)state;
	for (s = samples; s < samples + SAMPLES; s++) {
		if (strstr(s->name, "ecdsa") == NULL)
			continue;
		assert_int_equal(
		    with_point_byte(s, 20, 0x55, true), PUBKEY_MALFORMED);
		assert_int_equal(
		    with_point_byte(s, 20, 0x55, false), PUBKEY_OK);
	}
}

/*
 * A coordinate with the field's size added is the same one, and would be a
 * second form of the key.  P-521's, 2^521 - 1, leaves room for it.
 */
static void
test_ecdsa_second_form(void **state)
{
	const struct sample *s = &samples[3];
	struct blob b;
	size_t at, i, half;

	(void)state;
	assert_int_equal(s->type, PUBKEY_ECDSA_521);
	for (half = 0; half < 2; half++) {
		sample_blob(s, &b);
		at = b.len - (2 - half) * 66;
		for (i = at + 66; i-- > at && b.p[i]-- == 0;)
			continue;
		b.p[at] += 2;
		assert_int_equal(parse_blob(&b, NULL), PUBKEY_OK);
		assert_int_equal(parse_pasted(s->name, &b), PUBKEY_MALFORMED);
		/* Taken off again, it is the sample. */
		b.p[at] -= 2;
		for (i = at + 66; i-- > at && ++b.p[i] == 0;)
			continue;
		assert_int_equal(parse_pasted(s->name, &b), PUBKEY_OK);
	}
}

/* The point of P-256 with x = 0, and the same with x = p. */
static void
test_ecdsa_zero(void **state)
{
	static const unsigned char p[] =
	    "\xff\xff\xff\xff\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00"
	    "\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff";
	static const unsigned char y[] =
	    "\x66\x48\x5c\x78\x0e\x2f\x83\xd7\x24\x33\xbd\x5d\x84\xa0\x6b\xb6"
	    "\x54\x1c\x2a\xf3\x1d\xae\x87\x17\x28\xbf\x85\x6a\x17\x4f\x93\xf4";
	unsigned char point[65] = {4};
	struct blob b;
	int second;

	(void)state;
	for (second = 0; second < 2; second++) {
		if (second)
			memcpy(point + 1, p, 32);
		memcpy(point + 33, y, 32);
		b.len = 0;
		put_text(&b, "ecdsa-sha2-nistp256");
		put_text(&b, "nistp256");
		put_string(&b, point, sizeof(point));
		assert_int_equal(parse_pasted("ecdsa-sha2-nistp256", &b),
		    second ? PUBKEY_MALFORMED : PUBKEY_OK);
	}
}

static void
test_ecdsa_curve_names(void **state)
{
	static const struct {
		const char *type, *curve;
		size_t len;
		enum pubkey_refusal want;
	} cases[] = {
	    {"ecdsa-sha2-nistp256", "nistp256", 65, PUBKEY_OK},
	    {"ecdsa-sha2-nistp256", "nistp384", 65, PUBKEY_MALFORMED},
	    {"ecdsa-sha2-nistp256", "nistp384", 97, PUBKEY_MALFORMED},
	    {"ecdsa-sha2-nistp256", "nistp25", 65, PUBKEY_MALFORMED},
	    {"ecdsa-sha2-nistp256", "", 65, PUBKEY_MALFORMED},
	    {"ecdsa-sha2-nistp256", "nistp256", 0, PUBKEY_MALFORMED},
	    {"ecdsa-sha2-nistp256", "nistp256", 1, PUBKEY_MALFORMED},
	    {"ecdsa-sha2-nistp256", "nistp256", 33, PUBKEY_MALFORMED},
	    {"ecdsa-sha2-nistp256", "nistp256", 64, PUBKEY_MALFORMED},
	    {"ecdsa-sha2-nistp256", "nistp256", 66, PUBKEY_MALFORMED},
	    {"ecdsa-sha2-nistp256", "nistp256", 97, PUBKEY_MALFORMED},
	    {"ecdsa-sha2-nistp384", "nistp384", 97, PUBKEY_OK},
	    {"ecdsa-sha2-nistp384", "nistp256", 97, PUBKEY_MALFORMED},
	    {"ecdsa-sha2-nistp384", "nistp384", 65, PUBKEY_MALFORMED},
	    {"ecdsa-sha2-nistp521", "nistp521", 133, PUBKEY_OK},
	    {"ecdsa-sha2-nistp521", "nistp384", 133, PUBKEY_MALFORMED},
	    {"ecdsa-sha2-nistp521", "nistp521", 131, PUBKEY_MALFORMED},
	    {"ecdsa-sha2-nistp521", "nistp521", 97, PUBKEY_MALFORMED},
	};
	unsigned char point[133] = {4};
	struct blob b;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		b.len = 0;
		put_text(&b, cases[i].type);
		put_text(&b, cases[i].curve);
		put_string(&b, point, cases[i].len);
		assert_int_equal(parse_blob(&b, NULL), cases[i].want);
	}
}

static enum pubkey_refusal
ed25519(const unsigned char *pk, size_t len)
{
	struct blob plain = {.len = 0}, sk = {.len = 0};

	put_text(&plain, "ssh-ed25519");
	put_string(&plain, pk, len);
	put_text(&sk, "sk-ssh-ed25519@openssh.com");
	put_string(&sk, pk, len);
	put_text(&sk, "ssh:");
	assert_int_equal(parse_blob(&plain, NULL), parse_blob(&sk, NULL));
	return parse_blob(&plain, NULL);
}

static void
test_ed25519_length(void **state)
{
	unsigned char pk[64];
	size_t len;

	(void)state;
	memset(pk, 0x42, sizeof(pk));
	for (len = 0; len <= sizeof(pk); len++)
		assert_int_equal(
		    ed25519(pk, len), len == 32 ? PUBKEY_OK : PUBKEY_MALFORMED);
}

/* Points for which anybody can sign; worked out from the curve's equation. */
static void
test_ed25519_small_order(void **state)
{
	static const unsigned char y[][32] = {
	    {0},
	    {1},
	    "\x26\xe8\x95\x8f\xc2\xb2\x27\xb0\x45\xc3\xf4\x89\xf2\xef\x98\xf0"
	    "\xd5\xdf\xac\x05\xd3\xc6\x33\x39\xb1\x38\x02\x88\x6d\x53\xfc\x05",
	    "\xc7\x17\x6a\x70\x3d\x4d\xd8\x4f\xba\x3c\x0b\x76\x0d\x10\x67\x0f"
	    "\x2a\x20\x53\xfa\x2c\x39\xcc\xc6\x4e\xc7\xfd\x77\x92\xac\x03\x7a",
	    "\xec\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
	    "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f",
	    "\xed\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
	    "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f",
	    "\xee\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
	    "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f",
	};
	unsigned char pk[32];
	size_t i, j;

	(void)state;
	for (i = 0; i < sizeof(y) / sizeof(y[0]); i++) {
		memcpy(pk, y[i], 32);
		assert_int_equal(ed25519(pk, 32), PUBKEY_MALFORMED);
		pk[31] ^= 0x80;
		assert_int_equal(ed25519(pk, 32), PUBKEY_MALFORMED);
		/* Its neighbours are keys like any other. */
		for (j = 0; j < 32; j++) {
			memcpy(pk, y[i], 32);
			pk[j] ^= 0x20;
			assert_int_equal(ed25519(pk, 32), PUBKEY_OK);
		}
	}
	/* p - 1 is the last of them; from p on they are second forms. */
	memcpy(pk, y[4], 32);
	for (i = 0; i < 256; i++) {
		pk[0] = (unsigned char)i;
		assert_int_equal(
		    ed25519(pk, 32), i < 0xec ? PUBKEY_OK : PUBKEY_MALFORMED);
	}
}

static enum pubkey_refusal
application(const char *app, size_t len)
{
	struct blob ed = {.len = 0}, ec = {.len = 0};
	unsigned char pk[65];

	memset(pk, 4, sizeof(pk));
	put_text(&ed, "sk-ssh-ed25519@openssh.com");
	put_string(&ed, pk, 32);
	put_string(&ed, app, len);
	put_text(&ec, "sk-ecdsa-sha2-nistp256@openssh.com");
	put_text(&ec, "nistp256");
	put_string(&ec, pk, 65);
	put_string(&ec, app, len);
	assert_int_equal(parse_blob(&ed, NULL), parse_blob(&ec, NULL));
	return parse_blob(&ed, NULL);
}

static void
test_sk_application(void **state)
{
	char app[LIMIT_TEXT + 1];
	unsigned c;
	size_t at;

	(void)state;
	assert_int_equal(application("ssh:", 4), PUBKEY_OK);
	assert_int_equal(application("", 0), PUBKEY_MALFORMED);
	memset(app, 'a', sizeof(app));
	assert_int_equal(application(app, LIMIT_TEXT), PUBKEY_OK);
	assert_int_equal(application(app, LIMIT_TEXT + 1), PUBKEY_MALFORMED);
	for (at = 0; at < 3; at++) {
		for (c = 0; c < 256; c++) {
			app[at] = (char)c;
			assert_int_equal(application(app, 3),
			    c < 0x20 || c == 0x7f ? PUBKEY_MALFORMED
						  : PUBKEY_OK);
		}
		app[at] = 'a';
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_ecdsa_point_form),
	    cmocka_unit_test(test_ecdsa_off_curve),
	    cmocka_unit_test(test_ecdsa_second_form),
	    cmocka_unit_test(test_ecdsa_zero),
	    cmocka_unit_test(test_ecdsa_curve_names),
	    cmocka_unit_test(test_ed25519_length),
	    cmocka_unit_test(test_ed25519_small_order),
	    cmocka_unit_test(test_sk_application),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
