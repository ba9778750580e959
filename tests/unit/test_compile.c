/* SPDX-License-Identifier: ISC */
/* The built-in policy, and that no label can make a second line. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/compile.h"
#include "pubkey_samples.h"

#define ED "ssh-ed25519 " B64_ED25519
#define RSA "ssh-rsa " B64_RSA4096
#define OWNER "user:0a1b2c3d-4e5f-6789-abcd-ef0123456789"

/* What came out of the compiler, one line behind the other. */
struct sink {
	struct buf lines;
	size_t n, stop_at;
	char fp[8][KEYREC_FP_LEN + 1];
	int64_t until[8];
};

static int
collect(void *ctx, const struct compile_line *line)
{
	struct sink *s = ctx;

	assert_string_equal(line->user, "root");
	assert_true(line->len > 0);
	assert_int_equal(line->line[line->len - 1], '\n');
	/* No other end of a line in it. */
	assert_ptr_equal(
	    memchr(line->line, '\n', line->len), line->line + line->len - 1);
	assert_null(memchr(line->line, '\r', line->len));
	assert_null(memchr(line->line, '\0', line->len));
	assert_string_equal(line->fp, line->key->refs[0].rec->fp);
	assert_true(s->n < 8);
	(void)snprintf(s->fp[s->n], sizeof(s->fp[0]), "%s", line->fp);
	s->until[s->n++] = line->until_ms;
	assert_int_equal(buf_put(&s->lines, line->line, line->len), 0);
	return s->n == s->stop_at ? -1 : 0;
}

static struct keyrec *
add(struct keyset *ks, const char *text, const char *label, const char *owner)
{
	struct keyrec *rec;

	assert_non_null(rec = keyset_add(ks));
	rec->text = text;
	rec->textlen = strlen(text);
	assert_int_equal(pubkey_check_record(ks, rec), 0);
	/* Not the label that the check takes from the key's comment. */
	rec->label = label;
	rec->owner = owner;
	return rec;
}

static int
compile(const struct keyset *a, const struct keyset *b, struct sink *s)
{
	struct merge_input in[2] = {
	    {a, SOURCE_DEVICE, 100}, {b, SOURCE_PROJECT, 200}};
	struct merged m;
	int r;

	buf_init(&s->lines, 1024 * 1024);
	s->n = 0;
	assert_int_equal(merge_keys(&m, in, b == NULL ? 1 : 2), 0);
	r = compile_builtin(&m, collect, s);
	merge_free(&m);
	(void)buf_putc(&s->lines, '\0');
	return r;
}

static void
test_no_keys(void **state)
{
	struct sink s = {0};
	struct keyset ks;

	(void)state;
	keyset_init(&ks);
	assert_int_equal(compile(&ks, NULL, &s), 0);
	assert_int_equal(s.n, 0);
	buf_free(&s.lines);
}

/* Root gets every key, once each, with its fingerprint. */
static void
test_root_gets_all(void **state)
{
	struct sink s = {0};
	struct keyset a, b;

	(void)state;
	keyset_init(&a);
	keyset_init(&b);
	(void)add(&a, ED " x", "laptop", OWNER);
	(void)add(&a, "ssh-dss " B64_DSA, "old", OWNER);
	(void)add(&b, RSA, "", "");
	(void)add(&b, ED, "again", "");
	assert_int_equal(compile(&a, &b, &s), 0);
	assert_int_equal(s.n, 2);
	/* In the order of the fingerprints: "F" before "p". */
	assert_string_equal(
	    (char *)s.lines.data, RSA "\n" ED " laptop " OWNER "\n");
	assert_string_equal(
	    s.fp[0], "SHA256:Fud3W6o8A8RAkKZbl7rwATRU0+l8UH64ro+/503w+nk");
	assert_string_equal(
	    s.fp[1], "SHA256:pken31a+b1VBCWFYjTdxgri5OXGCxLj7AJ/opSyeETU");
	assert_true(s.until[0] == 200);
	assert_true(s.until[1] == 200);
	buf_free(&s.lines);
	keyset_free(&a);
	keyset_free(&b);
}

