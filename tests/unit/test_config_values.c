/* SPDX-License-Identifier: ISC */
/* Every setting of packet-keys.conf: what it takes, what it refuses. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/config.h"
#include "base/config_value.h"

#define UUID "0a1b2c3d-4e5f-6789-abcd-ef0123456789"
#define SECOND INT64_C(1000)
#define DAY (86400 * SECOND)
#define TEXT(f) offsetof(struct config, f), TEXT_FIELD
#define SPAN(f) offsetof(struct config, f), SPAN_FIELD
#define LENGTH(v) (sizeof(v) / sizeof((v)[0]))

enum kind { TEXT_FIELD, SPAN_FIELD };

struct good {
	const char *section, *name;
	size_t offset;
	enum kind kind;
	const char *value, *text; /* text NULL: the value itself */
	int64_t ms;
};

static const struct good goods[] = {
    {"portal", "url", TEXT(url), "https://h/metal/v1", NULL, 0},
    {"portal", "url", TEXT(url), "https://h/v1/", "https://h/v1", 0},
    {"portal", "url", TEXT(url), "https://h:8443///", "https://h:8443", 0},
    {"portal", "url", TEXT(url), "http://127.0.0.1:1", NULL, 0},
    {"portal", "token-file", TEXT(token_file), "/t", NULL, 0},
    {"portal", "token-file", TEXT(token_file), "/a b/t", NULL, 0},
    {"portal", "project", TEXT(project), "auto", NULL, 0},
    {"portal", "project", TEXT(project), "none", NULL, 0},
    {"portal", "project", TEXT(project), UUID, NULL, 0},
    {"portal", "device", TEXT(device), "auto", NULL, 0},
    {"portal", "device", TEXT(device), "none", NULL, 0},
    {"portal", "device", TEXT(device), UUID, NULL, 0},
    {"portal", "metadata-url", TEXT(metadata_url), "https://m/", "https://m",
	0},
    {"portal", "ca-file", TEXT(ca_file), "/ca.pem", NULL, 0},
    {"portal", "ca-file", TEXT(ca_file), "", NULL, 0},
    {"portal", "proxy", TEXT(proxy), "", NULL, 0},
    {"portal", "proxy", TEXT(proxy), "http://p:3128", NULL, 0},
    {"portal", "proxy", TEXT(proxy), "https://p", NULL, 0},
    {"portal", "proxy", TEXT(proxy), "socks4://p", NULL, 0},
    {"portal", "proxy", TEXT(proxy), "socks4a://p", NULL, 0},
    {"portal", "proxy", TEXT(proxy), "socks5://p", NULL, 0},
    {"portal", "proxy", TEXT(proxy), "socks5h://p", NULL, 0},
    {"portal", "connect-timeout", SPAN(connect_timeout_ms), "100ms", NULL, 100},
    {"portal", "connect-timeout", SPAN(connect_timeout_ms), "60s", NULL,
	60 * SECOND},
    {"portal", "timeout", SPAN(timeout_ms), "100ms", NULL, 100},
    {"portal", "timeout", SPAN(timeout_ms), "1m", NULL, 60 * SECOND},
    {"cache", "directory", TEXT(directory), "/d", NULL, 0},
    {"cache", "socket", TEXT(socket), "/s", NULL, 0},
    {"cache", "fresh", SPAN(fresh_ms), "0s", NULL, 0},
    {"cache", "fresh", SPAN(fresh_ms), "1d", NULL, DAY},
    {"cache", "stale", SPAN(stale_ms), "1s", NULL, SECOND},
    {"cache", "stale", SPAN(stale_ms), "3650d", NULL, 3650 * DAY},
    {"cache", "retry", SPAN(retry_ms), "0ms", NULL, 0},
    {"cache", "retry", SPAN(retry_ms), "5m", NULL, 300 * SECOND},
    {"policy", "file", TEXT(policy_file), "/p.json", NULL, 0},
    {"policy", "fleet", TEXT(fleet), "none", NULL, 0},
    {"policy", "fleet", TEXT(fleet), "project", NULL, 0},
    {"policy", "fleet", TEXT(fleet), "device", NULL, 0},
    {"policy", "fleet", TEXT(fleet), "organization:" UUID, NULL, 0},
};

