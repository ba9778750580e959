/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <limits.h>
#include <string.h>

#include "policy/base64.h"

/* RFC 4648, 10. */
static const struct {
	const char *plain, *coded;
} vectors[] = {
    {"", ""},
    {"f", "Zg=="},
    {"fo", "Zm8="},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="},
    {"fooba", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"},
    {"\xfb\xef\xbe\xff\xff\xff", "++++////"},
};
#define VECTORS (sizeof(vectors) / sizeof(vectors[0]))

static void
test_vectors(void **state)
{
	unsigned char plain[16];
	char coded[BASE64_SIZE(16)];
	size_t i, len;

	(void)state;
	for (i = 0; i < VECTORS; i++) {
		len = strlen(vectors[i].plain);
		assert_int_equal(
		    base64_encode(
			(const unsigned char *)vectors[i].plain, len, coded),
		    strlen(vectors[i].coded));
		assert_string_equal(coded, vectors[i].coded);
		assert_int_equal(
		    base64_decode(coded, strlen(coded), plain, sizeof(plain)),
		    len);
		assert_memory_equal(plain, vectors[i].plain, len);
	}
}

static void
test_refused(void **state)
{
	static const char *const cases[] = {
	    "Z",
	    "Zg",
	    "Zg=",
	    "Zm9",
	    "Zm9vYg",
	    "Zm9vYg=", /* cut */
	    "=",
	    "==",
	    "===",
	    "====",
	    "A===",
	    "Zg===",
	    "Zg==Zg==",
	    "Zg==Zm9v",
	    "Z=g=",
	    "=Zg=",
	    "Zm=v",
	    "Zm9v====", /* '=' */
	    "Zh==",
	    "Zg/=",
	    "Zm9=",
	    "Zm8=Zm8=",
	    "//==",
	    "///=", /* bits */
	    " Zg==",
	    "Zg== ",
	    "Zg=\n",
	    "Zm9v\n",
	    "Zm9vYmF\n",
	    "Zm9 ",
	    "Zm9vZm9v\r\n\r\n",
	    "   Zg==\n",
	    "Zm\n9",
	    "Z m9v Zm",
	    "    ",
	    "Zm9-",
	    "Zm9_",
	    "Zm9v-Zm9",
	    "Zm9.",
	    "Zm9\"",
	    "Zm9\xff",
	    "\xc3\xab\xc3\xab",
	    "----",
	    "Zg==----",
	};
	unsigned char plain[64];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (base64_decode(
			cases[i], strlen(cases[i]), plain, sizeof(plain)) != -1)
			fail_msg("taken: \"%s\"", cases[i]);
	}
	assert_int_equal(base64_decode("Zm9\0", 4, plain, 64), -1);
	assert_int_equal(base64_decode("\0\0\0\0", 4, plain, 64), -1);
	assert_int_equal(
	    base64_decode("Zm9v", (size_t)INT_MAX + 1, plain, 64), -1);
}

/* Each byte at each of the last places: canonical or refused. */
static void
test_every_last_byte(void **state)
{
	char text[9] = "Zm9vZm9v", again[BASE64_SIZE(6)];
	unsigned char plain[6];
	unsigned a, b;
	long len;

	(void)state;
	for (a = 0; a < 256; a++) {
		for (b = 0; b < 256; b++) {
			text[6] = (char)a;
			text[7] = (char)b;
			len = base64_decode(text, 8, plain, sizeof(plain));
			if (len == -1)
				continue;
			assert_in_range(len, 4, 6);
			(void)base64_encode(plain, (size_t)len, again);
			assert_memory_equal(again, text, 9);
		}
	}
}

/* All lengths, and a buffer that holds them to the byte. */
static void
test_lengths(void **state)
{
	unsigned char data[600], plain[602];
	char coded[BASE64_SIZE(600)];
	size_t i, len;

	(void)state;
	for (i = 0; i < sizeof(data); i++)
		data[i] = (unsigned char)(i * 7 + i / 3);
	for (len = 0; len <= sizeof(data); len++) {
		memset(coded, 'x', sizeof(coded));
		i = base64_encode(data, len, coded);
		assert_int_equal(i, BASE64_SIZE(len) - 1);
		assert_int_equal(coded[i], '\0');
		memset(plain, 0xa5, sizeof(plain));
		assert_int_equal(base64_decode(coded, i, plain, len), len);
		assert_memory_equal(plain, data, len);
		/* Not a byte written behind. */
		assert_int_equal(plain[len], 0xa5);
		assert_int_equal(plain[len + 1], 0xa5);
		if (len != 0)
			assert_int_equal(
			    base64_decode(coded, i, plain, len - 1), -1);
	}
}

static void
test_encode_too_long(void **state)
{
	char out[4] = "abc";

	(void)state;
	assert_int_equal(
	    base64_encode((const unsigned char *)"", INT_MAX, out), 0);
	assert_string_equal(out, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_vectors),
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_every_last_byte),
	    cmocka_unit_test(test_lengths),
	    cmocka_unit_test(test_encode_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