/* The first label and the first owner there are, from whatever record. */
static void
test_comment(void **state)
{
	static const struct {
		const char *label[2], *owner[2], *want;
	} cases[] = {{{"", ""}, {"", ""}, ""}, {{"l", "m"}, {"o", "p"}, "l o"},
	    {{"", "m"}, {"o", ""}, "m o"}, {{"l", "m"}, {"", "p"}, "l p"},
	    {{"l", ""}, {"", ""}, "l"}, {{"", ""}, {"", "p"}, "p"}};
	struct keyrec rec[2] = {0};
	struct keyref refs[2] = {
	    {&rec[0], SOURCE_DEVICE, 1}, {&rec[1], SOURCE_PROJECT, 1}};
	struct merged_key key = {.refs = refs, .n = 2};
	char dst[20], small[4];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		rec[0].label = cases[i].label[0];
		rec[1].label = cases[i].label[1];
		rec[0].owner = cases[i].owner[0];
		rec[1].owner = cases[i].owner[1];
		assert_ptr_equal(compile_comment(&key, dst, sizeof(dst)), dst);
		assert_string_equal(dst, cases[i].want);
	}
	rec[0].label = "label";
	assert_string_equal(compile_comment(&key, small, sizeof(small)), "lab");
}

static void
check_label(const char *label, const char *comment)
{
	struct sink s = {0};
	struct keyset ks;
	char want[2000];

	keyset_init(&ks);
	(void)add(&ks, ED, label, "");
	assert_int_equal(compile(&ks, NULL, &s), 0);
	assert_int_equal(s.n, 1);
	(void)snprintf(want, sizeof(want), ED "%s%s\n",
	    comment[0] != '\0' ? " " : "", comment);
	assert_string_equal((char *)s.lines.data, want);
	buf_free(&s.lines);
	keyset_free(&ks);
}

static void
test_hostile_labels(void **state)
{
	(void)state;
	check_label("x\n" ED " y", "x?" ED " y");
	check_label("x\r\ncommand=\"sh\" x", "x??command=\"sh\" x");
	check_label("\n", "");
	check_label("x\n", "x");
	check_label("\xe2\x80\xa8", "?");
	check_label("\v\f\x1c\xc2\x85", "????");
	check_label("  ", "");
	check_label("# x", "# x");
	check_label("a\"b\\", "a\"b\\");
}

/* Any bytes in label and owner: one line, and it begins with the key. */
static void
test_any_labels(void **state)
{
	char label[LIMIT_TEXT + 1], owner[LIMIT_TEXT + 1];
	struct sink s = {0};
	struct keyset ks;
	uint32_t seed = 3;
	size_t i, j;

	(void)state;
	for (i = 0; i < 500; i++) {
		memset(label, 0, sizeof(label));
		memset(owner, 0, sizeof(owner));
		for (j = 0; j < i % 32 * 33; j++) {
			seed = seed * 1664525 + 1013904223;
			label[j] = (char)(seed >> 24 == 0 ? 1 : seed >> 24);
			owner[j] = (char)(j % 3 == 0 ? '\n' : 'x');
		}
		keyset_init(&ks);
		(void)add(&ks, ED, label, owner);
		assert_int_equal(compile(&ks, NULL, &s), 0);
		assert_int_equal(s.n, 1);
		assert_memory_equal(s.lines.data, ED, strlen(ED));
		assert_in_range(strlen((char *)s.lines.data), strlen(ED),
		    strlen(ED) + LIMIT_COMMENT + 2);
		buf_free(&s.lines);
		keyset_free(&ks);
	}
}

/* A blob that another version let through is passed over, the rest isn't. */
static void
test_bad_blob(void **state)
{
	struct sink s = {0};
	struct keyset ks;
	struct keyrec *rec;

	(void)state;
	keyset_init(&ks);
	rec = add(&ks, ED, "broken", "");
	rec->bloblen--;
	(void)add(&ks, RSA, "good", "");
	(void)add(&ks, "ssh-ed25519 " B64_PUTTY25519, "also", "");
	assert_int_equal(compile(&ks, NULL, &s), 0);
	assert_string_equal((char *)s.lines.data,
	    RSA " good\n"
		"ssh-ed25519 " B64_PUTTY25519 " also\n");
	buf_free(&s.lines);
	keyset_free(&ks);
}

static void
test_emit_stops(void **state)
{
	struct sink s = {.stop_at = 2};
	struct keyset ks;

	(void)state;
	keyset_init(&ks);
	(void)add(&ks, ED, "", "");
	(void)add(&ks, RSA, "", "");
	(void)add(&ks, "ssh-ed25519 " B64_PUTTY25519, "", "");
	assert_int_equal(compile(&ks, NULL, &s), -1);
	assert_int_equal(s.n, 2);
	buf_free(&s.lines);
	keyset_free(&ks);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_no_keys),
	    cmocka_unit_test(test_root_gets_all),
	    cmocka_unit_test(test_comment),
	    cmocka_unit_test(test_hostile_labels),
	    cmocka_unit_test(test_any_labels),
	    cmocka_unit_test(test_bad_blob),
	    cmocka_unit_test(test_emit_stops),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
