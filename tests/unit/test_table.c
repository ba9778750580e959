/* SPDX-License-Identifier: ISC */
/* Tables fitted to a width: cut, folded, wrapped, or a block of lines. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "cmd/table.h"
#include "cmd/table_text.h"

/* Lines of a table; no blank may end one. */
static int
on_line(void *ctx, const char *line, size_t len)
{
	assert_int_equal(strlen(line), len);
	assert_true(len == 0 || line[len - 1] != ' ');
	assert_int_equal(buf_puts(ctx, line), 0);
	return buf_putc(ctx, '\n');
}

static void
check(const struct table *t, size_t width, const char *want)
{
	struct buf out;

	buf_init(&out, 1 << 20);
	assert_int_equal(table_write(t, width, on_line, &out), 0);
	assert_int_equal(buf_putc(&out, '\0'), 0);
	assert_string_equal((char *)out.data, want);
	buf_free(&out);
}

#define ADD(t, ...) \
	assert_int_equal(table_add((t), (const char *const[]){__VA_ARGS__}), 0)

static const struct table_column three[] = {{.title = "WHO"},
    {.title = "LABEL", .least = 6}, {.title = "OPTIONS", .least = 8}};

static void
fill(struct table *t)
{
	table_init(t, three, 3);
	ADD(t, "root", "alice's laptop", "");
	ADD(t, "deploy", "ci", "from=\"10.0.0.0/8\",restrict");
}

static void
test_for_program(void **state)
{
	struct table t;

	(void)state;
	fill(&t);
	check(&t, 0,
	    "WHO     LABEL           OPTIONS\n"
	    "root    alice's laptop\n"
	    "deploy  ci              from=\"10.0.0.0/8\",restrict\n");
	table_free(&t);
}

/* The widest column gives way first, none is cut under its least. */
static void
test_cut(void **state)
{
	struct table t;

	(void)state;
	fill(&t);
	check(&t, 50,
	    "WHO     LABEL           OPTIONS\n"
	    "root    alice's laptop\n"
	    "deploy  ci              from=\"10.0.0.0/8\",restrict\n");
	check(&t, 40,
	    "WHO     LABEL           OPTIONS\n"
	    "root    alice's laptop\n"
	    "deploy  ci              from=\"10.0.0....\n");
	check(&t, 24,
	    "WHO     LABEL   OPTIONS\n"
	    "root    ali...\n"
	    "deploy  ci      from=...\n");
	table_free(&t);
}

/* Whatever the width, no line that may be cut is wider than it. */
static void
test_widths(void **state)
{
	struct table t;
	struct buf out;
	size_t width;
	char *line, *next;

	(void)state;
	fill(&t);
	for (width = 17; width < 80; width++) {
		buf_init(&out, 1 << 16);
		assert_int_equal(table_write(&t, width, on_line, &out), 0);
		assert_int_equal(buf_putc(&out, '\0'), 0);
		for (line = (char *)out.data; *line != '\0'; line = next + 1) {
			assert_non_null(next = strchr(line, '\n'));
			assert_true((size_t)(next - line) <= width);
		}
		buf_free(&out);
	}
	table_free(&t);
}

static void
test_folded(void **state)
{
	static const struct table_column columns[] = {{.title = "WHO"},
	    {.title = "KEY"}, {.title = "LABEL", .least = 6},
	    {.title = "OWNER", .least = 6}};
	struct table t;

	(void)state;
	table_init(&t, columns, 4);
	ADD(&t, "root", "SHA256:0123456789", "alice's old laptop", "alice");
	check(&t, 27,
	    "WHO   KEY\n"
	    "  LABEL               OWNER\n"
	    "root  SHA256:0123456789\n"
	    "  alice's old laptop  alice\n");
	check(&t, 23,
	    "WHO   KEY\n"
	    "  LABEL           OWNER\n"
	    "root  SHA256:0123456789\n"
	    "  alice's old...  alice\n");
	/* No empty line for what has nothing more to say. */
	ADD(&t, "bob", "SHA256:9", "", "");
	check(&t, 27,
	    "WHO   KEY\n"
	    "  LABEL               OWNER\n"
	    "root  SHA256:0123456789\n"
	    "  alice's old laptop  alice\n"
	    "bob   SHA256:9\n");
	t.rows = 1;
	/* The key doesn't fit behind the account, and stands alone. */
	check(&t, 22,
	    "WHO    root\n"
	    "KEY    SHA256:0123456789\n"
	    "LABEL  alice's old ...\n"
	    "OWNER  alice\n");
	table_free(&t);
}

