/*
 * For whom a line is: what the policy decides when a snapshot is made, and a
 * lookup applies.  Pure.
 */
#ifndef BASE_GRANT_H
#define BASE_GRANT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/limits.h"

enum grant_scope {
	GRANT_ACCOUNT = 'u', /* the account of exactly that name */
	GRANT_FOLDED = 'e', /* accounts of that name in any case: %u */
	GRANT_ANY = 'a' /* every account; the name is "" */
};

/*
 * The documents that both must allow.  As bits: an account that has a rule of
 * its own in that document, to which the document's `*` does not apply.  root
 * counts as named in both.
 */
enum grant_origin { GRANT_FILE, GRANT_FLEET, GRANT_ORIGINS };
#define GRANT_BIT(o) (1u << (unsigned)(o))
#define GRANT_NAMED_ALL (GRANT_BIT(GRANT_FILE) | GRANT_BIT(GRANT_FLEET))

struct grant {
	enum grant_scope scope;
	const char *name;
	unsigned unless_named; /* GRANT_BIT()s: not for those */
	/* Local groups that the account must be in: all that are not NULL. */
	const char *groups[GRANT_ORIGINS];
};

/* The name as GRANT_FOLDED has it (ASCII letters made small); false if it
 * doesn't fit. */
bool grant_fold(char dst[LIMIT_USER_NAME + 1], const char *user);

/*
 * Whether the grant holds for an account, but for its groups: named as the
 * snapshot or the documents say.
 */
bool grant_applies(const struct grant *g, const char *user, unsigned named);

#define GRANT_NAME_SIZE (3 * (LIMIT_USER_NAME + 2))
/*
 * For whom a grant is, in few characters: `alice`; `*`, whoever has no rule
 * of his own; `@wheel`, whoever is in that local group; with a `+` between
 * two of these, whoever is both.  Uncleaned, cut to fit.  Returns dst.
 */
char *grant_name(const struct grant *g, char dst[GRANT_NAME_SIZE]);

#endif
