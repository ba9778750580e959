/* SPDX-License-Identifier: ISC */
/*
 * Any bytes as a key text, as a blob and as a comment: what comes out is one
 * whole line that reads back as the same key, or nothing.
 */
#include <stdlib.h>
#include <string.h>

#include "policy/pubkey.h"

#define CHECK(x)                 \
	do {                     \
		if (!(x))        \
			abort(); \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const char known[] = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIK9IrDfoO8QK"
			    "hSujiCwH5Ce35penvfUmsoi6Y3xFDOPb";

static void
check_same(const struct pubkey *a, const struct pubkey *b)
{
	CHECK(a->type == b->type);
	CHECK(a->bits == b->bits);
	CHECK(a->bloblen == b->bloblen);
	CHECK(memcmp(a->blob, b->blob, a->bloblen) == 0);
}

static void
check_zero(const struct pubkey *key)
{
	static const struct pubkey zero;

	CHECK(key->type == zero.type && key->bits == 0 && key->bloblen == 0);
	CHECK(memcmp(key->blob, zero.blob, sizeof(zero.blob)) == 0);
	CHECK(memcmp(key->comment, zero.comment, sizeof(zero.comment)) == 0);
}

static void
check_fingerprint(const struct pubkey *key)
{
	char fp[KEYREC_FP_LEN + 1];

	CHECK(pubkey_fingerprint(key->blob, key->bloblen, fp) == 0);
	CHECK(strlen(fp) == KEYREC_FP_LEN);
	CHECK(strncmp(fp, "SHA256:", 7) == 0);
	CHECK(
	    strspn(fp + 7,
		"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"abcdefghijklmnopqrstuvwxyz0123456789+/") == KEYREC_FP_LEN - 7);
}

/* What sshd sees: one line, the options, the type, the base64, a comment. */
static void
check_line(const struct pubkey *key, const char *options, const char *comment)
{
	const char *type = pubkey_type_name(key->type);
	size_t i, skip = strlen(options) + (options[0] != '\0');
	struct pubkey again;
	struct buf b, b2;

	buf_init(&b, LIMIT_LINE);
	CHECK(pubkey_line(key, options, comment, &b) == 0);
	CHECK(b.len > skip && b.data[b.len - 1] == '\n');
	for (i = 0; i < b.len - 1; i++)
		CHECK(b.data[i] >= 0x20 && b.data[i] != 0x7f);
	CHECK(memcmp(b.data, options, strlen(options)) == 0);
	CHECK(memcmp(b.data + skip, type, strlen(type)) == 0);
	CHECK(b.data[b.len - 2] != ' ');

	CHECK(pubkey_parse((const char *)b.data + skip, b.len - skip, &again) ==
	    PUBKEY_OK);
	check_same(key, &again);
	buf_init(&b2, LIMIT_LINE);
	CHECK(pubkey_line(&again, options, again.comment, &b2) == 0);
	CHECK(b.len == b2.len && memcmp(b.data, b2.data, b.len) == 0);
	buf_free(&b);
	buf_free(&b2);
}

static void
check_record(const char *text, size_t len, enum pubkey_refusal r)
{
	struct keyset ks;
	struct keyrec *rec;

	keyset_init(&ks);
	CHECK((rec = keyset_add(&ks)) != NULL);
	rec->text = text;
	rec->textlen = len;
	CHECK(pubkey_check_record(&ks, rec) == 0);
	CHECK(rec->text == NULL && rec->textlen == 0);
	if (r == PUBKEY_OK) {
		CHECK(rec->refused == NULL && rec->blob != NULL);
		CHECK(rec->bloblen != 0 && rec->fp[0] != '\0');
	} else {
		CHECK(pubkey_refusal_by_code(rec->refused) == r);
		CHECK(rec->blob == NULL && rec->bloblen == 0);
		CHECK(rec->fp[0] == '\0' && rec->label[0] == '\0');
	}
	keyset_free(&ks);
}

/* The bytes as they are, without base64 around them. */
static void
check_blob(const uint8_t *data, size_t len)
{
	struct pubkey key;
	enum pubkey_refusal r = pubkey_parse_blob(data, len, &key);

	CHECK((unsigned)r < PUBKEY_REFUSAL_COUNT && r != PUBKEY_INTERNAL);
	if (r != PUBKEY_OK) {
		check_zero(&key);
		return;
	}
	CHECK(key.bloblen == len && memcmp(key.blob, data, len) == 0);
	CHECK(key.comment[0] == '\0');
	check_fingerprint(&key);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct pubkey key, again;
	enum pubkey_refusal r;
	char *s;

	CHECK((s = malloc(len + 1)) != NULL);
	if (len != 0)
		memcpy(s, data, len);
	s[len] = '\0';
	memset(&key, 0xa5, sizeof(key));
	r = pubkey_parse((const char *)data, len, &key);
	CHECK((unsigned)r < PUBKEY_REFUSAL_COUNT && r != PUBKEY_INTERNAL);
	if (r == PUBKEY_OK) {
		CHECK(pubkey_parse_blob(key.blob, key.bloblen, &again) ==
		    PUBKEY_OK);
		check_same(&key, &again);
		check_fingerprint(&key);
		check_line(&key, "", key.comment);
		check_line(&key, "restrict,command=\"a b\"", s);
	} else
		check_zero(&key);
	check_record((const char *)data, len, r);
	check_blob(data, len);
	CHECK(pubkey_parse(known, sizeof(known) - 1, &key) == PUBKEY_OK);
	check_line(&key, "", s);
	free(s);
	return 0;
}