static void
test_block(void **state)
{
	struct table t;

	(void)state;
	fill(&t);
	check(&t, 17,
	    "WHO      root\n"
	    "LABEL    alice...\n"
	    "\n"
	    "WHO      deploy\n"
	    "LABEL    ci\n"
	    "OPTIONS  from=...\n");
	/* So narrow that nothing helps: still all that may not be cut. */
	check(&t, 1,
	    "WHO      root\n"
	    "LABEL    ali...\n"
	    "\n"
	    "WHO      deploy\n"
	    "LABEL    ci\n"
	    "OPTIONS  from=...\n");
	table_free(&t);
}

/* Columns without a cell are left out, but not for a program. */
static void
test_empty(void **state)
{
	struct table t;

	(void)state;
	table_init(&t, three, 3);
	check(&t, 0, "");
	check(&t, 80, "");
	ADD(&t, "root", "", "pty");
	check(&t, 0, "WHO   LABEL  OPTIONS\nroot         pty\n");
	check(&t, 80, "WHO   OPTIONS\nroot  pty\n");
	table_free(&t);
}

static void
test_wrap(void **state)
{
	static const struct table_column columns[] = {
	    {.title = "STEP"}, {.title = "SAW", .least = 8, .wrap = true}};
	struct table t;

	(void)state;
	table_init(&t, columns, 2);
	ADD(&t, "owner", "bob of the other team, 0123456789abcdef");
	ADD(&t, "tag", "none");
	check(&t, 20,
	    "STEP   SAW\n"
	    "owner  bob of the\n"
	    "       other team,\n"
	    "       0123456789abc\n"
	    "       def\n"
	    "tag    none\n");
	check(&t, 0,
	    "STEP   SAW\n"
	    "owner  bob of the other team, 0123456789abcdef\n"
	    "tag    none\n");
	table_free(&t);
}

/* A wide character in a column that has no room for it. */
static void
test_wrap_wide(void **state)
{
	static const struct table_column columns[] = {
	    {.title = "S", .least = 1, .wrap = true}, {.title = "T"}};
	struct table t;

	(void)state;
	table_init(&t, columns, 2);
	ADD(&t, "\xe4\xbc\x9a\xe7\xa4\xbe", "x");
	check(&t, 4, "S  T\n\xe4\xbc\x9a  x\n\xe7\xa4\xbe\n");
	table_free(&t);
}

/* What stands in a cell can't end a line or move the cursor. */
static void
test_cleaned(void **state)
{
	struct table t;

	(void)state;
	table_init(&t, three, 2);
	ADD(&t, "a\nroot  x", "\x1b[2J\xc2\x9b\xff");
	check(&t, 0, "WHO        LABEL\na?root  x  ?[2J??\n");
	table_free(&t);
}

static void
test_text_width(void **state)
{
	(void)state;
	assert_int_equal(table_text_width(""), 0);
	assert_int_equal(table_text_width("abc"), 3);
	assert_int_equal(table_text_width("Zo\xc3\xab"), 3);
	assert_int_equal(table_text_width("Zoe\xcc\x88"), 3); /* a mark */
	assert_int_equal(table_text_width("\xe4\xbc\x9a\xe7\xa4\xbe"), 4);
	assert_int_equal(table_text_width("\xf0\x9f\x94\x91"), 2);
	assert_int_equal(table_text_width("\xe2\x82\xac"), 1);
}

