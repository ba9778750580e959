/*
 * From merged keys to the lines that sshd shall see, for each local account.
 * Pure.
 */
#ifndef POLICY_COMPILE_H
#define POLICY_COMPILE_H

#include <stddef.h>
#include <stdint.h>

#include "policy/merge.h"

struct compile_line {
	const char *user;
	const struct merged_key *key;
	const char *fp;
	int64_t until_ms; /* the line holds until then */
	const unsigned char *line; /* with its '\n' */
	size_t len;
};

/* Called for each line; those of one user come in a row.  -1 stops. */
typedef int (*compile_emit)(void *ctx, const struct compile_line *line);

/*
 * The built-in policy: root gets every key, nobody else gets any.  0, or -1
 * when emit stopped it or a line could not be made (no memory).
 */
int compile_builtin(const struct merged *keys, compile_emit emit, void *ctx);

/* The comment of a key's line, label and owner; uncleaned.  Returns dst. */
char *compile_comment(const struct merged_key *key, char *dst, size_t size);

#endif
