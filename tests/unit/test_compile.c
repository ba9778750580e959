/* SPDX-License-Identifier: ISC */
/*
 * The built-in policy, a document that isn't there, the order of the lines,
 * and that no label can make a second one.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "policy_fixture.h"

static void
test_no_keys(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	EXPECT(&w, "", "");
	world_doc(&w, GRANT_FILE, "'users':{'root':{},'*':{}}");
	EXPECT(&w, "", "");
	world_free(&w);
}

/* Root gets every key, nobody else gets any. */
static void
test_builtin(void **state)
{
	struct judge_input in;
	struct world w;

	(void)state;
	world_standard(&w);
	EXPECT(&w,
	    "u root ec384\nu root rsa2048\nu root ec256\nu root ed\n"
	    "u root putty\n",
	    "");
	assert_true(w.row_until[0] == UNTIL);
	/* The members are no business of it. */
	w.in.members_until_ms = INT64_MIN;
	EXPECT(&w,
	    "u root ec384\nu root rsa2048\nu root ec256\nu root ed\n"
	    "u root putty\n",
	    "");
	in = compile_input(&w.in);
	assert_true(in.origin[GRANT_FILE].wanted);
	assert_ptr_equal(in.origin[GRANT_FILE].doc, compile_builtin());
	assert_false(in.origin[GRANT_FLEET].wanted);
	assert_ptr_equal(in.members, &w.members);
	world_free(&w);
}

/* Tags narrow, and the list of denied keys denies, without any document. */
static void
test_builtin_narrows(void **state)
{
	char deny[128];
	struct world w;

	(void)state;
	world_init(&w);
	(void)world_key(&w, SOURCE_DEVICE, KEY_ED, "");
	world_tag(
	    &w, world_key(&w, SOURCE_DEVICE, KEY_EC256, ""), "user:deploy");
	world_tag(&w, world_key(&w, SOURCE_DEVICE, KEY_EC384, ""), "user:root");
	world_tag(&w, world_key(&w, SOURCE_DEVICE, KEY_SKED, ""),
	    "expires:2027-01-01");
	world_tag(&w, world_key(&w, SOURCE_DEVICE, KEY_RSA4096, ""),
	    "from:10.0.0.0/8");
	(void)world_key(&w, SOURCE_DEVICE, KEY_PUTTY, "");
	(void)snprintf(deny, sizeof(deny), "# lost\n%s\n", samples[KEY_ED].fp);
	w.in.deny = deny;
	w.in.denylen = strlen(deny);
	EXPECT(&w,
	    "u root rsa4096 [from=\"10.0.0.0/8\"]\nu root ec384\n"
	    "u root putty\n",
	    "sked tag-expired\nec256 no-account\ned denied\n");
	world_free(&w);
}

/* Wanted and never valid: nothing is granted, whatever the other says. */
static void
test_no_document(void **state)
{
	static const char all[] = "'users':{'root':{},'*':{}}";
	static const char none[] =
	    "ec384 no-document\nrsa2048 no-document\nec256 no-document\n"
	    "ed no-document\nputty no-document\n";
	struct world w;
	unsigned o;

	(void)state;
	world_standard(&w);
	for (o = 0; o < GRANT_ORIGINS; o++) {
		world_no_doc(&w, GRANT_FILE);
		world_no_doc(&w, GRANT_FLEET);
		w.in.origin[o].wanted = true;
		w.in.origin[o].until_ms = INT64_MAX;
		EXPECT(&w, "", none);
		world_doc(&w, o == GRANT_FILE ? GRANT_FLEET : GRANT_FILE, all);
		EXPECT(&w, "", none);
	}
	w.in.origin[0].doc = w.in.origin[1].doc = NULL;
	EXPECT(&w, "", none);
	world_free(&w);
}

/* The fleet's document counts no more. */
static void
test_document_stale(void **state)
{
	static const char none[] =
	    "ec384 stale\nrsa2048 stale\nec256 stale\ned stale\nputty stale\n";
	struct world w;

	(void)state;
	world_standard(&w);
	world_doc(&w, GRANT_FILE, "'users':{'root':{}}");
	world_doc(&w, GRANT_FLEET, "'users':{'root':{}}");
	w.in.origin[GRANT_FLEET].until_ms = NOW;
	EXPECT(&w, "", none);
	world_no_doc(&w, GRANT_FILE);
	EXPECT(&w, "", none);
	w.in.origin[GRANT_FLEET].until_ms = NOW + 1;
	assert_int_equal(world_compile(&w), 0);
	assert_int_equal(w.n, 5);
	assert_true(w.row_until[0] == NOW + 1);
	world_free(&w);
}

