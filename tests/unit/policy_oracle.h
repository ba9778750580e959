/*
 * A second opinion on the policy: a world in numbers, and who may log in
 * there by DESIGN.md, worked out one account, key and pair of rules at a time
 * and sharing no code with policy/.  Include it after cmocka.h.
 */
#ifndef TESTS_UNIT_POLICY_ORACLE_H
#define TESTS_UNIT_POLICY_ORACLE_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/source.h"

#define O_NOW INT64_C(1800000000000) /* 2027-01-15T08:00:00Z */
#define O_DAY INT64_C(86400000)
#define O_FAR (O_NOW + 1000 * O_DAY)
#define O_BIT(set, i) (((set) >> (i)&1u) != 0)

#define O_ROOT 0
static const char *const o_accounts[] = {
    "root", "Root", "alice", "Alice", "bob"};
static const char *const o_groups[] = {"ops", "web", "wheel"};
static const char *const o_roles[] = {"admin", "owner", "billing"};
/* Not all of them uuids, so that %u may come to one. */
static const char *const o_people[] = {"p0", "bob", "p2", "alice", "root"};
static const char *const o_emails[] = {
    "", "alice@x", "Alice@X", "BOB@x", "root@x", "bob@bob", "%u@x"};
static const char *const o_short_ids[] = {"", "alice", "Bob", "root", "p0"};
static const char *const o_owners[] = {"%u@x", "%u", "P0", "alice@x", "BOB@X",
    "p2", "%u@%u", "%%u@x", "ROOT", "a%u"};
#define O_COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* Plain tags first, then those that narrow; the last three can't be read. */
enum { O_TAGS_PLAIN = 2, O_TAGS_USER = 2, O_TAGS_EXPIRES = 6, O_TAGS_FROM = 8 };
#define O_TAGS_BAD 11
static const char *const o_tags[] = {"t", "deploy", "user:root", "user:Alice",
    "user:alice", "user:bob", "expires:2027-01-14",
    "expires:2027-01-17T08:00:00Z", "from:10.0.0.0/8", "from:10.1.0.0/16",
    "from:11.0.0.0/8", "user:a/b", "expires:soon", "from:10.0.0.1/8"};
static const char *const o_tag_user[] = {"root", "Alice", "alice", "bob"};

/* What a line allows.  Addresses are bits: 10.0.0.1, 10.1.0.1, 11.0.0.1 and
 * any other. */
struct o_effect {
	unsigned from;
	int command, environment; /* 0: none */
	bool restricted, no_pty, authority;
	int64_t end; /* the first moment that is too late */
};

#define O_EXPIRY (O_NOW + 2 * O_DAY + 1000)
static const struct o_option {
	const char *text;
	struct o_effect e;
} o_options[] = {{"", {15, 0, 0, false, false, false, O_FAR}},
    {"from=\\\"10.0.0.0/8\\\"", {3, 0, 0, false, false, false, O_FAR}},
    {"from=\\\"10.1.0.0/16,11.0.0.0/8\\\"",
	{6, 0, 0, false, false, false, O_FAR}},
    {"command=\\\"x\\\"", {15, 1, 0, false, false, false, O_FAR}},
    {"command=\\\"y\\\"", {15, 2, 0, false, false, false, O_FAR}},
    {"restrict", {15, 0, 0, true, true, false, O_FAR}},
    {"cert-authority", {15, 0, 0, false, false, true, O_FAR}},
    {"no-pty,environment=\\\"A=1\\\"", {15, 0, 1, false, true, false, O_FAR}},
    {"environment=\\\"A=2\\\"", {15, 0, 2, false, false, false, O_FAR}},
    {"expiry-time=\\\"20270117080000Z\\\"",
	{15, 0, 0, false, false, false, O_EXPIRY}},
    {"expiry-time=\\\"20270115075959Z\\\"",
	{15, 0, 0, false, false, false, O_NOW}}};

enum { O_NOBODY = -1, O_PROJECT = -2 };
#define O_NO_DATE INT64_MIN
#define O_KEYS 6

struct o_record {
	bool there;
	int owner; /* of o_people, or as above */
	int64_t created;
	unsigned tags;
};

struct o_key {
	struct o_record rec[SOURCE_KEYS];
	unsigned type; /* enum pubkey_type */
	unsigned rsa_bits; /* 0: no RSA key */
};

struct o_member {
	unsigned person, email, short_id, roles;
};

/* Sets of what may stand there; 0: left out. */
struct o_rule {
	bool there;
	unsigned sources, owners, tags, roles, options;
};

