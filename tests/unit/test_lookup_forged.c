/* SPDX-License-Identifier: ISC */
/* Records that no writer writes: an error, and not a byte of an answer. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "lookup_fixture.h"

#define STRING(s) s, sizeof(s) - 1

/* The fields of a line, each with its length, whatever it is. */
struct parts {
	const char *fp;
	size_t fplen;
	const char *file;
	size_t filelen;
	const char *fleet;
	size_t fleetlen;
	unsigned unless;
};

static void
put_parts(struct buf *b, const struct parts *p)
{
	(void)buf_put_i64(b, SNAPSHOT_FOREVER);
	(void)buf_put_u8(b, (uint8_t)p->unless);
	(void)buf_put_string(b, p->fp, p->fplen);
	(void)buf_put_string(b, p->file, p->filelen);
	(void)buf_put_string(b, p->fleet, p->fleetlen);
	(void)buf_put_string(b, STRING("forged\n"));
	assert_false(b->failed);
}

/* Records beside a good head; names and denied may be NULL: not there. */
struct forged {
	unsigned has;
	const struct buf *any, *names, *denied;
};

static void
forge(const struct scratch *s, const struct forged *f, struct snapshot *snap)
{
	struct snapshot_head head = sample_head;
	struct sample_line own = SAMPLE_OWN("own", FP_A, "own\n");
	struct error err = {""};
	struct writer w;

	head.has = f->has;
	assert_int_equal(writer_begin(&w, s->fd, 0, &err), 0);
	assert_int_equal(writer_put_head(&w, &head), 0);
	sample_put_lines(&w, &own, 1);
	if (f->any != NULL) {
		assert_int_equal(
		    writer_put_lines(&w, GRANT_ANY, "", NULL, f->any), 0);
		assert_int_equal(
		    writer_put_lines(&w, GRANT_ANY, "", FP_A, f->any), 0);
	}
	if (f->names != NULL)
		assert_int_equal(writer_put_named(&w, f->names), 0);
	if (f->denied != NULL)
		assert_int_equal(writer_put_denied(&w, f->denied), 0);
	if (writer_publish(&w, &err) == -1)
		fail_msg("%s", err.text);
	if (snapshot_open(snap, s->fd, geteuid(), &err) != SNAPSHOT_OK)
		fail_msg("%s", err.text);
}

/* What user gets, who is in every group; reasons are none. */
static void
check(struct snapshot *snap, const char *user, const char *fp,
    enum snapshot_find want, const char *text)
{
	struct login l = {.in = "a b wheel "};
	const struct snapshot_ask ask = {.user = user,
	    .fp = fp,
	    .now_ms = SAMPLE_NOW,
	    .deny = "#",
	    .denylen = 1,
	    .groups = login_groups,
	    .ctx = &l};
	char reason[SNAPSHOT_CODE_SIZE] = "unset";
	struct buf out;

	buf_init(&out, 4096);
	assert_int_equal(snapshot_find(snap, &ask, &out, reason), want);
	(void)buf_putc(&out, '\0');
	assert_string_equal((char *)out.data, text);
	assert_string_equal(reason, "");
	buf_free(&out);
}

/* A record for everybody with these bytes: an error for whoever asks, even
 * if his own lines are good. */
static void
check_error(const struct scratch *s, const struct buf *any)
{
	struct buf none = {0};
	const struct forged f = {SNAPSHOT_HAS_ANY, any, &none, &none};
	struct snapshot snap;

	forge(s, &f, &snap);
	check(&snap, "nobody", NULL, SNAPSHOT_ERROR, "");
	check(&snap, "nobody", FP_A, SNAPSHOT_ERROR, "");
	check(&snap, "own", NULL, SNAPSHOT_ERROR, "");
	check(&snap, "own", FP_A, SNAPSHOT_ERROR, "");
	check(&snap, "own", FP_B, SNAPSHOT_NOT_FOUND, "");
	snapshot_close(&snap);
}

static void
check_parts(const struct scratch *s, const struct parts *p)
{
	struct buf b;

	buf_init(&b, 65536);
	put_parts(&b, p);
	check_error(s, &b);
	/* Behind a good line too. */
	buf_reset(&b);
	put_parts(
	    &b, &(struct parts){STRING(FP_A), STRING("a"), STRING(""), 0});
	put_parts(&b, p);
	check_error(s, &b);
	buf_free(&b);
}

