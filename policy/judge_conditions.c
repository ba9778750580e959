/* SPDX-License-Identifier: ISC */
/*
 * The conditions.
 */
#include <string.h>
#include <strings.h>

#include "base/denylist.h"
#include "policy/judge.h"

static struct ruling
no(enum verdict v, unsigned detail)
{
	return (struct ruling){v, detail, CANDIDATE_NEVER};
}

/* Met until then; not at all, for the reason v, where that is never. */
static struct ruling
until(const struct judge *j, int64_t ms, enum verdict v)
{
	if (ms == CANDIDATE_NEVER)
		return no(v, 0);
	if (ms <= j->in.now_ms)
		return no(VERDICT_STALE, 0);
	return (struct ruling){VERDICT_ALLOWED, 0, ms};
}

static int64_t
earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

struct ruling
judge_both(struct ruling a, struct ruling b)
{
	if (a.verdict != VERDICT_ALLOWED)
		return a;
	if (b.verdict != VERDICT_ALLOWED)
		return b;
	a.until_ms = earlier(a.until_ms, b.until_ms);
	return a;
}

struct ruling
judge_key(const struct judge *j, const struct candidate *c)
{
	if (j->in.deny != NULL &&
	    denylist_has(j->in.deny, j->in.denylen, c->key->refs[0].rec->fp))
		return no(VERDICT_DENIED, 0);
	if (c->tags_refused != TAGS_OK)
		return no(VERDICT_TAGS, c->tags_refused);
	if (tags_expired(&c->tags, j->in.date_ms))
		return no(VERDICT_TAG_EXPIRED, 0);
	return until(j, c->key->until_ms, VERDICT_STALE);
}

/* keys.max_age: until the oldest record gets too old. */
static struct ruling
age(const struct judge *j, const struct candidate *c, int64_t max_age_ms)
{
	int64_t end;

	if (c->created_ms == KEYREC_NO_DATE)
		return no(VERDICT_NO_DATE, 0);
	end = c->created_ms > INT64_MAX - max_age_ms
	    ? INT64_MAX
	    : c->created_ms + max_age_ms;
	if (end <= j->in.date_ms)
		return no(VERDICT_MAX_AGE, 0);
	return (struct ruling){VERDICT_ALLOWED, 0, end};
}

/* What hangs on the members holds no longer than they do. */
static struct ruling
by_members(const struct judge *j, int64_t ms, enum verdict v)
{
	if (j->in.members_until_ms <= j->in.now_ms)
		return no(VERDICT_MEMBERS, 0);
	if (ms != CANDIDATE_NEVER)
		ms = earlier(ms, j->in.members_until_ms);
	return until(j, ms, v);
}

/* The one that holds longer; where neither does, b's reason. */
static struct ruling
either(struct ruling a, struct ruling b)
{
	if (a.verdict != VERDICT_ALLOWED)
		return b;
	return b.verdict == VERDICT_ALLOWED && b.until_ms > a.until_ms ? b : a;
}

/* keys.require_member: a project's key needs no owner. */
static struct ruling
member(const struct judge *j, const struct candidate *c)
{
	const struct ruling project =
	    until(j, c->project_until_ms, VERDICT_NO_OWNER);
	int64_t best = CANDIDATE_NEVER;
	size_t i;

	if (c->n == 0)
		return either(project, no(VERDICT_NO_OWNER, 0));
	for (i = 0; i < c->n; i++) {
		if (j->people.v[c->holders[i].person].n != 0 &&
		    c->holders[i].until_ms > best)
			best = c->holders[i].until_ms;
	}
	return either(project, by_members(j, best, VERDICT_NOT_MEMBER));
}

struct ruling
judge_document_keys(
    const struct judge *j, enum grant_origin o, const struct candidate *c)
{
	const struct judge_origin *origin = &j->in.origin[o];
	const struct policy *p = origin->doc;
	struct ruling r;

	if (p == NULL)
		return no(VERDICT_NO_DOCUMENT, 0);
	if (origin->until_ms <= j->in.now_ms)
		return no(VERDICT_STALE, 0);
	if (policy_denies(p, c->key->refs[0].rec->fp))
		return no(VERDICT_DENIED, 0);
	if (p->keys.types != 0 && (p->keys.types & 1u << c->type) == 0)
		return no(VERDICT_TYPE, 0);
	if (c->type == PUBKEY_RSA && c->bits < p->keys.rsa_min_bits)
		return no(VERDICT_RSA_BITS, 0);
	r = (struct ruling){VERDICT_ALLOWED, 0, origin->until_ms};
	if (p->keys.max_age_ms != POLICY_NO_AGE)
		r = judge_both(r, age(j, c, p->keys.max_age_ms));
	if (p->keys.require_member)
		r = judge_both(r, member(j, c));
	return r;
}

