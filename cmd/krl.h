/*
 * An OpenSSH KRL (ssh-keygen(1), KEY REVOCATION LISTS), for RevokedKeys of
 * sshd_config(5).
 */
#ifndef CMD_KRL_H
#define CMD_KRL_H

#include <stddef.h>

#include "base/error.h"
#include "base/keyset.h"

/* Fingerprints, in any order; one that stands twice counts once. */
struct krl {
	char (*fp)[KEYREC_FP_LEN + 1];
	size_t n, size;
};

/* An empty one is {0}.  0 or -1: no fingerprint, no memory, or more than
 * LIMIT_DENIED. */
int krl_add(struct krl *k, const char *fp, struct error *err);
void krl_free(struct krl *k);

/*
 * Writes the file at path by ssh-keygen -k, looks whether it revokes these
 * keys and no others, and only then puts it in the place of the old one.  An
 * old file must be empty or a KRL that this function wrote: another one may
 * revoke what is not in our list, and that must not come back.  Judges folder
 * and old file as base/file.h does (FILE_PUBLIC).  Sorts k.
 *
 * 0, or -1: the old file stands (or is replaced, but the folder can't be
 * synced, as err then says).
 */
int krl_write(const char *path, struct krl *k, struct error *err);

#endif