static const struct {
	const char *section, *name, *value, *words;
} bads[] = {
    {"portal", "url", "", "https://"},
    {"portal", "url", "http://h/", "https://"},
    {"portal", "url", "https://u:p@h/", "user name"},
    {"portal", "url", "https://h/ x", "character"},
    {"portal", "token-file", "", "starts with /"},
    {"portal", "token-file", "t", "starts with /"},
    {"portal", "token-file", "./t", "starts with /"},
    {"portal", "token-file", "~/t", "starts with /"},
    {"portal", "project", "", "auto, none or a uuid"},
    {"portal", "project", "Auto", "auto, none or a uuid"},
    {"portal", "project", UUID "0", "auto, none or a uuid"},
    {"portal", "device", "", "auto, none or a uuid"},
    {"portal", "device", "auto none", "auto, none or a uuid"},
    {"portal", "metadata-url", "", "https://"},
    {"portal", "metadata-url", "http://169.254.169.254/", "https://"},
    {"portal", "ca-file", "ca.pem", "starts with /"},
    {"portal", "proxy", "p:3128", "needs a URL"},
    {"portal", "proxy", "ftp://p", "needs a URL"},
    {"portal", "proxy", "none", "needs a URL"},
    {"portal", "connect-timeout", "99ms", "must be from 100ms to 1m"},
    {"portal", "connect-timeout", "60001ms", "must be from 100ms to 1m"},
    {"portal", "connect-timeout", "", "a number and a unit"},
    {"portal", "timeout", "0s", "must be from 100ms to 1m"},
    {"portal", "timeout", "61s", "must be from"},
    {"portal", "timeout", "5", "a number and a unit"},
    {"cache", "directory", "", "starts with /"},
    {"cache", "directory", "d", "starts with /"},
    {"cache", "socket", "", "starts with /"},
    {"cache", "socket", "s", "starts with /"},
    {"cache", "fresh", "-1s", "a number and a unit"},
    {"cache", "fresh", "86400001ms", "must be from 0ms to 1d"},
    {"cache", "stale", "999ms", "must be from 1s to 3650d"},
    {"cache", "stale", "3651d", "must be from 1s to 3650d"},
    {"cache", "retry", "301s", "must be from 0ms to 5m"},
    {"cache", "mass-removal", "", "a number from 1 to 1000"},
    {"cache", "mass-removal", "0", "a number from 1 to 1000"},
    {"cache", "mass-removal", "1001", "a number from 1 to 1000"},
    {"cache", "mass-removal", "-1", "a number from 1 to 1000"},
    {"cache", "mass-removal", "+1", "a number from 1 to 1000"},
    {"cache", "mass-removal", "1x", "a number from 1 to 1000"},
    {"cache", "mass-removal", "1 2", "a number from 1 to 1000"},
    {"cache", "mass-removal", "4294967297", "a number from 1 to 1000"},
    {"cache", "mass-removal", "100000", "a number from 1 to 1000"},
    {"cache", "mass-removal", "000001", "a number from 1 to 1000"},
    {"policy", "file", "", "starts with /"},
    {"policy", "file", "p.json", "starts with /"},
    {"policy", "fleet", "", "organization:<uuid>"},
    {"policy", "fleet", "organization", "organization:<uuid>"},
    {"policy", "fleet", "organization:", "organization:<uuid>"},
    {"policy", "fleet", "organization:" UUID "0", "organization:<uuid>"},
    {"policy", "fleet", "project:" UUID, "organization:<uuid>"},
    {"policy", "fleet", UUID, "organization:<uuid>"},
    {"policy", "", "x", "unknown setting  in [policy]"},
    {"policy", "File", "/p", "unknown setting File in [policy]"},
    {"policy", "url", "https://h", "unknown setting url in [policy]"},
    {"cache", "fres", "5s", "unknown setting fres in [cache]"},
    {"cache", "freshh", "5s", "unknown setting freshh in [cache]"},
    {"Portal", "url", "https://h", "unknown section [Portal]"},
    {"portal ", "url", "https://h", "unknown section [portal ]"},
    {"", "url", "https://h", "url stands before the first [section]"},
};

static void
test_good(void **state)
{
	const struct good *g;
	struct config cfg;
	struct error err;

	(void)state;
	for (g = goods; g < goods + LENGTH(goods); g++) {
		memset(&cfg, 0x5a, sizeof(cfg));
		if (config_value_set(
			&cfg, g->section, g->name, g->value, &err) < 0)
			fail_msg("%s", err.text);
		if (g->kind == TEXT_FIELD)
			assert_string_equal((char *)&cfg + g->offset,
			    g->text == NULL ? g->value : g->text);
		else
			assert_true(
			    *(int64_t *)((char *)&cfg + g->offset) == g->ms);
	}
}

