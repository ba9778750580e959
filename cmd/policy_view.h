/*
 * Inside cmd/policy_diff.h: what one account gets under one policy.  Pure.
 */
#ifndef CMD_POLICY_VIEW_H
#define CMD_POLICY_VIEW_H

#include <stdbool.h>
#include <stddef.h>

#include "cmd/grants.h"

struct view {
	const struct grants *g;
	/* What is for any account, by key. */
	const struct granted **any;
	size_t nany;
	/* Whose view it is. */
	const char *user;
	unsigned named;
	/* Grants in the order of view_compare. */
	const struct granted **v;
	size_t n, size;
};

/* All of these: 0, or -1 out of memory. */

/* view_close in either case; g must outlive v. */
int view_open(struct view *v, const struct grants *g);
void view_close(struct view *v);

/* By key, then by the groups that are asked for. */
int view_compare(const struct merged_key *ka, const struct grant *a,
    const struct merged_key *kb, const struct grant *b);

/* Fills in all that is for any account. */
int view_any(struct view *v);
/* Empties it, for this account. */
void view_user(struct view *v, const char *user);
/* Adds the account's own grants. */
int view_own(struct view *v);
/* Adds to both views of an account what is for any and so for this one: only
 * of keys that are there in either view, or all. */
int view_shared(struct view *a, struct view *b, bool all);

/* root, and every account that one of the two knows by name, each once,
 * borrowed; v is the caller's to free. */
struct view_names {
	const char **v;
	size_t n;
};
int view_list_names(
    struct view_names *names, const struct grants *a, const struct grants *b);

#endif
