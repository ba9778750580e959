/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "policy/options.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static char built[1 << 16];

static const char *
text_of(const struct options *o)
{
	struct buf b;

	buf_init(&b, sizeof(built) - 1);
	assert_int_equal(options_build(o, &b), 0);
	memset(built, 0, sizeof(built));
	if (b.len != 0)
		memcpy(built, b.data, b.len);
	buf_free(&b);
	return built;
}

static void
parse(struct options *o, const char *text)
{
	struct error err = {""};
	enum options_result r = options_parse(o, text, strlen(text), &err);

	if (r != OPTIONS_OK)
		fail_msg("%s: %s", text, err.text);
}

/* What is written for each; NULL: the same. */
static const char *const good[][2] = {
    {"", NULL},
    {"restrict", NULL},
    {"RESTRICT,Pty", "restrict,pty"},
    {"restrict,pty,agent-forwarding", "restrict,agent-forwarding,pty"},
    /* sshd: restrict takes back what stands before it. */
    {"pty,restrict", "restrict"},
    {"restrict,no-pty", "restrict"},
    {"no-pty", NULL},
    {"pty", ""},
    {"no-agent-forwarding,no-port-forwarding,no-pty,no-user-rc,"
     "no-X11-forwarding",
	NULL},
    {"agent-forwarding,port-forwarding,pty,user-rc,X11-forwarding", ""},
    {"restrict,agent-forwarding,port-forwarding,pty,user-rc,"
     "x11-forwarding",
	"restrict,agent-forwarding,port-forwarding,pty,user-rc,"
	"X11-forwarding"},
    {"no-x11-FORWARDING", "no-X11-forwarding"},
    {"verify-required,no-touch-required", NULL},
    {"cert-authority", NULL},
    {"principals=\"a,b\",cert-authority", "cert-authority,principals=\"a,b\""},
    {"command=\"/bin/sh -c 'a, b'\"", NULL},
    {"command=\"say \\\"hi\\\"\"", NULL},
    {"COMMAND=\"a\\b\\\\c\"", "command=\"a\\b\\\\c\""},
    {"command=\"a=b,no-pty\"", NULL},
    {"command=\"\xc3\xa9\"", NULL},
    {"from=\"10.0.0.0/8,!10.0.0.1/32,*.Example.com\"",
	"from=\"10.0.0.0/8,!10.0.0.1,*.example.com\""},
    {"expiry-time=\"20261231\"", "expiry-time=\"20261231000000\""},
    {"expiry-time=\"20261231Z\"", "expiry-time=\"20261231000000Z\""},
    {"expiry-time=\"202612312359Z\"", "expiry-time=\"20261231235900Z\""},
    {"expiry-time=\"20240229235958\"", NULL},
    {"expiry-time=\"20271231Z\",expiry-time=\"20261231Z\","
     "expiry-time=\"20281231Z\"",
	"expiry-time=\"20261231000000Z\""},
    /* Without the zone nobody can tell which is the earlier. */
    {"expiry-time=\"20261231\",expiry-time=\"20261231Z\"",
	"expiry-time=\"20261231000000Z\",expiry-time=\"20261231000000\""},
    {"environment=\"A=b\",environment=\"B_1=\"", NULL},
    {"environment=\"A==\",environment=\"AA=1\"", NULL},
    {"permitopen=\"h:80\",permitopen=\"[::1]:*\",permitopen=\"*:1\"", NULL},
    {"permitlisten=\"8080\"", "permitlisten=\"*:8080\""},
    {"permitlisten=\"*\"", "permitlisten=\"*:*\""},
    {"permitlisten=\"localhost:65535\"", NULL},
    {"tunnel=\"0\"", NULL},
    {"tunnel=\"ANY\"", "tunnel=\"any\""},
    {"tunnel=\"2147483645\"", NULL},
};

static void
test_good(void **state)
{
	struct options o, again;
	const char *want;
	char first[LIMIT_OPTIONS + 1];
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(good); i++) {
		parse(&o, good[i][0]);
		want = good[i][1] == NULL ? good[i][0] : good[i][1];
		assert_string_equal(text_of(&o), want);
		(void)snprintf(first, sizeof(first), "%s", text_of(&o));
		parse(&again, first);
		assert_true(options_equal(&o, &again));
		assert_string_equal(text_of(&again), first);
		options_free(&o);
		options_free(&again);
	}
}

