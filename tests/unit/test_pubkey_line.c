/* SPDX-License-Identifier: ISC */
/* What is made of a key: its line, its fingerprint, its record. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "pubkey_samples.h"

#define ED "ssh-ed25519 " B64_ED25519

static void
parse(const char *text, struct pubkey *key)
{
	assert_int_equal(pubkey_parse(text, strlen(text), key), PUBKEY_OK);
}

/* The line must be want and nothing else. */
static void
check_line(const char *options, const char *comment, const char *want)
{
	struct pubkey key;
	struct buf b;

	parse(ED, &key);
	buf_init(&b, LIMIT_LINE);
	assert_int_equal(buf_puts(&b, "before\n"), 0);
	assert_int_equal(pubkey_line(&key, options, comment, &b), 0);
	assert_int_equal(buf_putc(&b, '\0'), 0);
	assert_string_equal((const char *)b.data + 7, want);
	assert_memory_equal(b.data, "before\n", 7);
	buf_free(&b);
}

static void
test_line_samples(void **state)
{
	const struct sample *s;
	struct pubkey key;
	struct buf b;
	char text[2048];

	(void)state;
	buf_init(&b, LIMIT_LINE);
	for (s = samples; s < samples + SAMPLES; s++) {
		(void)snprintf(text, sizeof(text), "%s %s%s%s\n", s->name,
		    s->b64, s->comment[0] != '\0' ? " " : "", s->comment);
		parse(text, &key);
		buf_reset(&b);
		assert_int_equal(pubkey_line(&key, NULL, key.comment, &b), 0);
		assert_int_equal(b.len, strlen(text));
		assert_memory_equal(b.data, text, b.len);
	}
	buf_free(&b);
}

static void
test_line_parts(void **state)
{
	(void)state;
	check_line(NULL, NULL, ED "\n");
	check_line("", "", ED "\n");
	check_line("no-pty", NULL, "no-pty " ED "\n");
	check_line("command=\"a b\"", NULL, "command=\"a b\" " ED "\n");
	check_line("restrict,command=\"a\tb\"", "c d",
	    "restrict,command=\"a\tb\" " ED " c d\n");
}

static void
test_line_comment(void **state)
{
	char comment[400], want[sizeof(ED) + 400];

	(void)state;
	check_line(NULL, " \t\r\n", ED "\n");
	check_line(NULL, "  a b \n", ED " a b\n");
	check_line(NULL, "a\nssh-ed25519 BBBB", ED " a?ssh-ed25519 BBBB\n");
	check_line(NULL, "a\r\nb", ED " a??b\n");
	check_line(NULL,
	    "a\xe2\x80\xa8"
	    "b\xe2\x80\xa9"
	    "c",
	    ED " a?b?c\n");
	check_line(NULL,
	    "a\xc2\x85"
	    "b\vc\fd\x7f",
	    ED " a?b?c?d?\n");
	check_line(NULL, "\x1b]0;x\x07", ED " ?]0;x?\n");
	check_line(NULL, "\xff\xc0\x8a", ED " ???\n");
	check_line(NULL, "# \"x\" \\", ED " # \"x\" \\\n");
	check_line(NULL, "Zo\xc3\xab", ED " Zo\xc3\xab\n");
	/* Cut to fit, and no blank left at the end of it. */
	memset(comment, 'x', sizeof(comment));
	comment[sizeof(comment) - 1] = '\0';
	(void)snprintf(
	    want, sizeof(want), ED " %.*s\n", LIMIT_COMMENT - 1, comment);
	check_line(NULL, comment, want);
	comment[LIMIT_COMMENT - 2] = ' ';
	(void)snprintf(
	    want, sizeof(want), ED " %.*s\n", LIMIT_COMMENT - 2, comment);
	check_line(NULL, comment, want);
}

/* No line is better than a wrong one. */
static void
check_no_line(const struct pubkey *key, const char *options, struct buf *b)
{
	size_t len = b->len;

	assert_int_equal(pubkey_line(key, options, "x", b), -1);
	assert_true(b->failed);
	assert_int_equal(b->len, len);
}

static void
test_line_refused(void **state)
{
	static const char *const options[] = {
	    "no-pty\n", "a\rb", "a\x1b", "command=\"x\ny\"", "\x7f", "\x01"};
	struct pubkey key, bad;
	struct buf b;
	size_t i;

	(void)state;
	parse(ED, &key);
	buf_init(&b, LIMIT_LINE);
	assert_int_equal(pubkey_line(&key, NULL, "x", &b), 0);
	for (i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		b.failed = false;
		check_no_line(&key, options[i], &b);
	}
	/* The mark stays: a line after a lost one is not a whole answer. */
	check_no_line(&key, NULL, &b);
	b.failed = false;
	assert_int_not_equal(pubkey_parse("x", 1, &bad), PUBKEY_OK);
	check_no_line(&bad, NULL, &b);
	bad = key;
	bad.type = PUBKEY_TYPE_COUNT;
	b.failed = false;
	check_no_line(&bad, NULL, &b);
	bad = key;
	bad.bloblen = sizeof(bad.blob) + 1;
	b.failed = false;
	check_no_line(&bad, NULL, &b);
	buf_free(&b);
}

