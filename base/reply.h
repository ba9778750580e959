/*
 * What packet-keysd as a service answers to whoever has connected.  Pure.
 *
 * To connect is to ask: the service reads nothing.  The answer is one line,
 * `packet-keys 1 WORD DIGEST REASON`, and the end of the connection.  DIGEST
 * is that of the configuration that the service works with, 16 hex digits;
 * REASON is what is left of the line, empty but for `failed`.
 */
#ifndef BASE_REPLY_H
#define BASE_REPLY_H

#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"

enum reply_code {
	REPLY_DONE, /* a fetch that began after the connection has ended well */
	REPLY_FOLLOWED, /* one that had begun before has ended */
	REPLY_FAILED /* reason says why there is no new snapshot */
};

struct reply {
	enum reply_code code;
	uint64_t config; /* config.h, digest */
	char reason[LIMIT_REASON];
};

#define REPLY_SIZE (64 + LIMIT_REASON)

/* The line, its '\n' included and no NUL behind it; control characters of the
 * reason become '?'.  Returns its length. */
size_t reply_encode(const struct reply *r, char dst[REPLY_SIZE]);

/* Reads a whole answer.  0, or -1 when it is anything but such a line; then r
 * is a failure without a reason. */
int reply_decode(struct reply *r, const char *text, size_t len);

#endif