/* What is understood of it, not only what is written. */
static void
test_fields(void **state)
{
	struct options o;

	(void)state;
	parse(&o,
	    "restrict,pty,command=\"a \\\"b\\\" \\c\",tunnel=\"7\","
	    "environment=\"A=b\",permitopen=\"h:1\",permitlisten=\"2\","
	    "expiry-time=\"19710101Z\",expiry-time=\"197101010001\"");
	assert_true(o.restricted);
	assert_false(o.denied[OPTIONS_PTY]);
	assert_true(o.denied[OPTIONS_AGENT]);
	assert_true(o.denied[OPTIONS_PORT]);
	assert_true(o.denied[OPTIONS_USER_RC]);
	assert_true(o.denied[OPTIONS_X11]);
	assert_string_equal(o.command, "a \"b\" \\c");
	assert_int_equal(o.tunnel, 7);
	assert_string_equal(o.environment.v[0], "A=b");
	assert_string_equal(o.permitopen.v[0], "h:1");
	assert_string_equal(o.permitlisten.v[0], "*:2");
	assert_true(o.expiry_utc_ms == INT64_C(31536000000));
	assert_true(o.expiry_local_ms == INT64_C(31536060000));
	assert_false(options_for_every_fingerprint(&o));
	options_free(&o);
	assert_false(o.restricted);
	assert_null(o.command);
	parse(&o, "cert-authority");
	assert_true(options_for_every_fingerprint(&o));
	options_free(&o);
}

