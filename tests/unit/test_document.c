/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/source.h"
#include "policy/document.h"
#include "policy/position.h"
#include "policy/pubkey.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define FP1 "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define FP2 "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU"

static void
parse(struct policy *p, const char *text)
{
	struct error err = {""};

	if (policy_parse(p, text, strlen(text), &err) != POLICY_OK)
		fail_msg("%s: %s", text, err.text);
}

static void
assert_empty(const struct policy *p)
{
	assert_int_equal(p->keys.types, 0);
	assert_int_equal(p->keys.ndeny, 0);
	assert_null(p->keys.deny);
	assert_int_equal(p->keys.max_age_ms, POLICY_NO_AGE);
	assert_false(p->keys.require_member);
	assert_null(p->users.v);
	assert_int_equal(p->users.n, 0);
	assert_int_equal(p->groups.n, 0);
}

/* The one of DESIGN.md. */
static const char whole[] =
    "{\n"
    "  \"version\": 1,\n"
    "  \"keys\": {\n"
    "    \"types\": [\"ssh-ed25519\", \"ssh-rsa\"],\n"
    "    \"rsa_min_bits\": 3072,\n"
    "    \"max_age\": \"365d\",\n"
    "    \"deny\": [\"" FP2 "\", \"" FP1 "\"],\n"
    "    \"require_member\": true\n"
    "  },\n"
    "  \"users\": {\n"
    "    \"root\": {\"sources\": [\"device\", \"project\"],\n"
    "      \"owners\": [\"alice@example.com\"],\n"
    "      \"options\": \"from=\\\"10.0.0.0/8\\\",no-agent-forwarding\"},\n"
    "    \"deploy\": {\"tags\": [\"deploy\"], \"options\":\n"
    "      \"restrict,command=\\\"/usr/bin/deploy\\\"\"},\n"
    "    \"*\": {\"owners\": [\"%u@example.com\"]}\n"
    "  },\n"
    "  \"groups\": {\"wheel\": {\"roles\": [\"admin\", \"owner\"]}}\n"
    "}\n";

static void
test_whole(void **state)
{
	const struct policy_rule *rule;
	struct policy p;

	(void)state;
	parse(&p, whole);
	assert_int_equal(p.keys.types, 1u << PUBKEY_ED25519 | 1u << PUBKEY_RSA);
	assert_int_equal(p.keys.rsa_min_bits, 3072);
	assert_true(p.keys.max_age_ms == INT64_C(365) * 86400 * 1000);
	assert_true(p.keys.require_member);
	assert_true(policy_denies(&p, FP1));
	assert_true(policy_denies(&p, FP2));
	assert_false(policy_denies(&p, "SHA256:"));
	assert_int_equal(p.users.n, 3);
	rule = policy_user_rule(&p, "root");
	assert_int_equal(rule->sources,
	    SOURCE_BIT(SOURCE_DEVICE) | SOURCE_BIT(SOURCE_PROJECT));
	assert_int_equal(rule->owners.n, 1);
	assert_string_equal(rule->owners.v[0], "alice@example.com");
	assert_int_equal(rule->tags.n, 0);
	assert_true(rule->options.denied[OPTIONS_AGENT]);
	assert_int_equal(rule->options.from.n, 1);
	rule = policy_user_rule(&p, "deploy");
	assert_string_equal(rule->options.command, "/usr/bin/deploy");
	assert_string_equal(rule->tags.v[0], "deploy");
	assert_int_equal(rule->sources, 0);
	rule = policy_rule_named(&p.groups, "wheel");
	assert_int_equal(rule->roles.n, 2);
	assert_string_equal(rule->roles.v[1], "owner");
	policy_free(&p);
	assert_empty(&p);
	policy_free(&p);
}