/* What is refused changes nothing, and the reason names it. */
static void
test_bad(void **state)
{
	struct config cfg, before;
	struct error err;
	size_t i;

	(void)state;
	memset(&cfg, 0x5a, sizeof(cfg));
	before = cfg;
	for (i = 0; i < LENGTH(bads); i++) {
		err.text[0] = '\0';
		if (config_value_set(&cfg, bads[i].section, bads[i].name,
			bads[i].value, &err) != -1)
			fail_msg("[%s] %s = %s taken", bads[i].section,
			    bads[i].name, bads[i].value);
		if (strstr(err.text, bads[i].words) == NULL ||
		    (strstr(err.text, bads[i].name) == NULL &&
			strstr(err.text, "section") == NULL))
			fail_msg(
			    "\"%s\" has no \"%s\"", err.text, bads[i].words);
		assert_memory_equal(&cfg, &before, sizeof(cfg));
	}
}

/* Each setting has a number of its own, by which doubles are seen. */
static void
test_numbers(void **state)
{
	static const char *const names[][3] = {{"portal", "url", "https://h"},
	    {"portal", "token-file", "/t"}, {"portal", "project", "auto"},
	    {"portal", "device", "auto"},
	    {"portal", "metadata-url", "https://h"},
	    {"portal", "sources", "device"}, {"portal", "ca-file", ""},
	    {"portal", "proxy", ""}, {"portal", "connect-timeout", "1s"},
	    {"portal", "timeout", "1s"}, {"cache", "directory", "/d"},
	    {"cache", "socket", "/s"}, {"cache", "fresh", "1s"},
	    {"cache", "stale", "1s"}, {"cache", "retry", "1s"},
	    {"cache", "mass-removal", "1"}, {"policy", "file", "/p"},
	    {"policy", "fleet", "none"}};
	struct config cfg = {0};
	uint64_t seen = 0;
	size_t i;
	int which;

	(void)state;
	for (i = 0; i < LENGTH(names); i++) {
		which = config_value_set(
		    &cfg, names[i][0], names[i][1], names[i][2], NULL);
		assert_in_range(which, 0, 63);
		assert_int_equal(seen >> which & 1, 0);
		seen |= UINT64_C(1) << which;
	}
}

/* A value that doesn't fit is never cut. */
static void
test_too_long(void **state)
{
	static const char *const names[][3] = {{"portal", "url", "https://h/"},
	    {"portal", "metadata-url", "https://h/"},
	    {"portal", "token-file", "/"}, {"portal", "ca-file", "/"},
	    {"portal", "proxy", "http://"}, {"cache", "directory", "/"},
	    {"cache", "socket", "/"}, {"policy", "file", "/"}};
	char value[LIMIT_CONFIG_VALUE + 1];
	struct config cfg, before;
	struct error err;
	size_t i, size;

	(void)state;
	memset(&cfg, 0x5a, sizeof(cfg));
	for (i = 0; i < LENGTH(names); i++) {
		memset(value, 'x', sizeof(value));
		memcpy(value, names[i][2], strlen(names[i][2]));
		size = strcmp(names[i][1], "socket") == 0 ? LIMIT_SOCKET_PATH
							  : LIMIT_CONFIG_VALUE;
		value[size] = '\0';
		before = cfg;
		assert_int_equal(config_value_set(&cfg, names[i][0],
				     names[i][1], value, &err),
		    -1);
		assert_non_null(strstr(err.text, "too long"));
		assert_memory_equal(&cfg, &before, sizeof(cfg));
		value[size - 1] = '\0';
		assert_true(config_value_set(&cfg, names[i][0], names[i][1],
				value, &err) >= 0);
	}
	assert_int_equal(strlen(cfg.policy_file), LIMIT_CONFIG_VALUE - 1);
}

static void
test_mass_removal(void **state)
{
	static const struct {
		const char *value;
		unsigned want;
	} cases[] = {
	    {"1", 1}, {"3", 3}, {"0009", 9}, {"00010", 10}, {"1000", 1000}};
	struct config cfg;
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(cases); i++) {
		assert_true(config_value_set(&cfg, "cache", "mass-removal",
				cases[i].value, NULL) >= 0);
		assert_int_equal(cfg.mass_removal, cases[i].want);
	}
}

static void
test_spans(void **state)
{
	static const struct {
		const char *value;
		int64_t ms;
	} cases[] = {{"0ms", 0}, {"500ms", 500}, {"5s", 5000}, {"10m", 600000},
	    {"12h", 43200000}, {"7d", 604800000}, {"007s", 7000},
	    {"999999999d", INT64_C(999999999) * DAY}, {"1000000000ms", -1},
	    {"0000000001s", -1}, {"", -1}, {"s", -1}, {"5", -1}, {"5S", -1},
	    {"5 s", -1}, {" 5s", -1}, {"5s ", -1}, {"5sec", -1}, {"5w", -1},
	    {"-5s", -1}, {"+5s", -1}, {"1.5s", -1}, {"5s5s", -1}, {"0x5s", -1},
	    {"1h30m", -1}, {"5mss", -1}, {"5\xc2\xb5s", -1}};
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(cases); i++) {
		if (config_value_span(cases[i].value) != cases[i].ms)
			fail_msg("\"%s\"", cases[i].value);
	}
}