static const char *const bad[][2] = {
    {"ristrict",
	"character 1: ristrict: unknown option; did you mean "
	"restrict?"},
    {"no-pty,onwer", "character 8: onwer: unknown option"},
    {"fron=\"a\"", "did you mean from?"},
    {"no-ptyy", "did you mean no-pty?"},
    {"no-restrict", "unknown option"},
    {"no-command", "unknown option"},
    {"no-cert-authority", "unknown option"},
    {"touch-required", "touch-required: unknown option"},
    {"ptyx", "character 1: ptyx: unknown option"},
    {",", "character 1: an option must stand here"},
    {",pty", "character 1: an option"},
    {"pty,", "character 5: an option"},
    {"pty,,user-rc", "character 5: an option"},
    {" pty", "character 1: an option"},
    {"pty ", "character 1: pty: a comma must follow"},
    {"pty, user-rc", "character 5: an option"},
    {"pty\nuser-rc", "a comma must follow"},
    {"restrict ssh-ed25519 AAAA", "a comma must follow"},
    {"pty=\"yes\"", "pty: takes no value"},
    {"restrict=\"\"", "takes no value"},
    {"pty,pty", "character 5: pty: stands there twice"},
    {"pty,no-pty",
	"character 5: no-pty: stands there twice, or with its "
	"opposite"},
    {"restrict,Restrict", "twice"},
    {"cert-authority,cert-authority", "twice"},
    {"command=\"a\",command=\"a\"",
	"character 13: command: stands there "
	"twice"},
    {"from=\"a\",from=\"b\"", "from: stands there twice"},
    {"tunnel=\"1\",tunnel=\"1\"", "tunnel: stands there twice"},
    {"cert-authority,principals=\"a\",principals=\"b\"", "twice"},
    {"environment=\"A=1\",environment=\"A=2\"", "A stands there twice"},
    {"permitopen=\"h:1\",permitopen=\"h:1\"", "twice"},
    {"permitlisten=\"1\",permitlisten=\"*:1\"", "twice"},
    {"command", "command: needs = and a value in double quotes"},
    {"command=", "needs a value in double quotes"},
    {"command=ls", "needs a value in double quotes"},
    {"command='ls'", "needs a value in double quotes"},
    {"command=\"ls", "the closing quote is missing"},
    {"command=\"ls\\\"", "the closing quote is missing"},
    {"command=\"", "the closing quote is missing"},
    {"command=\"\"", "the value is empty"},
    {"command=\"ls\"x", "a comma must follow"},
    {"command=\"ls\"\"x\"", "a comma must follow"},
    {"command=\"a\nb\"", "a control character"},
    {"command=\"a\tb\"", "a control character"},
    {"command=\"a\rb\"", "a control character"},
    {"command=\"a\x7f\"", "a control character"},
    {"command=\"a\xff\"", "no UTF-8"},
    {"command=\"a\xe2\x80\xae\"", "a control character"},
    {"from=\"\"", "from: the value is empty"},
    {"from=\"10.0.0.1/8\"", "character 1: from: 10.0.0.1/8 is no network"},
    {"from=\"!a\"", "nobody could log in"},
    {"principals=\"a\"", "principals: stands only with cert-authority"},
    {"cert-authority,principals=\"a,\"", "an entry is empty"},
    {"cert-authority,principals=\",a\"", "an entry is empty"},
    {"cert-authority,principals=\"a,,b\"", "an entry is empty"},
    {"cert-authority,principals=\",\"", "an entry is empty"},
    {"cert-authority,principals=\"a, b\"", "a blank"},
    {"environment=\"A\"", "needs NAME=value"},
    {"environment=\"=a\"", "needs NAME=value"},
    {"environment=\"A-B=a\"", "needs NAME=value"},
    {"environment=\"A B=a\"", "needs NAME=value"},
    {"expiry-time=\"2026\"", "needs a date that exists"},
    {"expiry-time=\"20261301\"", "needs a date"},
    {"expiry-time=\"20260230\"", "needs a date"},
    {"expiry-time=\"20250229\"", "needs a date"},
    {"expiry-time=\"21000229\"", "needs a date"},
    {"expiry-time=\"20260431\"", "needs a date"},
    {"expiry-time=\"20260001\"", "needs a date"},
    {"expiry-time=\"20260100\"", "needs a date"},
    {"expiry-time=\"202601012400\"", "needs a date"},
    {"expiry-time=\"202601010060\"", "needs a date"},
    {"expiry-time=\"20260101000060\"", "needs a date"},
    {"expiry-time=\"2026010100\"", "needs a date"},
    {"expiry-time=\"20260101z\"", "needs a date"},
    {"expiry-time=\"20260101ZZ\"", "needs a date"},
    {"expiry-time=\"2026-01-01\"", "needs a date"},
    {"expiry-time=\"Z\"", "needs a date"},
    {"expiry-time=\"2026 101\"", "needs a date"},
    {"expiry-time=\"19700101Z\"", "needs a date"},
    {"permitopen=\"80\"", "needs host:port"},
    {"permitopen=\"h\"", "needs host:port"},
    {"permitopen=\":80\"", "needs host:port"},
    {"permitopen=\"::1:80\"", "needs host:port"},
    {"permitopen=\"[::1:80\"", "needs host:port"},
    {"permitopen=\"[]:80\"", "needs host:port"},
    {"permitopen=\"[1.2.3.4]:80\"", "needs host:port"},
    {"permitopen=\"[::1]80\"", "needs host:port"},
    {"permitopen=\"*.com:80\"", "needs host:port"},
    {"permitopen=\"a b:80\"", "needs host:port"},
    {"permitopen=\"none\"", "needs host:port"},
    {"permitopen=\"h:0\"", "needs a port from 1 to 65535 or *"},
    {"permitopen=\"h:65536\"", "needs a port"},
    {"permitopen=\"h:\"", "needs a port"},
    {"permitopen=\"h:http\"", "needs a port"},
    {"permitopen=\"h:080\"", "needs a port"},
    {"permitopen=\"h:99999999999999999999\"", "needs a port"},
    {"permitlisten=\"x\"", "needs a port"},
    {"tunnel=\"-1\"", "needs the number of a device or any"},
    {"tunnel=\"2147483646\"", "needs the number"},
    {"tunnel=\"01\"", "needs the number"},
    {"tunnel=\"tun0\"", "needs the number"},
    {"tunnel=\"anyone\"", "needs the number"},
};

static void
test_bad(void **state)
{
	struct options o, none;
	struct error err;
	size_t i;

	(void)state;
	options_init(&none);
	for (i = 0; i < COUNT(bad); i++) {
		memset(&o, 'x', sizeof(o));
		err.text[0] = '\0';
		if (options_parse(&o, bad[i][0], strlen(bad[i][0]), &err) !=
		    OPTIONS_BAD)
			fail_msg("taken: %s", bad[i][0]);
		if (strstr(err.text, bad[i][1]) == NULL)
			fail_msg("%s: %s", bad[i][0], err.text);
		assert_true(options_equal(&o, &none));
	}
	assert_int_equal(options_parse(&o, "pty\0", 4, &err), OPTIONS_BAD);
	assert_int_equal(
	    options_parse(&o, "command=\"a\0b\"", 13, &err), OPTIONS_BAD);
	assert_int_equal(
	    options_parse(&o, "permitopen=\"h\0:1\"", 17, &err), OPTIONS_BAD);
}

