/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "policy/from.h"

static char built[1 << 16];

static const char *
text_of(const struct from *f)
{
	struct buf b;

	buf_init(&b, sizeof(built) - 1);
	assert_int_equal(from_put(f, &b), 0);
	memset(built, 0, sizeof(built));
	if (b.len != 0)
		memcpy(built, b.data, b.len);
	buf_free(&b);
	return built;
}

static void
add(struct from *f, const char *text)
{
	struct error err;

	assert_int_equal(from_add(f, text, strlen(text), &err), FROM_OK);
}

static void
test_good(void **state)
{
	static const char *const table[][2] = {
	    {"10.0.0.0/8", "10.0.0.0/8"},
	    {"0.0.0.0/0", "0.0.0.0/0"},
	    {"::/0", "::/0"},
	    {"192.0.2.7", "192.0.2.7"},
	    {"192.0.2.7/32", "192.0.2.7"},
	    {"192.0.2.8/31", "192.0.2.8/31"},
	    {"2001:DB8:0:0::/32", "2001:db8::/32"},
	    {"2001:db8::1/128", "2001:db8::1"},
	    {"!10.0.0.1,10.0.0.0/8", "!10.0.0.1,10.0.0.0/8"},
	    {"*.Example.COM", "*.example.com"},
	    {"*", "*"},
	    {"host_1", "host_1"},
	    {"10.*", "10.*"},
	    {"10.0.0.?", "10.0.0.?"},
	    {"2001:DB8:*", "2001:db8:*"},
	    {"a,b,a,!a,!a", "a,b,!a"},
	    {"3com.example", "3com.example"},
	};
	struct from f = {0};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		add(&f, table[i][0]);
		assert_string_equal(text_of(&f), table[i][1]);
		from_free(&f);
		assert_int_equal(f.n, 0);
	}
}

static void
test_bad(void **state)
{
	static const char *const table[][2] = {
	    {"", "an entry is empty"},
	    {"!", "an entry is empty"},
	    {"a,", "an entry is empty"},
	    {",a", "an entry is empty"},
	    {"a,,b", "an entry is empty"},
	    {"10.0.0.1/8",
		"10.0.0.1/8 is no network: bits are set behind "
		"the first 8"},
	    {"2001:db8::1/64", "bits are set behind the first 64"},
	    {"192.0.2.9/31", "behind the first 31"},
	    {"10.0.0.0/33", "no number up to 32"},
	    {"::/129", "no number up to 128"},
	    {"10.0.0.0/", "no number up to 32"},
	    {"10.0.0.0/08", "no number up to 32"},
	    {"10.0.0.0/+8", "no number up to 32"},
	    {"10.0.0.0/8/8", "no number up to 32"},
	    {"10.0.0.0/0x8", "no number up to 32"},
	    {"host/8", "there is no address before the /"},
	    {"10.*/8", "there is no address before the /"},
	    {"/8", "there is no address before the /"},
	    {"10.0.0.256", "is no address"},
	    {"10.0.0", "is no address"},
	    {"10", "is no address"},
	    {"0xa000001", "is no address"},
	    {"010.0.0.1", "is no address"},
	    {"1.2.3.4.5", "is no address"},
	    {"...", "is no address"},
	    {"::g", "is no address"},
	    {"1::2::3", "is no address"},
	    {"fe80::1%eth0", "is no address"},
	    {"[::1]", "is no address"},
	    {"::ffff:10.0.0.1", "write it as an IPv4 address"},
	    {"::ffff:0:0/96", "write it as an IPv4 address"},
	    {"a b", "neither an address nor a host name or pattern"},
	    {"a, b", "neither an address"},
	    {"a;b", "neither an address"},
	    {"a\"b", "neither an address"},
	    {"!!a", "neither an address"},
	    {"h\xc3\xb6st", "neither an address"},
	};
	struct from f = {0};
	struct error err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		err.text[0] = '\0';
		assert_int_equal(
		    from_add(&f, table[i][0], strlen(table[i][0]), &err),
		    FROM_BAD);
		assert_non_null(strstr(err.text, table[i][1]));
		assert_int_equal(f.n, 0);
	}
	assert_int_equal(from_add(&f, "a\0b", 3, &err), FROM_BAD);
	add(&f, "a");
	assert_int_equal(from_add(&f, "b,10.0.0.1/8", 12, &err), FROM_BAD);
	assert_string_equal(text_of(&f), "a");
	from_free(&f);
}

static void
test_limits(void **state)
{
	struct from f = {0};
	struct error err;
	char name[LIMIT_HOST_PATTERN + 1];
	int i;

	(void)state;
	memset(name, 'a', sizeof(name));
	assert_int_equal(
	    from_add(&f, name, LIMIT_HOST_PATTERN - 1, &err), FROM_OK);
	assert_int_equal(strlen(text_of(&f)), LIMIT_HOST_PATTERN - 1);
	assert_int_equal(
	    from_add(&f, name, LIMIT_HOST_PATTERN, &err), FROM_BAD);
	for (i = 1; i < LIMIT_FROM; i++) {
		(void)snprintf(name, sizeof(name), "h%d", i);
		add(&f, name);
	}
	assert_int_equal(from_add(&f, "one", 3, &err), FROM_BAD);
	assert_non_null(strstr(err.text, "256"));
	assert_int_equal(f.n, LIMIT_FROM);
	/* What stands there already is no entry more. */
	add(&f, "h7");
	from_free(&f);
}