struct o_document {
	bool wanted, valid;
	int64_t until;
	unsigned types, rsa_min_bits, max_age_days, deny;
	bool require_member;
	struct o_rule own[O_COUNT(o_accounts)], star, group[O_COUNT(o_groups)];
};

struct o_world {
	struct o_key keys[O_KEYS];
	int64_t source_until[SOURCE_KEYS], members_until;
	struct o_member members[5];
	unsigned nmembers, deny;
	struct o_document doc[2];
};

/* What an account gets with one key: each effect once. */
struct o_effects {
	struct o_effect v[64];
	size_t n;
};

static inline bool
o_same(const struct o_effect *a, const struct o_effect *b)
{
	return a->from == b->from && a->command == b->command &&
	    a->environment == b->environment &&
	    a->restricted == b->restricted && a->no_pty == b->no_pty &&
	    a->authority == b->authority && a->end == b->end;
}

static inline bool
o_has(const struct o_effects *all, const struct o_effect *e)
{
	size_t i;

	for (i = 0; i < all->n; i++) {
		if (o_same(&all->v[i], e))
			return true;
	}
	return false;
}

static inline void
o_add(struct o_effects *all, const struct o_effect *e)
{
	if (o_has(all, e))
		return;
	assert_true(all->n < O_COUNT(all->v));
	all->v[all->n++] = *e;
}

/* Both at once; false if no line says that. */
static inline bool
o_both(struct o_effect *e, const struct o_effect *more)
{
	if ((e->command != 0 && more->command != 0 &&
		e->command != more->command) ||
	    (e->environment != 0 && more->environment != 0 &&
		e->environment != more->environment))
		return false;
	e->from &= more->from;
	e->command |= more->command;
	e->environment |= more->environment;
	e->restricted |= more->restricted;
	e->no_pty |= more->no_pty;
	e->end = e->end < more->end ? e->end : more->end;
	return e->from != 0;
}

static inline bool
o_called(const char *owner, const char *account, const char *name)
{
	char text[256] = "";
	size_t n = 0;

	for (; *owner != '\0'; owner++) {
		if (owner[0] == '%' && *++owner == 'u') {
			(void)strcpy(text + n, account);
			n += strlen(account);
		} else
			text[n++] = *owner;
		text[n] = '\0';
	}
	return name[0] != '\0' && strcasecmp(text, name) == 0;
}

static inline bool
o_fresh(const struct o_world *w, int64_t t)
{
	return w->members_until > t;
}

/* Whether the record counts at that time. */
static inline bool
o_counts(const struct o_world *w, const struct o_key *k, unsigned s, int64_t t)
{
	return k->rec[s].there && w->source_until[s] > t;
}

static inline bool
o_is_owner(const struct o_world *w, unsigned owners, const char *account,
    int person, int64_t t)
{
	unsigned i, m;

	for (i = 0; i < O_COUNT(o_owners); i++) {
		if (!O_BIT(owners, i) || person < 0)
			continue;
		if (o_called(o_owners[i], account, o_people[person]))
			return true;
		for (m = 0; m < w->nmembers && o_fresh(w, t); m++) {
			const struct o_member *v = &w->members[m];

			if (v->person == (unsigned)person &&
			    (o_called(
				 o_owners[i], account, o_emails[v->email]) ||
				o_called(o_owners[i], account,
				    o_short_ids[v->short_id])))
				return true;
		}
	}
	return false;
}

/* Roles of any kind: whether the person is a member. */
static inline bool
o_is_member(const struct o_world *w, unsigned roles, int person, int64_t t)
{
	unsigned m;

	for (m = 0; m < w->nmembers; m++) {
		if (o_fresh(w, t) && w->members[m].person == (unsigned)person &&
		    (roles == 0 || (w->members[m].roles & roles) != 0))
			return true;
	}
	return false;
}

static inline bool
o_rule_met(const struct o_world *w, const struct o_rule *r,
    const struct o_key *k, const char *account, int64_t t)
{
	bool source = r->sources == 0, owner = r->owners == 0,
	     tag = r->tags == 0, role = r->roles == 0;
	unsigned s;

	for (s = 0; s < SOURCE_KEYS; s++) {
		const struct o_record *rec = &k->rec[s];

		if (!o_counts(w, k, s, t))
			continue;
		source |= O_BIT(r->sources, s);
		owner |= o_is_owner(w, r->owners, account, rec->owner, t);
		tag |= (rec->tags & r->tags) != 0;
		role |= rec->owner >= 0 && r->roles != 0 &&
		    o_is_member(w, r->roles, rec->owner, t);
	}
	return source && owner && tag && role;
}