static void
test_length(void **state)
{
	char text[LIMIT_OPTIONS + 8];
	struct options o;
	struct error err;
	size_t i, n;

	(void)state;
	memset(text, 'a', sizeof(text));
	memcpy(text, "command=\"", 9);
	text[LIMIT_OPTIONS - 1] = '"';
	assert_int_equal(
	    options_parse(&o, text, LIMIT_OPTIONS, &err), OPTIONS_OK);
	assert_int_equal(strlen(text_of(&o)), LIMIT_OPTIONS);
	options_free(&o);
	text[LIMIT_OPTIONS - 1] = 'a';
	text[LIMIT_OPTIONS] = '"';
	assert_int_equal(
	    options_parse(&o, text, LIMIT_OPTIONS + 1, &err), OPTIONS_BAD);
	assert_non_null(strstr(err.text, "longer than 4096"));
	/* Short enough as read, too long as written. */
	for (i = 0, n = 0; n + 24 < LIMIT_OPTIONS; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n,
		    "%spermitlisten=\"%zu\"", i == 0 ? "" : ",", i + 1);
	assert_int_equal(options_parse(&o, text, n, &err), OPTIONS_BAD);
	assert_non_null(strstr(err.text, "when written out"));
	/* A long unknown name leaves room for the reason. */
	memset(text, 'a', sizeof(text));
	assert_int_equal(
	    options_parse(&o, text, LIMIT_OPTIONS, &err), OPTIONS_BAD);
	assert_non_null(strstr(err.text, "unknown option"));
}

static void
test_build_full(void **state)
{
	struct options o;
	struct buf b;

	(void)state;
	parse(&o, "command=\"a\"");
	buf_init(&b, 14);
	assert_int_equal(buf_puts(&b, "1234"), 0);
	assert_int_equal(options_build(&o, &b), -1);
	assert_int_equal(b.len, 4);
	buf_free(&b);
	buf_init(&b, 15);
	assert_int_equal(buf_puts(&b, "1234"), 0);
	assert_int_equal(options_build(&o, &b), 0);
	assert_memory_equal(b.data, "1234command=\"a\"", 15);
	buf_free(&b);
	options_free(&o);
}

