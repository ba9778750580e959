/*
 * The policy document: JSON to what it says.  Pure.
 *
 *	{"version": 1, "keys": {…}, "users": {…}, "groups": {…}}
 *
 * Strict: an unknown field, key type, source, option or version, a name or
 * entry that stands twice, a wrong type, a value out of bounds or an empty
 * list (which no key could ever match) makes the whole document invalid.
 */
#ifndef POLICY_DOCUMENT_H
#define POLICY_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/keyset.h"
#include "base/limits.h"
#include "policy/options.h"
#include "policy/words.h"

#define POLICY_NO_AGE (-1)

/* What holds for every key. */
struct policy_keys {
	unsigned types; /* 1u << enum pubkey_type each; 0: all */
	unsigned rsa_min_bits; /* 0: as pubkey.h */
	int64_t max_age_ms; /* or POLICY_NO_AGE */
	bool require_member;
	char (*deny)[KEYREC_FP_LEN + 1]; /* sorted */
	size_t ndeny;
};

/* Every condition must hold; within a list, one entry. */
struct policy_rule {
	char *name; /* local account or group; "*" */
	unsigned sources; /* SOURCE_BIT()s; 0: any */
	/* Empty: any.  owners still have their %u and %%. */
	struct words owners, tags, roles;
	struct options options;
};

struct policy_rules {
	struct policy_rule *v; /* sorted by name, each once */
	size_t n;
};

/* Owned; all of it lives until policy_free. */
struct policy {
	struct policy_keys keys;
	struct policy_rules users, groups;
};

enum policy_result {
	POLICY_OK = 0,
	POLICY_INVALID, /* err says where and why */
	POLICY_ABSENT, /* no such member: no document at all */
	POLICY_NO_MEMORY /* nothing was decided */
};

/*
 * Parses text[len].  On POLICY_OK p is whole and for the caller to free; on
 * anything else it is empty, which grants nothing, and must not be taken for
 * a policy.  The reason is such as `line 12, column 9: users.root.onwers:
 * unknown field; did you mean owners?`.  At most LIMIT_POLICY_FILE bytes.
 *
 * Watches jansson's requests for memory meanwhile (json_set_alloc_funcs), so
 * no other thread may use jansson.
 */
enum policy_result policy_parse(
    struct policy *p, const char *text, size_t len, struct error *err);

/*
 * The same for the document that is a member of another object, as
 * customdata has it under `ssh_policy`; POLICY_ABSENT where the object has
 * none.  A null there is invalid, not absent.
 */
enum policy_result policy_parse_member(struct policy *p, const char *member,
    const char *text, size_t len, struct error *err);

/* Frees what p holds and leaves it empty. */
void policy_free(struct policy *p);

/* Whether keys.deny names this fingerprint. */
bool policy_denies(const struct policy *p, const char *fp);

/* The rule of exactly that name, or NULL. */
const struct policy_rule *policy_rule_named(
    const struct policy_rules *rules, const char *name);
/* The account's own rule, else that of "*", which is never root's; or NULL:
 * no rule of users names it. */
const struct policy_rule *policy_user_rule(
    const struct policy *p, const char *user);

/* Whether anything needs the project's members: owners, roles or
 * require_member. */
bool policy_needs_members(const struct policy *p);

/*
 * An entry of owners with %u made the account and %% a %, into dst[size].
 * 0, or -1 (and "") when it doesn't fit.
 */
int policy_owner(const char *owner, const char *user, char *dst, size_t size);

/* Whether the entry has a %u in it. */
bool policy_owner_open(const char *owner);
/*
 * The account that %u stands for where the entry, without regard to case, is
 * to come to text: into dst, as text spells it.  False where there is none.
 */
bool policy_owner_user(
    const char *owner, const char *text, char dst[LIMIT_USER_NAME + 1]);

/* A name that a local account or group may have: not empty, shorter than
 * LIMIT_USER_NAME, printable, without `/`, `:`, `*` or blanks around it. */
bool policy_name_ok(const char *name, size_t len);

/* "90s", "30m", "12h", "365d", "4w" in milliseconds, more than 0; -1 for
 * anything else. */
int64_t policy_span(const char *s, size_t len);

#endif
