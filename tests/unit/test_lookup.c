/* SPDX-License-Identifier: ISC */
/* Whose line is whose: accounts, names in any case, everybody, groups. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "lookup_fixture.h"

#define COUNT(v) (sizeof(v) / sizeof((v)[0]))
#define ANY(fp, line, unless)                                                 \
	{                                                                     \
		GRANT_ANY, "", fp, line, SNAPSHOT_FOREVER, unless, {0}, false \
	}
#define FOLDED(name, fp, line, unless)                                       \
	{                                                                    \
		GRANT_FOLDED, name, fp, line, SNAPSHOT_FOREVER, unless, {0}, \
		    false                                                    \
	}
#define GROUP(fp, line, file, fleet)                                         \
	{                                                                    \
		GRANT_ANY, "", fp, line, SNAPSHOT_FOREVER, 0, {file, fleet}, \
		    false                                                    \
	}

static void
test_any(void **state)
{
	static const struct sample_line lines[] = {SAMPLE_OWN("a", FP_A, "a\n"),
	    SAMPLE_OWN("root", FP_B, "r\n"), ANY(FP_A, "*\n", FILE_BIT)};
	static const struct named named[] = {{"b", FILE_BIT}, {"c", FLEET_BIT}};
	const struct world w = {.lines = lines,
	    .n = COUNT(lines),
	    .named = named,
	    .nnamed = COUNT(named)};
	struct snapshot s;

	world_open(*state, &w, &s);
	/* An account that has lines, but no rule, gets both. */
	lookup(&s, "a", NULL, "a\n*\n");
	lookup(&s, "a", FP_A, "a\n*\n");
	lookup(&s, "d", NULL, "*\n");
	lookup(&s, "d", FP_A, "*\n");
	lookup(&s, "d", FP_B, NULL);
	/* A rule of its own in the same document, and in the other one. */
	lookup(&s, "b", NULL, NULL);
	lookup(&s, "b", FP_A, NULL);
	lookup(&s, "B", FP_A, "*\n");
	lookup(&s, "bb", FP_A, "*\n");
	lookup(&s, "c", FP_A, "*\n");
	/* Never root, in whatever document it is named. */
	lookup(&s, "root", NULL, "r\n");
	lookup(&s, "root", FP_A, NULL);
	lookup(&s, "Root", FP_A, "*\n");
	snapshot_close(&s);
}

/* Each document's `*` passes over those that it names, and over root. */
static void
test_unless_named(void **state)
{
	static const struct sample_line lines[] = {ANY(FP_A, "none\n", 0),
	    ANY(FP_A, "file\n", FILE_BIT), ANY(FP_A, "fleet\n", FLEET_BIT),
	    ANY(FP_A, "both\n", GRANT_NAMED_ALL)};
	static const struct named named[] = {{"both", FLEET_BIT},
	    {"file", FILE_BIT}, {"fleet", FLEET_BIT}, {"both", FILE_BIT}};
	const struct world w = {.lines = lines,
	    .n = COUNT(lines),
	    .named = named,
	    .nnamed = COUNT(named)};
	const char *const fps[] = {NULL, FP_A};
	struct snapshot s;
	size_t i;

	world_open(*state, &w, &s);
	for (i = 0; i < COUNT(fps); i++) {
		lookup(&s, "a", fps[i], "none\nfile\nfleet\nboth\n");
		lookup(&s, "file", fps[i], "none\nfleet\n");
		lookup(&s, "fleet", fps[i], "none\nfile\n");
		lookup(&s, "both", fps[i], "none\n");
		lookup(&s, "root", fps[i], "none\n");
	}
	snapshot_close(&s);
}

static void
test_folded(void **state)
{
	static const struct sample_line lines[] = {
	    FOLDED("alice", FP_A, "any case\n", FILE_BIT),
	    FOLDED("root", FP_A, "root\n", FILE_BIT),
	    FOLDED("root", FP_B, "group\n", 0)};
	static const struct named named[] = {{"ALICE", FILE_BIT}};
	const struct world w = {
	    .lines = lines, .n = COUNT(lines), .named = named, .nnamed = 1};
	struct snapshot s;

	world_open(*state, &w, &s);
	lookup(&s, "alice", FP_A, "any case\n");
	lookup(&s, "Alice", NULL, "any case\n");
	lookup(&s, "aLICE", FP_A, "any case\n");
	lookup(&s, "ALICE", FP_A, NULL);
	lookup(&s, "alic", NULL, NULL);
	lookup(&s, "alicee", NULL, NULL);
	lookup(&s, "\xc3\x81lice", NULL, NULL);
	/* Only what no `*` is the reason of. */
	lookup(&s, "root", NULL, "group\n");
	lookup(&s, "root", FP_A, NULL);
	lookup(&s, "ROOT", NULL, "root\ngroup\n");
	snapshot_close(&s);
}

