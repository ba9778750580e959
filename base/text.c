/* SPDX-License-Identifier: ISC */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

/*
 * Decodes one UTF-8 character (RFC 3629: shortest form, no surrogates, at
 * most U+10FFFF) into *cp and returns its length, or 0 if there is none.
 */
static size_t
utf8_next(const unsigned char *s, size_t len, uint32_t *cp)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t n, i;

	if (s[0] < 0x80) {
		*cp = s[0];
		return 1;
	}
	if (s[0] >= 0xc2 && s[0] <= 0xdf)
		n = 2;
	else if ((s[0] & 0xf0) == 0xe0)
		n = 3;
	else if (s[0] >= 0xf0 && s[0] <= 0xf4)
		n = 4;
	else
		return 0;
	if (n > len)
		return 0;
	*cp = s[0] & (0x7fu >> n);
	for (i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		*cp = *cp << 6 | (s[i] & 0x3fu);
	}
	if (*cp < least[n] || *cp > 0x10ffff ||
	    (*cp >= 0xd800 && *cp <= 0xdfff))
		return 0;
	return n;
}

/* Characters that move a cursor, end a line or turn the reading order. */
static bool
is_unsafe(uint32_t cp)
{
	return cp < 0x20 || (cp >= 0x7f && cp <= 0x9f) || cp == 0x061c ||
	    cp == 0x200e || cp == 0x200f || cp == 0x2028 || cp == 0x2029 ||
	    (cp >= 0x202a && cp <= 0x202e) || (cp >= 0x2066 && cp <= 0x2069) ||
	    cp == 0xfeff;
}

size_t
text_clean(char *dst, size_t size, const char *src, size_t len)
{
	const unsigned char *s = (const unsigned char *)src;
	size_t i, j, n, out = 0;
	uint32_t cp;

	for (i = 0; i < len; i += n) {
		n = utf8_next(s + i, len - i, &cp);
		if (n == 0 || is_unsafe(cp)) {
			if (n == 0)
				n = 1;
			if (out + 1 >= size)
				break;
			dst[out++] = '?';
			continue;
		}
		if (out + n >= size)
			break;
		for (j = 0; j < n; j++)
			dst[out++] = src[i + j];
	}
	if (size != 0)
		dst[out] = '\0';
	return out;
}

char *
text_copy(char *dst, size_t size, const char *src)
{
	size_t len = strnlen(src, size - 1);

	memcpy(dst, src, len);
	dst[len] = '\0';
	return dst;
}

char *
text_span(char *dst, size_t size, long long ms)
{
	long long s = ms > 0 ? ms / 1000 : 0;

	if (s < 120)
		(void)snprintf(dst, size, "%lld s", s);
	else if (s < 120 * 60)
		(void)snprintf(dst, size, "%lld min", s / 60);
	else if (s < 48 * 3600)
		(void)snprintf(dst, size, "%lld h", s / 3600);
	else
		(void)snprintf(dst, size, "%lld d", s / 86400);
	return dst;
}
