/*
 * The members of a project, and their form in the snapshot.
 *
 * A memberset owns every string of its members (one arena, freed whole);
 * pointers into it live until memberset_free.
 */
#ifndef BASE_MEMBERSET_H
#define BASE_MEMBERSET_H

#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"

/* A membership: a user who has two of them is in here twice. */
struct member {
	const char *id; /* the user's uuid, in lower case; never "" */
	const char *short_id; /* or "" */
	const char *email; /* as the portal spells it, or "" */
	const char **roles;
	size_t nroles;
};

/* All zero is the empty set. */
struct memberset {
	struct member *v;
	size_t n, size;
	struct arena arena;
};

void memberset_init(struct memberset *ms);
void memberset_free(struct memberset *ms);

/*
 * Appends a member (strings "", no roles) and returns it, valid until the
 * next add; NULL when out of memory or over LIMIT_MEMBERS.
 */
struct member *memberset_add(struct memberset *ms);
/* len bytes copied into the arena with a NUL behind; NULL: out of memory. */
char *memberset_copy(struct memberset *ms, const void *data, size_t len);
/* Room for n role pointers, all NULL; NULL: out of memory or over
 * LIMIT_ROLES. */
const char **memberset_roles(struct memberset *ms, size_t n);

/* Appends the members to b.  0, or -1 as buf.h. */
int memberset_encode(const struct memberset *ms, struct buf *b);
/*
 * Reads what memberset_encode wrote; every length is checked.  0, or -1 for
 * bytes that it can't have written or no memory; then ms is empty.
 */
int memberset_decode(struct slice *in, struct memberset *ms);

#endif