static const struct {
	const char *a, *b, *want;
	enum options_clash why;
} merges[] = {
    {"", "", "", OPTIONS_MERGED},
    {"restrict", "", "restrict", OPTIONS_MERGED},
    {"restrict,pty", "", "restrict,pty", OPTIONS_MERGED},
    {"restrict,pty", "restrict", "restrict", OPTIONS_MERGED},
    {"restrict,pty", "no-pty", "restrict", OPTIONS_MERGED},
    {"no-pty", "no-user-rc", "no-pty,no-user-rc", OPTIONS_MERGED},
    {"pty", "no-pty", "no-pty", OPTIONS_MERGED},
    {"verify-required", "", "verify-required", OPTIONS_MERGED},
    {"no-touch-required", "", "", OPTIONS_MERGED},
    {"no-touch-required", "no-touch-required", "no-touch-required",
	OPTIONS_MERGED},
    {"command=\"a\"", "", "command=\"a\"", OPTIONS_MERGED},
    {"command=\"a\"", "command=\"a\"", "command=\"a\"", OPTIONS_MERGED},
    {"command=\"a\"", "command=\"b\"", NULL, OPTIONS_CLASH_COMMAND},
    {"tunnel=\"1\"", "", "tunnel=\"1\"", OPTIONS_MERGED},
    {"tunnel=\"1\"", "tunnel=\"any\"", "tunnel=\"1\"", OPTIONS_MERGED},
    {"tunnel=\"any\"", "", "tunnel=\"any\"", OPTIONS_MERGED},
    {"tunnel=\"1\"", "tunnel=\"1\"", "tunnel=\"1\"", OPTIONS_MERGED},
    {"tunnel=\"1\"", "tunnel=\"0\"", NULL, OPTIONS_CLASH_TUNNEL},
    {"from=\"10.0.0.0/8\"", "", "from=\"10.0.0.0/8\"", OPTIONS_MERGED},
    {"from=\"10.0.0.0/8\"", "from=\"10.1.0.0/16\"", "from=\"10.1.0.0/16\"",
	OPTIONS_MERGED},
    {"from=\"10.0.0.0/8\"", "from=\"11.0.0.0/8\"", NULL,
	OPTIONS_CLASH_FROM_EMPTY},
    {"from=\"10.0.0.0/8\"", "from=\"*.example.com\"", NULL, OPTIONS_CLASH_FROM},
    {"expiry-time=\"20260101Z\"", "expiry-time=\"20270101Z\"",
	"expiry-time=\"20260101000000Z\"", OPTIONS_MERGED},
    {"expiry-time=\"20260101\"", "expiry-time=\"20250101Z\"",
	"expiry-time=\"20250101000000Z\",expiry-time=\"20260101000000\"",
	OPTIONS_MERGED},
    {"expiry-time=\"20260101\"", "", "expiry-time=\"20260101000000\"",
	OPTIONS_MERGED},
    {"cert-authority", "", NULL, OPTIONS_CLASH_CERT_AUTHORITY},
    {"cert-authority", "cert-authority", "cert-authority", OPTIONS_MERGED},
    {"cert-authority,principals=\"a,b\"", "cert-authority,principals=\"b,c\"",
	"cert-authority,principals=\"b\"", OPTIONS_MERGED},
    {"cert-authority,principals=\"a,b,cc\"",
	"cert-authority,principals=\"cc,b\"",
	"cert-authority,principals=\"b,cc\"", OPTIONS_MERGED},
    {"cert-authority,principals=\"a\"", "cert-authority,principals=\"aa\"",
	NULL, OPTIONS_CLASH_PRINCIPALS},
    {"cert-authority,principals=\"a\"", "cert-authority", NULL,
	OPTIONS_CLASH_PRINCIPALS},
    {"environment=\"A=1\"", "environment=\"B=2\"",
	"environment=\"A=1\",environment=\"B=2\"", OPTIONS_MERGED},
    {"environment=\"A=1\"", "environment=\"A=1\"", "environment=\"A=1\"",
	OPTIONS_MERGED},
    {"environment=\"A=1\"", "environment=\"A=12\"", NULL,
	OPTIONS_CLASH_ENVIRONMENT},
    {"permitopen=\"h:1\"", "", "permitopen=\"h:1\"", OPTIONS_MERGED},
    {"permitopen=\"h:1\",permitopen=\"i:2\"", "permitopen=\"i:2\"",
	"permitopen=\"i:2\"", OPTIONS_MERGED},
    {"permitopen=\"h:*\"", "permitopen=\"*:2\"", "permitopen=\"h:2\"",
	OPTIONS_MERGED},
    {"permitopen=\"[::1]:*\"", "permitopen=\"*:2\"", "permitopen=\"[::1]:2\"",
	OPTIONS_MERGED},
    {"permitopen=\"*:*\"", "permitopen=\"*:2\"", "permitopen=\"*:2\"",
	OPTIONS_MERGED},
    /* An empty list would permit all. */
    {"permitopen=\"h:1\"", "permitopen=\"h:2\"", "no-port-forwarding",
	OPTIONS_MERGED},
    {"restrict,port-forwarding,permitlisten=\"1\"", "permitlisten=\"2\"",
	"restrict", OPTIONS_MERGED},
    {"permitopen=\"h:1\"", "permitlisten=\"1\"",
	"permitopen=\"h:1\",permitlisten=\"*:1\"", OPTIONS_MERGED},
};

static void
merge(const char *a, const char *b, const char *want, enum options_clash why)
{
	struct options x, y, out, none;
	enum options_clash r;

	options_init(&none);
	parse(&x, a);
	parse(&y, b);
	options_init(&out);
	r = options_merge_stricter(&out, &x, &y);
	if (r != why)
		fail_msg("%s + %s: %s", a, b, options_clash_code(r));
	if (want != NULL)
		assert_int_equal(strlen(text_of(&out)), strlen(want));
	else
		assert_true(options_equal(&out, &none));
	options_free(&x);
	options_free(&y);
	options_free(&out);
}

static void
test_merge(void **state)
{
	struct options x, y, out;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(merges); i++) {
		merge(merges[i].b, merges[i].a, merges[i].want, merges[i].why);
		merge(merges[i].a, merges[i].b, merges[i].want, merges[i].why);
		if (merges[i].want == NULL)
			continue;
		parse(&x, merges[i].a);
		parse(&y, merges[i].b);
		options_init(&out);
		assert_int_equal(
		    options_merge_stricter(&out, &x, &y), OPTIONS_MERGED);
		assert_string_equal(text_of(&out), merges[i].want);
		options_free(&x);
		options_free(&y);
		options_free(&out);
	}
}

