/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "policy/blob.h"
#include "policy/pubkey.h"

/* sshd takes no RSA key outside of these (RequiredRSASize, libcrypto). */
#define RSA_BITS_MIN 1024
#define RSA_BITS_MAX 16384
#define RSA_E_BYTES_MAX 8

#define ED25519_LEN 32

struct curve {
	const char *name;
	unsigned bits;
	size_t point_len; /* uncompressed: 0x04, x, y */
};

static const struct curve nistp256 = {"nistp256", 256, 1 + 2 * 32};
static const struct curve nistp384 = {"nistp384", 384, 1 + 2 * 48};
static const struct curve nistp521 = {"nistp521", 521, 1 + 2 * 66};

bool
blob_string(struct slice *in, struct slice *out)
{
	uint32_t len;

	if (in->len < 4)
		return false;
	len = (uint32_t)in->p[0] << 24 | (uint32_t)in->p[1] << 16 |
	    (uint32_t)in->p[2] << 8 | in->p[3];
	if (len > in->len - 4)
		return false;
	*out = (struct slice){in->p + 4, len};
	*in = (struct slice){in->p + 4 + len, in->len - 4 - len};
	return true;
}

/*
 * A positive integer without its sign byte, in the shortest form alone: a
 * second form of the same key would have a second fingerprint, and a denied
 * key would come back under it.
 */
static bool
get_mpint(struct slice *in, struct slice *out)
{
	if (!blob_string(in, out) || out->len == 0 || (out->p[0] & 0x80) != 0)
		return false;
	if (out->p[0] != 0)
		return true;
	if (out->len == 1 || (out->p[1] & 0x80) == 0)
		return false;
	*out = (struct slice){out->p + 1, out->len - 1};
	return true;
}

static unsigned
mpint_bits(struct slice n)
{
	unsigned top, bits = (unsigned)(n.len - 1) * 8;

	for (top = n.p[0]; top != 0; top >>= 1)
		bits++;
	return bits;
}

static bool
mpint_odd(struct slice n)
{
	return (n.p[n.len - 1] & 1) != 0;
}

static enum pubkey_refusal
get_rsa(struct slice *in, unsigned *bits)
{
	struct slice e, n;

	if (!get_mpint(in, &e) || !get_mpint(in, &n))
		return PUBKEY_MALFORMED;
	*bits = mpint_bits(n);
	if (*bits < RSA_BITS_MIN || *bits > RSA_BITS_MAX)
		return PUBKEY_RSA_SIZE;
	/* With an exponent of 1 anybody could sign. */
	if (e.len > RSA_E_BYTES_MAX || !mpint_odd(e) ||
	    (e.len == 1 && e.p[0] < 3) || !mpint_odd(n))
		return PUBKEY_MALFORMED;
	return PUBKEY_OK;
}

static enum pubkey_refusal
get_ecdsa(struct slice *in, const struct curve *curve, unsigned *bits)
{
	struct slice name, q;

	if (!blob_string(in, &name) || name.len != strlen(curve->name) ||
	    memcmp(name.p, curve->name, name.len) != 0 ||
	    !blob_string(in, &q) || q.len != curve->point_len || q.p[0] != 4)
		return PUBKEY_MALFORMED;
	*bits = curve->bits;
	return PUBKEY_OK;
}

/*
 * The points of order 1, 2, 4 and 8, their sign bit aside: anybody can sign
 * for such a key, and sshd takes it; the first, all zero, is what a placeholder
 * looks like.  And every y from p = 2^255 - 19 on, a second form of y - p.
 */
static bool
is_bad_point(const unsigned char *pk)
{
	static const unsigned char y[][ED25519_LEN] = {
	    {0},
	    {1},
	    {0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4,
		0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3,
		0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc,
		0x05},
	    {0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b,
		0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c,
		0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03,
		0x7a},
	};
	unsigned char top = pk[ED25519_LEN - 1] & 0x7f;
	size_t i;

	for (i = 0; i < sizeof(y) / sizeof(y[0]); i++) {
		if (memcmp(pk, y[i], ED25519_LEN - 1) == 0 &&
		    top == y[i][ED25519_LEN - 1])
			return true;
	}
	/* p - 1, the point of order 2, and what lies above. */
	if (pk[0] < 0xec || top != 0x7f)
		return false;
	for (i = 1; i < ED25519_LEN - 1; i++) {
		if (pk[i] != 0xff)
			return false;
	}
	return true;
}

static enum pubkey_refusal
get_ed25519(struct slice *in, unsigned *bits)
{
	struct slice pk;

	if (!blob_string(in, &pk) || pk.len != ED25519_LEN ||
	    is_bad_point(pk.p))
		return PUBKEY_MALFORMED;
	*bits = 256;
	return PUBKEY_OK;
}

/* The "ssh:…" of a security key. */
static enum pubkey_refusal
get_application(struct slice *in)
{
	struct slice app;
	size_t i;

	if (!blob_string(in, &app) || app.len == 0 || app.len > LIMIT_TEXT)
		return PUBKEY_MALFORMED;
	for (i = 0; i < app.len; i++) {
		if (app.p[i] < 0x20 || app.p[i] == 0x7f)
			return PUBKEY_MALFORMED;
	}
	return PUBKEY_OK;
}

static enum pubkey_refusal
get_fields(enum pubkey_type type, struct slice *in, unsigned *bits)
{
	enum pubkey_refusal r;

	switch (type) {
	case PUBKEY_RSA:
		return get_rsa(in, bits);
	case PUBKEY_ECDSA_256:
		return get_ecdsa(in, &nistp256, bits);
	case PUBKEY_ECDSA_384:
		return get_ecdsa(in, &nistp384, bits);
	case PUBKEY_ECDSA_521:
		return get_ecdsa(in, &nistp521, bits);
	case PUBKEY_ED25519:
		return get_ed25519(in, bits);
	case PUBKEY_SK_ECDSA_256:
		r = get_ecdsa(in, &nistp256, bits);
		return r != PUBKEY_OK ? r : get_application(in);
	case PUBKEY_SK_ED25519:
		r = get_ed25519(in, bits);
		return r != PUBKEY_OK ? r : get_application(in);
	case PUBKEY_TYPE_COUNT:
		break;
	}
	return PUBKEY_UNKNOWN_TYPE;
}

enum pubkey_refusal
pubkey_parse_blob(const unsigned char *blob, size_t len, struct pubkey *out)
{
	struct slice in = {blob, len}, name;
	enum pubkey_refusal r;
	enum pubkey_type type;
	unsigned bits = 0;

	memset(out, 0, sizeof(*out));
	if (len > LIMIT_KEY_BLOB)
		return PUBKEY_TOO_LONG;
	if (!blob_string(&in, &name))
		return PUBKEY_MALFORMED;
	r = pubkey_name_refusal((struct span){(const char *)name.p, name.len});
	if (r != PUBKEY_OK)
		return r;
	type = pubkey_type_by_name((const char *)name.p, name.len);
	if ((r = get_fields(type, &in, &bits)) != PUBKEY_OK)
		return r;
	if (in.len != 0)
		return PUBKEY_MALFORMED;
	out->type = type;
	out->bits = bits;
	memcpy(out->blob, blob, len);
	out->bloblen = len;
	return PUBKEY_OK;
}
