/*
 * Dates that people write into options and tags, in milliseconds since 1970.
 * Years from 1971 to 9999: what sshd can read back as a time.  Pure.
 */
#ifndef POLICY_WHEN_H
#define POLICY_WHEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WHEN_NONE INT64_MAX /* no date, and later than any */
#define WHEN_TEXT_SIZE 16 /* "20261231235959Z" and a NUL */

/*
 * expiry-time of sshd(8): YYYYMMDD, YYYYMMDDHHMM or YYYYMMDDHHMMSS, in UTC
 * with a Z behind it (*utc is set), else in the time zone of whoever reads
 * it: then the result only compares with others of that kind.  WHEN_NONE for
 * anything else, a day that no calendar has included.
 */
int64_t when_expiry(const char *s, size_t len, bool *utc);

/*
 * A tag's date: RFC 3339's full date, meaning its first moment in UTC as
 * expiry-time does, or date and time with Z or an offset ("…T12:00:00Z",
 * "…T12:00:00+02:00"; a fraction is cut off).  WHEN_NONE for anything else.
 */
int64_t when_tag(const char *s, size_t len);

/*
 * The 14 digits of expiry-time, with Z if utc.  A time before 1971 becomes
 * the first of that year, one after 9999 the last second of that, so that
 * the text is never later than ms unless both are long past.  Returns dst.
 */
char *when_text(int64_t ms, bool utc, char dst[WHEN_TEXT_SIZE]);

#endif
