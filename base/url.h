/*
 * The little that the config check needs to know of a URL (RFC 3986); it is
 * no general parser and refuses what it doesn't know.
 */
#ifndef BASE_URL_H
#define BASE_URL_H

#include <stdbool.h>

#include "base/error.h"

/*
 * Accepts `https://host[:port][/path]`, and `http://` for loopback hosts
 * (127.0.0.0/8, [::1], localhost).  No user, query, fragment, white space or
 * control character; at most LIMIT_URL bytes.  0, or -1 with the reason.
 */
int url_check(const char *url, struct error *err);

/* A uuid as the portal writes them: 8-4-4-4-12 hexadecimal digits. */
bool uuid_ok(const char *s);

#endif
