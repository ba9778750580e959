/*
 * The portal token, read from its file and nowhere else.
 */
#ifndef CMD_TOKEN_H
#define CMD_TOKEN_H

#include "base/buf.h"
#include "base/error.h"

/*
 * Reads the token (one line; white space around it is taken off) into out,
 * NUL-terminated; out->len is its length.  0, or -1 with a reason that never
 * holds any of it.  token_wipe after, in either case.
 */
int token_read(const char *path, struct buf *out, struct error *err);
void token_wipe(struct buf *token);

#endif
