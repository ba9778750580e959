/*
 * Inside policy/pubkey.h: what the text parser needs of the blob parser and
 * of the table of names.  Pure.
 */
#ifndef POLICY_BLOB_H
#define POLICY_BLOB_H

#include <stdbool.h>

#include "base/buf.h"
#include "policy/pubkey.h"
#include "policy/span.h"

/*
 * Takes a string off an RFC 4253 blob (its length is big-endian, not as in
 * base/buf.h).  False when it runs over the end; then *in is unchanged.
 */
bool blob_string(struct slice *in, struct slice *out);

/*
 * For an ECDSA key whether its point lies on the curve: PUBKEY_OK,
 * PUBKEY_MALFORMED or PUBKEY_INTERNAL.  PUBKEY_OK for the other types.
 */
enum pubkey_refusal pubkey_check_point(const struct pubkey *key);

/*
 * PUBKEY_OK for a type of ours; else why not: PUBKEY_DSA,
 * PUBKEY_CERTIFICATE or PUBKEY_UNKNOWN_TYPE.
 */
enum pubkey_refusal pubkey_name_refusal(struct span name);

#endif