static void
test_names(void **state)
{
	static char big[LIMIT_USER_NAME + 1];
	static const struct parts parts[] = {
	    {STRING(FP_A), STRING("a\0b"), STRING(""), 0},
	    {STRING(FP_A), STRING(""), STRING("\0"), 0},
	    {STRING(FP_A), STRING("a"), STRING("a\0"), 0},
	    {STRING("SHA256:\0"), STRING(""), STRING(""), 0},
	    {STRING(FP_A "A"), STRING(""), STRING(""), 0},
	    {STRING(FP_A), big, sizeof(big), STRING(""), 0},
	    {STRING(FP_A), STRING(""), big, sizeof(big), 0}};
	size_t i;

	memset(big, 'g', sizeof(big));
	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		check_parts(*state, &parts[i]);
}

/* Each length in turn says more than there is. */
static void
test_lengths(void **state)
{
	static const size_t at[] = {9, 9 + 4 + KEYREC_FP_LEN,
	    9 + 4 + KEYREC_FP_LEN + 5, 9 + 4 + KEYREC_FP_LEN + 10};
	const struct parts good = {STRING(FP_A), STRING("a"), STRING("b"), 0};
	struct buf b;
	size_t i, k;

	buf_init(&b, 4096);
	for (i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		for (k = 0; k < 4; k++) {
			buf_reset(&b);
			put_parts(&b, &good);
			b.data[at[i] + k] = 0xff;
			check_error(*state, &b);
		}
	}
	/* And the bytes end too early, wherever. */
	for (i = 1; i < b.len; i++) {
		struct buf cut = b;

		buf_reset(&b);
		put_parts(&b, &good);
		cut.len = i;
		check_error(*state, &cut);
	}
	buf_free(&b);
}

static void
check_any(const struct scratch *s, const struct forged *f, const char *user,
    enum snapshot_find want)
{
	struct snapshot snap;

	forge(s, f, &snap);
	check(
	    &snap, user, NULL, want, want == SNAPSHOT_FOUND ? "forged\n" : "");
	check(
	    &snap, user, FP_A, want, want == SNAPSHOT_FOUND ? "forged\n" : "");
	snapshot_close(&snap);
}

/* Bits that mean nothing yet neither open nor shut. */
static void
test_unknown_bits(void **state)
{
	struct buf any, names, none = {0};
	struct forged f = {~0u, &any, &names, &none};

	buf_init(&any, 4096);
	buf_init(&names, 4096);
	put_parts(
	    &any, &(struct parts){STRING(FP_A), STRING(""), STRING(""), 0xfd});
	record_put_named(&names, "file", FILE_BIT);
	record_put_named(&names, "fleet", FLEET_BIT);
	record_put_named(&names, "all", 0xff);
	check_any(*state, &f, "nobody", SNAPSHOT_FOUND);
	check_any(*state, &f, "fleet", SNAPSHOT_FOUND);
	check_any(*state, &f, "file", SNAPSHOT_NOT_FOUND);
	check_any(*state, &f, "all", SNAPSHOT_NOT_FOUND);
	check_any(*state, &f, "root", SNAPSHOT_NOT_FOUND);
	buf_free(&any);
	buf_free(&names);
}

