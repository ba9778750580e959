/* SPDX-License-Identifier: ISC */
/* The options of a line: the rules', each other's, the tags'. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "judge_fixture.h"

#define EIGHT "20270115080000" /* NOW, in UTC */
#define HOUR (3600 * SECOND)
#define OPT(text) "'users':{'a':{'options':'" text "'}}"

/* What came of the rules that the documents have for the account a. */
struct outcome {
	struct ruling r;
	char text[LIMIT_OPTIONS + 64];
	bool authority, failed;
};

static void
options_of(struct world *w, struct outcome *got)
{
	const struct judge_rule *rules[GRANT_ORIGINS];
	struct court t;
	struct buf b;
	unsigned o;

	court_open(&t, w, KEY_ED);
	for (o = 0; o < GRANT_ORIGINS; o++)
		rules[o] = judge_user_rule(&t.j, o, "a");
	buf_init(&b, LIMIT_LINE);
	assert_int_equal(buf_puts(&b, "x"), 0);
	got->r =
	    judge_options(&t.j, rules, &t.c, &b, &got->authority, &got->failed);
	assert_false(got->failed);
	assert_int_equal(buf_putc(&b, '\0'), 0);
	assert_int_equal(b.data[0], 'x');
	assert_true(b.len < sizeof(got->text));
	memcpy(got->text, b.data + 1, b.len - 1);
	buf_free(&b);
	court_close(&t);
}

/* With at most two documents and one tag. */
static void
check(const char *file, const char *fleet, const char *tag, const char *want,
    int64_t until_ms)
{
	struct outcome got;
	struct keyrec *rec;
	struct world w;

	world_init(&w);
	rec = world_key(&w, SOURCE_DEVICE, KEY_ED, "");
	if (tag != NULL)
		world_tag(&w, rec, tag);
	if (file != NULL)
		world_doc(&w, GRANT_FILE, file);
	if (fleet != NULL)
		world_doc(&w, GRANT_FLEET, fleet);
	options_of(&w, &got);
	assert_string_equal(
	    verdict_code(got.r.verdict, got.r.detail), "allowed");
	assert_string_equal(got.text, want);
	assert_true(got.r.until_ms == until_ms);
	assert_int_equal(got.authority, strstr(want, "cert-authority") != NULL);
	world_free(&w);
}

static void
check_refused(
    const char *file, const char *fleet, const char *tag, const char *code)
{
	struct outcome got;
	struct keyrec *rec;
	struct world w;

	world_init(&w);
	rec = world_key(&w, SOURCE_DEVICE, KEY_ED, "");
	if (tag != NULL)
		world_tag(&w, rec, tag);
	world_doc(&w, GRANT_FILE, file);
	if (fleet != NULL)
		world_doc(&w, GRANT_FLEET, fleet);
	options_of(&w, &got);
	assert_string_equal(verdict_code(got.r.verdict, got.r.detail), code);
	assert_string_equal(got.text, "");
	world_free(&w);
}

static void
test_one_rule(void **state)
{
	static const char all[] =
	    "restrict,pty,cert-authority,principals=\"p,q\","
	    "verify-required,no-touch-required,from=\"10.0.0.0/8,!10.1.0.0/"
	    "16\","
	    "command=\"say \\\"hi\\\"\",environment=\"A=b c\","
	    "permitopen=\"h:1\",permitlisten=\"*:2\",tunnel=\"3\"";
	char inside[1024] = "'users':{'a':{'options':'";
	size_t i, n = strlen(inside);

	(void)state;
	check(OPT("restrict"), NULL, NULL, "restrict", INT64_MAX);
	check(NULL, OPT("no-pty"), NULL, "no-pty", INT64_MAX);
	check("'users':{'a':{}}", NULL, NULL, "", INT64_MAX);
	check(NULL, NULL, NULL, "", INT64_MAX);
	for (i = 0; all[i] != '\0'; i++) {
		if (all[i] == '"' || all[i] == '\\')
			inside[n++] = '\\';
		inside[n++] = all[i];
	}
	(void)snprintf(inside + n, sizeof(inside) - n, "'}}");
	check(inside, NULL, NULL, all, INT64_MAX);
	check(NULL, inside, NULL, all, INT64_MAX);
	check(inside, inside, NULL, all, INT64_MAX);
}

