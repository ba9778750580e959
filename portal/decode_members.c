/* SPDX-License-Identifier: ISC */
/*
 * Lists of memberships.
 */
#include <ctype.h>
#include <string.h>

#include "portal/decode.h"
#include "portal/decode_key.h"
#include "portal/decode_list.h"

struct reading {
	struct jsonin *in;
	struct memberset *ms;
	struct member m;
	char id[PORTAL_UUID_SIZE], owner[DECODE_OWNER_SIZE];
};

static int
no_memory(struct jsonin *in)
{
	return error_set(in->err, "out of memory");
}

/* The string at hand, if it can be kept. */
static int
read_text(struct reading *r, const char **out)
{
	struct jsontext t;

	if (jsonin_text(r->in, &t) == -1)
		return -1;
	if (t.p == NULL || t.len > LIMIT_TEXT)
		return 0;
	*out = memberset_copy(r->ms, t.p, t.len);
	return *out == NULL ? no_memory(r->in) : 0;
}

/* A role only ever grants: one that can't be kept is none. */
static int
read_roles(struct reading *r)
{
	const char *roles[LIMIT_ROLES], *role;
	size_t n = 0;
	int more;

	if ((more = jsonin_array(r->in)) != 1)
		return more == -1 ? -1 : jsonin_skip(r->in);
	while ((more = jsonin_element(r->in)) == 1) {
		role = NULL;
		if ((n == LIMIT_ROLES ? jsonin_skip(r->in)
				      : read_text(r, &role)) == -1)
			return -1;
		if (role != NULL)
			roles[n++] = role;
	}
	if (more == -1 || n == 0)
		return more;
	if ((r->m.roles = memberset_roles(r->ms, n)) == NULL)
		return no_memory(r->in);
	memcpy(r->m.roles, roles, n * sizeof(roles[0]));
	r->m.nroles = n;
	return 0;
}

static int
read_user(struct reading *r)
{
	static const char *const names[] = {"id", "href", "short_id", "email"};
	struct jsontext name;
	unsigned seen = 0;
	int more, which, got = 0;

	if ((more = jsonin_object(r->in)) != 1)
		return more == -1 ? -1 : jsonin_skip(r->in);
	while ((more = jsonin_member(r->in, &name)) == 1) {
		which = jsonin_which(r->in, &name, names, 4, &seen);
		if (which == 0)
			got = decode_uuid(r->in, r->id);
		else if (which == 1)
			got = decode_owner(r->in, r->owner);
		else if (which == 2)
			got = read_text(r, &r->m.short_id);
		else if (which == 3)
			got = read_text(r, &r->m.email);
		else
			got = which == -1 ? -1 : jsonin_skip(r->in);
		if (got == -1)
			return -1;
	}
	return more;
}

/* The user's uuid, in lower case; "" where there is none. */
static void
user_id(struct reading *r)
{
	static const char prefix[] = "user:";
	size_t n = sizeof(prefix) - 1, i;

	if (r->id[0] == '\0' && strncmp(r->owner, prefix, n) == 0)
		memcpy(r->id, r->owner + n, sizeof(r->id));
	for (i = 0; r->id[i] != '\0'; i++)
		r->id[i] = (char)tolower((unsigned char)r->id[i]);
}

static int
add_member(struct reading *r)
{
	struct member *m;

	if (r->ms->n >= LIMIT_MEMBERS)
		return error_set(r->in->err,
		    "answer holds more than %d members", LIMIT_MEMBERS);
	r->m.id = memberset_copy(r->ms, r->id, sizeof(r->id) - 1);
	if (r->m.id == NULL || (m = memberset_add(r->ms)) == NULL)
		return no_memory(r->in);
	*m = r->m;
	return 1;
}

/* One element of the list.  0: it says of no user that he is a member. */
static int
read_membership(struct jsonin *in, void *set)
{
	static const char *const names[] = {"roles", "user"};
	struct reading r = {
	    .in = in, .ms = set, .m = {.short_id = "", .email = ""}};
	struct jsontext name;
	unsigned seen = 0;
	int more, which, got;

	if ((more = jsonin_object(in)) != 1)
		return more == -1 ? -1 : jsonin_skip(in);
	while ((more = jsonin_member(in, &name)) == 1) {
		which = jsonin_which(in, &name, names, 2, &seen);
		if (which == 0)
			got = read_roles(&r);
		else if (which == 1)
			got = read_user(&r);
		else
			got = which == -1 ? -1 : jsonin_skip(in);
		if (got == -1)
			return -1;
	}
	if (more == -1)
		return -1;
	user_id(&r);
	return r.id[0] == '\0' ? 0 : add_member(&r);
}

int
decode_member_list(const char *body, size_t len, struct memberset *ms,
    struct decode_page *page, struct error *err)
{
	struct list list = {.name = "memberships",
	    .what = "members",
	    .lacks = "is a membership with a user",
	    .read = read_membership,
	    .set = ms,
	    .fit = ms->n};

	return decode_list(body, len, &list, page, err);
}
