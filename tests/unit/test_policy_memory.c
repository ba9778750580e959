/* SPDX-License-Identifier: ISC */
/*
 * Without memory nothing is decided: no policy, no options, no tags and no
 * lines come of it, and it is told apart from a bad document.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "policy/document.h"
#include "policy/tags.h"
#include "policy_fixture.h"
#include "starved.h"

#define MOST 2000 /* requests of one call, far more than there are */
#define FP "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

static const char options_text[] =
    "restrict,pty,command=\"a\",from=\"10.0.0.0/8,b\",environment=\"A=b\","
    "permitopen=\"h:1\",permitlisten=\"2\",cert-authority,principals=\"a\"";

static void
test_options(void **state)
{
	enum options_result r;
	struct options o, none;
	int n;

	(void)state;
	options_init(&none);
	for (n = 1; n < MOST; n++) {
		left = n;
		r = options_parse(&o, options_text, strlen(options_text), NULL);
		if (left != 0)
			break;
		left = -1;
		assert_int_equal(r, OPTIONS_NO_MEMORY);
		assert_true(options_equal(&o, &none));
	}
	left = -1;
	assert_int_equal(r, OPTIONS_OK);
	assert_true(n > 8);
	options_free(&o);
}

static void
test_merge(void **state)
{
	enum options_clash r;
	struct options a, out, none;
	struct from f = {0};
	int n;

	(void)state;
	options_init(&none);
	assert_int_equal(
	    options_parse(&a, options_text, strlen(options_text), NULL),
	    OPTIONS_OK);
	assert_int_equal(from_add(&f, "b", 1, NULL), FROM_OK);
	for (n = 1; n < MOST; n++) {
		options_init(&out);
		left = n;
		r = options_merge_stricter(&out, &a, &a);
		if (left != 0)
			break;
		left = -1;
		assert_int_equal(r, OPTIONS_CLASH_INTERNAL);
		assert_true(options_equal(&out, &none));
	}
	left = -1;
	assert_int_equal(r, OPTIONS_MERGED);
	assert_true(n > 8);
	for (n = 1; n < MOST; n++) {
		left = n;
		r = options_add_from(&out, &f);
		if (left != 0)
			break;
		left = -1;
		assert_int_equal(r, OPTIONS_CLASH_INTERNAL);
		assert_true(options_equal(&out, &a));
	}
	left = -1;
	assert_int_equal(r, OPTIONS_MERGED);
	assert_int_equal(out.from.n, 1);
	options_free(&a);
	options_free(&out);
	from_free(&f);
}

static void
test_tags(void **state)
{
	static const char *const v[] = {"user:a", "user:b", "from:10.0.0.0/8",
	    "from:a,b", "expires:2026-12-31"};
	enum tags_refusal r;
	struct tags t, more;
	int n;

	(void)state;
	for (n = 1; n < MOST; n++) {
		left = n;
		r = tags_read(&t, v, 5, NULL);
		if (left != 0)
			break;
		left = -1;
		assert_int_equal(r, TAGS_INTERNAL);
		assert_false(tags_let_in(&t, "a"));
	}
	assert_int_equal(r, TAGS_OK);
	left = -1;
	for (n = 1; n < MOST; n++) {
		assert_int_equal(tags_read(&more, v, 5, NULL), TAGS_OK);
		left = n;
		r = tags_narrow(&more, &t);
		if (left != 0)
			break;
		left = -1;
		assert_int_equal(r, TAGS_INTERNAL);
		assert_false(tags_let_in(&more, "a"));
		tags_free(&more);
	}
	left = -1;
	assert_int_equal(r, TAGS_OK);
	tags_free(&t);
	tags_free(&more);
}

static const char document[] =
    "{\"version\":1,\"keys\":{\"deny\":[\"" FP "\"],\"types\":[\"ssh-rsa\"]},"
    "\"users\":{\"a\":{\"owners\":[\"x\",\"y\"],\"tags\":[\"t\"],"
    "\"options\":\"command=\\\"a\\\"\"},\"*\":{}},"
    "\"groups\":{\"w\":{\"roles\":[\"r\"],\"sources\":[\"device\"]}}}";