/* By scope, name and key; an account's own rule before its groups'. */
static void
test_order(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	(void)world_key(&w, SOURCE_DEVICE, KEY_ED, ALICE);
	(void)world_key(&w, SOURCE_DEVICE, KEY_EC256, BOB);
	world_tag(&w, world_key(&w, SOURCE_DEVICE, KEY_EC384, ""), "user:b");
	world_tag(&w, world_key(&w, SOURCE_DEVICE, KEY_RSA4096, ""), "user:c");
	world_member(&w, ALICE_ID, "", "z@x", NULL);
	world_member(&w, BOB_ID, "", "y@x", NULL);
	world_doc(&w, GRANT_FILE,
	    "'users':{'c':{},'b':{},'*':{'owners':['%u@x']}},"
	    "'groups':{'h':{},'g':{}}");
	EXPECT(&w,
	    "a * ec256 file:g\na * ec256 file:h\n"
	    "a * ed file:g\na * ed file:h\n"
	    "e y ec256 !file\ne z ed !file\n"
	    "u b ec384\nu b ec384 file:g\nu b ec384 file:h\n"
	    "u b ec256\nu b ed\n"
	    "u c rsa4096\nu c rsa4096 file:g\nu c rsa4096 file:h\n"
	    "u c ec256\nu c ed\n",
	    "");
	world_free(&w);
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

static int
keep_line(void *ctx, const struct compile_line *line)
{
	assert_ptr_equal(
	    memchr(line->line, '\n', line->len), line->line + line->len - 1);
	assert_null(memchr(line->line, '\r', line->len));
	assert_null(memchr(line->line, '\0', line->len));
	return buf_put(ctx, line->line, line->len);
}

/* The lines of the built-in policy, with a NUL behind. */
static void
lines_of(struct world *w, struct buf *b)
{
	const struct compile_out out = {b, keep_line, NULL};

	buf_init(b, 1 << 20);
	world_merge(w);
	assert_int_equal(compile(&w->in, &out), 0);
	assert_int_equal(buf_putc(b, '\0'), 0);
}

static void
check_label(const char *label, const char *comment)
{
	struct world w;
	struct buf b;
	char want[2000];

	world_init(&w);
	world_key(&w, SOURCE_DEVICE, KEY_ED, "")->label = label;
	lines_of(&w, &b);
	(void)snprintf(want, sizeof(want), "ssh-ed25519 " B64_ED25519 "%s%s\n",
	    comment[0] != '\0' ? " " : "", comment);
	assert_string_equal((char *)b.data, want);
	buf_free(&b);
	world_free(&w);
}

static void
test_hostile_labels(void **state)
{
	(void)state;
	check_label("laptop", "laptop");
	check_label("x\nssh-ed25519 AAAA y", "x?ssh-ed25519 AAAA y");
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
	static const char key[] = "ssh-ed25519 " B64_ED25519;
	char label[LIMIT_TEXT + 1], owner[LIMIT_TEXT + 1];
	struct world w;
	struct buf b;
	uint32_t seed = 3;
	size_t i, j;

	(void)state;
	world_init(&w);
	world_key(&w, SOURCE_DEVICE, KEY_ED, owner)->label = label;
	for (i = 0; i < 500; i++) {
		memset(label, 0, sizeof(label));
		memset(owner, 0, sizeof(owner));
		for (j = 0; j < i % 32 * 33; j++) {
			seed = seed * 1664525 + 1013904223;
			label[j] = (char)(seed >> 24 == 0 ? 1 : seed >> 24);
			owner[j] = (char)(j % 3 == 0 ? '\n' : 'x');
		}
		lines_of(&w, &b);
		assert_memory_equal(b.data, key, strlen(key));
		assert_in_range(strlen((char *)b.data), strlen(key) + 1,
		    strlen(key) + LIMIT_COMMENT + 2);
		buf_free(&b);
	}
	world_free(&w);
}

/* Options in front of a line that was made without, or nothing at all. */
static void
test_line_with(void **state)
{
	static const char *const bad[] = {"a\nb", "\n", "a\r", "\x7f"};
	struct buf b;
	size_t i;

	(void)state;
	buf_init(&b, 12);
	assert_int_equal(pubkey_line_with("", "k c\n", 4, &b), 0);
	assert_int_equal(pubkey_line_with("no", "k c\n", 4, &b), 0);
	assert_memory_equal(b.data, "k c\nno k c\n", 11);
	/* No room: what was there stays alone. */
	assert_int_equal(pubkey_line_with("", "k\n", 2, &b), -1);
	assert_int_equal(b.len, 11);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		buf_reset(&b);
		assert_int_equal(pubkey_line_with(bad[i], "k\n", 2, &b), -1);
		assert_int_equal(b.len, 0);
	}
	buf_free(&b);
}

/* A blob that another version let through is refused, the rest isn't. */
static void
test_bad_blob(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	(void)world_key(&w, SOURCE_DEVICE, KEY_RSA4096, "");
	world_key(&w, SOURCE_DEVICE, KEY_ED, "")->bloblen--;
	(void)world_key(&w, SOURCE_DEVICE, KEY_PUTTY, "");
	EXPECT(&w, "u root rsa4096\nu root putty\n", "ed refused\n");
	world_free(&w);
}

/* Whoever takes the lines, or the refusals, may end it. */
static void
test_stops(void **state)
{
	struct world w;

	(void)state;
	world_standard(&w);
	w.stop_at = 2;
	assert_int_equal(world_compile(&w), -1);
	assert_int_equal(w.n, 2);
	world_doc(&w, GRANT_FILE, "'users':{'root':{'sources':['metadata']}}");
	w.stop_at = 1003;
	assert_int_equal(world_compile(&w), -1);
	assert_int_equal(w.nrefused, 3);
	assert_int_equal(w.n, 0);
	world_free(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_no_keys),
	    cmocka_unit_test(test_builtin),
	    cmocka_unit_test(test_builtin_narrows),
	    cmocka_unit_test(test_no_document),
	    cmocka_unit_test(test_document_stale),
	    cmocka_unit_test(test_order),
	    cmocka_unit_test(test_comment),
	    cmocka_unit_test(test_hostile_labels),
	    cmocka_unit_test(test_any_labels),
	    cmocka_unit_test(test_line_with),
	    cmocka_unit_test(test_bad_blob),
	    cmocka_unit_test(test_stops),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
