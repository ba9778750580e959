/*
 * Who gains and who loses which key by another policy.  Pure.
 *
 * It is about accounts, not about rules: a key that an account had by a rule
 * of its own and now has by `*` is no change.  Accounts that neither policy
 * names are one, `*` or whoever is in a group; those whose names differ from
 * one that %u stands for in case alone are that one.
 */
#ifndef CMD_POLICY_DIFF_H
#define CMD_POLICY_DIFF_H

#include <stddef.h>

#include "cmd/grants.h"

enum policy_sign {
	POLICY_GAINED = '+',
	POLICY_LOST = '-',
	POLICY_OPTIONS = '~' /* only the options are others */
};

struct policy_change {
	enum policy_sign sign;
	/* For whom: GRANT_ACCOUNT, or GRANT_ANY for all others. */
	struct grant grant;
	const char *who; /* the same, as grant_name has it */
	const struct merged_key *key;
	const char *before, *after; /* options; NULL: no line */
};

struct policy_diff {
	struct policy_change *v; /* by who, then by fingerprint */
	size_t n, size;
	struct arena arena;
};

/*
 * What differs from before to after, both of them gathered of the same keys,
 * which with both must outlive d.  0, or -1 out of memory.  policy_diff_free
 * in either case.
 */
int policy_diff(struct policy_diff *d, const struct grants *before,
    const struct grants *after);
void policy_diff_free(struct policy_diff *d);

#endif