static void
test_small(void **state)
{
	struct policy p;

	(void)state;
	parse(&p, "{\"version\":1}");
	assert_empty(&p);
	assert_false(policy_denies(&p, FP1));
	assert_null(policy_user_rule(&p, "root"));
	policy_free(&p);
	parse(&p,
	    " {\"users\":{},\"groups\":{},\"keys\":{\"deny\":[],"
	    "\"require_member\":false},\"version\":1} ");
	assert_empty(&p);
	policy_free(&p);
	/* No condition at all is a rule, too. */
	parse(&p, "{\"version\":1,\"users\":{\"root\":{}}}");
	assert_non_null(policy_user_rule(&p, "root"));
	policy_free(&p);
}

static void
test_rules(void **state)
{
	struct policy p;

	(void)state;
	parse(&p, "{\"version\":1,\"users\":{\"b\":{},\"*\":{},\"a\":{}}}");
	assert_string_equal(policy_user_rule(&p, "a")->name, "a");
	assert_string_equal(policy_user_rule(&p, "b")->name, "b");
	assert_string_equal(policy_user_rule(&p, "c")->name, "*");
	assert_null(policy_user_rule(&p, "root"));
	assert_null(policy_user_rule(&p, "*"));
	assert_null(policy_rule_named(&p.users, "root"));
	policy_free(&p);
}

/* Each with "needs the members" as 1 or 0. */
static void
test_members(void **state)
{
	static const struct {
		const char *text;
		bool want;
	} table[] = {
	    {"{\"version\":1,\"users\":{\"a\":{\"tags\":[\"x\"]}}}", false},
	    {"{\"version\":1,\"users\":{\"a\":{\"owners\":[\"x\"]}}}", true},
	    {"{\"version\":1,\"users\":{\"a\":{\"roles\":[\"x\"]}}}", true},
	    {"{\"version\":1,\"groups\":{\"a\":{\"roles\":[\"x\"]}}}", true},
	    {"{\"version\":1,\"keys\":{\"require_member\":true}}", true},
	    {"{\"version\":1,\"keys\":{\"require_member\":false}}", false},
	};
	struct policy p;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(table); i++) {
		parse(&p, table[i].text);
		assert_int_equal(policy_needs_members(&p), table[i].want);
		policy_free(&p);
	}
}

