/*
 * Why something was not to be had, in words that a person can act on.
 *
 * All reasons are made here: cleaned, cut to size, and the token taken out
 * of them should the other side have repeated it.
 */
#ifndef PORTAL_REASON_H
#define PORTAL_REASON_H

#include <stdint.h>

#include "base/limits.h"
#include "base/source.h"
#include "portal/http.h"
#include "portal/portal.h"

/* What was asked for: what a source holds, or the device's record. */
enum subject {
	SUBJECT_DEVICE = SOURCE_DEVICE,
	SUBJECT_PROJECT = SOURCE_PROJECT,
	SUBJECT_PERSONAL = SOURCE_PERSONAL,
	SUBJECT_METADATA = SOURCE_METADATA,
	SUBJECT_MEMBERS = SOURCE_MEMBERS,
	SUBJECT_FLEET = SOURCE_FLEET,
	SUBJECT_RECORD = SOURCE_COUNT,
	SUBJECT_COUNT
};

void reason_put(const struct portal *p, char dst[LIMIT_REASON], const char *fmt,
    ...) __attribute__((format(printf, 3, 4)));

/*
 * Why the ended call is no answer; id is the device, project or organization
 * asked about ("" for none), span the time in ms that there was for the whole fetch.
 */
void reason_http(const struct portal *p, struct http_call *call,
    enum subject subject, const char *id, int64_t span, char dst[LIMIT_REASON]);

/* "no answer within 5 s". */
void reason_late(const struct portal *p, int64_t span, char dst[LIMIT_REASON]);

#endif
