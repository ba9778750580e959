/* SPDX-License-Identifier: ISC */
/* Keys that are a CA, that are denied, and why one opens nothing. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "lookup_fixture.h"

#define COUNT(v) (sizeof(v) / sizeof((v)[0]))
/* Fingerprints as only 32 bytes make them: a list names no others. */
#define FP_1 "SHA256:1AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define FP_2 "SHA256:2AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define FP_CA "SHA256:3AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

static const struct sample_line with_ca[] = {SAMPLE_OWN("a", FP_1, "one\n"),
    SAMPLE_OWN("a", FP_2, "two\n"),
    {GRANT_ACCOUNT, "a", FP_CA, "ca\n", SNAPSHOT_FOREVER, 0, {0}, true},
    {GRANT_FOLDED, "a", FP_CA, "folded ca\n", SNAPSHOT_FOREVER, 0, {0}, true},
    {GRANT_ANY, "", FP_CA, "any ca\n", SNAPSHOT_FOREVER, FILE_BIT, {0}, true},
    {GRANT_ANY, "", FP_CA, "group ca\n", SNAPSHOT_FOREVER, 0, {"g", NULL},
	true}};

/* sshd asks for the key that a CA has signed. */
static void
test_authorities(void **state)
{
	const struct world w = {.lines = with_ca, .n = COUNT(with_ca)};
	struct snapshot s;

	world_open(*state, &w, &s);
	lookup(&s, "a", FP_1, "one\nca\nfolded ca\nany ca\n");
	lookup(&s, "a", FP_2, "two\nca\nfolded ca\nany ca\n");
	/* A key that no source holds, and the CA's own. */
	lookup(&s, "a", FP_D, "ca\nfolded ca\nany ca\n");
	lookup(&s, "a", FP_CA, "ca\nfolded ca\nany ca\n");
	lookup(&s, "a", "SHA256:", "ca\nfolded ca\nany ca\n");
	lookup(&s, "A", FP_1, "folded ca\nany ca\n");
	lookup(&s, "b", FP_1, "any ca\n");
	lookup_in(&s, "b", FP_1, "g ", "any ca\ngroup ca\n", "g ");
	lookup(&s, "root", FP_1, NULL);
	/* Each once, where all lines are asked for. */
	lookup(&s, "a", NULL, "one\ntwo\nca\nfolded ca\nany ca\n");
	lookup(&s, "b", NULL, "any ca\n");
	snapshot_close(&s);
}

static void
ask_denied(struct snapshot *s, const char *user, const char *fp,
    const char *deny, const char *want, const char *reason)
{
	const struct snapshot_ask ask = {.user = user,
	    .fp = fp,
	    .now_ms = SAMPLE_NOW,
	    .deny = deny,
	    .denylen = deny == NULL ? 0 : strlen(deny)};

	lookup_ask(s, &ask, want, reason);
}

/* The list that is there now: at the next login. */
static void
test_denied_now(void **state)
{
	const struct world w = {.lines = with_ca, .n = COUNT(with_ca)};
	struct snapshot s;

	world_open(*state, &w, &s);
	ask_denied(&s, "a", FP_1, FP_1 "\n", NULL, SNAPSHOT_DENIED);
	ask_denied(&s, "a", FP_1, "# " FP_1 "\n\t" FP_1 " left", NULL,
	    SNAPSHOT_DENIED);
	ask_denied(&s, "nobody", FP_1, FP_1, NULL, SNAPSHOT_DENIED);
	/* Not even by way of a CA, which is not denied itself. */
	ask_denied(&s, "a", FP_E, FP_E, NULL, SNAPSHOT_DENIED);
	ask_denied(&s, "a", FP_2, FP_1, "two\nca\nfolded ca\nany ca\n", "");
	/* A CA that is denied signs nothing any more. */
	ask_denied(&s, "a", FP_2, FP_CA, "two\n", "");
	ask_denied(&s, "a", FP_D, FP_CA, NULL, "");
	ask_denied(&s, "a", FP_CA, FP_CA, NULL, SNAPSHOT_DENIED);
	/* All keys but those. */
	ask_denied(&s, "a", NULL, FP_1, "two\nca\nfolded ca\nany ca\n", "");
	ask_denied(&s, "a", NULL, FP_CA "\n" FP_1, "two\n", "");
	ask_denied(&s, "a", NULL, FP_1 "\r" FP_2 "\r\n" FP_CA, NULL, "");
	ask_denied(&s, "a", NULL, "", "one\ntwo\nca\nfolded ca\nany ca\n", "");
	ask_denied(&s, "a", NULL, "SHA256:1A\n" FP_1 "x\n#" FP_1,
	    "one\ntwo\nca\nfolded ca\nany ca\n", "");
	snapshot_close(&s);
}

