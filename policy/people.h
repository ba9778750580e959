/*
 * Everybody that a key or a membership names, by number.  Pure.
 */
#ifndef POLICY_PEOPLE_H
#define POLICY_PEOPLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/memberset.h"
#include "policy/merge.h"

#define PEOPLE_NONE ((size_t)-1)

struct person {
	const char *id; /* uuid, in lower case as the decoders give it */
	/* Memberships, in people.members; none: no member. */
	size_t first, n;
};

struct people {
	struct person *v; /* sorted by id */
	size_t n;
	const struct member **members; /* sorted by id */
	/* E-mail addresses and short ids of the members, sorted without
	 * regard to case. */
	struct people_name {
		const char *text;
		size_t person;
	} * names;
	size_t nnames;
};

/* The keys and members must outlive p.  0, or -1 out of memory. */
int people_build(struct people *p, const struct merged *keys,
    const struct memberset *members);
void people_free(struct people *p);

/* The number of the person with this uuid, by any case, or PEOPLE_NONE. */
size_t people_by_id(const struct people *p, const char *id);
/*
 * The range of names that equal text but for case: the first, and how many.
 */
size_t people_by_name(const struct people *p, const char *text, size_t *n);

/* The uuid of an owner "user:<uuid>", or NULL. */
const char *people_owner(const char *owner);

#endif
