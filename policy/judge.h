/*
 * Whether a policy lets a key open an account: every condition of every rule,
 * asked one at a time.  What a snapshot is made of and what `explain` shows
 * come from the same calls.  Pure.
 */
#ifndef POLICY_JUDGE_H
#define POLICY_JUDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/grant.h"
#include "policy/candidate.h"
#include "policy/document.h"
#include "policy/people.h"
#include "policy/verdict.h"

/* A document that must allow. */
struct judge_origin {
	bool wanted; /* false: there is none to ask */
	const struct policy *doc; /* NULL: wanted, and never was a valid one */
	int64_t until_ms; /* it counts until then; INT64_MAX: for good */
};

/* All of it borrowed, to outlive the judge. */
struct judge_input {
	const struct merged *keys;
	const struct memberset *members;
	int64_t members_until_ms; /* INT64_MIN: never known */
	/* Not one is wanted: the built-in policy. */
	struct judge_origin origin[GRANT_ORIGINS];
	/* denylist.h; NULL: none. */
	const char *deny;
	size_t denylen;
	int64_t now_ms;
	/*
	 * Dates of keys are held against this where it is later than now_ms: a
	 * clock that went back must not let a key in again that has expired.
	 */
	int64_t date_ms;
	/*
	 * A time made local, for expiry-time: sshd before 9.1 takes no other,
	 * and refuses a line with a Z.  NULL: dates stay UTC.
	 */
	int64_t (*to_local)(int64_t utc_ms);
};

/* A rule made ready: who its owners and roles are.  Sets of persons are bits;
 * NULL is the empty set. */
struct judge_rule {
	const struct policy_rule *rule;
	enum grant_origin origin;
	bool star; /* "*": any account that has no rule of its own */
	bool group; /* a group's */
	unsigned char *by_id; /* owners named by uuid: good without members */
	unsigned char *by_name; /* owners by e-mail or short id */
	unsigned char *by_role;
	bool pattern; /* has owners with %u that are still open */
	/* The rule's options where no other rule and no tag has a say: the
	 * text ("" for none), and what judge_options would return. */
	char *options;
	struct ruling options_ruling;
	bool authority;
};

/*
 * Which rules may be for whose keys: a bit for each rule, in words of
 * JUDGE_WORD bits.  Most rules are for other people's keys than the one at
 * hand.
 */
#define JUDGE_WORD 64
struct judge_index {
	uint64_t *any; /* rules that don't ask whose key it is */
	uint64_t *tagged; /* rules that want a tag */
	uint64_t *person; /* for each person, the words of theirs */
	size_t words;
};

struct judge_document {
	struct judge_rule *users; /* in the order of their names */
	size_t nusers;
	struct judge_rule *groups;
	size_t ngroups;
	const struct judge_rule *star; /* one of users, or NULL */
	struct judge_index user_index, group_index;
};

struct judge {
	struct judge_input in;
	struct people people;
	struct judge_document doc[GRANT_ORIGINS];
};

/* 0, or -1 out of memory; judge_close in either case. */
int judge_open(struct judge *j, const struct judge_input *in);
void judge_close(struct judge *j);

/* The account's own rule in a document, else `*`'s (never root's), or NULL. */
const struct judge_rule *judge_user_rule(
    const struct judge *j, enum grant_origin o, const char *user);
/* GRANT_BIT()s of the documents that name the account. */
unsigned judge_named(const struct judge *j, const char *user);

/* What holds whatever the account: the list of denied keys, readable tags and
 * their date, records that still count. */
struct ruling judge_key(const struct judge *j, const struct candidate *c);
/* `keys` of one document, which must be there. */
struct ruling judge_document_keys(
    const struct judge *j, enum grant_origin o, const struct candidate *c);

enum judge_condition {
	JUDGE_SOURCE,
	JUDGE_OWNER,
	JUDGE_TAG,
	JUDGE_ROLE,
	JUDGE_CONDITIONS
};

/*
 * One condition of a rule, for an account.  With user NULL an owner that only
 * %u can name is none yet (judge_derive).
 */
struct ruling judge_condition(const struct judge *j, const struct judge_rule *r,
    const struct candidate *c, enum judge_condition which, const char *user);
/*
 * The number of the first rule from i on that may be for the key, or a number
 * past the last: the others' judge_rule refuses for any account.
 */
size_t judge_next(
    const struct judge_index *index, const struct candidate *c, size_t i);
/* All of them: the first that is not met, or until when all are. */
struct ruling judge_rule(const struct judge *j, const struct judge_rule *r,
    const struct candidate *c, const char *user);

/*
 * The accounts that %u in the rule's owners stands for with this key, each
 * folded (grant_fold), perhaps more than once.  fn returns -1 to stop, which
 * is returned.
 */
typedef int (*judge_name)(void *ctx, const char *folded, int64_t until_ms);
int judge_derive(const struct judge *j, const struct judge_rule *r,
    const struct candidate *c, judge_name fn, void *ctx);

/*
 * The options of the line that the rules (one each of the documents that are
 * wanted, else NULL) and the key's tags make together, appended to out
 * (nothing for none); until_ms is that of an expiry-time.  authority: for
 * every fingerprint (options.h).  *failed is set when memory ran out: nothing
 * was decided then.
 */
struct ruling judge_options(const struct judge *j,
    const struct judge_rule *const rules[GRANT_ORIGINS],
    const struct candidate *c, struct buf *out, bool *authority, bool *failed);

/*
 * The one of the rules whose own options (options, options_ruling, authority)
 * are what judge_options would give: it is alone and the tags say nothing.
 * Else NULL.
 */
const struct judge_rule *judge_alone(
    const struct judge_rule *const rules[GRANT_ORIGINS],
    const struct candidate *c);

/* For judge_open: the index of n rules.  0, or -1 out of memory. */
int judge_index_make(struct judge_index *index, const struct judge_rule *rules,
    size_t n, size_t people);
/* Fills in the rule's own options; for judge_open.  0, or -1 out of memory. */
int judge_rule_options(const struct judge *j, struct judge_rule *r);

/* The earlier of two that both must allow; the first that does not. */
struct ruling judge_both(struct ruling a, struct ruling b);

#endif
