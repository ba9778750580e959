/*
 * The few response headers that matter.  Pure.
 */
#ifndef PORTAL_HEADER_H
#define PORTAL_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"

/*
 * Whether line[len] is the header `name` (any case); its value without the
 * white space around it then goes to *value and *vlen, as part of line.
 */
bool header_is(const char *line, size_t len, const char *name,
    const char **value, size_t *vlen);

/* Whether value is an entity tag that may be stored and sent back. */
bool header_etag_ok(const char *value, size_t len);

/*
 * Retry-After, in seconds or as an HTTP date, as milliseconds from now_ms
 * (wall clock) on: 0 to LIMIT_RETRY_AFTER_MS, 0 where it can't be read.
 */
int64_t header_retry_after(const char *value, size_t len, int64_t now_ms);

/* Date, as milliseconds of the wall clock; 0 where it can't be read. */
int64_t header_date(const char *value, size_t len);

#endif