/* n permits that meet n others in n times n. */
static void
many(char *text, size_t size, size_t count, bool hosts)
{
	size_t i, n = 0;

	for (i = 1; i <= count; i++)
		n += (size_t)snprintf(text + n, size - n,
		    hosts ? "%spermitopen=\"h%zu:*\""
			  : "%spermitopen=\"*:%zu\"",
		    i == 1 ? "" : ",", i);
}

static void
test_merge_too_long(void **state)
{
	char a[LIMIT_OPTIONS + 1], b[LIMIT_OPTIONS + 1];

	(void)state;
	memset(a, 'a', 3000);
	memcpy(a, "command=\"", 9);
	(void)snprintf(a + 2999, 2, "\"");
	memset(b, 'b', 3000);
	memcpy(b, "environment=\"A=", 15);
	(void)snprintf(b + 2999, 2, "\"");
	merge(a, b, NULL, OPTIONS_CLASH_TOO_LONG);
	many(a, sizeof(a), 10, true);
	many(b, sizeof(b), 40, false);
	merge(a, b, NULL, OPTIONS_CLASH_TOO_LONG);
	many(a, sizeof(a), 100, true);
	many(b, sizeof(b), 100, false);
	merge(a, b, NULL, OPTIONS_CLASH_TOO_LONG);
}

static void
add_from(
    const char *to, const char *list, const char *want, enum options_clash why)
{
	struct from f = {0};
	struct options o;
	struct error err;

	parse(&o, to);
	assert_int_equal(from_add(&f, list, strlen(list), &err), FROM_OK);
	assert_int_equal(options_add_from(&o, &f), why);
	assert_string_equal(text_of(&o), want);
	options_free(&o);
	from_free(&f);
}

static void
test_add_from(void **state)
{
	(void)state;
	add_from("", "10.0.0.0/8", "from=\"10.0.0.0/8\"", OPTIONS_MERGED);
	add_from("pty,from=\"10.1.0.0/16\"", "10.0.0.0/8,!10.1.1.1",
	    "from=\"10.1.0.0/16,!10.1.1.1\"", OPTIONS_MERGED);
	/* On a clash nothing is changed; above all nothing is opened. */
	add_from("from=\"10.1.0.0/16\"", "10.2.0.0/16", "from=\"10.1.0.0/16\"",
	    OPTIONS_CLASH_FROM_EMPTY);
	add_from("from=\"10.1.0.0/16\"", "host", "from=\"10.1.0.0/16\"",
	    OPTIONS_CLASH_FROM);
}

static void
test_add_expiry(void **state)
{
	struct options o;

	(void)state;
	options_init(&o);
	options_add_expiry(&o, WHEN_NONE);
	assert_string_equal(text_of(&o), "");
	assert_false(options_expired(&o, INT64_MAX));
	options_add_expiry(&o, INT64_C(1798675200999));
	assert_string_equal(text_of(&o), "expiry-time=\"20261231000000Z\"");
	options_add_expiry(&o, INT64_C(1998675200000));
	assert_string_equal(text_of(&o), "expiry-time=\"20261231000000Z\"");
	assert_false(options_expired(&o, INT64_C(1798675199999)));
	assert_false(options_expired(&o, INT64_C(1798675200999)));
	assert_true(options_expired(&o, INT64_C(1798675201000)));
	options_add_expiry(&o, INT64_MIN);
	assert_string_equal(text_of(&o), "expiry-time=\"19710101000000Z\"");
	assert_true(options_expired(&o, 0));
	options_free(&o);
}

static void
test_clash_codes(void **state)
{
	int i, j;

	(void)state;
	for (i = 0; i < OPTIONS_CLASH_COUNT; i++) {
		assert_non_null(options_clash_text((enum options_clash)i));
		for (j = 0; j < i; j++)
			assert_string_not_equal(
			    options_clash_code((enum options_clash)i),
			    options_clash_code((enum options_clash)j));
	}
	assert_string_equal(
	    options_clash_code(OPTIONS_CLASH_FROM_EMPTY), "from-disjoint");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_good),
	    cmocka_unit_test(test_fields),
	    cmocka_unit_test(test_bad),
	    cmocka_unit_test(test_length),
	    cmocka_unit_test(test_build_full),
	    cmocka_unit_test(test_merge),
	    cmocka_unit_test(test_merge_too_long),
	    cmocka_unit_test(test_add_from),
	    cmocka_unit_test(test_add_expiry),
	    cmocka_unit_test(test_clash_codes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
