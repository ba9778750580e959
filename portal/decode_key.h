/*
 * What the decoders share.  Pure.
 */
#ifndef PORTAL_DECODE_KEY_H
#define PORTAL_DECODE_KEY_H

#include "base/keyset.h"
#include "portal/decode.h"
#include "portal/jsonin.h"

/* A new record, or NULL with in->err set: no memory, or too many. */
struct keyrec *decode_add(struct jsonin *in, struct keyset *ks);

/* Each reads the value at hand: 0, or -1 with in->err set. */

/* dst gets the value if it is a uuid, else "". */
int decode_uuid(struct jsonin *in, char dst[PORTAL_UUID_SIZE]);
/* The value is an href: as decode_owner_href(). */
int decode_owner(struct jsonin *in, char owner[DECODE_OWNER_SIZE]);

/* Copies a key's text into rec: so much of it that the check can judge it. */
int decode_text(struct jsonin *in, struct keyset *ks, struct keyrec *rec,
    const struct jsontext *text);

#endif
