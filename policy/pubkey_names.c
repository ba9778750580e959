/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "policy/blob.h"
#include "policy/pubkey.h"

static const char *const type_names[] = {
    [PUBKEY_RSA] = "ssh-rsa",
    [PUBKEY_ECDSA_256] = "ecdsa-sha2-nistp256",
    [PUBKEY_ECDSA_384] = "ecdsa-sha2-nistp384",
    [PUBKEY_ECDSA_521] = "ecdsa-sha2-nistp521",
    [PUBKEY_ED25519] = "ssh-ed25519",
    [PUBKEY_SK_ECDSA_256] = "sk-ecdsa-sha2-nistp256@openssh.com",
    [PUBKEY_SK_ED25519] = "sk-ssh-ed25519@openssh.com",
};
_Static_assert(sizeof(type_names) / sizeof(type_names[0]) == PUBKEY_TYPE_COUNT,
    "a type has no name");

/* The codes are in logs, --json and snapshots: never change one. */
static const struct {
	const char *code, *text;
} refusals[] = {
    [PUBKEY_OK] = {"ok", "is a good key"},
    [PUBKEY_NO_TEXT] = {"no-text", "has no key text"},
    [PUBKEY_TOO_LONG] = {"too-long", "is longer than any key is"},
    [PUBKEY_DSA] = {"dsa",
	"is a DSA key, which sshd no longer takes; "
	"make an Ed25519 one"},
    [PUBKEY_CERTIFICATE] = {"certificate",
	"is a certificate; "
	"paste the plain public key"},
    [PUBKEY_PRIVATE] = {"private",
	"holds a private key: it is no longer "
	"a secret, make a new one and paste its .pub file"},
    [PUBKEY_OPTIONS] = {"options",
	"has options or other words before "
	"its type; options belong in the policy"},
    [PUBKEY_UNKNOWN_TYPE] = {"unknown-type",
	"has no key type that is "
	"known here, such as ssh-ed25519"},
    [PUBKEY_LINES] = {"lines",
	"has more than one line; "
	"paste each key by itself, on one line"},
    [PUBKEY_BASE64] = {"base64",
	"has no whole base64 text "
	"behind its type; a part may be missing"},
    [PUBKEY_TYPE_MISMATCH] = {"type-mismatch",
	"names one type and "
	"holds another"},
    [PUBKEY_MALFORMED] = {"malformed",
	"is damaged: a part of it is "
	"missing, left over or has a value that no key has"},
    [PUBKEY_RSA_SIZE] = {"rsa-size",
	"is an RSA key of under 1024 or over "
	"16384 bits"},
    [PUBKEY_RFC4716] = {"rfc4716",
	"is a damaged SSH2 public key block "
	"(RFC 4716)"},
    [PUBKEY_INTERNAL] = {"internal",
	"could not be checked: "
	"no memory, or libcrypto failed"},
};
_Static_assert(sizeof(refusals) / sizeof(refusals[0]) == PUBKEY_REFUSAL_COUNT,
    "a refusal has no words");

const char *
pubkey_type_name(enum pubkey_type t)
{
	if ((unsigned)t >= PUBKEY_TYPE_COUNT)
		return NULL;
	return type_names[t];
}

enum pubkey_type
pubkey_type_by_name(const char *name, size_t len)
{
	unsigned t;

	for (t = 0; t < PUBKEY_TYPE_COUNT; t++) {
		if (span_is((struct span){name, len}, type_names[t]))
			break;
	}
	return (enum pubkey_type)t;
}

enum pubkey_refusal
pubkey_name_refusal(struct span name)
{
	if (pubkey_type_by_name(name.p, name.len) != PUBKEY_TYPE_COUNT)
		return PUBKEY_OK;
	if (span_is(name, "ssh-dss"))
		return PUBKEY_DSA;
	if (span_ends(name, "-cert-v01@openssh.com") ||
	    span_ends(name, "-cert-v00@openssh.com"))
		return PUBKEY_CERTIFICATE;
	return PUBKEY_UNKNOWN_TYPE;
}

const char *
pubkey_refusal_code(enum pubkey_refusal r)
{
	if ((unsigned)r >= PUBKEY_REFUSAL_COUNT)
		r = PUBKEY_INTERNAL;
	return refusals[r].code;
}

const char *
pubkey_refusal_text(enum pubkey_refusal r)
{
	if ((unsigned)r >= PUBKEY_REFUSAL_COUNT)
		r = PUBKEY_INTERNAL;
	return refusals[r].text;
}

enum pubkey_refusal
pubkey_refusal_by_code(const char *code)
{
	unsigned r;

	if (code == NULL)
		return PUBKEY_REFUSAL_COUNT;
	for (r = 0; r < PUBKEY_REFUSAL_COUNT; r++) {
		if (strcmp(refusals[r].code, code) == 0)
			break;
	}
	return (enum pubkey_refusal)r;
}
