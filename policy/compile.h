/*
 * From merged keys and a policy to the lines that sshd shall see.  Pure.
 *
 * A login is one lookup, so whatever can be decided is decided here.  What
 * only the machine knows at login is left to the grant of each line
 * (base/grant.h): which accounts there are, and who is in which group.
 */
#ifndef POLICY_COMPILE_H
#define POLICY_COMPILE_H

#include <stddef.h>
#include <stdint.h>

#include "policy/judge.h"

struct compile_line {
	struct grant grant;
	const struct merged_key *key;
	const char *fp;
	int64_t until_ms; /* the line holds until then, past now_ms */
	bool authority; /* for every fingerprint: the key is a CA */
	const unsigned char *line; /* with its '\n' */
	size_t len;
	const char *options; /* as they stand in it; "" for none */
	/* The rules that let it in, by grant_origin; NULL: none asked. */
	const struct judge_rule *rules[GRANT_ORIGINS];
};

/* Each may return -1 to stop. */
struct compile_out {
	void *ctx;
	/* Lines of one scope and name come in a row, and in it those of one
	 * key, the account's own rules before its groups'. */
	int (*line)(void *ctx, const struct compile_line *line);
	/* A key that opens no account, and why.  May be NULL. */
	int (*refused)(
	    void *ctx, const struct merged_key *key, const struct ruling *why);
};

/*
 * Applies the documents that are wanted, or the built-in policy where none
 * is: root gets every key, nobody else gets any.  0, or -1 when out stopped
 * it, there was no memory, or it would be more than LIMIT_ROWS lines (errno
 * is E2BIG): then what came out is not the whole.
 */
int compile(const struct judge_input *in, const struct compile_out *out);

/* The document of the built-in policy, for judge_input.  Never freed. */
const struct policy *compile_builtin(void);
/* A copy of in with the built-in policy where no document is wanted. */
struct judge_input compile_input(const struct judge_input *in);

/* The comment of a key's line, label and owner; uncleaned.  Returns dst. */
char *compile_comment(const struct merged_key *key, char *dst, size_t size);

#endif
