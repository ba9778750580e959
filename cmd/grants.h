/*
 * All that compile() gives for a snapshot and a policy, kept to be shown.
 * Pure.
 */
#ifndef CMD_GRANTS_H
#define CMD_GRANTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "policy/compile.h"

struct granted {
	struct grant grant;
	const struct merged_key *key;
	int64_t until_ms;
	bool authority;
	const char *options; /* as they stand in the line; "" for none */
	/* The line without its end, where one key was asked for; else NULL. */
	const char *line;
	/* The rules that let it in, by grant_origin; NULL: none asked. */
	const struct policy_rule *rules[GRANT_ORIGINS];
	size_t order; /* of compile() */
};

/* A key that opens no account, and why. */
struct left_out {
	const struct merged_key *key;
	struct ruling why;
};

struct grants {
	struct judge_input in; /* with the built-in policy, if that's it */
	bool builtin;
	/* Accounts first, then names in any case, then groups and `*`; each
	 * by name, then by groups. */
	struct granted *v;
	size_t n, size;
	struct left_out *left;
	size_t nleft, left_size;
	struct arena arena;
	const char *fp;
};

/*
 * Gathers what holds at in->now_ms.  With fp only that key's grants, and
 * those of keys that are a CA, each with its line.  What in borrows must
 * outlive g.  0, or -1 out of memory; grants_free in either case.
 */
int grants_gather(
    struct grants *g, const struct judge_input *in, const char *fp);
void grants_free(struct grants *g);

/* GRANT_BIT()s of the documents that have a rule of the account's own. */
unsigned grants_named(const struct grants *g, const char *user);

/* Somebody who wants to log in. */
struct applicant {
	const char *user;
	unsigned named; /* grants_named */
	const char **groups; /* with a rule, that the account is in */
	size_t ngroups;
};

bool granted_to(const struct granted *v, const struct applicant *a);

/* Where a rule stands: `users.root`, `groups.wheel`.  Uncleaned, cut to fit;
 * returns dst. */
char *grant_rule(
    const struct policy_rule *r, bool group, char dst[GRANT_NAME_SIZE]);
/* "file", "fleet" or "built-in": who says so. */
const char *grant_origin_name(const struct grants *g, enum grant_origin o);

#endif
