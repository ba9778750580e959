/* SPDX-License-Identifier: ISC */
/*
 * Any bytes as the service's answer, whatever way the socket cut them: what
 * was read is one clean line, and written again it is the same bytes, but for
 * characters that were cleaned.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/reply.h"
#include "base/text.h"

#define CHECK(x)                 \
	do {                     \
		if (!(x))        \
			abort(); \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
check_reason(const struct reply *r)
{
	char clean[LIMIT_REASON];
	size_t len = strlen(r->reason);

	CHECK(len < sizeof(r->reason));
	CHECK(text_clean(clean, sizeof(clean), r->reason, len) == len);
	CHECK(strcmp(clean, r->reason) == 0);
	CHECK(r->code == REPLY_FAILED || len == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct reply r, again;
	char line[REPLY_SIZE], *copy;
	size_t n;

	/* Of the exact size, so that a byte too many is seen. */
	if ((copy = malloc(len == 0 ? 1 : len)) == NULL)
		return 0;
	memcpy(copy, data, len);
	if (reply_decode(&r, copy, len) == 0) {
		check_reason(&r);
		n = reply_encode(&r, line);
		CHECK(n > 0 && n < sizeof(line) && line[n - 1] == '\n');
		CHECK(memchr(line, '\n', n) == line + n - 1);
		CHECK(reply_decode(&again, line, n) == 0);
		CHECK(again.code == r.code && again.config == r.config &&
		    strcmp(again.reason, r.reason) == 0);
		CHECK(n > len || memcmp(line, copy, 32) == 0);
	}
	free(copy);
	return 0;
}
