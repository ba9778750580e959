/*
 * Inside policy/compile.h: which key is for whom, before lines are made.
 * Pure.
 */
#ifndef POLICY_COMPILE_ROWS_H
#define POLICY_COMPILE_ROWS_H

#include "base/arena.h"
#include "policy/judge.h"

struct row {
	struct grant grant;
	const struct merged_key *key;
	const struct judge_rule *rules[GRANT_ORIGINS];
	const char *options;
	/* The key's line without options; of all its rows the same. */
	const char *line;
	size_t len;
	int64_t until_ms;
	bool authority;
	size_t order; /* of making */
};

struct rows {
	const struct judge *j;
	bool lacks_members; /* some rule needs them, and they aren't known */
	struct row *v;
	size_t n, size;
	struct arena arena; /* names, options, lines */
	struct buf scratch;
	const char *line; /* of the key at hand; NULL: not made yet */
	size_t len;
	/* Of the key at hand: why the last pair of rules came to nothing. */
	struct ruling why;
};

/* A rule of each document that is wanted, for the key at hand. */
struct pair {
	struct rows *rows;
	const struct candidate *c;
	const struct judge_rule *rules[GRANT_ORIGINS];
	struct ruling ruling; /* so far */
	unsigned unless_named;
};

static inline bool
wanted(const struct judge *j, enum grant_origin o)
{
	return j->in.origin[o].wanted;
}

static inline enum grant_origin
other(enum grant_origin o)
{
	return o == GRANT_FILE ? GRANT_FLEET : GRANT_FILE;
}

/* a and b: rules in any order, or NULL; key: what came of the key alone. */
struct pair pair(struct rows *rows, const struct candidate *c,
    struct ruling key, const struct judge_rule *a, const struct judge_rule *b);
/* Puts the options together and keeps the row, if they can be.  0, or -1 out
 * of memory; so are the next two. */
int pair_finish(struct pair *p, enum grant_scope scope, const char *name);

/* compile_open.c: what rules allow that name no account. */
int rows_add_open(
    struct rows *rows, const struct candidate *c, struct ruling key);

/* Appends what the key opens.  0, or -1 out of memory. */
int rows_add_key(struct rows *rows, const struct candidate *c);
void rows_free(struct rows *rows);

#endif
