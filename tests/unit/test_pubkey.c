/* SPDX-License-Identifier: ISC */
/* Key texts: which are taken, which are refused and for what reason. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "pubkey_samples.h"

#define ED "ssh-ed25519 " B64_ED25519
#define ED2 "ssh-ed25519 " B64_PUTTY25519
#define BEGIN "---- BEGIN SSH2 PUBLIC KEY ----\n"
#define END "---- END SSH2 PUBLIC KEY ----\n"

#define TEXT(s) (s), sizeof(s) - 1

struct refused_case {
	const char *text;
	size_t len;
	enum pubkey_refusal want;
};

static void
assert_zero(const struct pubkey *key)
{
	const unsigned char *p = (const unsigned char *)key;
	size_t i;

	for (i = 0; i < sizeof(*key); i++)
		assert_int_equal(p[i], 0);
}

static void
check_refused(const char *text, size_t len, enum pubkey_refusal want)
{
	struct pubkey key;
	enum pubkey_refusal got;

	memset(&key, 0xa5, sizeof(key));
	got = pubkey_parse(text, len, &key);
	if (got != want)
		fail_msg("\"%.*s\": %s instead of %s", (int)len, text,
		    pubkey_refusal_code(got), pubkey_refusal_code(want));
	assert_zero(&key);
}

static void
test_type_names(void **state)
{
	static const char *const none[] = {"", "ssh-rs", "ssh-rsaX", "SSH-RSA",
	    "ssh-dss", "rsa-sha2-256", "ssh-ed25519 "};
	const struct sample *s;
	size_t i;

	(void)state;
	for (s = samples; s < samples + SAMPLES; s++) {
		assert_string_equal(pubkey_type_name(s->type), s->name);
		assert_int_equal(
		    pubkey_type_by_name(s->name, strlen(s->name)), s->type);
	}
	for (i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		assert_int_equal(pubkey_type_by_name(none[i], strlen(none[i])),
		    PUBKEY_TYPE_COUNT);
	assert_int_equal(
	    pubkey_type_by_name("ssh-rsa\0", 8), PUBKEY_TYPE_COUNT);
	assert_null(pubkey_type_name(PUBKEY_TYPE_COUNT));
	assert_null(pubkey_type_name((enum pubkey_type) - 1));
}

/* They are in logs, --json and snapshots of older versions. */
static void
test_refusal_codes(void **state)
{
	static const char *const codes[PUBKEY_REFUSAL_COUNT] = {"ok", "no-text",
	    "too-long", "dsa", "certificate", "private", "options",
	    "unknown-type", "lines", "base64", "type-mismatch", "malformed",
	    "rsa-size", "rfc4716", "internal"};
	enum pubkey_refusal r;
	unsigned i;

	(void)state;
	for (i = 0; i < PUBKEY_REFUSAL_COUNT; i++) {
		r = (enum pubkey_refusal)i;
		assert_string_equal(pubkey_refusal_code(r), codes[i]);
		assert_int_equal(pubkey_refusal_by_code(codes[i]), r);
		assert_non_null(pubkey_refusal_text(r));
	}
	assert_int_equal(pubkey_refusal_by_code("DSA"), PUBKEY_REFUSAL_COUNT);
	assert_int_equal(pubkey_refusal_by_code(""), PUBKEY_REFUSAL_COUNT);
	assert_int_equal(pubkey_refusal_by_code(NULL), PUBKEY_REFUSAL_COUNT);
	assert_string_equal(
	    pubkey_refusal_code(PUBKEY_REFUSAL_COUNT), "internal");
	assert_string_equal(pubkey_refusal_text((enum pubkey_refusal) - 1),
	    pubkey_refusal_text(PUBKEY_INTERNAL));
}

static void
check_sample(const char *text, const struct sample *s, const char *comment)
{
	struct pubkey key, again;

	if (pubkey_parse(text, strlen(text), &key) != PUBKEY_OK)
		fail_msg("refused: \"%s\"", text);
	assert_int_equal(key.type, s->type);
	assert_int_equal(key.bits, s->bits);
	assert_string_equal(key.comment, comment);
	assert_int_equal(
	    pubkey_parse_blob(key.blob, key.bloblen, &again), PUBKEY_OK);
	assert_int_equal(again.type, s->type);
	assert_int_equal(again.bits, s->bits);
	assert_int_equal(again.bloblen, key.bloblen);
	assert_memory_equal(again.blob, key.blob, key.bloblen);
	assert_string_equal(again.comment, "");
}

