/* SPDX-License-Identifier: ISC */
/* Any bytes as an RFC 4716 block; what was read, written again, reads back. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "policy/pubkey.h"
#include "policy/rfc4716.h"

#define CHECK(x)                 \
	do {                     \
		if (!(x))        \
			abort(); \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
put_block(struct buf *b, const char *b64, const char *comment)
{
	size_t i;

	(void)buf_puts(b, "---- BEGIN SSH2 PUBLIC KEY ----\nComment: \"");
	for (; *comment != '\0'; comment++) {
		if (*comment == '\\' || *comment == '"')
			(void)buf_putc(b, '\\');
		(void)buf_putc(b, (unsigned char)*comment);
	}
	(void)buf_puts(b, "\"");
	for (i = 0; b64[i] != '\0'; i++) {
		if (i % 70 == 0)
			(void)buf_puts(b, "\n");
		(void)buf_putc(b, (unsigned char)b64[i]);
	}
	(void)buf_puts(b, "\n---- END SSH2 PUBLIC KEY ----\n");
	CHECK(!b->failed);
}

static void
check_again(const char *want_b64, const char *want_comment)
{
	char b64[LIMIT_KEY_TEXT], comment[LIMIT_COMMENT];
	struct buf b;

	buf_init(&b, 4 * LIMIT_KEY_TEXT);
	put_block(&b, want_b64, want_comment);
	CHECK(rfc4716_parse(
		  (const char *)b.data, b.len, b64, sizeof(b64), comment) == 0);
	CHECK(strcmp(b64, want_b64) == 0);
	CHECK(strcmp(comment, want_comment) == 0);
	buf_free(&b);
}

/* Where the block is bad, the key is too, for that reason or an earlier. */
static void
check_key(const char *text, size_t len, int block)
{
	struct pubkey key;
	enum pubkey_refusal r = pubkey_parse(text, len, &key);

	if (block == -1)
		CHECK(r == PUBKEY_RFC4716 || r == PUBKEY_PRIVATE ||
		    r == PUBKEY_MALFORMED || r == PUBKEY_TOO_LONG);
	else
		CHECK(r != PUBKEY_RFC4716 && r != PUBKEY_LINES &&
		    r != PUBKEY_OPTIONS && r != PUBKEY_NO_TEXT &&
		    r != PUBKEY_TYPE_MISMATCH);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	/* Small ones too, and each of its own so that a sanitizer sees it. */
	size_t size = len % 3 == 0 ? len % 128 + 1 : LIMIT_KEY_TEXT;
	const char *text = (const char *)data;
	char comment[LIMIT_COMMENT], *b64 = malloc(size);
	int r;

	CHECK(b64 != NULL);
	memset(b64, 'x', size);
	memset(comment, 'x', sizeof(comment));
	r = rfc4716_parse(text, len, b64, size, comment);
	CHECK(memchr(b64, '\0', size) != NULL);
	CHECK(memchr(comment, '\0', sizeof(comment)) != NULL);
	if (r == 0) {
		CHECK(rfc4716_is(text, len));
		CHECK(b64[0] != '\0');
		check_again(b64, comment);
	} else {
		CHECK(r == -1);
		CHECK(b64[0] == '\0' && comment[0] == '\0');
	}
	if (rfc4716_is(text, len) && (r == 0 || size == LIMIT_KEY_TEXT))
		check_key(text, len, r);
	free(b64);
	return 0;
}