static void
test_no_such_name(void **state)
{
	static const struct sample_line lines[] = {
	    FOLDED("a", FP_A, "folded\n", 0), ANY(FP_A, "any\n", 0),
	    GROUP(FP_A, "group\n", "wheel", NULL)};
	const struct world w = {.lines = lines, .n = COUNT(lines)};
	char name[4 * LIMIT_USER_NAME];
	struct snapshot s;

	world_open(*state, &w, &s);
	memset(name, 'a', sizeof(name));
	name[LIMIT_USER_NAME] = '\0';
	lookup_in(&s, name, FP_A, "wheel ", "any\ngroup\n", "wheel ");
	name[LIMIT_USER_NAME] = 'a';
	name[LIMIT_USER_NAME + 1] = '\0';
	lookup_in(&s, name, FP_A, "wheel ", NULL, "");
	lookup_in(&s, name, NULL, "wheel ", NULL, "");
	name[LIMIT_USER_NAME + 1] = 'a';
	name[sizeof(name) - 1] = '\0';
	lookup_in(&s, name, NULL, "wheel ", NULL, "");
	lookup_in(&s, "", FP_A, "wheel ", NULL, "");
	lookup_in(&s, "", NULL, "wheel ", NULL, "");
	snapshot_close(&s);
}

static void
test_groups(void **state)
{
	static const struct sample_line lines[] = {
	    SAMPLE_OWN("own", FP_B, "own\n"),
	    GROUP(FP_A, "file\n", "wheel", NULL),
	    GROUP(FP_A, "fleet\n", NULL, "ops"),
	    GROUP(FP_A, "same\n", "wheel", "wheel"),
	    GROUP(FP_A, "both\n", "wheel", "ops")};
	const struct world w = {.lines = lines, .n = COUNT(lines)};
	struct snapshot s;

	world_open(*state, &w, &s);
	lookup_in(&s, "a", FP_A, "", NULL, "wheel ops ");
	lookup_in(&s, "a", FP_A, "ops ", "fleet\n", "wheel ops ");
	lookup_in(&s, "a", FP_A, "wheel ", "file\nsame\n", "wheel ops ");
	lookup_in(&s, "a", FP_A, "ops wheel ", "file\nfleet\nsame\nboth\n",
	    "wheel ops ");
	lookup_in(&s, "a", FP_A, "wheels whee op ", NULL, "wheel ops ");
	/* A group's rule is for root too, and beside lines of one's own. */
	lookup_in(&s, "root", FP_A, "ops ", "fleet\n", "wheel ops ");
	lookup_in(&s, "own", NULL, "ops ", "own\nfleet\n", "wheel ops ");
	/* Nothing hangs on it with this key. */
	lookup_in(&s, "own", FP_B, "ops ", "own\n", "");
	lookup_in(&s, "own", FP_C, "ops ", NULL, "");
	/* Not to be known: in none. */
	lookup_in(&s, "own", NULL, NULL, "own\n", "wheel ops ");
	/* That there is nothing can't be known either. */
	lookup_unknown(&s, "a", FP_A);
	lookup_unknown(&s, "a", NULL);
	lookup_unknown(&s, "own", FP_A);
	snapshot_close(&s);
}

/* Nobody is asked for lines that are for others, or that no longer hold. */
static void
test_groups_not_asked(void **state)
{
	struct sample_line lines[] = {GROUP(FP_A, "old\n", "old", NULL),
	    GROUP(FP_A, "star\n", NULL, "star"),
	    GROUP(FP_B, "denied\n", "denied", NULL),
	    GROUP(FP_E, "listed\n", "listed", NULL)};
	static const struct named named[] = {{"named", FILE_BIT}};
	const struct world w = {
	    .lines = lines, .n = COUNT(lines), .named = named, .nnamed = 1};
	struct login l = {.in = "old star denied listed "};
	struct snapshot_ask ask = {.user = "named",
	    .now_ms = SAMPLE_NOW,
	    .deny = FP_E "\n",
	    .denylen = KEYREC_FP_LEN + 1,
	    .groups = login_groups,
	    .ctx = &l};
	struct snapshot s;

	lines[0].until = SAMPLE_NOW;
	lines[1].unless_named = FILE_BIT;
	world_open(*state, &w, &s);
	ask.fp = FP_A;
	lookup_ask(&s, &ask, NULL, "");
	ask.fp = FP_E;
	lookup_ask(&s, &ask, NULL, SNAPSHOT_DENIED);
	assert_int_equal(l.calls, 0);
	ask.fp = NULL;
	lookup_ask(&s, &ask, "denied\n", "");
	assert_string_equal(l.asked, "denied ");
	/* Who can't ask is in none. */
	ask.groups = NULL;
	lookup_ask(&s, &ask, NULL, "");
	snapshot_close(&s);
}