#define DEVICE SOURCE_BIT(SOURCE_DEVICE)
#define PROJECT SOURCE_BIT(SOURCE_PROJECT)
#define PERSONAL SOURCE_BIT(SOURCE_PERSONAL)
#define METADATA SOURCE_BIT(SOURCE_METADATA)

static void
test_sources(void **state)
{
	static const struct {
		const char *value;
		unsigned mask; /* 0: refused */
		const char *words;
	} cases[] = {{"device", DEVICE, ""}, {"project", PROJECT, ""},
	    {"personal", PERSONAL, ""}, {"metadata", METADATA, ""},
	    {"device project personal metadata",
		DEVICE | PROJECT | PERSONAL | METADATA, ""},
	    {"personal,device", PERSONAL | DEVICE, ""},
	    {"personal, device", PERSONAL | DEVICE, ""},
	    {"\tpersonal\t \tmetadata ,,", PERSONAL | METADATA, ""},
	    {"", 0, "at least one"}, {" ,\t", 0, "at least one"},
	    {"none", 0, "no source none"}, {"Device", 0, "no source Device"},
	    {"devic", 0, "no source devic"}, {"devices", 0, "source devices"},
	    {"members", 0, "no source members"}, {"fleet", 0, "source fleet"},
	    {"device;project", 0, "no source device;project"},
	    {"device project device", 0, "names device twice"}};
	struct config cfg;
	struct error err;
	size_t i;
	int r;

	(void)state;
	for (i = 0; i < LENGTH(cases); i++) {
		cfg.sources = 0;
		err.text[0] = '\0';
		r = config_value_set(
		    &cfg, "portal", "sources", cases[i].value, &err);
		assert_int_equal(r >= 0, cases[i].mask != 0);
		assert_int_equal(cfg.sources, cases[i].mask);
		assert_non_null(strstr(err.text, cases[i].words));
	}
}

static void
test_source_names(void **state)
{
	unsigned i;
	const char *name;

	(void)state;
	for (i = 0; i < SOURCE_COUNT; i++) {
		name = source_name((enum source)i);
		/* What a policy needs is none to be configured. */
		assert_int_equal(source_by_name(name, strlen(name)),
		    i < SOURCE_KEYS ? i : SOURCE_COUNT);
		assert_int_equal(
		    source_by_name(name, strlen(name) - 1), SOURCE_COUNT);
	}
	assert_string_equal(source_name(SOURCE_MEMBERS), "members");
	assert_string_equal(source_name(SOURCE_FLEET), "fleet");
	assert_string_equal(source_name(SOURCE_DEVICE), "device");
	assert_string_equal(source_name(SOURCE_METADATA), "metadata");
	assert_string_equal(source_name(SOURCE_COUNT), "unknown");
	assert_string_equal(source_name((enum source) - 1), "unknown");
	assert_int_equal(source_by_name("", 0), SOURCE_COUNT);
	assert_int_equal(source_by_name("device\0", 7), SOURCE_COUNT);
}

static void
test_source_what(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < SOURCE_KEYS; i++)
		assert_string_equal(source_what((enum source)i), "keys");
	assert_string_equal(source_what(SOURCE_MEMBERS), "members");
	assert_string_equal(source_what(SOURCE_FLEET), "document");
}

static void
test_sections(void **state)
{
	(void)state;
	assert_true(config_value_section("portal", 6));
	assert_true(config_value_section("cache", 5));
	assert_true(config_value_section("policy]", 6));
	assert_false(config_value_section("", 0));
	assert_false(config_value_section("porta", 5));
	assert_false(config_value_section("portal ", 7));
	assert_false(config_value_section("Cache", 5));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_good),
	    cmocka_unit_test(test_bad),
	    cmocka_unit_test(test_numbers),
	    cmocka_unit_test(test_too_long),
	    cmocka_unit_test(test_mass_removal),
	    cmocka_unit_test(test_spans),
	    cmocka_unit_test(test_sources),
	    cmocka_unit_test(test_source_names),
	    cmocka_unit_test(test_source_what),
	    cmocka_unit_test(test_sections),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
