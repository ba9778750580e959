/*
 * The portal's dates.  Pure.
 */
#ifndef PORTAL_DATE_H
#define PORTAL_DATE_H

#include <stddef.h>
#include <stdint.h>

/*
 * RFC 3339 with a date, a time and an offset ("2026-06-30T12:00:00.5Z",
 * "…+02:00") as milliseconds since 1970, or KEYREC_NO_DATE (keyset.h) for
 * anything else: a date that can only be guessed at is none.
 */
int64_t date_rfc3339(const char *s, size_t len);

#endif