/* Characters are cut whole, and columns stay in line behind them. */
static void
test_characters(void **state)
{
	static const struct table_column columns[] = {
	    {.title = "L", .least = 5}, {.title = "K"}};
	struct table t;

	(void)state;
	table_init(&t, columns, 2);
	ADD(&t, "\xe4\xbc\x9a\xe7\xa4\xbe\xe3\x81\xae\xe9\x8d\xb5", "1");
	ADD(&t, "Zo\xc3\xab", "2");
	check(&t, 11,
	    "L         K\n"
	    "\xe4\xbc\x9a\xe7\xa4\xbe\xe3\x81\xae\xe9\x8d\xb5  1\n"
	    "Zo\xc3\xab       2\n");
	check(&t, 9,
	    "L       K\n"
	    "\xe4\xbc\x9a...   1\n"
	    "Zo\xc3\xab     2\n");
	table_free(&t);
}

static void
test_break(void **state)
{
	(void)state;
	assert_int_equal(table_break("one two three", 8), 7);
	assert_int_equal(table_break("one two three", 7), 7);
	assert_int_equal(table_break("one two three", 6), 3);
	assert_int_equal(table_break("onetwothree", 6), 6);
	assert_int_equal(table_break("onetwothree", 0), 1);
	assert_int_equal(table_break("\xe4\xbc\x9a\xe7\xa4\xbe", 3), 3);
}

/* Longer than any option text may be: cut, not refused. */
static void
test_long(void **state)
{
	static const struct table_column one[] = {{.title = "A"}};
	char *text = calloc(1, 2 * LIMIT_OPTIONS + 1);
	struct table t;

	(void)state;
	assert_non_null(text);
	memset(text, 'x', 2 * LIMIT_OPTIONS);
	table_init(&t, one, 1);
	ADD(&t, text);
	assert_int_equal(t.widest[0], LIMIT_OPTIONS);
	table_free(&t);
	free(text);
}

static int
stop(void *ctx, const char *line, size_t len)
{
	int *left = ctx;

	(void)line;
	(void)len;
	return (*left)-- == 0 ? -1 : 0;
}

static void
test_stopped(void **state)
{
	struct table t;
	int left, n;

	(void)state;
	fill(&t);
	for (n = 0; n < 3; n++) {
		left = n;
		assert_int_equal(table_write(&t, 0, stop, &left), -1);
	}
	left = 3;
	assert_int_equal(table_write(&t, 0, stop, &left), 0);
	for (n = 0; n < 6; n++) {
		left = n;
		assert_int_equal(table_write(&t, 17, stop, &left), -1);
	}
	table_free(&t);
}

/* As many rows as make the array grow. */
static void
test_rows(void **state)
{
	static const struct table_column one[] = {{.title = "N"}};
	char text[16];
	struct table t;
	struct buf out;
	size_t i;

	(void)state;
	table_init(&t, one, 1);
	for (i = 0; i < 1000; i++) {
		(void)snprintf(text, sizeof(text), "%03zu", i);
		ADD(&t, text);
	}
	assert_int_equal(t.rows, 1000);
	buf_init(&out, 1 << 16);
	assert_int_equal(table_write(&t, 80, on_line, &out), 0);
	assert_int_equal(out.len, 2 + 1000 * 4);
	assert_memory_equal(out.data + 2 + 999 * 4, "999\n", 4);
	buf_free(&out);
	table_free(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_for_program),
	    cmocka_unit_test(test_cut),
	    cmocka_unit_test(test_widths),
	    cmocka_unit_test(test_folded),
	    cmocka_unit_test(test_block),
	    cmocka_unit_test(test_empty),
	    cmocka_unit_test(test_wrap),
	    cmocka_unit_test(test_wrap_wide),
	    cmocka_unit_test(test_cleaned),
	    cmocka_unit_test(test_text_width),
	    cmocka_unit_test(test_characters),
	    cmocka_unit_test(test_break),
	    cmocka_unit_test(test_long),
	    cmocka_unit_test(test_stopped),
	    cmocka_unit_test(test_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