static void
test_samples(void **state)
{
	const struct sample *s;
	char text[2048];

	(void)state;
	for (s = samples; s < samples + SAMPLES; s++) {
		(void)snprintf(text, sizeof(text), "%s %s %s\n", s->name,
		    s->b64, s->comment);
		check_sample(text, s, s->comment);
		(void)snprintf(text, sizeof(text), "%s %s", s->name, s->b64);
		check_sample(text, s, "");
		(void)snprintf(text, sizeof(text),
		    "\r\n \t%s\t  \t%s \t a  b\t \r\n\r\n", s->name, s->b64);
		check_sample(text, s, "a  b");
	}
}

static void
test_blocks(void **state)
{
	(void)state;
	check_sample(BLOCK_PUTTY2048, &samples[5], samples[5].comment);
	check_sample("\n" BLOCK_PUTTY25519 "\r\n\t", &samples[10], "putty");
	check_sample(BLOCK_ECDSA256, &samples[1],
	    "256-bit ECDSA, converted by root@vm from OpenSSH");
	check_sample(BEGIN LINES_SK25519 END, &samples[8], "");
}

static void
test_comment_cut(void **state)
{
	char text[1024], want[LIMIT_COMMENT];
	size_t at;

	(void)state;
	at = (size_t)snprintf(text, sizeof(text), ED " ");
	memset(text + at, 'x', 400);
	text[at + 400] = '\0';
	memset(want, 'x', sizeof(want));
	want[LIMIT_COMMENT - 1] = '\0';
	check_sample(text, &samples[0], want);
	/* A character that does not fit whole is left out. */
	memcpy(text + at + LIMIT_COMMENT - 2, "\xe2\x82\xac", 3);
	want[LIMIT_COMMENT - 2] = '\0';
	check_sample(text, &samples[0], want);
}

