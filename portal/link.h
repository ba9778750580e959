/*
 * The addresses that are asked.
 */
#ifndef PORTAL_LINK_H
#define PORTAL_LINK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/limits.h"

/* Joins base and the printf'd path.  0, or -1 if that is too long. */
int link_make(char dst[LIMIT_URL], struct error *err, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * What href means on the page at `page`, as an absolute URL without its
 * fragment.  -1 with err set unless scheme, host and port are page's and it
 * has no user or password.
 */
int link_follow(
    const char *page, const char *href, char dst[LIMIT_URL], struct error *err);

/*
 * Adds the parameter to the query of url, which has no fragment, unless one
 * of that name is there.  0, or -1 if that is too long.
 */
int link_keep(char url[LIMIT_URL], const char *name, const char *value,
    struct error *err);

/* The host, and the port if it is named, for messages; dst[size]. */
void link_host(const char *url, char *dst, size_t size);

bool link_is_https(const char *url);

#endif