/* What was denied when the snapshot was made, wherever, stays so. */
static void
test_denied_then(void **state)
{
	const struct world w = {.lines = with_ca,
	    .n = COUNT(with_ca),
	    .denied = FP_E "\n" FP_1 "\n"};
	struct snapshot s;

	world_open(*state, &w, &s);
	ask_denied(&s, "a", FP_E, NULL, NULL, SNAPSHOT_DENIED);
	ask_denied(&s, "b", FP_E, "", NULL, SNAPSHOT_DENIED);
	ask_denied(&s, "a", FP_1, "# nothing\n", NULL, SNAPSHOT_DENIED);
	ask_denied(&s, "a", FP_2, NULL, "two\nca\nfolded ca\nany ca\n", "");
	snapshot_close(&s);
}

static void
test_reasons(void **state)
{
	static const struct sample_line lines[] = {
	    SAMPLE_OWN("a", FP_1, "one\n"), SAMPLE_OWN("b", FP_2, "two\n")};
	struct world w = {.lines = lines,
	    .n = COUNT(lines),
	    .refused_fp = FP_2,
	    .code = "not-member"};
	struct snapshot s;

	world_open(*state, &w, &s);
	ask_denied(&s, "a", FP_2, NULL, NULL, "not-member");
	ask_denied(&s, "", FP_2, NULL, NULL, "not-member");
	ask_denied(&s, "a", FP_2, FP_2, NULL, SNAPSHOT_DENIED);
	/* Of a key alone, and only where it opens nothing. */
	ask_denied(&s, "a", NULL, NULL, "one\n", "");
	ask_denied(&s, "c", NULL, NULL, NULL, "");
	ask_denied(&s, "b", FP_2, NULL, "two\n", "");
	ask_denied(&s, "a", FP_D, NULL, NULL, "");
	ask_denied(&s, "a", "", NULL, NULL, "");
	ask_denied(&s, "a", FP_2 "A", NULL, NULL, "");
	snapshot_close(&s);
	/* A CA's line is an answer, whatever the key would be by itself. */
	w.lines = with_ca;
	w.n = COUNT(with_ca);
	world_open(*state, &w, &s);
	ask_denied(&s, "b", FP_2, NULL, "any ca\n", "");
	ask_denied(&s, "root", FP_2, NULL, NULL, "not-member");
	snapshot_close(&s);
}

/* The longest code, and none asked for. */
static void
test_reason_sizes(void **state)
{
	static const struct sample_line lines[] = {
	    SAMPLE_OWN("a", FP_1, "one\n")};
	char code[SNAPSHOT_CODE_SIZE];
	const struct world w = {
	    .lines = lines, .n = 1, .refused_fp = FP_2, .code = code};
	const struct snapshot_ask ask = {
	    .user = "a", .fp = FP_2, .now_ms = SAMPLE_NOW};
	struct snapshot s;
	struct buf out;

	memset(code, 'c', sizeof(code) - 1);
	code[sizeof(code) - 1] = '\0';
	world_open(*state, &w, &s);
	lookup_ask(&s, &ask, NULL, code);
	buf_init(&out, 100);
	assert_int_equal(
	    snapshot_find(&s, &ask, &out, NULL), SNAPSHOT_NOT_FOUND);
	buf_free(&out);
	snapshot_close(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    scratch_test(test_authorities),
	    scratch_test(test_denied_now),
	    scratch_test(test_denied_then),
	    scratch_test(test_reasons),
	    scratch_test(test_reason_sizes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