#define V "{\"version\":1,"
static const char *const bad[][2] = {
    /* No JSON. */
    {"", "line 1, column 1: not JSON"},
    {"{", "line 1, column 2: not JSON"},
    {"{\n  \"version\": 1,\n  \"users\" {}\n}",
	"line 3, column 11: not "
	"JSON: ':' expected near '{'"},
    {"{\"version\":1} x", "line 1, column 15: not JSON"},
    {"{\"version\":1,}", "line 1, column 14: not JSON"},
    {"\xef\xbb\xbf{\"version\":1}", "not JSON"},
    {"{\"version\":01}", "not JSON"},
    {V "\"users\":{\"a\\u0000b\":{}}}", "not JSON"},
    {V "\"users\":{\"\xff\":{}}}", "not JSON"},
    /* Wrong types. */
    {"[]", "line 1, column 1: needs an object, not a list"},
    {"[1,{}]", "needs an object, not a list"},
    {V "\"keys\":[]}",
	"line 1, column 21: keys: needs an object, not a "
	"list"},
    {V "\"keys\":null}", "keys: needs an object, not null"},
    {V "\"users\":[]}", "users: needs an object, not a list"},
    {V "\"users\":{\"a\":[]}}", "users.a: needs an object"},
    {V "\"users\":{\"a\":null}}", "users.a: needs an object, not null"},
    {V "\"users\":{\"a\":{\"owners\":\"x\"}}}",
	"users.a.owners: needs a "
	"list, not a string"},
    {V "\"users\":{\"a\":{\"owners\":[\"x\",1]}}}",
	"line 1, column 42: "
	"users.a.owners[1]: needs a string, not a number"},
    {V "\"users\":{\"a\":{\"options\":[]}}}",
	"users.a.options: needs a "
	"string, not a list"},
    {V "\"keys\":{\"rsa_min_bits\":\"3072\"}}",
	"keys.rsa_min_bits: needs "
	"a number, not a string"},
    {V "\"keys\":{\"rsa_min_bits\":3072.0}}", "not a fraction"},
    {V "\"keys\":{\"require_member\":1}}",
	"needs true or false, not a "
	"number"},
    {V "\"keys\":{\"max_age\":365}}",
	"needs a string such as \"365d\", "
	"not a number"},
    {V "\"keys\":{\"deny\":{}}}",
	"keys.deny: needs a list, not an "
	"object"},
    {V "\"keys\":{\"deny\":{\"a\":1}}}", "keys.deny: needs a list"},
    {V "\"keys\":{\"types\":\"ssh-rsa\"}}", "keys.types: needs a list"},
    /* Version. */
    {"{}", "line 1, column 1: needs \"version\": 1"},
    {"{\"users\":{}}", "needs \"version\": 1"},
    {"{\"version\":2}", "line 1, column 12: version: unknown version"},
    {"{\"version\":\"1\"}", "version: needs a number, not a string"},
    {"{\"version\":1.0}", "version: needs a number, not a fraction"},
    {"{\"version\":true}", "version: needs a number, not true"},
    {"{\"version\":99999999999999999999}", "not JSON: too big integer"},
    /* Unknown fields, at their names. */
    {V "\n\n        \"user\":{}}",
	"line 3, column 9: user: unknown field; "
	"did you mean users?"},
    {V "\"Users\":{}}", "did you mean users?"},
    {V "\"comment\":\"x\"}", "comment: unknown field"},
    {V "\"users\": {\n    \"root\":\n        {\"onwers\": []}}}",
	"line 3, column 10: users.root.onwers: unknown field; did you "
	"mean owners?"},
    {V "\"keys\":{\"types\":[\"ssh-rsa\"],\"rsa_min_bit\":1}}",
	"keys.rsa_min_bit: unknown field; did you mean rsa_min_bits?"},
    {V "\"groups\":{\"w\":{\"role\":[\"x\"]}}}",
	"groups.w.role: unknown "
	"field; did you mean roles?"},
    {V "\"users\":{\"\xc3\xa9\":{}, \"a\":{\"x\":1}}}",
	"line 1, column 36: users.a.x: unknown field"},
    /* Twice. */
    {"{\"version\":1,\n \"version\":1}",
	"line 2, column 2: version: "
	"stands there twice"},
    {V "\"users\":{\"a\":{},\n  \"b\":{},\n   \"a\" :{}}}",
	"line 3, "
	"column 4: users.a: stands there twice"},
    {V "\"users\":{\"a\":{\"tags\":[\"x\"],\"tags\":[\"x\"]}}}",
	"users.a.tags: stands there twice"},
    {V "\"users\":{\"a\":{},\"\\u0061\":{}}}", "stands there twice"},
    {V "\"users\":{\"a\":{\"tags\":[\"x\",\"y\",\"x\"]}}}",
	"users.a.tags[2]: x stands there twice"},
    {V "\"users\":{\"a\":{\"sources\":[\"device\",\"device\"]}}}",
	"users.a.sources[1]: device stands there twice"},
    {V "\"keys\":{\"types\":[\"ssh-rsa\",\"ssh-rsa\"]}}", "twice"},
    {V "\"keys\":{\"deny\":[\"" FP1 "\",\"" FP1 "\"]}}", "twice"},
    /* Values. */
    {V "\"keys\":{\"types\":[]}}",
	"keys.types: is empty, which no key "
	"matches"},
    {V "\"users\":{\"a\":{\"owners\":[]}}}", "is empty, which no key"},
    {V "\"users\":{\"a\":{\"sources\":[]}}}", "is empty, which no key"},
    {V "\"users\":{\"a\":{\"tags\":[]}}}", "is empty, which no key"},
    {V "\"users\":{\"a\":{\"roles\":[]}}}", "is empty, which no key"},
    {V "\"users\":{\"a\":{\"tags\":[\"\"]}}}",
	"users.a.tags[0]: is "
	"empty"},
    {V "\"users\":{\"a\":{\"tags\":[\"a\\nb\"]}}}",
	"holds a control "
	"character"},
    {V "\"users\":{\"a\":{\"options\":\"\"}}}",
	"users.a.options: is "
	"empty"},
    {V "\"users\":{\"a\":{\"options\":\"pty,fron=\\\"a\\\"\"}}}",
	"users.a.options: character 5: fron: unknown option; did you mean "
	"from?"},
    {V "\"users\":{\"a\":{\"options\":\"command=\\\"a\\nb\\\"\"}}}",
	"a control character"},
    {V "\"users\":{\"a\":{\"sources\":[\"divice\"]}}}",
	"divice is no "
	"source"},
    {V "\"users\":{\"a\":{\"owners\":[\"%h@example.com\"]}}}",
	"users.a.owners[0]: behind a % stands u"},
    {V "\"users\":{\"a\":{\"owners\":[\"%%%\"]}}}", "behind a %"},
    {V "\"keys\":{\"types\":[\"ssh-ed25591\"]}}",
	"keys.types[0]: "
	"ssh-ed25591 is no key type; did you mean ssh-ed25519?"},
    {V "\"keys\":{\"types\":[\"ssh-dss\"]}}", "ssh-dss is no key type"},
    {V "\"keys\":{\"rsa_min_bits\":1023}}", "must be from 1024 to 16384"},
    {V "\"keys\":{\"rsa_min_bits\":16385}}", "must be from 1024"},
    {V "\"keys\":{\"rsa_min_bits\":-1}}", "must be from 1024"},
    {V "\"keys\":{\"rsa_min_bits\":4294968296}}", "must be from 1024"},
    {V "\"keys\":{\"max_age\":\"365\"}}", "keys.max_age: needs a number"},
    {V "\"keys\":{\"max_age\":\"0d\"}}", "needs a number over 0"},
    {V "\"keys\":{\"deny\":[\"" FP1 "=\"]}}",
	"keys.deny[0]: needs a "
	"fingerprint"},
    {V "\"keys\":{\"deny\":[\"MD5:00\"]}}", "needs a fingerprint"},
    /* Names. */
    {V "\"users\":{\"\":{}}}", "no local account or group"},
    {V "\"users\":{\"a/b\":{}}}", "users.a/b: no local account"},
    {V "\"users\":{\"a:b\":{}}}", "no local account"},
    {V "\"users\":{\"a\\nb\":{}}}", "no local account"},
    {V "\"users\":{\"dep*\":{}}}", "no local account"},
    {V "\"users\":{\"**\":{}}}", "no local account"},
    {V "\"users\":{\" a\":{}}}", "no local account"},
    {V "\"users\":{\"a \":{}}}", "no local account"},
    {V "\"groups\":{\"*\":{}}}", "groups.*: * stands only under users"},
};

