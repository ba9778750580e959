/* SPDX-License-Identifier: ISC */
/*
 * Rules made ready, and found.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "policy/judge.h"

static int
set_bit(unsigned char **set, size_t people, size_t person)
{
	if (*set == NULL && (*set = calloc(people / 8 + 1, 1)) == NULL)
		return -1;
	(*set)[person / 8] |= (unsigned char)(1u << person % 8);
	return 0;
}

/* An owner without %u: whoever has that uuid, e-mail or short id. */
static int
name_owner(const struct people *p, struct judge_rule *r, const char *owner)
{
	size_t person = people_by_id(p, owner), i, n, first;

	if (person != PEOPLE_NONE && set_bit(&r->by_id, p->n, person) == -1)
		return -1;
	first = people_by_name(p, owner, &n);
	for (i = first; i < first + n; i++) {
		if (set_bit(&r->by_name, p->n, p->names[i].person) == -1)
			return -1;
	}
	return 0;
}

static int
name_owners(const struct people *p, struct judge_rule *r)
{
	char owner[LIMIT_TEXT + LIMIT_USER_NAME + 1];
	const char *user = r->star || r->group ? NULL : r->rule->name;
	size_t i;

	for (i = 0; i < r->rule->owners.n; i++) {
		const char *v = r->rule->owners.v[i];

		if (user == NULL && policy_owner_open(v)) {
			r->pattern = true;
			continue;
		}
		/* What doesn't fit is longer than any name. */
		if (policy_owner(v, user == NULL ? "" : user, owner,
			sizeof(owner)) == 0 &&
		    name_owner(p, r, owner) == -1)
			return -1;
	}
	return 0;
}

static bool
has_role(const struct member *m, const struct words *roles)
{
	size_t i, k;

	for (i = 0; i < m->nroles; i++) {
		for (k = 0; k < roles->n; k++) {
			if (strcmp(m->roles[i], roles->v[k]) == 0)
				return true;
		}
	}
	return false;
}

static int
name_roles(const struct people *p, struct judge_rule *r)
{
	size_t i, k;

	if (r->rule->roles.n == 0)
		return 0;
	for (i = 0; i < p->n; i++) {
		for (k = p->v[i].first; k < p->v[i].first + p->v[i].n; k++) {
			if (has_role(p->members[k], &r->rule->roles) &&
			    set_bit(&r->by_role, p->n, i) == -1)
				return -1;
		}
	}
	return 0;
}

static int
open_rules(struct judge *j, enum grant_origin o, bool group,
    const struct policy_rules *rules, struct judge_rule **out, size_t *n)
{
	size_t i;

	if (rules->n == 0)
		return 0;
	if ((*out = calloc(rules->n, sizeof(**out))) == NULL)
		return -1;
	*n = rules->n;
	for (i = 0; i < rules->n; i++) {
		struct judge_rule *r = &(*out)[i];

		r->rule = &rules->v[i];
		r->origin = o;
		r->group = group;
		r->star = !group && strcmp(r->rule->name, "*") == 0;
		if (name_owners(&j->people, r) == -1 ||
		    name_roles(&j->people, r) == -1 ||
		    judge_rule_options(j, r) == -1)
			return -1;
		if (r->star)
			j->doc[o].star = r;
	}
	return 0;
}

static int
open_document(struct judge *j, enum grant_origin o)
{
	const struct policy *p = j->in.origin[o].doc;
	struct judge_document *d = &j->doc[o];

	if (!j->in.origin[o].wanted || p == NULL)
		return 0;
	if (open_rules(j, o, false, &p->users, &d->users, &d->nusers) == -1 ||
	    open_rules(j, o, true, &p->groups, &d->groups, &d->ngroups) == -1)
		return -1;
	if (judge_index_make(
		&d->user_index, d->users, d->nusers, j->people.n) == -1)
		return -1;
	return judge_index_make(
	    &d->group_index, d->groups, d->ngroups, j->people.n);
}

int
judge_open(struct judge *j, const struct judge_input *in)
{
	unsigned o;

	*j = (struct judge){.in = *in};
	if (j->in.date_ms < j->in.now_ms)
		j->in.date_ms = j->in.now_ms;
	if (people_build(&j->people, in->keys, in->members) == -1)
		return -1;
	for (o = 0; o < GRANT_ORIGINS; o++) {
		if (open_document(j, o) == -1)
			return -1;
	}
	return 0;
}

static void
close_rules(struct judge_rule *v, size_t n, struct judge_index *index)
{
	size_t i;

	for (i = 0; i < n; i++) {
		free(v[i].by_id);
		free(v[i].by_name);
		free(v[i].by_role);
		free(v[i].options);
	}
	free(v);
	free(index->any);
	free(index->tagged);
	free(index->person);
}

void
judge_close(struct judge *j)
{
	unsigned o;

	for (o = 0; o < GRANT_ORIGINS; o++) {
		struct judge_document *d = &j->doc[o];

		close_rules(d->users, d->nusers, &d->user_index);
		close_rules(d->groups, d->ngroups, &d->group_index);
	}
	people_free(&j->people);
	*j = (struct judge){0};
}

static int
compare_name(const void *name, const void *rule)
{
	return strcmp(name, ((const struct judge_rule *)rule)->rule->name);
}

/* The account's own rule; an account called "*" is none. */
static const struct judge_rule *
own_rule(const struct judge *j, enum grant_origin o, const char *user)
{
	const struct judge_document *d = &j->doc[o];

	if (d->nusers == 0 || strcmp(user, "*") == 0)
		return NULL;
	return bsearch(
	    user, d->users, d->nusers, sizeof(*d->users), compare_name);
}

const struct judge_rule *
judge_user_rule(const struct judge *j, enum grant_origin o, const char *user)
{
	const struct judge_rule *r = own_rule(j, o, user);

	if (r != NULL)
		return r;
	return strcmp(user, "root") == 0 ? NULL : j->doc[o].star;
}

unsigned
judge_named(const struct judge *j, const char *user)
{
	unsigned o, named = 0;

	for (o = 0; o < GRANT_ORIGINS; o++) {
		if (own_rule(j, o, user) != NULL)
			named |= GRANT_BIT(o);
	}
	return named;
}