static const struct refused_case refused[] = {
    {NULL, 0, PUBKEY_NO_TEXT},
    {NULL, 5, PUBKEY_NO_TEXT},
    {TEXT(""), PUBKEY_NO_TEXT},
    {TEXT(" \t\r\n\n "), PUBKEY_NO_TEXT},

    {TEXT("ssh-dss " B64_DSA " x"), PUBKEY_DSA},
    {TEXT("ssh-dss"), PUBKEY_DSA},
    {TEXT(BEGIN LINES_DSA END), PUBKEY_DSA},

    {TEXT("ssh-ed25519-cert-v01@openssh.com " B64_CERT), PUBKEY_CERTIFICATE},
    {TEXT("ssh-rsa-cert-v00@openssh.com AAAA"), PUBKEY_CERTIFICATE},
    {TEXT("ssh-new-cert-v01@openssh.com AAAA"), PUBKEY_CERTIFICATE},
    {TEXT(BEGIN "AAAAIHNzaC1lZDI1NTE5LWNlcnQtdjAxQG9wZW5zc2guY29t\n" END),
	PUBKEY_CERTIFICATE},

    {TEXT("-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl\n"
	  "-----END OPENSSH PRIVATE KEY-----\n"),
	PUBKEY_PRIVATE},
    {TEXT("-----BEGIN OPENSSH PRIVATE KEY----- b3Bl"), PUBKEY_PRIVATE},
    {TEXT("-----BEGIN RSA PRIVATE KEY-----\r\nMII\r\n"), PUBKEY_PRIVATE},
    {TEXT("-----BEGIN PRIVATE KEY-----\rMII\r"), PUBKEY_PRIVATE},
    {TEXT("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"), PUBKEY_PRIVATE},
    {TEXT("---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\n"), PUBKEY_PRIVATE},
    {TEXT("PuTTY-User-Key-File-2: ssh-rsa\r\n"), PUBKEY_PRIVATE},
    {TEXT("PuTTY-User-Key-File-3: ssh-ed25519\n"), PUBKEY_PRIVATE},
    {TEXT(ED " me\n-----BEGIN OPENSSH PRIVATE KEY-----\n"), PUBKEY_PRIVATE},
    {TEXT(BLOCK_ECDSA256 "-----BEGIN EC PRIVATE KEY-----\n"), PUBKEY_PRIVATE},

    {TEXT("command=\"x\" " ED), PUBKEY_OPTIONS},
    {TEXT("command=\"echo a b\" " ED), PUBKEY_OPTIONS},
    {TEXT("command=\"x " ED), PUBKEY_OPTIONS},
    {TEXT("from=\"10.0.0.0/8\",no-pty " ED), PUBKEY_OPTIONS},
    {TEXT("from=10.0.0.0/8 " ED), PUBKEY_OPTIONS},
    {TEXT("no-pty " ED), PUBKEY_OPTIONS},
    {TEXT("no-pty\tssh-dss " B64_DSA), PUBKEY_OPTIONS},
    {TEXT("cert-authority " ED), PUBKEY_OPTIONS},
    {TEXT("cert-authority ssh-rsa-cert-v01@openssh.com AAAA"), PUBKEY_OPTIONS},
    {TEXT("host.example.com " ED), PUBKEY_OPTIONS},
    {TEXT("\"ssh-ed25519\" " B64_ED25519), PUBKEY_OPTIONS},

    {TEXT(B64_ED25519), PUBKEY_UNKNOWN_TYPE},
    {TEXT(B64_ECDSA384 " x"), PUBKEY_UNKNOWN_TYPE},
    {TEXT("SSH-ED25519 " B64_ED25519), PUBKEY_UNKNOWN_TYPE},
    {TEXT("ssh-ed448 AAAA"), PUBKEY_UNKNOWN_TYPE},
    {TEXT("rsa-sha2-256 " B64_RSA3072), PUBKEY_UNKNOWN_TYPE},
    {TEXT("# " ED), PUBKEY_OPTIONS},
    {TEXT("# a key"), PUBKEY_UNKNOWN_TYPE},
    {TEXT("\xef\xbb\xbf" ED), PUBKEY_UNKNOWN_TYPE},
    {TEXT("ssh-ed25519\xc2\xa0" B64_ED25519), PUBKEY_UNKNOWN_TYPE},
    {TEXT("ssh-ed25519\v" B64_ED25519), PUBKEY_UNKNOWN_TYPE},
    {TEXT("\v" ED), PUBKEY_UNKNOWN_TYPE},
    {TEXT("ssh-rsa," ED), PUBKEY_UNKNOWN_TYPE},
    {TEXT("1024 35 1234567890123 old"), PUBKEY_UNKNOWN_TYPE},
    {TEXT(BEGIN "AAAACXNzaC1lZDQ0OAAAAAA=\n" END), PUBKEY_UNKNOWN_TYPE},

    {TEXT(ED "\n" ED2), PUBKEY_LINES},
    {TEXT(ED " x\nssh-ed25519 BBBB"), PUBKEY_LINES},
    {TEXT(ED " x\rssh-ed25519 BBBB"), PUBKEY_LINES},
    {TEXT(ED " x\r\ncommand=\"y\" " ED2 "\n"), PUBKEY_LINES},
    {TEXT("# comment\n" ED), PUBKEY_LINES},
    {TEXT("ssh-ed25519\n" B64_ED25519), PUBKEY_LINES},
    {TEXT(ED "\n" BLOCK_ECDSA256), PUBKEY_LINES},
    {TEXT("-----BEGIN PUBLIC KEY-----\nMII\n"), PUBKEY_LINES},

    {TEXT("ssh-ed25519"), PUBKEY_BASE64},
    {TEXT("ssh-ed25519 no-pty " B64_ED25519), PUBKEY_BASE64},
    {TEXT(ED "\" x"), PUBKEY_BASE64},
    {TEXT(ED "\xe2\x80\xa8" ED2), PUBKEY_BASE64},
    {TEXT("ecdsa-sha2-nistp384 " B64_ECDSA384 "="), PUBKEY_BASE64},
    {TEXT(BEGIN "AAA\n" END), PUBKEY_BASE64},

    {TEXT("ssh-rsa " B64_ED25519), PUBKEY_TYPE_MISMATCH},
    {TEXT("ssh-rsa " B64_DSA), PUBKEY_TYPE_MISMATCH},
    {TEXT("ssh-ed25519 " B64_CERT), PUBKEY_TYPE_MISMATCH},
    {TEXT("ssh-ed25519 " B64_SK25519), PUBKEY_TYPE_MISMATCH},
    {TEXT("ecdsa-sha2-nistp384 " B64_ECDSA256), PUBKEY_TYPE_MISMATCH},
    /* An inner type of "ssh-ed25519\0", and of none. */
    {TEXT("ssh-ed25519 AAAADHNzaC1lZDI1NTE5AA=="), PUBKEY_TYPE_MISMATCH},
    {TEXT("ssh-ed25519 AAAAAAAA"), PUBKEY_TYPE_MISMATCH},

    {TEXT("ssh-ed25519 AAAA"), PUBKEY_MALFORMED},
    {TEXT("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5"), PUBKEY_MALFORMED},
    {TEXT("ssh-ed25519 ////////"), PUBKEY_MALFORMED},
    {TEXT(ED "AAAA"), PUBKEY_MALFORMED},
    {TEXT(ED " a\0b"), PUBKEY_MALFORMED},
    {TEXT(ED "\0"), PUBKEY_MALFORMED},
    {TEXT(ED "\0\n" ED2), PUBKEY_MALFORMED},
    {TEXT("\0" ED), PUBKEY_MALFORMED},
    {TEXT("s\0s\0h\0-\0r\0s\0a\0 \0"), PUBKEY_MALFORMED},

    {TEXT("ssh-rsa " B64_RSA512), PUBKEY_RSA_SIZE},
    {TEXT(BEGIN LINES_RSA512 END), PUBKEY_RSA_SIZE},

    {TEXT(BEGIN), PUBKEY_RFC4716},
    {TEXT(BEGIN END), PUBKEY_RFC4716},
    {TEXT(BEGIN B64_ED25519 "\n"), PUBKEY_RFC4716},
    {TEXT("---- BEGIN SSH2 PUBLIC KEY ---- " B64_ED25519), PUBKEY_RFC4716},
    {TEXT(BLOCK_ECDSA256 BLOCK_ECDSA256), PUBKEY_RFC4716},
    {TEXT(BLOCK_ECDSA256 ED), PUBKEY_RFC4716},
    {TEXT(BEGIN "Comment: x\n" ED "\n" END), PUBKEY_RFC4716},
};