/* Who has a rule of his own: known, or nobody gets what is for others. */
static void
test_named(void **state)
{
	struct buf any, names, none = {0};
	struct forged f = {SNAPSHOT_HAS_ANY, &any, &none, &none};
	char big[LIMIT_USER_NAME + 2];
	size_t len;

	buf_init(&any, 4096);
	buf_init(&names, 4096);
	put_parts(&any,
	    &(struct parts){STRING(FP_A), STRING(""), STRING(""), FILE_BIT});
	check_any(*state, &f, "a", SNAPSHOT_FOUND);
	f.names = NULL;
	check_any(*state, &f, "a", SNAPSHOT_ERROR);
	check_any(*state, &f, "root", SNAPSHOT_ERROR);
	f.has = SNAPSHOT_HAS_FOLDED;
	check_any(*state, &f, "a", SNAPSHOT_ERROR);
	f.has = SNAPSHOT_HAS_ANY;
	f.names = &names;
	record_put_named(&names, "x", FILE_BIT);
	record_put_named(&names, "a", FILE_BIT);
	check_any(*state, &f, "a", SNAPSHOT_NOT_FOUND);
	for (len = names.len; len-- > 0;) {
		names.len = len;
		check_any(*state, &f, "b",
		    len == 0 || len == 6 ? SNAPSHOT_FOUND : SNAPSHOT_ERROR);
	}
	memset(big, 'b', sizeof(big));
	big[LIMIT_USER_NAME + 1] = '\0';
	buf_reset(&names);
	record_put_named(&names, big, FILE_BIT);
	check_any(*state, &f, "b", SNAPSHOT_ERROR);
	/* Its NUL is no end. */
	buf_reset(&names);
	(void)buf_put_u8(&names, FILE_BIT);
	(void)buf_put_string(&names, STRING("b\0c"));
	check_any(*state, &f, "b", SNAPSHOT_FOUND);
	buf_free(&any);
	buf_free(&names);
}

/* What is denied: known, or no CA counts.  A damaged reason is an error. */
static void
test_denied(void **state)
{
	const struct scratch *s = *state;
	struct buf none = {0};
	struct forged f = {SNAPSHOT_HAS_AUTHORITIES, NULL, &none, &none};
	struct snapshot snap;

	forge(s, &f, &snap);
	check(&snap, "own", FP_A, SNAPSHOT_FOUND, "own\n");
	snapshot_close(&snap);
	f.denied = NULL;
	forge(s, &f, &snap);
	check(&snap, "own", FP_A, SNAPSHOT_ERROR, "");
	/* Nobody can say which key it is. */
	check(&snap, "own", NULL, SNAPSHOT_FOUND, "own\n");
	snapshot_close(&snap);
	f.has = 0;
	forge(s, &f, &snap);
	check(&snap, "own", FP_A, SNAPSHOT_FOUND, "own\n");
	snapshot_close(&snap);
}

static enum snapshot_find
find_code(const struct scratch *s, size_t len)
{
	char code[2 * SNAPSHOT_CODE_SIZE];
	struct record_key k;
	struct snapshot snap;
	enum snapshot_find r;
	struct writer w;
	struct buf b;

	memset(code, 'c', sizeof(code));
	assert_int_equal(record_key_refused(&k, FP_A), 0);
	buf_init(&b, 4096);
	(void)buf_put_u64(&b, record_digest(&k, code, len));
	(void)buf_put(&b, code, len);
	assert_int_equal(writer_begin(&w, s->fd, 0, NULL), 0);
	assert_int_equal(writer_put_head(&w, &sample_head), 0);
	sample_put_shut(&w);
	assert_int_equal(
	    cdb_make_add(&w.cdb, k.data, k.len, b.data, (unsigned)b.len), 0);
	assert_int_equal(writer_publish(&w, NULL), 0);
	buf_reset(&b);
	assert_int_equal(
	    snapshot_open(&snap, s->fd, geteuid(), NULL), SNAPSHOT_OK);
	r = sample_find(&snap, "a", FP_A, SAMPLE_NOW, &b);
	assert_int_equal(b.len, 0);
	snapshot_close(&snap);
	buf_free(&b);
	return r;
}

static void
test_code(void **state)
{
	assert_int_equal(find_code(*state, 0), SNAPSHOT_NOT_FOUND);
	assert_int_equal(
	    find_code(*state, SNAPSHOT_CODE_SIZE - 1), SNAPSHOT_NOT_FOUND);
	assert_int_equal(find_code(*state, SNAPSHOT_CODE_SIZE), SNAPSHOT_ERROR);
	assert_int_equal(
	    find_code(*state, 2 * SNAPSHOT_CODE_SIZE), SNAPSHOT_ERROR);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    scratch_test(test_names),
	    scratch_test(test_lengths),
	    scratch_test(test_unknown_bits),
	    scratch_test(test_named),
	    scratch_test(test_denied),
	    scratch_test(test_code),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