static bool
has(const unsigned char *set, size_t person)
{
	return set != NULL && (set[person / 8] & 1u << person % 8) != 0;
}

static struct ruling
source(const struct judge *j, const struct judge_rule *r,
    const struct candidate *c)
{
	int64_t best = CANDIDATE_NEVER;
	unsigned s;

	for (s = 0; s < SOURCE_KEYS; s++) {
		if ((r->rule->sources & SOURCE_BIT(s)) != 0 &&
		    c->source_until_ms[s] > best)
			best = c->source_until_ms[s];
	}
	return until(j, best, VERDICT_SOURCE);
}

static bool
is_called(
    const struct person *p, const struct people *people, const char *owner)
{
	size_t i;

	for (i = p->first; i < p->first + p->n; i++) {
		if (strcasecmp(people->members[i]->email, owner) == 0 ||
		    strcasecmp(people->members[i]->short_id, owner) == 0)
			return true;
	}
	return false;
}

/* Whether an owner with %u names this person for that account: by the uuid,
 * by what a member is called, or both. */
static void
by_pattern(const struct judge *j, const struct judge_rule *r, size_t person,
    const char *user, bool *id, bool *name)
{
	char owner[LIMIT_TEXT + LIMIT_USER_NAME + 1];
	const struct person *p = &j->people.v[person];
	size_t i;

	for (i = 0; i < r->rule->owners.n; i++) {
		const char *v = r->rule->owners.v[i];

		if (!policy_owner_open(v) ||
		    policy_owner(v, user, owner, sizeof(owner)) == -1 ||
		    owner[0] == '\0')
			continue;
		*id = *id || strcasecmp(p->id, owner) == 0;
		*name = *name || is_called(p, &j->people, owner);
	}
}

static struct ruling
owner(const struct judge *j, const struct judge_rule *r,
    const struct candidate *c, const char *user)
{
	int64_t by_id = CANDIDATE_NEVER, by_name = CANDIDATE_NEVER;
	struct ruling a, b;
	size_t i;

	for (i = 0; i < c->n; i++) {
		const struct holder *h = &c->holders[i];
		bool id = has(r->by_id, h->person),
		     name = has(r->by_name, h->person);

		if (r->pattern && user != NULL)
			by_pattern(j, r, h->person, user, &id, &name);
		if (id && h->until_ms > by_id)
			by_id = h->until_ms;
		if (name && h->until_ms > by_name)
			by_name = h->until_ms;
	}
	a = until(j, by_id, VERDICT_OWNER);
	b = by_members(j, by_name, VERDICT_OWNER);
	if (a.verdict == VERDICT_STALE && b.verdict != VERDICT_ALLOWED)
		return a;
	return either(a, b);
}

static struct ruling
tag(const struct judge *j, const struct judge_rule *r,
    const struct candidate *c)
{
	int64_t best = CANDIDATE_NEVER, at;
	size_t i;

	for (i = 0; i < r->rule->tags.n; i++) {
		at = candidate_tag(c, r->rule->tags.v[i]);
		if (at > best)
			best = at;
	}
	return until(j, best, VERDICT_TAG);
}

static struct ruling
role(const struct judge *j, const struct judge_rule *r,
    const struct candidate *c)
{
	int64_t best = CANDIDATE_NEVER;
	size_t i;

	for (i = 0; i < c->n; i++) {
		if (has(r->by_role, c->holders[i].person) &&
		    c->holders[i].until_ms > best)
			best = c->holders[i].until_ms;
	}
	return by_members(j, best, VERDICT_ROLE);
}

struct ruling
judge_condition(const struct judge *j, const struct judge_rule *r,
    const struct candidate *c, enum judge_condition which, const char *user)
{
	const struct ruling any = {VERDICT_ALLOWED, 0, INT64_MAX};

	switch (which) {
	case JUDGE_SOURCE:
		return r->rule->sources == 0 ? any : source(j, r, c);
	case JUDGE_OWNER:
		return r->rule->owners.n == 0 ? any : owner(j, r, c, user);
	case JUDGE_TAG:
		return r->rule->tags.n == 0 ? any : tag(j, r, c);
	case JUDGE_ROLE:
		return r->rule->roles.n == 0 ? any : role(j, r, c);
	default:
		return no(VERDICT_NO_RULE, 0);
	}
}

struct ruling
judge_rule(const struct judge *j, const struct judge_rule *r,
    const struct candidate *c, const char *user)
{
	struct ruling all = {VERDICT_ALLOWED, 0, INT64_MAX};
	unsigned i;

	for (i = 0; i < JUDGE_CONDITIONS; i++) {
		all = judge_both(all, judge_condition(j, r, c, i, user));
		if (all.verdict != VERDICT_ALLOWED)
			break;
	}
	return all;
}