static void
test_document(void **state)
{
	enum policy_result r;
	struct error err;
	struct policy p;
	int n;

	(void)state;
	/* jansson's own calls, which no wrapper sees. */
	json_set_alloc_funcs(__wrap_malloc, free);
	for (n = 1; n < MOST; n++) {
		left = n;
		r = policy_parse(&p, document, strlen(document), &err);
		if (left != 0)
			break;
		left = -1;
		/* jansson's lexer calls it a syntax error. */
		if (r != POLICY_NO_MEMORY)
			fail_msg("request %d: %s", n, err.text);
		assert_int_equal(p.users.n, 0);
		assert_int_equal(p.keys.ndeny, 0);
	}
	left = -1;
	assert_int_equal(r, POLICY_OK);
	assert_true(n > 40);
	policy_free(&p);
}

/* Keys, members and rules that make compile() take every way it has. */
static void
make_world(struct world *w)
{
	struct keyrec *rec;

	world_standard(w);
	rec = world_key(w, SOURCE_DEVICE, KEY_SKED, ALICE);
	world_tag(w, rec, "user:alice");
	world_tag(w, rec, "from:10.0.0.0/8");
	rec = world_key(w, SOURCE_PROJECT, KEY_SKED, BOB);
	world_tag(w, rec, "user:alice");
	world_tag(w, rec, "user:bob");
	world_tag(w, rec, "from:10.1.0.0/16");
	world_tag(w, rec, "expires:2028-01-01");
	world_tag(w, world_key(w, SOURCE_DEVICE, KEY_RSA4096, CAROL), "from:");
	world_merge(w);
}

/* What came out, without a request for memory. */
struct count {
	size_t lines, refused;
};

static int
count_line(void *ctx, const struct compile_line *line)
{
	struct count *c = ctx;

	assert_true(line->len > 0);
	c->lines++;
	return 0;
}

static int
count_refused(void *ctx, const struct merged_key *key, const struct ruling *why)
{
	struct count *c = ctx;

	(void)key;
	/* No key is refused for want of memory. */
	assert_string_not_equal(
	    verdict_code(why->verdict, why->detail), "internal");
	c->refused++;
	return 0;
}

/* Each request fails once, and each time all of it does. */
static void
check_compile(const struct judge_input *in, int least)
{
	struct count c, want = {0, 0};
	struct compile_out out = {&want, count_line, count_refused};
	int n, r = -1;

	assert_int_equal(compile(in, &out), 0);
	assert_true(want.lines > 2 && want.refused > 0);
	out.ctx = &c;
	for (n = 1; n < MOST; n++) {
		c = (struct count){0, 0};
		left = n;
		r = compile(in, &out);
		if (left != 0)
			break;
		left = -1;
		if (r != -1)
			fail_msg("request %d", n);
	}
	left = -1;
	assert_int_equal(r, 0);
	assert_true(n > least && n < MOST);
	assert_int_equal(c.lines, want.lines);
	assert_int_equal(c.refused, want.refused);
}

static void
test_compile(void **state)
{
	static const char file[] =
	    "'users':{'*':{'owners':['%u@example.com','b0b']},"
	    "'alice':{'roles':['admin','collaborator'],"
	    "'options':'restrict,command=\\\"x\\\",environment=\\\"A=b\\\","
	    "permitopen=\\\"h:1\\\",permitlisten=\\\"2\\\",from=\\\"10.*\\\"'}}"
	    ","
	    "'groups':{'g':{'owners':['%u']}}";
	static const char fleet[] =
	    "'users':{'*':{'options':'no-pty'},'alice':{'options':"
	    "'permitopen=\\\"*:1\\\",environment=\\\"C=d\\\"'}},"
	    "'groups':{'h':{'owners':['%u@example.com']}}";
	struct world w;

	(void)state;
	make_world(&w);
	check_compile(&w.in, 5);
	world_doc(&w, GRANT_FILE, file);
	check_compile(&w.in, 30);
	world_doc(&w, GRANT_FLEET, fleet);
	check_compile(&w.in, 60);
	world_free(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_options),
	    cmocka_unit_test(test_merge),
	    cmocka_unit_test(test_tags),
	    cmocka_unit_test(test_document),
	    cmocka_unit_test(test_compile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