static void
test_bad(void **state)
{
	struct policy p;
	struct error err;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(bad); i++) {
		memset(&p, 'x', sizeof(p));
		err.text[0] = '\0';
		if (policy_parse(&p, bad[i][0], strlen(bad[i][0]), &err) !=
		    POLICY_INVALID)
			fail_msg("taken: %s", bad[i][0]);
		if (strstr(err.text, bad[i][1]) == NULL)
			fail_msg("%s: %s", bad[i][0], err.text);
		assert_empty(&p);
	}
	assert_int_equal(
	    policy_parse(&p, "{\"version\":1\0}", 14, &err), POLICY_INVALID);
	assert_string_equal(err.text,
	    "line 1, column 13: not JSON: a NUL "
	    "byte");
}

/* What was read before the error is not left behind. */
static void
test_nothing_left(void **state)
{
	char *text = strdup(whole);
	struct policy p;
	struct error err;

	(void)state;
	memcpy(strstr(text, "\"roles\""), "\"rolls\"", 7);
	assert_int_equal(
	    policy_parse(&p, text, strlen(text), &err), POLICY_INVALID);
	assert_string_equal(err.text,
	    "line 18, column 24: "
	    "groups.wheel.rolls: unknown field; did you mean roles?");
	assert_empty(&p);
	free(text);
}

