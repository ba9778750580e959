/*
 * RFC 4716 public key blocks.  Pure.
 */
#ifndef POLICY_RFC4716_H
#define POLICY_RFC4716_H

#include <stdbool.h>
#include <stddef.h>

#include "base/limits.h"

/* Whether the text (leading white space skipped) starts such a block. */
bool rfc4716_is(const char *text, size_t len);

/*
 * Joins the body's base64 lines into b64 (NUL-terminated, at most size - 1
 * characters) and the Comment header, continued lines joined, quotes taken
 * off and cleaned (text.h), into comment ("" if none; the last if several).
 * Line ends: LF, CRLF, CR.  Any header is allowed (Subject, Comment, x-…), in
 * any order, before the body; a header over 1024 bytes (its lines joined), a
 * header without a colon, an empty body, a body line over 72 characters or
 * with one that is not of base64, a NUL, a missing end marker, anything but
 * white space behind it: -1, and both outputs are "".
 */
int rfc4716_parse(const char *text, size_t len, char *b64, size_t size,
    char comment[LIMIT_COMMENT]);

#endif