/* What the tags of all records leave for the account. */
static inline bool
o_tags_let_in(const struct o_key *k, const char *account, struct o_effect *e)
{
	static const unsigned from[] = {3, 2, 4};
	unsigned s, i, list;
	bool any, in;

	for (s = 0; s < SOURCE_KEYS; s++) {
		if (!k->rec[s].there)
			continue;
		if (k->rec[s].tags >> O_TAGS_BAD != 0)
			return false;
		for (any = true, in = false, i = 0; i < 4; i++) {
			if (O_BIT(k->rec[s].tags, O_TAGS_USER + i)) {
				any = false;
				in |= strcmp(o_tag_user[i], account) == 0;
			}
		}
		for (list = i = 0; i < 3; i++) {
			if (O_BIT(k->rec[s].tags, O_TAGS_FROM + i))
				list |= from[i];
		}
		if (list != 0)
			e->from &= list;
		if (O_BIT(k->rec[s].tags, O_TAGS_EXPIRES))
			e->end = O_NOW - O_DAY;
		else if (O_BIT(k->rec[s].tags, O_TAGS_EXPIRES + 1) &&
		    e->end > O_EXPIRY)
			e->end = O_EXPIRY;
		if (!any && !in)
			return false;
	}
	return e->from != 0;
}

/* `keys` of a document. */
static inline bool
o_keys_met(const struct o_world *w, const struct o_document *d, unsigned key,
    int64_t t)
{
	const struct o_key *k = &w->keys[key];
	int64_t oldest = INT64_MAX;
	bool member = false;
	unsigned s;

	for (s = 0; s < SOURCE_KEYS; s++) {
		const struct o_record *rec = &k->rec[s];

		if (rec->there && rec->created != O_NO_DATE &&
		    rec->created < oldest)
			oldest = rec->created;
		member |= o_counts(w, k, s, t) &&
		    (rec->owner == O_PROJECT ||
			(rec->owner >= 0 && o_is_member(w, 0, rec->owner, t)));
	}
	return d->valid && d->until > t && !O_BIT(d->deny, key) &&
	    (d->types == 0 || O_BIT(d->types, k->type)) &&
	    (k->rsa_bits == 0 || k->rsa_bits >= d->rsa_min_bits) &&
	    (d->max_age_days == 0 ||
		(oldest != INT64_MAX &&
		    t < oldest + d->max_age_days * O_DAY)) &&
	    (!d->require_member || member);
}

/* The rules of a document that name the account; their number. */
static inline size_t
o_rules(const struct o_document *d, unsigned account, unsigned groups,
    const struct o_rule *rules[8])
{
	static const struct o_rule all = {.there = true};
	size_t n = 0;
	unsigned i;

	if (!d->wanted) {
		rules[0] = &all;
		return 1;
	}
	if (d->own[account].there)
		rules[n++] = &d->own[account];
	else if (d->star.there && account != O_ROOT)
		rules[n++] = &d->star;
	for (i = 0; i < O_COUNT(o_groups); i++) {
		if (d->group[i].there && O_BIT(groups, i))
			rules[n++] = &d->group[i];
	}
	return n;
}

/* All that the account, being in those groups, gets with the key then. */
static inline void
o_judge(const struct o_world *w, unsigned account, unsigned groups,
    unsigned key, int64_t t, struct o_effects *out)
{
	const struct o_rule *a[8], *b[8];
	const struct o_key *k = &w->keys[key];
	struct o_effect tags = o_options[0].e, e;
	const char *user = o_accounts[account];
	size_t na = o_rules(&w->doc[0], account, groups, a), i, j;
	size_t nb = o_rules(&w->doc[1], account, groups, b);
	bool counts = false, both = w->doc[0].wanted && w->doc[1].wanted;
	unsigned s;

	out->n = 0;
	for (s = 0; s < SOURCE_KEYS; s++)
		counts |= o_counts(w, k, s, t);
	if (!counts || O_BIT(w->deny, key) || !o_tags_let_in(k, user, &tags) ||
	    (!w->doc[0].wanted && !w->doc[1].wanted && account != O_ROOT))
		return;
	for (i = 0; i < 2; i++) {
		if (w->doc[i].wanted && !o_keys_met(w, &w->doc[i], key, t))
			return;
	}
	for (i = 0; i < na; i++) {
		for (j = 0; j < nb; j++) {
			e = o_options[a[i]->options].e;
			if (both &&
			    e.authority != o_options[b[j]->options].e.authority)
				continue;
			e.authority |= o_options[b[j]->options].e.authority;
			if (o_both(&e, &o_options[b[j]->options].e) &&
			    o_both(&e, &tags) && e.end > t &&
			    o_rule_met(w, a[i], k, user, t) &&
			    o_rule_met(w, b[j], k, user, t))
				o_add(out, &e);
		}
	}
}

#endif
