/* SPDX-License-Identifier: ISC */
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include "base/text.h"
#include "policy/base64.h"
#include "policy/pubkey.h"
#include "policy/span.h"

#define FP_PREFIX "SHA256:"
#define SHA256_LEN 32

/*
 * OpenSSL 3 goes on with half a library context if there was no memory for
 * it, and crashes.
 */
static bool
has_context(void)
{
#if OPENSSL_VERSION_NUMBER >= 0x30000000L
	return OSSL_LIB_CTX_get0_global_default() != NULL;
#else
	return true;
#endif
}

int
pubkey_fingerprint(
    const unsigned char *blob, size_t len, char fp[KEYREC_FP_LEN + 1])
{
	unsigned char md[EVP_MAX_MD_SIZE];
	char b64[BASE64_SIZE(SHA256_LEN)];
	int r;

	fp[0] = '\0';
	/* An error left behind would look like the TLS connection's. */
	(void)ERR_set_mark();
	r = has_context() ? EVP_Digest(blob, len, md, NULL, EVP_sha256(), NULL)
			  : 0;
	(void)ERR_pop_to_mark();
	if (r != 1)
		return -1;
	(void)base64_encode(md, SHA256_LEN, b64);
	/* sshd leaves out the '=' at the end. */
	memcpy(fp, FP_PREFIX, strlen(FP_PREFIX));
	memcpy(fp + strlen(FP_PREFIX), b64, KEYREC_FP_LEN - strlen(FP_PREFIX));
	fp[KEYREC_FP_LEN] = '\0';
	return 0;
}

/* Options come from our own code; a slip there must not make a line. */
static bool
is_one_line(const char *s)
{
	for (; *s != '\0'; s++) {
		if (((unsigned char)*s < 0x20 && *s != '\t') || *s == 0x7f)
			return false;
	}
	return true;
}

static void
put_comment(const char *comment, struct buf *b)
{
	struct span s = {comment, comment == NULL ? 0 : strlen(comment)};
	char clean[LIMIT_COMMENT];

	s = span_trim(s);
	s.len = text_clean(clean, sizeof(clean), s.p, s.len);
	s.p = clean;
	s = span_trim(s);
	if (s.len == 0)
		return;
	(void)buf_putc(b, ' ');
	(void)buf_put(b, s.p, s.len);
}

int
pubkey_line(const struct pubkey *key, const char *options, const char *comment,
    struct buf *b)
{
	const char *type = pubkey_type_name(key->type);
	char b64[BASE64_SIZE(LIMIT_KEY_BLOB)];
	size_t start = b->len;

	/* A refused key is zero: it has no line. */
	if (type == NULL || key->bloblen == 0 ||
	    key->bloblen > sizeof(key->blob) ||
	    (options != NULL && !is_one_line(options)))
		b->failed = true;
	if (b->failed)
		return -1;
	if (options != NULL && options[0] != '\0') {
		(void)buf_puts(b, options);
		(void)buf_putc(b, ' ');
	}
	(void)buf_puts(b, type);
	(void)buf_putc(b, ' ');
	(void)buf_put(b, b64, base64_encode(key->blob, key->bloblen, b64));
	put_comment(comment, b);
	(void)buf_putc(b, '\n');
	if (b->failed) {
		/* Half a line may mean something else than the whole. */
		b->len = start;
		return -1;
	}
	return 0;
}

int
pubkey_line_with(
    const char *options, const char *line, size_t len, struct buf *b)
{
	size_t start = b->len;

	if (!is_one_line(options))
		b->failed = true;
	if (options[0] != '\0') {
		(void)buf_puts(b, options);
		(void)buf_putc(b, ' ');
	}
	(void)buf_put(b, line, len);
	if (b->failed) {
		b->len = start;
		return -1;
	}
	return 0;
}

int
pubkey_check_record(struct keyset *ks, struct keyrec *rec)
{
	struct pubkey key;
	enum pubkey_refusal r = pubkey_parse(rec->text, rec->textlen, &key);
	const unsigned char *blob;
	const char *label = rec->label;

	rec->text = NULL;
	rec->textlen = 0;
	rec->blob = NULL;
	rec->bloblen = 0;
	rec->fp[0] = '\0';
	rec->refused = pubkey_refusal_code(r);
	if (r == PUBKEY_INTERNAL)
		return -1;
	if (r != PUBKEY_OK)
		return 0;
	rec->refused = pubkey_refusal_code(PUBKEY_INTERNAL);
	blob = (unsigned char *)keyset_copy(ks, key.blob, key.bloblen);
	if (blob == NULL)
		return -1;
	if (label[0] == '\0' &&
	    (label = keyset_copy(ks, key.comment, strlen(key.comment))) == NULL)
		return -1;
	if (pubkey_fingerprint(key.blob, key.bloblen, rec->fp) == -1)
		return -1;
	rec->label = label;
	rec->blob = blob;
	rec->bloblen = key.bloblen;
	rec->refused = NULL;
	return 0;
}