/* However little room there is: the whole line or nothing of it. */
static void
test_line_cap(void **state)
{
	const size_t need = strlen("no-pty " ED " x\n");
	struct pubkey key;
	struct buf b;
	size_t cap;

	(void)state;
	parse(ED, &key);
	for (cap = 3; cap < need + 3; cap++) {
		buf_init(&b, cap);
		assert_int_equal(buf_puts(&b, "abc"), 0);
		check_no_line(&key, "no-pty", &b);
		buf_free(&b);
	}
	buf_init(&b, need);
	assert_int_equal(pubkey_line(&key, "no-pty", "x", &b), 0);
	assert_int_equal(b.len, need);
	buf_free(&b);
}

/* The largest key that is taken fits into LIMIT_LINE with all its parts. */
static void
test_line_fits(void **state)
{
	char options[LIMIT_OPTIONS + 1], comment[LIMIT_COMMENT];
	struct pubkey key = {
	    .type = PUBKEY_SK_ECDSA_256, .bloblen = LIMIT_KEY_BLOB};
	struct buf b;

	(void)state;
	memset(options, 'o', sizeof(options));
	options[LIMIT_OPTIONS] = '\0';
	memset(comment, 'c', sizeof(comment));
	comment[LIMIT_COMMENT - 1] = '\0';
	buf_init(&b, LIMIT_LINE);
	assert_int_equal(pubkey_line(&key, options, comment, &b), 0);
	buf_free(&b);
}

static void
test_fingerprints(void **state)
{
	char fp[KEYREC_FP_LEN + 1], text[2048];
	const struct sample *s;
	struct pubkey key;

	(void)state;
	for (s = samples; s < samples + SAMPLES; s++) {
		(void)snprintf(text, sizeof(text), "%s %s", s->name, s->b64);
		parse(text, &key);
		assert_int_equal(
		    pubkey_fingerprint(key.blob, key.bloblen, fp), 0);
		assert_string_equal(fp, s->fp);
	}
}

static struct keyrec *
add_record(struct keyset *ks, const char *label, const char *text, size_t len)
{
	struct keyrec *rec = keyset_add(ks);

	assert_non_null(rec);
	rec->label = label;
	rec->text = text;
	rec->textlen = len;
	/* As if it had been checked before, with another outcome. */
	rec->blob = (const unsigned char *)"old";
	rec->bloblen = 3;
	rec->refused = "dsa";
	(void)snprintf(rec->fp, sizeof(rec->fp), "old");
	return rec;
}

static void
test_record_good(void **state)
{
	static const char text[] = ED " a\tb\n";
	struct keyset ks;
	struct keyrec *rec;
	struct pubkey key;

	(void)state;
	parse(ED, &key);
	keyset_init(&ks);
	rec = add_record(&ks, "laptop", text, sizeof(text) - 1);
	assert_int_equal(pubkey_check_record(&ks, rec), 0);
	assert_null(rec->refused);
	assert_null(rec->text);
	assert_int_equal(rec->textlen, 0);
	assert_int_equal(rec->bloblen, key.bloblen);
	assert_memory_equal(rec->blob, key.blob, key.bloblen);
	assert_string_equal(rec->fp, samples[0].fp);
	assert_string_equal(rec->label, "laptop");
	/* Without a label the key's comment is one. */
	rec = add_record(&ks, "", text, sizeof(text) - 1);
	assert_int_equal(pubkey_check_record(&ks, rec), 0);
	assert_string_equal(rec->label, "a?b");
	rec = add_record(&ks, "", ED " c", strlen(ED " c"));
	assert_int_equal(pubkey_check_record(&ks, rec), 0);
	assert_string_equal(rec->label, "c");
	rec = add_record(&ks, "l", text, sizeof(text) - 1);
	assert_int_equal(pubkey_check_record(&ks, rec), 0);
	assert_string_equal(rec->label, "l");
	rec = add_record(&ks, "", text, strlen(ED));
	assert_int_equal(pubkey_check_record(&ks, rec), 0);
	assert_string_equal(rec->label, "");
	keyset_free(&ks);
}

static void
test_record_refused(void **state)
{
	static const struct {
		const char *text;
		size_t len;
		const char *code;
	} cases[] = {
	    {NULL, 0, "no-text"},
	    {"", 0, "no-text"},
	    {"ssh-dss " B64_DSA, sizeof("ssh-dss " B64_DSA) - 1, "dsa"},
	    {ED "\n" ED, 2 * sizeof(ED) - 1, "lines"},
	    {ED "\0\0", sizeof(ED) + 1, "malformed"},
	};
	struct keyset ks;
	struct keyrec *rec;
	size_t i;

	(void)state;
	keyset_init(&ks);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		rec = add_record(&ks, "", cases[i].text, cases[i].len);
		assert_int_equal(pubkey_check_record(&ks, rec), 0);
		assert_string_equal(rec->refused, cases[i].code);
		assert_null(rec->text);
		assert_int_equal(rec->textlen, 0);
		assert_null(rec->blob);
		assert_int_equal(rec->bloblen, 0);
		assert_string_equal(rec->fp, "");
		assert_string_equal(rec->label, "");
	}
	keyset_free(&ks);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_line_samples),
	    cmocka_unit_test(test_line_parts),
	    cmocka_unit_test(test_line_comment),
	    cmocka_unit_test(test_line_refused),
	    cmocka_unit_test(test_line_cap),
	    cmocka_unit_test(test_line_fits),
	    cmocka_unit_test(test_fingerprints),
	    cmocka_unit_test(test_record_good),
	    cmocka_unit_test(test_record_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