static void
test_check(void **state)
{
	struct from f = {0};
	struct error err;

	(void)state;
	assert_int_equal(from_check(&f, &err), FROM_OK);
	add(&f, "!10.0.0.1");
	assert_int_equal(from_check(&f, &err), FROM_BAD);
	assert_non_null(strstr(err.text, "nobody"));
	add(&f, "*");
	assert_int_equal(from_check(&f, &err), FROM_OK);
	from_free(&f);
}

/* Each pair with what it has in common, or NULL and why not. */
static const struct {
	const char *a, *b, *want;
	enum from_result why;
} pairs[] = {
    {"", "", "", FROM_OK},
    {"", "10.0.0.0/8", "10.0.0.0/8", FROM_OK},
    {"", "!1.1.1.1,*", "!1.1.1.1,*", FROM_OK},
    {"10.0.0.0/8", "10.1.0.0/16", "10.1.0.0/16", FROM_OK},
    {"10.0.0.0/8", "11.0.0.0/8", NULL, FROM_EMPTY},
    {"10.0.0.0/8", "::/0", NULL, FROM_EMPTY},
    {"0.0.0.0/0", "::/0", NULL, FROM_EMPTY},
    {"0.0.0.0/0", "10.0.0.1", "10.0.0.1", FROM_OK},
    {"128.0.0.0/1", "0.0.0.0/1", NULL, FROM_EMPTY},
    {"10.0.0.0/9", "10.128.0.0/9", NULL, FROM_EMPTY},
    {"2001:db8::/32", "2001:db8:1::/48", "2001:db8:1::/48", FROM_OK},
    {"10.0.0.0/8,192.168.0.0/16", "10.1.0.0/16,192.168.7.0/24,8.8.8.8",
	"10.1.0.0/16,192.168.7.0/24", FROM_OK},
    {"*", "10.0.0.0/8", "10.0.0.0/8", FROM_OK},
    {"*", "*.example.com", "*.example.com", FROM_OK},
    {"*.example.com", "*.example.com", "*.example.com", FROM_OK},
    {"*.example.com", "*.EXAMPLE.com", "*.example.com", FROM_OK},
    {"*.example.com", "10.0.0.0/8", NULL, FROM_UNCLEAR},
    {"*.example.com", "a.example.com", NULL, FROM_UNCLEAR},
    {"*.example.com", "10.0.0.1", NULL, FROM_UNCLEAR},
    {"10.*", "10.0.0.1", "10.0.0.1", FROM_OK},
    {"1?.0.*.1", "10.0.77.1", "10.0.77.1", FROM_OK},
    {"11.*", "10.0.0.1", NULL, FROM_UNCLEAR},
    {"10.*", "10.0.0.0/24", NULL, FROM_UNCLEAR},
    /* In the result anyway, whatever the names say. */
    {"10.0.0.0/8,*.example.com", "10.0.0.0/8,*.example.com",
	"10.0.0.0/8,*.example.com", FROM_OK},
    {"10.0.0.0/8,*.example.com", "10.0.0.0/8", "10.0.0.0/8", FROM_OK},
    {"10.0.0.0/8,*.example.com", "10.1.0.0/16", "10.1.0.0/16", FROM_OK},
    {"10.0.0.0/16,*.example.com", "10.0.0.0/8", NULL, FROM_UNCLEAR},
    /* Exceptions of either hold. */
    {"10.0.0.0/8,!10.0.0.1", "10.0.0.0/8,!10.0.0.2",
	"10.0.0.0/8,!10.0.0.1,!10.0.0.2", FROM_OK},
    {"*,!*.evil.example", "10.0.0.0/8", "10.0.0.0/8,!*.evil.example", FROM_OK},
    {"!11.0.0.0/8,10.0.0.0/8", "11.0.0.0/8", NULL, FROM_EMPTY},
};

static void
intersect(const char *a, const char *b, const char *want, enum from_result why,
    bool same_order)
{
	struct from x = {0}, y = {0}, out;

	if (a[0] != '\0')
		add(&x, a);
	if (b[0] != '\0')
		add(&y, b);
	assert_int_equal(from_intersect(&out, &x, &y), why);
	if (want == NULL)
		assert_int_equal(out.n, 0);
	else if (same_order)
		assert_string_equal(text_of(&out), want);
	else
		assert_int_equal(strlen(text_of(&out)), strlen(want));
	from_free(&x);
	from_free(&y);
	from_free(&out);
}

static void
test_intersect(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		intersect(
		    pairs[i].a, pairs[i].b, pairs[i].want, pairs[i].why, true);
		intersect(
		    pairs[i].b, pairs[i].a, pairs[i].want, pairs[i].why, false);
	}
}

/* More in common than a list may hold: not cut, but refused. */
static void
test_intersect_limit(void **state)
{
	struct from a = {0}, b = {0}, out;
	char name[40];
	int i;

	(void)state;
	add(&a, "10.0.0.0/8");
	add(&b, "*");
	for (i = 0; i < LIMIT_FROM - 1; i++) {
		(void)snprintf(name, sizeof(name), "!a%d", i);
		add(&a, name);
		add(&b, name);
	}
	assert_int_equal(from_intersect(&out, &a, &b), FROM_OK);
	assert_int_equal(out.n, LIMIT_FROM);
	from_free(&out);
	from_free(&b);
	add(&b, "*,!b");
	assert_int_equal(from_intersect(&out, &a, &b), FROM_UNCLEAR);
	assert_int_equal(out.n, 0);
	from_free(&a);
	from_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_good),
	    cmocka_unit_test(test_bad),
	    cmocka_unit_test(test_limits),
	    cmocka_unit_test(test_check),
	    cmocka_unit_test(test_intersect),
	    cmocka_unit_test(test_intersect_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
