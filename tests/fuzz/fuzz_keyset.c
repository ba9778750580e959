/* SPDX-License-Identifier: ISC */
/*
 * Any bytes, or a changed good encoding ("p" and triples, see patch.h), as
 * the key records of a snapshot: refused with nothing left, or records within
 * their limits that encode to just the bytes that were read.
 */
#include <stdio.h>

#include "base/keyset.h"
#include "base/limits.h"
#include "tests/fuzz/patch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define FP "SHA256:0123456789012345678901234567890123456789012"

static void
build(struct buf *b)
{
	struct keyset ks;
	struct keyrec *rec;

	keyset_init(&ks);
	CHECK((rec = keyset_add(&ks)) != NULL);
	rec->id = "0a1b2c3d-4e5f-6789-abcd-ef0123456789";
	rec->label = "laptop";
	rec->owner = "user:0a1b2c3d-4e5f-6789-abcd-ef0123456789";
	rec->created_ms = 1750000000000;
	CHECK((rec->tags = keyset_tags(&ks, 2)) != NULL);
	rec->tags[0] = "deploy";
	rec->tags[1] = "user:root";
	rec->ntags = 2;
	rec->blob = (const unsigned char *)"blob";
	rec->bloblen = 4;
	(void)snprintf(rec->fp, sizeof(rec->fp), "%s", FP);
	CHECK((rec = keyset_add(&ks)) != NULL);
	rec->refused = "dsa";
	buf_init(b, 4096);
	CHECK(keyset_encode(&ks, b) == 0);
	keyset_free(&ks);
}

static void
check_record(const struct keyrec *rec)
{
	size_t i;

	CHECK(strlen(rec->id) <= LIMIT_TEXT);
	CHECK(strlen(rec->label) <= LIMIT_TEXT);
	CHECK(strlen(rec->owner) <= LIMIT_TEXT);
	CHECK(rec->ntags <= LIMIT_TAGS);
	for (i = 0; i < rec->ntags; i++)
		CHECK(strlen(rec->tags[i]) <= LIMIT_TEXT);
	CHECK((rec->blob == NULL) == (rec->refused != NULL));
	CHECK((rec->blob == NULL) == (rec->bloblen == 0));
	CHECK(rec->bloblen <= LIMIT_KEY_BLOB);
	CHECK(strlen(rec->fp) == (rec->blob == NULL ? 0 : KEYREC_FP_LEN));
	CHECK(rec->text == NULL && rec->textlen == 0);
}

static void
check_bytes(const unsigned char *bytes, size_t len)
{
	unsigned char *copy = patch_copy(bytes, len);
	struct slice in = {copy, len};
	struct keyset ks;
	struct buf again;
	size_t i;

	if (keyset_decode(&in, &ks) == -1) {
		CHECK(ks.n == 0 && ks.v == NULL && ks.arena.chunks == NULL);
		free(copy);
		return;
	}
	memset(copy, 0x5a, len);
	for (i = 0; i < ks.n; i++)
		check_record(&ks.v[i]);
	buf_init(&again, len);
	CHECK(keyset_encode(&ks, &again) == 0);
	CHECK(again.len == len - in.len);
	CHECK(memcmp(again.data, bytes, again.len) == 0);
	buf_free(&again);
	keyset_free(&ks);
	free(copy);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct buf b;

	if (len == 0 || data[0] != 'p') {
		check_bytes(data, len);
		return 0;
	}
	build(&b);
	for (data++, len--; len >= PATCH_SIZE;
	     data += PATCH_SIZE, len -= PATCH_SIZE)
		patch_apply(b.data, &b.len, data);
	check_bytes(b.data, b.len);
	buf_free(&b);
	return 0;
}
