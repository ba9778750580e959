/* SPDX-License-Identifier: ISC */
#include <arpa/inet.h>
#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "policy/options_value.h"

/* sshd's largest; the two above it mean "any" and an error. */
#define TUNNEL_MAX (INT_MAX - 2)
#define HOST_MAX 1024 /* less than this, sshd's NI_MAXHOST */

/* A number of at most max, without leading zeros; -1 for anything else. */
static long
number(struct span s, long max)
{
	long n = 0;
	size_t i;

	if (s.len == 0 || s.len > 10 || (s.len > 1 && s.p[0] == '0'))
		return -1;
	for (i = 0; i < s.len; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return -1;
		n = n * 10 + (s.p[i] - '0');
	}
	return n > max ? -1 : n;
}

static enum options_result
add(struct words *w, struct span value, struct error *err)
{
	if (words_has(w, value.p, value.len)) {
		(void)error_set(err, "the same stands there twice");
		return OPTIONS_BAD;
	}
	if (words_add(w, value.p, value.len) == -1) {
		(void)error_set(err, "no memory");
		return OPTIONS_NO_MEMORY;
	}
	return OPTIONS_OK;
}

static enum options_result
set_text(char **field, struct span value, struct error *err)
{
	if ((*field = strndup(value.p, value.len)) == NULL) {
		(void)error_set(err, "no memory");
		return OPTIONS_NO_MEMORY;
	}
	return OPTIONS_OK;
}

static enum options_result
set_from(struct options *o, struct span value, struct error *err)
{
	enum from_result r = from_add(&o->from, value.p, value.len, err);

	if (r == FROM_OK)
		r = from_check(&o->from, err);
	return r == FROM_OK       ? OPTIONS_OK
	    : r == FROM_NO_MEMORY ? OPTIONS_NO_MEMORY
				  : OPTIONS_BAD;
}

static enum options_result
set_expiry(struct options *o, struct span value, struct error *err)
{
	bool utc;
	int64_t ms = when_expiry(value.p, value.len, &utc);
	int64_t *field = utc ? &o->expiry_utc_ms : &o->expiry_local_ms;

	if (ms == WHEN_NONE) {
		(void)error_set(err,
		    "needs a date that exists, as YYYYMMDD, "
		    "YYYYMMDDHHMM or YYYYMMDDHHMMSS, with Z for UTC");
		return OPTIONS_BAD;
	}
	/* sshd takes the earliest of several. */
	if (ms < *field)
		*field = ms;
	return OPTIONS_OK;
}

static enum options_result
set_environment(struct options *o, struct span value, struct error *err)
{
	size_t i, len = 0;

	while (len < value.len &&
	    (isalnum((unsigned char)value.p[len]) || value.p[len] == '_'))
		len++;
	if (len == 0 || len == value.len || value.p[len] != '=') {
		(void)error_set(err,
		    "needs NAME=value with a name of "
		    "letters, digits and _");
		return OPTIONS_BAD;
	}
	for (i = 0; i < o->environment.n; i++) {
		if (strncmp(o->environment.v[i], value.p, len + 1) == 0) {
			(void)error_set(
			    err, "%.*s stands there twice", (int)len, value.p);
			return OPTIONS_BAD;
		}
	}
	return add(&o->environment, value, err);
}

bool
option_host_port(struct span text, struct span *host, struct span *port)
{
	size_t colon = text.len;

	while (colon > 0 && text.p[colon - 1] != ':')
		colon--;
	if (colon < 2)
		return false;
	*host = (struct span){text.p, colon - 1};
	*port = (struct span){text.p + colon, text.len - colon};
	return true;
}

/* A name, an IPv4 address, `*`, or an IPv6 address in brackets. */
static bool
host_ok(struct span host)
{
	struct in6_addr any;
	char copy[INET6_ADDRSTRLEN];
	size_t i;

	if (host.len >= HOST_MAX)
		return false;
	if (host.p[0] == '[') {
		if (host.p[host.len - 1] != ']' || host.len < 4 ||
		    host.len - 2 >= sizeof(copy))
			return false;
		memcpy(copy, host.p + 1, host.len - 2);
		copy[host.len - 2] = '\0';
		return strlen(copy) == host.len - 2 &&
		    inet_pton(AF_INET6, copy, &any) == 1;
	}
	if (span_is(host, "*"))
		return true;
	for (i = 0; i < host.len; i++) {
		if (!isalnum((unsigned char)host.p[i]) &&
		    strchr("-_.", host.p[i]) == NULL)
			return false;
	}
	return true;
}

static enum options_result
set_permit(struct words *w, struct span value, bool listen, struct error *err)
{
	struct span host = {"*", 1}, port = value;
	char text[HOST_MAX + 8];

	if ((!listen || span_has(value, ':')) &&
	    (!option_host_port(value, &host, &port) || !host_ok(host))) {
		(void)error_set(err,
		    "needs host:port, with brackets around "
		    "an IPv6 address");
		return OPTIONS_BAD;
	}
	if (!span_is(port, "*") && number(port, 65535) < 1) {
		(void)error_set(err, "needs a port from 1 to 65535 or *");
		return OPTIONS_BAD;
	}
	/* A port alone means any address, and is written so. */
	memcpy(text, host.p, host.len);
	text[host.len] = ':';
	memcpy(text + host.len + 1, port.p, port.len);
	return add(w, (struct span){text, host.len + 1 + port.len}, err);
}

static enum options_result
set_principals(struct options *o, struct span value, struct error *err)
{
	size_t i;

	for (i = 0; i <= value.len; i++) {
		if ((i == value.len || value.p[i] == ',') &&
		    (i == 0 || value.p[i - 1] == ',')) {
			(void)error_set(err, "an entry is empty");
			return OPTIONS_BAD;
		}
	}
	/* sshd would compare a blank too, and never find it. */
	if (span_has(value, ' ')) {
		(void)error_set(err, "a blank; the list has commas alone");
		return OPTIONS_BAD;
	}
	return set_text(&o->principals, value, err);
}

static enum options_result
set_tunnel(struct options *o, struct span value, struct error *err)
{
	long n = number(value, TUNNEL_MAX);

	if (value.len == 3 && strncasecmp(value.p, "any", 3) == 0)
		n = OPTIONS_TUNNEL_ANY;
	else if (n == -1) {
		(void)error_set(err, "needs the number of a device or any");
		return OPTIONS_BAD;
	}
	o->tunnel = (int)n;
	return OPTIONS_OK;
}

enum options_result
option_set(
    struct options *o, enum option_id id, struct span value, struct error *err)
{
	switch (id) {
	case OPTION_COMMAND:
		return set_text(&o->command, value, err);
	case OPTION_ENVIRONMENT:
		return set_environment(o, value, err);
	case OPTION_EXPIRY_TIME:
		return set_expiry(o, value, err);
	case OPTION_FROM:
		return set_from(o, value, err);
	case OPTION_PERMITLISTEN:
		return set_permit(&o->permitlisten, value, true, err);
	case OPTION_PERMITOPEN:
		return set_permit(&o->permitopen, value, false, err);
	case OPTION_PRINCIPALS:
		return set_principals(o, value, err);
	case OPTION_TUNNEL:
		return set_tunnel(o, value, err);
	default:
		(void)error_set(err, "takes no value");
		return OPTIONS_BAD;
	}
}