static void
test_deep(void **state)
{
	size_t n = 3000;
	char *text = malloc(2 * n + 1);
	struct policy p;
	struct error err;

	(void)state;
	memset(text, '[', n);
	memset(text + n, ']', n);
	assert_int_equal(policy_parse(&p, text, 2 * n, &err), POLICY_INVALID);
	assert_int_equal(policy_parse(&p, text, n, &err), POLICY_INVALID);
	free(text);
}

static void
test_too_long(void **state)
{
	size_t n = LIMIT_POLICY_FILE + 1;
	char *text = malloc(n);
	struct policy p;
	struct error err;

	(void)state;
	memset(text, ' ', n);
	memcpy(text, "{\"version\":1}", 13);
	assert_int_equal(policy_parse(&p, text, n - 1, &err), POLICY_OK);
	policy_free(&p);
	assert_int_equal(policy_parse(&p, text, n, &err), POLICY_INVALID);
	assert_non_null(strstr(err.text, "longer than"));
	free(text);
}

static enum policy_result
member(struct policy *p, const char *text, struct error *err)
{
	err->text[0] = '\0';
	return policy_parse_member(p, "ssh_policy", text, strlen(text), err);
}

static void
test_member(void **state)
{
	struct policy p;
	struct error err;

	(void)state;
	assert_int_equal(member(&p,
			     "{\"x\":{\"y\":[1]},\"ssh_policy\":"
			     "{\"version\":1,\"users\":{\"a\":{}}},\"z\":1}",
			     &err),
	    POLICY_OK);
	assert_non_null(policy_user_rule(&p, "a"));
	policy_free(&p);
	assert_int_equal(member(&p, "{}", &err), POLICY_ABSENT);
	assert_empty(&p);
	assert_int_equal(
	    member(&p, "{\"SSH_policy\":{}}", &err), POLICY_ABSENT);
	/* Never "no policy". */
	assert_int_equal(
	    member(&p, "{\"ssh_policy\":null}", &err), POLICY_INVALID);
	assert_int_equal(member(&p, "null", &err), POLICY_INVALID);
	assert_int_equal(member(&p, "[]", &err), POLICY_INVALID);
	assert_int_equal(member(&p, "", &err), POLICY_INVALID);
	assert_int_equal(member(&p,
			     "{\"a\":{\"b\":\"}\\\"\"},\n "
			     "\"ssh_policy\":{\"version\":1,\n  \"user\":1}}",
			     &err),
	    POLICY_INVALID);
	assert_string_equal(err.text,
	    "line 3, column 3: ssh_policy.user: "
	    "unknown field; did you mean users?");
	assert_empty(&p);
}

static void
test_owner(void **state)
{
	static const char *const table[][3] = {
	    {"a@example.com", "bob", "a@example.com"},
	    {"%u@example.com", "bob", "bob@example.com"},
	    {"%u%%%u", "bob", "bob%bob"},
	    {"%u", "%u", "%u"},
	    {"%%u", "bob", "%u"},
	};
	char dst[32];
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(table); i++) {
		assert_int_equal(
		    policy_owner(table[i][0], table[i][1], dst, sizeof(dst)),
		    0);
		assert_string_equal(dst, table[i][2]);
	}
	assert_int_equal(policy_owner("%u@", "bob", dst, 5), 0);
	assert_int_equal(policy_owner("%u@", "bob", dst, 4), -1);
	assert_string_equal(dst, "");
	assert_int_equal(policy_owner("%x", "bob", dst, sizeof(dst)), -1);
	assert_int_equal(policy_owner("%", "bob", dst, sizeof(dst)), -1);
	assert_string_equal(dst, "");
}

static void
test_names(void **state)
{
	char name[LIMIT_USER_NAME];

	(void)state;
	assert_true(policy_name_ok("root", 4));
	assert_true(policy_name_ok("DOM\\first last", 14));
	assert_true(policy_name_ok("a.b-c_d$", 8));
	assert_false(policy_name_ok("", 0));
	assert_false(policy_name_ok("a\0b", 3));
	assert_false(policy_name_ok("a\xff", 2));
	memset(name, 'a', sizeof(name));
	assert_true(policy_name_ok(name, LIMIT_USER_NAME - 1));
	assert_false(policy_name_ok(name, LIMIT_USER_NAME));
}

