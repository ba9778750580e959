/*
 * The way of one key to one account: every condition that it met and those
 * that it didn't.  Pure; cmd_explain.c finds out what goes in.
 */
#ifndef CMD_EXPLAIN_H
#define CMD_EXPLAIN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "cmd/grants.h"

/* Reasons beside those of policy/verdict.h. */
#define EXPLAIN_NO_SNAPSHOT "no-snapshot"
#define EXPLAIN_AUTHORITY "authority"

/* Which key is asked about. */
struct explain_subject {
	char fp[KEYREC_FP_LEN + 1]; /* "" where it was refused */
	/* Of a key file; of a fingerprint nothing is known. */
	bool parsed;
	enum pubkey_refusal refusal;
	enum pubkey_type type;
	unsigned bits;
};

/* One thing that is asked of the key.  The words are not cleaned. */
struct explain_step {
	const char *name; /* "owners" */
	const char *wanted, *saw; /* "" where there is nothing to say */
	/* VERDICT_NOT_FOUND: there is no key to ask. */
	struct ruling ruling;
};

struct explain_rule {
	const struct judge_rule *rule;
	const char *name, *where; /* "users.root", "file users.root" */
	bool applies; /* names the account, or a group that it is in */
	struct explain_step steps[JUDGE_CONDITIONS]; /* those it has */
	size_t n;
	struct ruling ruling; /* of all steps, whether or not it applies */
};

struct explain_document {
	bool wanted; /* else all is empty */
	const char *name; /* "file", "fleet" or "built-in" */
	bool valid;
	struct explain_step keys; /* what holds for every key */
	/* The account's own, else `*`; then groups', its own first. */
	struct explain_rule *rules;
	size_t n;
};

struct explain_outcome {
	bool allowed;
	const char *code, *text; /* the stable word, and for a person */
	const char *where; /* "file users.root", what says so; or "" */
};

struct explanation {
	const struct applicant *who;
	const struct explain_subject *subject;
	const struct merged_key *key; /* NULL: no source holds it */
	bool usable; /* this version takes the key that is held */
	bool in_list; /* the list of denied keys has it */
	struct explain_step tags; /* and whether its records still count */
	struct explain_document doc[GRANT_ORIGINS];
	/* Where all is met but for options: why those can't be had. */
	struct ruling options;
	/* What a login gets: this key's lines in the order of a lookup; and
	 * those of other keys that are a CA. */
	struct grants grants;
	const struct granted **lines, **authorities;
	size_t nlines, nauthorities;
	struct explain_outcome outcome;
	/* Inside. */
	struct judge judge;
	struct candidate candidate;
	struct arena arena;
};

/*
 * What in, who and subject borrow must outlive e.  0, or -1 out of memory:
 * nothing was decided.  explain_free in either case.
 */
int explain(struct explanation *e, const struct judge_input *in,
    const struct applicant *who, const struct explain_subject *subject);
void explain_free(struct explanation *e);

/*
 * The outcome of what e has gathered: allowed if there is a line that lets
 * the key in; else the first thing that failed: denied, then what is wrong
 * with the key, then the documents' `keys`, then rules, then their options.
 */
struct explain_outcome explain_outcome(const struct explanation *e);

/* Inside: the words of a step, and its ruling.  0, or -1 out of memory. */
int explain_condition(struct explanation *e, const struct judge_rule *r,
    enum judge_condition which, struct explain_step *step);
int explain_keys(
    struct explanation *e, enum grant_origin o, struct explain_step *step);
int explain_tags(struct explanation *e, struct explain_step *step);

#endif
