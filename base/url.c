/* SPDX-License-Identifier: ISC */
#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/limits.h"
#include "base/url.h"

/* The longest host name, a colon, a port and a NUL. */
#define AUTHORITY_SIZE (253 + 1 + 5 + 1)

bool
uuid_ok(const char *s)
{
	size_t i;

	for (i = 0; i < 36; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? s[i] != '-' : !isxdigit((unsigned char)s[i]))
			return false;
	}
	return s[36] == '\0';
}

static bool
is_loopback(const char *host)
{
	struct in_addr a4;

	if (strcasecmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0)
		return true;
	return inet_pton(AF_INET, host, &a4) == 1 &&
	    ntohl(a4.s_addr) >> 24 == 127;
}

static bool
host_ok(const char *host)
{
	struct in6_addr a6;
	char addr[INET6_ADDRSTRLEN];
	size_t len = strlen(host);

	if (host[0] == '[') {
		if (len < 3 || host[len - 1] != ']' || len - 2 >= sizeof(addr))
			return false;
		memcpy(addr, host + 1, len - 2);
		addr[len - 2] = '\0';
		return inet_pton(AF_INET6, addr, &a6) == 1;
	}
	if (len == 0 || len > 253)
		return false;
	for (; *host != '\0'; host++) {
		if (!isalnum((unsigned char)*host) && *host != '-' &&
		    *host != '.' && *host != '_')
			return false;
	}
	return true;
}

static bool
port_ok(const char *port)
{
	unsigned n = 0;
	size_t i;

	for (i = 0; port[i] >= '0' && port[i] <= '9' && i < 5; i++)
		n = n * 10 + (unsigned)(port[i] - '0');
	return port[i] == '\0' && n >= 1 && n <= 65535;
}

/* Checks "host[:port]". */
static int
authority_check(char *auth, bool plain, struct error *err)
{
	char *port = strrchr(auth, ':');
	const char *bracket = strrchr(auth, ']');

	if (strchr(auth, '@') != NULL)
		return error_set(err, "holds a user name; remove it");
	if (port != NULL && (bracket == NULL || port > bracket)) {
		*port++ = '\0';
		if (!port_ok(port))
			return error_set(err, "has a bad port");
	}
	if (!host_ok(auth))
		return error_set(err, "has a bad host name");
	if (plain && !is_loopback(auth))
		return error_set(err,
		    "must start with https:// "
		    "(http:// is for loopback addresses alone)");
	return 0;
}

/* In ASCII, whatever the case of the letters. */
static bool
has_scheme(const char *url, const char *scheme)
{
	for (; *scheme != '\0'; url++, scheme++) {
		if ((*url | 0x20) != (*scheme | 0x20))
			return false;
	}
	return true;
}

/*
 * Runs at each login, so it keeps to functions that are in memory already: a
 * page of libc that is touched for the first time costs as much as ten calls
 * of the kernel.
 */
int
url_check(const char *url, struct error *err)
{
	char auth[AUTHORITY_SIZE];
	const char *p;
	size_t len;
	bool plain;

	for (p = url; *p != '\0'; p++) {
		if (*p <= ' ' || *p > '~' || strchr("\"<>\\^`{|}", *p) != NULL)
			return error_set(err,
			    "holds a character that "
			    "no URL may hold");
		if (*p == '?' || *p == '#')
			return error_set(err,
			    "must not have a query or "
			    "fragment");
	}
	if (p - url >= LIMIT_URL)
		return error_set(err, "is too long");
	plain = has_scheme(url, "http://");
	if (!plain && !has_scheme(url, "https://"))
		return error_set(err, "must start with https://");
	p = url + (plain ? 7 : 8);
	len = strcspn(p, "/");
	if (len >= sizeof(auth))
		return error_set(err, "has a host name that is too long");
	memcpy(auth, p, len);
	auth[len] = '\0';
	return authority_check(auth, plain, err);
}
