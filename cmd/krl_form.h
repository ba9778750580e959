/*
 * What is in a KRL (OpenSSH PROTOCOL.krl), as far as krl.c needs to know.
 * Pure.
 */
#ifndef CMD_KRL_FORM_H
#define CMD_KRL_FORM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

#define KRL_HASH_LEN 32

struct krl_form {
	/* Both borrowed. */
	struct slice comment;
	struct slice hashes; /* what krl_form_next has yet to take */
	bool others; /* it has more than one list of SHA-256 hashes */
};

/* 0, or -1: bytes that are no whole KRL. */
int krl_form_read(struct krl_form *form, struct slice in);

/* The next SHA-256 hash of a revoked key.  1, 0 at the end, -1 for bytes that
 * are none. */
int krl_form_next(struct krl_form *form, const unsigned char **hash);

#endif