static void
test_refused(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		check_refused(refused[i].text, refused[i].len, refused[i].want);
}

static void
test_too_long(void **state)
{
	char text[LIMIT_KEY_TEXT + 1];
	struct pubkey key;

	(void)state;
	memset(text, ' ', sizeof(text));
	memcpy(text, ED, strlen(ED));
	assert_int_equal(pubkey_parse(text, LIMIT_KEY_TEXT, &key), PUBKEY_OK);
	check_refused(text, LIMIT_KEY_TEXT + 1, PUBKEY_TOO_LONG);
	/* Base64 of more than a blob may have. */
	memset(text, 'A', sizeof(text));
	memcpy(text, "ssh-rsa ", 8);
	check_refused(text, LIMIT_KEY_TEXT, PUBKEY_TOO_LONG);
}

/* No beginning of a key is a key, and no key with a piece cut out. */
static void
test_cut_text(void **state)
{
	const struct sample *s;
	char text[2048], cut[2048];
	struct pubkey key;
	size_t i, len;

	(void)state;
	for (s = samples; s < samples + SAMPLES; s++) {
		len = (size_t)snprintf(
		    text, sizeof(text), "%s %s", s->name, s->b64);
		for (i = 0; i < len; i++) {
			assert_int_not_equal(
			    pubkey_parse(text, i, &key), PUBKEY_OK);
			assert_zero(&key);
			memcpy(cut, text, i);
			memcpy(cut + i, text + i + 1, len - i - 1);
			assert_int_not_equal(
			    pubkey_parse(cut, len - 1, &key), PUBKEY_OK);
		}
	}
}

/* What stands in a comment ends as a comment, without what sshd would see. */
static void
test_comment_clean(void **state)
{
	(void)state;
	check_sample(ED " a\xe2\x80\xa8"
			"b\xc2\x85"
			"c\vd\fe\x1b[2Jf",
	    &samples[0], "a?b?c?d?e?[2Jf");
	check_sample(ED " no-pty,command=\"x\" " ED2, &samples[0],
	    "no-pty,command=\"x\" " ED2);
	check_sample(ED " -----BEGIN OPENSSH PRIVATE KEY-----", &samples[0],
	    "-----BEGIN OPENSSH PRIVATE KEY-----");
	check_sample(ED " \xff\xfe", &samples[0], "??");
	check_sample(ED "\t\t", &samples[0], "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_type_names),
	    cmocka_unit_test(test_refusal_codes),
	    cmocka_unit_test(test_samples),
	    cmocka_unit_test(test_blocks),
	    cmocka_unit_test(test_comment_cut),
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_too_long),
	    cmocka_unit_test(test_cut_text),
	    cmocka_unit_test(test_comment_clean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
