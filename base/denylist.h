/*
 * The list of denied keys that lies beside the policy file.  Pure.
 *
 *	# comment
 *	SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU what a person noted
 *
 * A line is a fingerprint, alone or with blanks and a note behind it; blanks
 * in front, empty lines and lines that start with # don't count, nor does a
 * CR at the end.  A line that is none of these denies nothing, and takes
 * nothing from the others.  So that no entry is lost, a CR alone ends a line
 * too, and a byte order mark in front of the first one is passed over.
 */
#ifndef BASE_DENYLIST_H
#define BASE_DENYLIST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/keyset.h"

#define DENYLIST_FILE "denied-keys" /* in the policy file's folder */

struct denylist_entry {
	char fp[KEYREC_FP_LEN + 1];
	const char *note; /* in the text; not cleaned, not terminated */
	size_t notelen;
};

struct denylist_cursor {
	const char *p, *end;
	unsigned line; /* of what denylist_next came to, from 1 */
};

void denylist_start(struct denylist_cursor *c, const char *text, size_t len);
/* 1: an entry.  0: the end.  -1: line c->line is no entry; go on. */
int denylist_next(struct denylist_cursor *c, struct denylist_entry *e);

/*
 * Whether an entry of text[len] is for this fingerprint.  Fast: it is asked
 * at each login.
 */
bool denylist_has(const char *text, size_t len, const char *fp);

/* Whether these are "SHA256:" and the 43 characters that 32 bytes make. */
bool denylist_fingerprint_ok(const char *fp, size_t len);

#endif
