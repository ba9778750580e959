/* SPDX-License-Identifier: ISC */
/*
 * Any bytes as a list of denied keys: the fast look and the slow one agree,
 * and nothing in a list keeps another entry from denying.  The bytes 1 and 2
 * stand for whole fingerprints, which chance would not make.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/denylist.h"

#define CHECK(x)                 \
	do {                     \
		if (!(x))        \
			abort(); \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const char *const fps[] = {
    "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU",
    "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"};

/* Which of fps have an entry: a bit each. */
static unsigned
walk(const char *text, size_t len)
{
	struct denylist_cursor c;
	struct denylist_entry e;
	unsigned found = 0, i, line = 0;
	int r;

	denylist_start(&c, text, len);
	while ((r = denylist_next(&c, &e)) != 0) {
		CHECK(c.line > line);
		line = c.line;
		if (r == -1) {
			CHECK(e.fp[0] == '\0' && e.notelen == 0);
			continue;
		}
		CHECK(denylist_fingerprint_ok(e.fp, strlen(e.fp)));
		CHECK(denylist_has(text, len, e.fp));
		CHECK(e.note >= text && e.note + e.notelen <= text + len);
		CHECK(
		    e.notelen == 0 || memchr(e.note, '\n', e.notelen) == NULL);
		for (i = 0; i < 2; i++)
			found |= (unsigned)(strcmp(e.fp, fps[i]) == 0) << i;
	}
	return found;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	size_t i, n = 0, size = 0, most = (len + 2) * KEYREC_FP_LEN;
	char *text = malloc(most), *exact;
	unsigned found;

	CHECK(text != NULL);
	for (i = 0; i < len; i++) {
		size = data[i] == 1 || data[i] == 2 ? KEYREC_FP_LEN : 1;
		memcpy(text + n,
		    size == 1 ? (const char *)data + i : fps[data[i] - 1],
		    size);
		n += size;
	}
	exact = malloc(n + 1);
	CHECK(exact != NULL);
	if (n != 0)
		memcpy(exact, text, n);
	exact = realloc(exact, n == 0 ? 1 : n);
	CHECK(exact != NULL);
	found = walk(exact, n);
	for (i = 0; i < 2; i++)
		CHECK(
		    denylist_has(exact, n, fps[i]) == ((found >> i & 1) != 0));
	free(exact);
	/* As `packet-keys deny` adds it. */
	text[n++] = '\n';
	memcpy(text + n, fps[0], KEYREC_FP_LEN);
	CHECK(denylist_has(text, n + KEYREC_FP_LEN, fps[0]));
	CHECK(walk(text, n + KEYREC_FP_LEN) == (found | 1));
	free(text);
	return 0;
}