static void
test_span(void **state)
{
	(void)state;
	assert_true(policy_span("90s", 3) == 90000);
	assert_true(policy_span("1m", 2) == 60000);
	assert_true(policy_span("12h", 3) == 43200000);
	assert_true(policy_span("365d", 4) == INT64_C(31536000000));
	assert_true(policy_span("2w", 2) == INT64_C(1209600000));
	assert_true(policy_span("999999999w", 10) > 0);
	assert_true(policy_span("9999999999w", 11) == -1);
	assert_true(policy_span("0d", 2) == -1);
	assert_true(policy_span("d", 1) == -1);
	assert_true(policy_span("1", 1) == -1);
	assert_true(policy_span("1D", 2) == -1);
	assert_true(policy_span("-1d", 3) == -1);
	assert_true(policy_span("1y", 2) == -1);
	assert_true(policy_span("1.5d", 4) == -1);
	assert_true(policy_span("", 0) == -1);
}

static void
test_position(void **state)
{
	static const char text[] = "[{\"a\":\"\xc3\xa9\", \"b\":[ 1,{} ]}]";
	static const size_t steps[] = {0, 1, 1};
	struct position p;
	size_t offset;
	char path[8];

	(void)state;
	assert_true(
	    position_find(text, sizeof(text) - 1, steps, 3, false, &offset));
	assert_memory_equal(text + offset, "{} ", 3);
	p = position_at(text, sizeof(text) - 1, offset);
	assert_int_equal(p.line, 1);
	assert_int_equal(p.column, offset); /* one character has two bytes */
	assert_true(
	    position_find(text, sizeof(text) - 1, steps, 2, true, &offset));
	assert_memory_equal(text + offset, "\"b\"", 3);
	assert_false(position_find(
	    text, sizeof(text) - 1, (size_t[]){1}, 1, false, &offset));
	assert_false(position_find(
	    text, sizeof(text) - 1, (size_t[]){0, 0, 0}, 3, false, &offset));
	assert_int_equal(offset, 0);
	assert_true(position_path(
	    text, sizeof(text) - 1, 13, path, sizeof(path), &offset));
	assert_string_equal(path, "[0].b");
	assert_false(position_path(
	    text, sizeof(text) - 1, 20, path, sizeof(path), &offset));
}

static void
too_many_rules(void **state)
{
	struct policy p;
	struct error err;
	struct buf b;
	char rule[64];
	int i;

	(void)state;
	buf_init(&b, LIMIT_POLICY_FILE);
	assert_int_equal(
	    buf_puts(&b, "{\"version\":1,\"groups\":{\"g\":{}"), 0);
	for (i = 1; i < LIMIT_RULES; i++) {
		(void)snprintf(rule, sizeof(rule), ",\"g%d\":{}", i);
		assert_int_equal(buf_puts(&b, rule), 0);
	}
	assert_int_equal(buf_puts(&b, "}}"), 0);
	assert_int_equal(
	    policy_parse(&p, (char *)b.data, b.len, &err), POLICY_OK);
	assert_int_equal(p.groups.n, LIMIT_RULES);
	policy_free(&p);
	b.len -= 2;
	assert_int_equal(buf_puts(&b, ",\"more\":{}}}"), 0);
	assert_int_equal(
	    policy_parse(&p, (char *)b.data, b.len, &err), POLICY_INVALID);
	assert_non_null(strstr(err.text, "groups: more than 5000 rules"));
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_whole),
	    cmocka_unit_test(test_small),
	    cmocka_unit_test(test_rules),
	    cmocka_unit_test(test_members),
	    cmocka_unit_test(test_bad),
	    cmocka_unit_test(test_nothing_left),
	    cmocka_unit_test(test_deep),
	    cmocka_unit_test(test_too_long),
	    cmocka_unit_test(test_member),
	    cmocka_unit_test(test_owner),
	    cmocka_unit_test(test_names),
	    cmocka_unit_test(test_span),
	    cmocka_unit_test(test_position),
	    cmocka_unit_test(too_many_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
