/* SPDX-License-Identifier: ISC */
/*
 * JSON strings.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "portal/jsonin.h"

#define NOT_TEXT '?' /* what stands for a NUL or half a pair */

/* The length of the UTF-8 character at s, not ASCII (RFC 3629); 0: none. */
static size_t
utf8_len(const unsigned char *s, size_t left)
{
	unsigned char low = 0x80, high = 0xbf;
	size_t i, n;

	if (s[0] >= 0xc2 && s[0] <= 0xdf)
		n = 2;
	else if (s[0] >= 0xe0 && s[0] <= 0xef)
		n = 3;
	else if (s[0] >= 0xf0 && s[0] <= 0xf4)
		n = 4;
	else
		return 0;
	/* The second byte keeps out long forms, surrogates, what is over
	 * U+10FFFF. */
	if (s[0] == 0xe0)
		low = 0xa0;
	else if (s[0] == 0xed)
		high = 0x9f;
	else if (s[0] == 0xf0)
		low = 0x90;
	else if (s[0] == 0xf4)
		high = 0x8f;
	if (n > left || s[1] < low || s[1] > high)
		return 0;
	for (i = 2; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	}
	return n;
}

/* The value of "\uXXXX" at s, or -1 if that is not there. */
static long
utf16_unit(const char *s, size_t left)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	const char *d;
	long v = 0;
	size_t i;

	if (left < 6 || s[0] != '\\' || s[1] != 'u')
		return -1;
	for (i = 2; i < 6; i++) {
		d = s[i] == '\0' ? NULL : strchr(digits, s[i]);
		if (d == NULL)
			return -1;
		v = v * 16 + (d - digits) % 16;
	}
	return v;
}

/* Writes c as UTF-8; returns how many bytes that took. */
static size_t
utf8_put(char *out, uint32_t c)
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3f));
		out[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3f));
	out[2] = (char)(0x80 | (c >> 6 & 0x3f));
	out[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

/*
 * Decodes the escape at s[left], the backslash included.  Returns how many
 * bytes it takes there, 0 if it is none; *n is how many it took in out.
 */
static size_t
unescape(const char *s, size_t left, char *out, size_t *n)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *f;
	long u, low;

	if (left < 2)
		return 0;
	if (s[1] != 'u') {
		f = s[1] == '\0' ? NULL : strchr(from, s[1]);
		if (f == NULL)
			return 0;
		out[0] = to[f - from];
		*n = 1;
		return 2;
	}
	if ((u = utf16_unit(s, left)) == -1)
		return 0;
	low = utf16_unit(s + 6, left - 6);
	if (u >= 0xd800 && u <= 0xdbff && low >= 0xdc00 && low <= 0xdfff) {
		*n = utf8_put(out,
		    (uint32_t)(0x10000 + (u - 0xd800) * 0x400 +
			(low - 0xdc00)));
		return 12;
	}
	if (u == 0 || (u >= 0xd800 && u <= 0xdfff))
		u = NOT_TEXT;
	*n = utf8_put(out, (uint32_t)u);
	return 6;
}

/*
 * Finds the quote that ends the string whose first byte is at s; NULL if
 * there is none.
 */
static const char *
closing_quote(const char *s, const char *end)
{
	for (; s < end; s++) {
		if (*s == '"')
			return s;
		if (*s == '\\')
			s++;
	}
	return NULL;
}

/* Decodes s[len], between the quotes, to out, where it is never longer. */
static int
decode(struct jsonin *in, const char *s, size_t len, char *out, size_t *outlen)
{
	size_t i, n, took;

	*outlen = 0;
	for (i = 0; i < len; i += took) {
		unsigned char c = (unsigned char)s[i];

		if (c == '\\') {
			took = unescape(s + i, len - i, out + *outlen, &n);
		} else if (c >= 0x80) {
			took = n =
			    utf8_len((const unsigned char *)s + i, len - i);
			memcpy(out + *outlen, s + i, n);
		} else {
			took = n = c >= 0x20;
			out[*outlen] = (char)c;
		}
		if (took == 0) {
			in->p = s + i;
			return jsonin_fail(in,
			    c == '\\'       ? "bad escape"
				: c >= 0x80 ? "no UTF-8"
					    : "control character");
		}
		*outlen += n;
	}
	return 0;
}

static int
reserve(struct jsonin *in, size_t len)
{
	size_t size = len < 4096 ? 4096 : len;
	char *scratch;

	if (len <= in->scratch_size)
		return 0;
	if ((scratch = realloc(in->scratch, size)) == NULL)
		return error_set(in->err, "out of memory");
	in->scratch = scratch;
	in->scratch_size = size;
	return 0;
}

int
jsontext_read(struct jsonin *in, struct jsontext *text)
{
	const char *s = in->p + 1, *p = s;
	size_t len;

	*text = (struct jsontext){NULL, 0};
	while (p < in->end && *p != '"' && *p != '\\' &&
	    (unsigned char)*p >= 0x20 && (unsigned char)*p < 0x80)
		p++;
	if (p < in->end && *p == '"') {
		/* Nearly every string: it is what it says. */
		*text = (struct jsontext){s, (size_t)(p - s)};
		in->p = p + 1;
		return 0;
	}
	if ((p = closing_quote(p, in->end)) == NULL) {
		in->p = in->end;
		return jsonin_fail(in, "");
	}
	len = (size_t)(p - s);
	if (reserve(in, len) == -1 ||
	    decode(in, s, len, in->scratch, &len) == -1)
		return -1;
	*text = (struct jsontext){in->scratch, len};
	in->p = p + 1;
	return 0;
}