static void
test_two_rules(void **state)
{
	(void)state;
	check(OPT("no-pty"), OPT("command=\\\"x\\\""), NULL,
	    "no-pty,command=\"x\"", INT64_MAX);
	check(OPT("from=\\\"10.0.0.0/8\\\""), OPT("from=\\\"10.1.0.0/16\\\""),
	    NULL, "from=\"10.1.0.0/16\"", INT64_MAX);
	check_refused(OPT("command=\\\"x\\\""), OPT("command=\\\"y\\\""), NULL,
	    "command-conflict");
	check_refused(OPT("from=\\\"10.0.0.0/8\\\""),
	    OPT("from=\\\"11.0.0.0/8\\\""), NULL, "from-disjoint");
	check_refused(OPT("from=\\\"10.0.0.0/8\\\""),
	    OPT("from=\\\"*.example.com\\\""), NULL, "from-unclear");
	check_refused(OPT("cert-authority"), OPT("no-pty"), NULL,
	    "cert-authority-conflict");
	check_refused(OPT("tunnel=\\\"1\\\""), OPT("tunnel=\\\"2\\\""), NULL,
	    "tunnel-conflict");
	check_refused(OPT("environment=\\\"A=1\\\""),
	    OPT("environment=\\\"A=2\\\""), NULL, "environment-conflict");
	check_refused(OPT("cert-authority,principals=\\\"a\\\""),
	    OPT("cert-authority"), NULL, "principals-conflict");
}

static void
test_tag_from(void **state)
{
	(void)state;
	check("'users':{'a':{}}", NULL, "from:10.0.0.0/8",
	    "from=\"10.0.0.0/8\"", INT64_MAX);
	check(OPT("from=\\\"10.0.0.0/8,1.2.3.4\\\",no-pty"), NULL,
	    "from:10.1.0.0/16", "no-pty,from=\"10.1.0.0/16\"", INT64_MAX);
	check_refused(OPT("from=\\\"10.0.0.0/8\\\""), NULL, "from:1.2.3.4",
	    "from-disjoint");
	check_refused(OPT("from=\\\"*.example.com\\\""), NULL, "from:1.2.3.4",
	    "from-unclear");
	check_refused(OPT("from=\\\"10.0.0.0/8\\\""),
	    OPT("from=\\\"10.1.0.0/16\\\""), "from:10.2.0.0/16",
	    "from-disjoint");
}

/* UTC where nothing makes it local; it holds to the end of that second. */
static void
test_expiry(void **state)
{
	(void)state;
	check("'users':{'a':{}}", NULL, "expires:2027-02-01T00:00:00Z",
	    "expiry-time=\"20270201000000Z\"", INT64_C(1801440001000));
	check(OPT("expiry-time=\\\"20270301Z\\\""), NULL, "expires:2027-02-01",
	    "expiry-time=\"20270201000000Z\"", INT64_C(1801440001000));
	check(OPT("expiry-time=\\\"20270201Z\\\""), NULL, "expires:2027-03-01",
	    "expiry-time=\"20270201000000Z\"", INT64_C(1801440001000));
	check(OPT("expiry-time=\\\"20270301Z\\\""),
	    OPT("expiry-time=\\\"20270201Z\\\""), NULL,
	    "expiry-time=\"20270201000000Z\"", INT64_C(1801440001000));
	/* Which of two kinds is the earlier only sshd can tell. */
	check(OPT("expiry-time=\\\"20270301\\\""), NULL, "expires:2027-02-01",
	    "expiry-time=\"20270201000000Z\","
	    "expiry-time=\"20270301000000\"",
	    INT64_C(1801440001000));
	check(OPT("expiry-time=\\\"20270301\\\""), NULL, NULL,
	    "expiry-time=\"20270301000000\"", INT64_MAX);
	check(OPT("expiry-time=\\\"" EIGHT "Z\\\""), NULL, NULL,
	    "expiry-time=\"" EIGHT "Z\"", NOW + SECOND);
	check_refused(OPT("expiry-time=\\\"20270115075959Z\\\""), NULL, NULL,
	    "options-expired");
}

/* Five hours west of Greenwich, so that the clock there says three. */
static int64_t
west(int64_t utc_ms)
{
	return utc_ms - 5 * HOUR;
}

static int64_t
east(int64_t utc_ms)
{
	return utc_ms + 5 * HOUR;
}

static void
check_local(int64_t (*to_local)(int64_t), const char *options, const char *tag,
    const char *code, const char *want, int64_t until_ms)
{
	char inside[256];
	struct outcome got;
	struct keyrec *rec;
	struct world w;

	world_init(&w);
	rec = world_key(&w, SOURCE_DEVICE, KEY_ED, "");
	if (tag != NULL)
		world_tag(&w, rec, tag);
	w.in.to_local = to_local;
	(void)snprintf(inside, sizeof(inside),
	    "'users':{'a':{'options':'no-pty%s'}}", options);
	world_doc(&w, GRANT_FILE, inside);
	options_of(&w, &got);
	assert_string_equal(verdict_code(got.r.verdict, got.r.detail), code);
	assert_string_equal(got.text, want);
	if (got.r.verdict == VERDICT_ALLOWED)
		assert_true(got.r.until_ms == until_ms);
	world_free(&w);
}

