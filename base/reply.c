/* SPDX-License-Identifier: ISC */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/reply.h"

#define HELLO "packet-keys 1 "
#define DIGEST_LEN 16

static const char *const words[] = {[REPLY_DONE] = "done ",
    [REPLY_FOLLOWED] = "followed ",
    [REPLY_FAILED] = "failed "};

size_t
reply_encode(const struct reply *r, char dst[REPLY_SIZE])
{
	char reason[LIMIT_REASON];
	int n;

	(void)text_clean(reason, sizeof(reason), r->reason, strlen(r->reason));
	/* Always fits: LIMIT_REASON has the NUL that is not sent. */
	n = snprintf(dst, REPLY_SIZE, HELLO "%s%016" PRIx64 " %s\n",
	    words[r->code], r->config, reason);
	return n < 0 ? 0 : (size_t)n;
}

static int
take(const char **p, const char *end, const char *word)
{
	size_t len = strlen(word);

	if ((size_t)(end - *p) < len || memcmp(*p, word, len) != 0)
		return -1;
	*p += len;
	return 0;
}

static int
take_digest(const char **p, const char *end, uint64_t *out)
{
	static const char digits[] = "0123456789abcdef";
	const char *digit;
	int i;

	if (end - *p < DIGEST_LEN)
		return -1;
	*out = 0;
	for (i = 0; i < DIGEST_LEN; i++) {
		digit = memchr(digits, *(*p)++, sizeof(digits) - 1);
		if (digit == NULL)
			return -1;
		*out = *out << 4 | (uint64_t)(digit - digits);
	}
	return 0;
}

static int
take_code(const char **p, const char *end, enum reply_code *out)
{
	unsigned i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (take(p, end, words[i]) == 0) {
			*out = i;
			return 0;
		}
	}
	return -1;
}

int
reply_decode(struct reply *r, const char *text, size_t len)
{
	const char *p = text, *end = text + len;
	struct reply got = {.code = REPLY_FAILED};

	*r = got;
	if (len == 0 || memchr(text, '\n', len) != --end)
		return -1;
	if (take(&p, end, HELLO) == -1 || take_code(&p, end, &got.code) == -1 ||
	    take_digest(&p, end, &got.config) == -1 || take(&p, end, " ") == -1)
		return -1;
	if ((size_t)(end - p) >= sizeof(got.reason) ||
	    (got.code != REPLY_FAILED && p != end))
		return -1;
	(void)text_clean(got.reason, sizeof(got.reason), p, (size_t)(end - p));
	*r = got;
	return 0;
}
