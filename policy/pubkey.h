/*
 * Public keys: what a customer pasted, checked to the last byte, and the line
 * that sshd gets, rebuilt from the parsed key.  Pure.
 *
 * Formats: RFC 4253 6.6 (blob, ssh-rsa), RFC 5656 3.1 (ECDSA), RFC 8709 4
 * (Ed25519), OpenSSH PROTOCOL.u2f (sk- types), RFC 4716 (the block that
 * PuTTYgen saves), sshd(8) AUTHORIZED_KEYS FILE FORMAT (the one-line form).
 */
#ifndef POLICY_PUBKEY_H
#define POLICY_PUBKEY_H

#include <stddef.h>

#include "base/buf.h"
#include "base/keyset.h"
#include "base/limits.h"

enum pubkey_type {
	PUBKEY_RSA,
	PUBKEY_ECDSA_256,
	PUBKEY_ECDSA_384,
	PUBKEY_ECDSA_521,
	PUBKEY_ED25519,
	PUBKEY_SK_ECDSA_256,
	PUBKEY_SK_ED25519,
	PUBKEY_TYPE_COUNT
};

/* Why a text or blob is no key that may be used.  One code each. */
enum pubkey_refusal {
	PUBKEY_OK = 0,
	PUBKEY_NO_TEXT, /* missing, null, empty, white space */
	PUBKEY_TOO_LONG, /* over LIMIT_KEY_TEXT or LIMIT_KEY_BLOB */
	PUBKEY_DSA,
	PUBKEY_CERTIFICATE, /* any …-cert-v01@openssh.com */
	PUBKEY_PRIVATE, /* OpenSSH, PEM or PuTTY private key */
	PUBKEY_OPTIONS, /* options in front of the type */
	PUBKEY_UNKNOWN_TYPE,
	PUBKEY_LINES, /* more than one line, not RFC 4716 */
	PUBKEY_BASE64, /* none, or not the canonical form */
	PUBKEY_TYPE_MISMATCH, /* inner type is not the outer one */
	PUBKEY_MALFORMED, /* a field out of bounds, bytes left over, a
				 * value that no key has, a NUL in the text */
	PUBKEY_RSA_SIZE, /* under 1024 or over 16384 bits */
	PUBKEY_RFC4716, /* begin without end, bad header … */
	PUBKEY_INTERNAL, /* no memory, no libcrypto: says nothing about
				 * the key, never a reason to drop it */
	PUBKEY_REFUSAL_COUNT
};

struct pubkey {
	enum pubkey_type type;
	unsigned bits; /* RSA modulus; the curve's size otherwise */
	unsigned char blob[LIMIT_KEY_BLOB];
	size_t bloblen;
	/* The comment behind the base64, or of an RFC 4716 Comment header
	 * (unquoted); cleaned (text.h), cut to fit, "" if there is none. */
	char comment[LIMIT_COMMENT];
};

/* "ssh-ed25519" …; NULL for no type of ours. */
const char *pubkey_type_name(enum pubkey_type t);
/* The type of that name, or PUBKEY_TYPE_COUNT. */
enum pubkey_type pubkey_type_by_name(const char *name, size_t len);

/* A short stable word, such as "dsa", for logs and --json. */
const char *pubkey_refusal_code(enum pubkey_refusal r);
/* What is wrong, for a person: "is a DSA key, which sshd no longer takes". */
const char *pubkey_refusal_text(enum pubkey_refusal r);
/* The refusal of that code, or PUBKEY_REFUSAL_COUNT. */
enum pubkey_refusal pubkey_refusal_by_code(const char *code);

/*
 * Parses a pasted key text of len bytes (may hold any byte): the one-line
 * form or an RFC 4716 block, white space around it allowed, CRLF too.  On
 * PUBKEY_OK out is whole; otherwise it is zero.  Two blobs that are accepted
 * and differ are two keys: no key has a second form, and so a second
 * fingerprint.
 */
enum pubkey_refusal pubkey_parse(
    const char *text, size_t len, struct pubkey *out);

/*
 * The same for a blob alone (RFC 4253), such as one read from a snapshot,
 * without the comment and without asking libcrypto whether an ECDSA point
 * lies on its curve: pubkey_parse did, and this is called for each user's
 * line.  So it needs no memory and never returns PUBKEY_INTERNAL.  blob must
 * not lie in *out.
 */
enum pubkey_refusal pubkey_parse_blob(
    const unsigned char *blob, size_t len, struct pubkey *out);

/*
 * The fingerprint as sshd's %f prints it: "SHA256:" and 43 characters.
 * 0, or -1 when libcrypto fails.
 */
int pubkey_fingerprint(
    const unsigned char *blob, size_t len, char fp[KEYREC_FP_LEN + 1]);

/*
 * Appends `[options ]type base64[ comment]\n` to b.  options (NULL or "" for
 * none) must have been built by our own code; comment may be anything: it is
 * cleaned (text.h) and cut, so that it can't add a line or an option.
 * 0, or -1 as buf.h: the whole line is there or nothing of it.  Also -1 for a
 * key that was refused and for options with a control character in them.
 */
int pubkey_line(const struct pubkey *key, const char *options,
    const char *comment, struct buf *b);

/*
 * The same line with options put in front of it, for one that pubkey_line
 * made without any.
 */
int pubkey_line_with(
    const char *options, const char *line, size_t len, struct buf *b);

/*
 * Checks the record's text and fills in blob, bloblen and fp, or refused;
 * clears text.  Where the record has no label, the key's own comment becomes
 * it.  0, or -1 when there is no memory or libcrypto fails: then the key was
 * not judged (refused says "internal"), and an answer that counts as whole
 * must not be made of it.
 */
int pubkey_check_record(struct keyset *ks, struct keyrec *rec);

#endif
