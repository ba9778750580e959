/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "base/text.h"
#include "policy/base64.h"
#include "policy/blob.h"
#include "policy/pubkey.h"
#include "policy/rfc4716.h"

/*
 * Whether any line starts a private key: PEM and OpenSSH ("-----BEGIN …
 * PRIVATE KEY-----"), ssh.com ("---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----")
 * or PuTTY.  Any line, as some paste both halves at once.
 */
static bool
is_private(struct span text)
{
	static const char words[] = "PRIVATE KEY";
	struct span line;

	while (text.len != 0) {
		line = span_trim(span_line(&text));
		if (span_starts(line, "PuTTY-User-Key-File-"))
			return true;
		if (span_starts(line, "----") &&
		    memmem(line.p, line.len, words, sizeof(words) - 1) != NULL)
			return true;
	}
	return false;
}

/*
 * Judges the first word of a line, which should be the type.  A word with a
 * quote in it, or one with a type behind it, is an option for sshd.
 */
static enum pubkey_refusal
check_type(struct span type, struct span next)
{
	enum pubkey_refusal r = pubkey_name_refusal(type);

	if (r == PUBKEY_UNKNOWN_TYPE &&
	    (span_has(type, '"') ||
		pubkey_name_refusal(next) != PUBKEY_UNKNOWN_TYPE))
		return PUBKEY_OPTIONS;
	return r;
}

/* type: what the blob must name too, or NULL for the blob's own. */
static enum pubkey_refusal
parse_base64(struct span b64, const struct span *type, struct pubkey *out)
{
	unsigned char blob[LIMIT_KEY_BLOB];
	struct slice in, name;
	enum pubkey_refusal r;
	long len;

	if (b64.len >= BASE64_SIZE(LIMIT_KEY_BLOB))
		return PUBKEY_TOO_LONG;
	len = base64_decode(b64.p, b64.len, blob, sizeof(blob));
	if (len <= 0)
		return PUBKEY_BASE64;
	in = (struct slice){blob, (size_t)len};
	if (type != NULL) {
		if (!blob_string(&in, &name))
			return PUBKEY_MALFORMED;
		if (name.len != type->len ||
		    memcmp(name.p, type->p, name.len) != 0)
			return PUBKEY_TYPE_MISMATCH;
	}
	r = pubkey_parse_blob(blob, (size_t)len, out);
	return r != PUBKEY_OK ? r : pubkey_check_point(out);
}

static enum pubkey_refusal
parse_line(struct span text, struct pubkey *out)
{
	struct span type = span_word(&text);
	struct span b64 = span_word(&text);
	enum pubkey_refusal r;

	if ((r = check_type(type, b64)) != PUBKEY_OK ||
	    (r = parse_base64(b64, &type, out)) != PUBKEY_OK)
		return r;
	text = span_trim(text);
	(void)text_clean(out->comment, sizeof(out->comment), text.p, text.len);
	return PUBKEY_OK;
}

static enum pubkey_refusal
parse_block(struct span text, struct pubkey *out)
{
	char b64[LIMIT_KEY_TEXT], comment[LIMIT_COMMENT];
	enum pubkey_refusal r;

	if (rfc4716_parse(text.p, text.len, b64, sizeof(b64), comment) == -1)
		return PUBKEY_RFC4716;
	r = parse_base64((struct span){b64, strlen(b64)}, NULL, out);
	if (r == PUBKEY_OK)
		memcpy(out->comment, comment, strlen(comment) + 1);
	return r;
}

static enum pubkey_refusal
parse_text(struct span s, struct pubkey *out)
{
	if (s.len > LIMIT_KEY_TEXT)
		return PUBKEY_TOO_LONG;
	s = span_trim(s);
	if (s.len == 0)
		return PUBKEY_NO_TEXT;
	if (is_private(s))
		return PUBKEY_PRIVATE;
	if (span_has(s, '\0'))
		return PUBKEY_MALFORMED;
	if (rfc4716_is(s.p, s.len))
		return parse_block(s, out);
	if (span_has(s, '\n') || span_has(s, '\r'))
		return PUBKEY_LINES;
	return parse_line(s, out);
}

enum pubkey_refusal
pubkey_parse(const char *text, size_t len, struct pubkey *out)
{
	enum pubkey_refusal r;

	memset(out, 0, sizeof(*out));
	r = parse_text((struct span){text, text == NULL ? 0 : len}, out);
	if (r != PUBKEY_OK)
		memset(out, 0, sizeof(*out));
	return r;
}