/* More groups than one would expect, each asked for once. */
static void
test_many_groups(void **state)
{
	enum { MANY = 50 };
	struct sample_line lines[2 * MANY];
	char names[MANY][8], texts[2 * MANY][16], asked[256] = "";
	const struct world w = {.lines = lines, .n = COUNT(lines)};
	struct snapshot s;
	size_t i;

	for (i = 0; i < COUNT(lines); i++) {
		(void)snprintf(names[i % MANY], 8, "g%zu", i % MANY);
		(void)snprintf(texts[i], sizeof(texts[i]), "line %zu\n", i);
		lines[i] = (struct sample_line)GROUP(
		    FP_A, texts[i], names[i % MANY], NULL);
		if (i < MANY) {
			(void)strcat(asked, names[i]);
			(void)strcat(asked, " ");
		}
	}
	world_open(*state, &w, &s);
	lookup_in(&s, "a", FP_A, "g49 g7 ",
	    "line 7\nline 49\nline 57\nline 99\n", asked);
	snapshot_close(&s);
}

static void
test_expiry(void **state)
{
	struct sample_line lines[] = {FOLDED("a", FP_A, "folded\n", 0),
	    ANY(FP_A, "any\n", 0), ANY(FP_A, "long\n", 0)};
	const struct world w = {.lines = lines, .n = COUNT(lines)};
	struct snapshot_ask ask = {.user = "a", .fp = FP_A};
	struct snapshot s;

	lines[0].until = SAMPLE_NOW + 1;
	lines[1].until = SAMPLE_NOW + 2;
	world_open(*state, &w, &s);
	ask.now_ms = SAMPLE_NOW;
	lookup_ask(&s, &ask, "folded\nany\nlong\n", "");
	ask.now_ms = SAMPLE_NOW + 1;
	lookup_ask(&s, &ask, "any\nlong\n", "");
	ask.now_ms = SAMPLE_NOW + 2;
	lookup_ask(&s, &ask, "long\n", "");
	ask.fp = NULL;
	lookup_ask(&s, &ask, "long\n", "");
	snapshot_close(&s);
}

/* Once with a fingerprint, but only what is the same from end to end. */
static void
test_same_line(void **state)
{
	static const struct sample_line lines[] = {
	    SAMPLE_OWN("a", FP_A, "from=\"h\" ssh-rsa A x\n"),
	    FOLDED("a", FP_A, "ssh-rsa A x\n", 0),
	    FOLDED("a", FP_A, "from=\"h\" ssh-rsa A x\n", 0),
	    ANY(FP_A, "ssh-rsa A x\n", 0), ANY(FP_A, "ssh-rsa A\n", 0),
	    ANY(FP_A, "x\n", 0)};
	const struct world w = {.lines = lines, .n = COUNT(lines)};
	const struct snapshot_ask ask = {
	    .user = "a", .fp = FP_A, .now_ms = SAMPLE_NOW};
	struct snapshot s;
	struct buf out;

	world_open(*state, &w, &s);
	lookup(&s, "a", FP_A,
	    "from=\"h\" ssh-rsa A x\nssh-rsa A x\nssh-rsa A\nx\n");
	lookup(&s, "b", FP_A, "ssh-rsa A x\nssh-rsa A\nx\n");
	/* What stood there before is none of ours. */
	buf_init(&out, 4096);
	assert_int_equal(buf_puts(&out, "x\n"), 0);
	assert_int_equal(snapshot_find(&s, &ask, &out, NULL), SNAPSHOT_FOUND);
	assert_int_equal(out.len, 2 + 21 + 12 + 10 + 2);
	buf_free(&out);
	snapshot_close(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    scratch_test(test_any),
	    scratch_test(test_unless_named),
	    scratch_test(test_folded),
	    scratch_test(test_no_such_name),
	    scratch_test(test_groups),
	    scratch_test(test_groups_not_asked),
	    scratch_test(test_many_groups),
	    scratch_test(test_expiry),
	    scratch_test(test_same_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
