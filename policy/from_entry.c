/* SPDX-License-Identifier: ISC */
#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "policy/from_entry.h"

static unsigned
full_bits(int family)
{
	return family == AF_INET ? 32 : 128;
}

static bool
masked_equal(const unsigned char *a, const unsigned char *b, unsigned bits)
{
	unsigned bytes = bits / 8, rest = bits % 8;

	if (memcmp(a, b, bytes) != 0)
		return false;
	return rest == 0 || (a[bytes] ^ b[bytes]) >> (8 - rest) == 0;
}

/* Whether no bit behind the prefix is set; sshd refuses the whole list. */
static bool
host_bits_zero(const struct from_entry *e)
{
	unsigned i, size = full_bits(e->family);

	for (i = e->bits; i < size; i++) {
		if ((e->addr[i / 8] >> (7 - i % 8) & 1) != 0)
			return false;
	}
	return true;
}

/* The number behind the slash, one to three digits; 999 if it is none. */
static unsigned
parse_bits(const char *s)
{
	size_t i, len = strlen(s);
	unsigned n = 0;

	if (len == 0 || len > 3 || strspn(s, "0123456789") != len ||
	    (len > 1 && s[0] == '0'))
		return 999;
	for (i = 0; i < len; i++)
		n = n * 10 + (unsigned)(s[i] - '0');
	return n;
}

static bool
is_mapped(const struct from_entry *e)
{
	static const unsigned char prefix[12] = {[10] = 0xff, [11] = 0xff};

	return e->family == AF_INET6 && e->bits >= 96 &&
	    memcmp(e->addr, prefix, sizeof(prefix)) == 0;
}

/* 1: it is one; 0: it is none; -1: it is a bad one. */
static int
parse_address(struct from_entry *e, char *text, struct error *err)
{
	char *slash = strchr(text, '/');

	if (slash != NULL)
		*slash++ = '\0';
	if (inet_pton(AF_INET, text, e->addr) == 1)
		e->family = AF_INET;
	else if (inet_pton(AF_INET6, text, e->addr) == 1)
		e->family = AF_INET6;
	else if (slash != NULL)
		return error_set(err,
		    "%s/%s is no network: there is no "
		    "address before the /",
		    text, slash);
	else
		return 0;
	e->bits = slash == NULL ? full_bits(e->family) : parse_bits(slash);
	if (e->bits > full_bits(e->family))
		return error_set(err,
		    "%s/%s is no network: behind the / "
		    "stands no number up to %u",
		    text, slash, full_bits(e->family));
	if (!host_bits_zero(e))
		return error_set(err,
		    "%s/%s is no network: bits are set "
		    "behind the first %u",
		    text, slash, e->bits);
	if (is_mapped(e))
		return error_set(err,
		    "%s never matches: write it as an IPv4 "
		    "address",
		    text);
	return 1;
}

static int
parse_pattern(struct from_entry *e, const char *text, struct error *err)
{
	static const char name[] = "abcdefghijklmnopqrstuvwxyz"
				   "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.*?";
	struct in_addr any;
	size_t i, len = strlen(text);

	/* sshd reads "10.1" and "0xa000001" as addresses, by getaddrinfo. */
	if (inet_aton(text, &any) != 0 || strspn(text, "0123456789.") == len)
		return error_set(err, "%s is no address", text);
	if (strchr(text, ':') != NULL) {
		if (strspn(text, "0123456789abcdefABCDEF:.*?") != len ||
		    strpbrk(text, "*?") == NULL)
			return error_set(err, "%s is no address", text);
	} else if (strspn(text, name) != len)
		return error_set(err,
		    "%s is neither an address nor a host "
		    "name or pattern",
		    text);
	for (i = 0; i < len; i++)
		e->pattern[i] = (char)tolower((unsigned char)text[i]);
	return 0;
}

int
from_entry_parse(struct from_entry *e, struct span text, struct error *err)
{
	struct from_entry parsed = {0};
	char copy[LIMIT_HOST_PATTERN];
	int r;

	*e = (struct from_entry){0};
	if (text.len != 0 && text.p[0] == '!') {
		parsed.negated = true;
		text.p++;
		text.len--;
	}
	if (text.len == 0)
		return error_set(err, "an entry is empty");
	if (text.len >= sizeof(copy))
		return error_set(err,
		    "an entry is longer than %zu "
		    "characters",
		    sizeof(copy) - 1);
	if (span_has(text, '\0'))
		return error_set(err, "a NUL byte");
	memcpy(copy, text.p, text.len);
	copy[text.len] = '\0';
	if ((r = parse_address(&parsed, copy, err)) == 0)
		r = parse_pattern(&parsed, copy, err);
	if (r == -1)
		return -1;
	*e = parsed;
	return 0;
}

void
from_entry_text(const struct from_entry *e, char dst[FROM_TEXT])
{
	size_t len;

	if (e->family == 0) {
		memcpy(dst, e->pattern, sizeof(e->pattern));
		return;
	}
	if (inet_ntop(e->family, e->addr, dst, FROM_TEXT) == NULL)
		dst[0] = '\0';
	len = strlen(dst);
	if (e->bits != full_bits(e->family))
		(void)snprintf(dst + len, FROM_TEXT - len, "/%u", e->bits);
}

bool
from_entry_equal(const struct from_entry *a, const struct from_entry *b)
{
	return a->negated == b->negated && a->family == b->family &&
	    a->bits == b->bits && memcmp(a->addr, b->addr, 16) == 0 &&
	    strcmp(a->pattern, b->pattern) == 0;
}

/* sshd's match_pattern: `*` is any text, `?` any character. */
static bool
matches(const char *pattern, const char *s)
{
	const char *star = NULL, *again = NULL;

	while (*s != '\0') {
		if (*pattern == '*') {
			star = ++pattern;
			again = s;
		} else if (*pattern == '?' || *pattern == *s) {
			pattern++;
			s++;
		} else if (star != NULL) {
			pattern = star;
			s = ++again;
		} else
			return false;
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '\0';
}

bool
from_entry_covers(
    const struct from_entry *wide, const struct from_entry *narrow)
{
	char text[FROM_TEXT];

	if (wide->family != 0)
		return wide->family == narrow->family &&
		    wide->bits <= narrow->bits &&
		    masked_equal(wide->addr, narrow->addr, wide->bits);
	if (strcmp(wide->pattern, "*") == 0)
		return true;
	if (narrow->family == 0)
		return strcmp(wide->pattern, narrow->pattern) == 0;
	/* A pattern is also matched against the address as a text. */
	if (narrow->bits != full_bits(narrow->family))
		return false;
	from_entry_text(narrow, text);
	return matches(wide->pattern, text);
}
