/*
 * FINGERPRINT|KEY-FILE on a command line.
 */
#ifndef CMD_KEYARG_H
#define CMD_KEYARG_H

#include "base/error.h"
#include "base/keyset.h"
#include "base/limits.h"

struct keyarg {
	char fp[KEYREC_FP_LEN + 1];
	char comment[LIMIT_COMMENT]; /* of a key file, cleaned; or "" */
};

/*
 * What starts with SHA256: is a fingerprint (a `=` at its end is cut off),
 * all else the name of a file with one public key, anybody's; a pipe will do.
 * 0, or -1 with the reason: the argument is no key.
 */
int keyarg_read(const char *arg, struct keyarg *key, struct error *err);

#endif