/* One date without Z, the earlier of the two kinds. */
static void
test_expiry_local(void **state)
{
	const int64_t feb = INT64_C(1801440001000);

	(void)state;
	check_local(west, "", "expires:2027-02-01", "allowed",
	    "no-pty,expiry-time=\"20270131190000\"", feb);
	check_local(east, "", "expires:2027-02-01", "allowed",
	    "no-pty,expiry-time=\"20270201050000\"", feb);
	check_local(west, ",expiry-time=\\\"20270201Z\\\"", NULL, "allowed",
	    "no-pty,expiry-time=\"20270131190000\"", feb);
	check_local(west, ",expiry-time=\\\"20270131\\\"", "expires:2027-02-01",
	    "allowed", "no-pty,expiry-time=\"20270131000000\"", feb);
	check_local(west, ",expiry-time=\\\"20270201\\\"", "expires:2027-02-01",
	    "allowed", "no-pty,expiry-time=\"20270131190000\"", feb);
	check_local(west, "", NULL, "allowed", "no-pty", INT64_MAX);
	/* A local date past or not by the clock there. */
	check_local(west, ",expiry-time=\\\"20270115030000\\\"", NULL,
	    "allowed", "no-pty,expiry-time=\"20270115030000\"", INT64_MAX);
	check_local(west, ",expiry-time=\\\"20270115025959\\\"", NULL,
	    "options-expired", "", 0);
	check_local(east, ",expiry-time=\\\"20270115130000\\\"", NULL,
	    "allowed", "no-pty,expiry-time=\"20270115130000\"", INT64_MAX);
	check_local(east, ",expiry-time=\\\"20270115125959\\\"", NULL,
	    "options-expired", "", 0);
	check_local(
	    east, "", "expires:2027-01-15T07:59:59Z", "options-expired", "", 0);
}

/* A date behind options that are as long as may be. */
static void
test_longest(void **state)
{
	char inside[LIMIT_OPTIONS + 128], want[LIMIT_OPTIONS + 64];
	size_t n = LIMIT_OPTIONS - strlen("command=\"\"");

	(void)state;
	memset(want, 'x', sizeof(want));
	memcpy(want, "command=\"", 9);
	(void)snprintf(want + 9 + n, 2, "\"");
	assert_int_equal(strlen(want), LIMIT_OPTIONS);
	(void)snprintf(inside, sizeof(inside),
	    "'users':{'a':{'options':'command=\\\"%.*s\\\"'}}", (int)n,
	    want + 9);
	check(inside, NULL, NULL, want, INT64_MAX);
	check_refused(inside, NULL, "from:10.0.0.0/8", "options-too-long");
	check_refused(inside, OPT("no-pty"), NULL, "options-too-long");
	/* sshd takes a line that is a little longer, and so do we. */
	memmove(want + 30, want, LIMIT_OPTIONS + 1);
	memcpy(want, "expiry-time=\"20270201000000Z\",", 30);
	check(inside, NULL, "expires:2027-02-01", want, INT64_C(1801440001000));
}

static void
test_copy(void **state)
{
	static const char *const texts[] = {"", "restrict", "no-pty",
	    "restrict,pty,cert-authority,principals=\"p,q\",verify-required,"
	    "no-touch-required,from=\"10.0.0.0/8,!h*\",command=\"x\","
	    "environment=\"A=b\",environment=\"B=\",permitopen=\"h:1\","
	    "permitopen=\"i:2\",permitlisten=\"3\",tunnel=\"any\"",
	    "expiry-time=\"20270201Z\"", "expiry-time=\"20270201\"",
	    "tunnel=\"0\""};
	struct options o, copy;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_int_equal(
		    options_parse(&o, texts[i], strlen(texts[i]), NULL),
		    OPTIONS_OK);
		memset(&copy, 0x5a, sizeof(copy));
		assert_int_equal(options_copy(&copy, &o), 0);
		assert_true(options_equal(&copy, &o));
		/* It owns what it holds. */
		if (o.command != NULL)
			o.command[0] = 'y';
		if (o.permitopen.n != 0)
			o.permitopen.v[0][0] = 'y';
		assert_int_equal(options_equal(&copy, &o),
		    o.command == NULL && o.permitopen.n == 0);
		options_free(&o);
		options_free(&copy);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_one_rule),
	    cmocka_unit_test(test_two_rules),
	    cmocka_unit_test(test_tag_from),
	    cmocka_unit_test(test_expiry),
	    cmocka_unit_test(test_expiry_local),
	    cmocka_unit_test(test_longest),
	    cmocka_unit_test(test_copy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
