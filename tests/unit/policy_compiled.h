/*
 * What compile() makes of a world of policy_oracle.h.  Include it after
 * cmocka.h.
 */
#ifndef TESTS_UNIT_POLICY_COMPILED_H
#define TESTS_UNIT_POLICY_COMPILED_H

#include "policy_random.h"

#define C_LINES 2048

/* A line, with what it allows. */
struct row {
	struct grant grant;
	char name[LIMIT_USER_NAME + 1];
	int groups[GRANT_ORIGINS]; /* of o_groups, or -1 */
	unsigned key;
	int64_t until;
	struct o_effect effect;
};

struct result {
	struct row v[C_LINES];
	size_t n;
	unsigned refused, seen; /* keys, as bits */
};

/* The checked keys, made once; the worlds borrow from them. */
static struct keyset all_keys;
static struct r_input input;

static inline unsigned
key_of(const char *fp)
{
	unsigned i;

	for (i = 0; i < O_KEYS; i++) {
		if (strcmp(all_keys.v[i].fp, fp) == 0)
			return i;
	}
	fail_msg("no such key");
	return 0;
}

/* The addresses of a list, as bits. */
static inline unsigned
addresses(const char *list)
{
	static const struct {
		const char *text;
		unsigned bits;
	} known[] = {{"10.0.0.0/8", 3}, {"10.1.0.0/16", 2}, {"11.0.0.0/8", 4}};
	unsigned bits = 0;
	size_t i, n;

	for (; *list != '"'; list += n + (list[n] == ',')) {
		n = strcspn(list, ",\"");
		for (i = 0; i < O_COUNT(known); i++) {
			if (strlen(known[i].text) == n &&
			    memcmp(known[i].text, list, n) == 0)
				break;
		}
		assert_true(i < O_COUNT(known));
		bits |= known[i].bits;
	}
	return bits;
}

static inline struct o_effect
effect_of(const char *options)
{
	struct o_effect e = o_options[0].e;
	const char *p;

	if ((p = strstr(options, "from=\"")) != NULL)
		e.from = addresses(p + 6);
	if ((p = strstr(options, "command=\"")) != NULL)
		e.command = p[9] == 'x' ? 1 : 2;
	if ((p = strstr(options, "environment=\"A=")) != NULL)
		e.environment = p[15] - '0';
	e.restricted = strstr(options, "restrict") != NULL;
	e.no_pty = e.restricted || strstr(options, "no-pty") != NULL;
	e.authority = strstr(options, "cert-authority") != NULL;
	if ((p = strstr(options, "expiry-time=\"")) != NULL) {
		assert_memory_equal(p + 13, "20270117080000Z\"", 16);
		e.end = O_EXPIRY;
	}
	return e;
}

static inline int
on_line(void *ctx, const struct compile_line *l)
{
	struct result *got = ctx;
	struct row *r = &got->v[got->n++];
	unsigned o, g;

	assert_true(got->n < C_LINES);
	assert_true(l->until_ms > O_NOW);
	r->grant = l->grant;
	(void)snprintf(r->name, sizeof(r->name), "%s", l->grant.name);
	r->grant.name = r->name;
	for (o = 0; o < GRANT_ORIGINS; o++) {
		r->groups[o] = -1;
		for (g = 0; g < O_COUNT(o_groups); g++) {
			if (l->grant.groups[o] != NULL &&
			    strcmp(o_groups[g], l->grant.groups[o]) == 0)
				r->groups[o] = (int)g;
		}
	}
	r->key = key_of(l->fp);
	r->until = l->until_ms;
	r->effect = effect_of(l->options);
	assert_int_equal(r->effect.authority, l->authority);
	got->seen |= 1u << r->key;
	return 0;
}

static inline int
on_refused(void *ctx, const struct merged_key *key, const struct ruling *why)
{
	struct result *got = ctx;
	unsigned bit = 1u << key_of(key->refs[0].rec->fp);

	assert_int_not_equal(why->verdict, VERDICT_ALLOWED);
	assert_true((got->refused & bit) == 0);
	got->refused |= bit;
	return 0;
}

static inline void
put_keys(const struct o_world *w)
{
	static char owners[O_COUNT(o_people)][32];
	const struct o_record *from;
	struct keyrec *rec;
	unsigned i, s, t;

	for (i = 0; i < O_COUNT(o_people); i++)
		(void)snprintf(
		    owners[i], sizeof(owners[i]), "user:%s", o_people[i]);
	for (i = 0; i < O_KEYS; i++) {
		for (s = 0; s < SOURCE_KEYS; s++) {
			from = &w->keys[i].rec[s];
			if (!from->there)
				continue;
			assert_non_null(rec = keyset_add(&input.keys[s]));
			*rec = all_keys.v[i];
			rec->owner = from->owner == O_NOBODY ? ""
			    : from->owner == O_PROJECT       ? "project:p"
						       : owners[from->owner];
			rec->created_ms = from->created;
			rec->tags = keyset_tags(&input.keys[s], LIMIT_TAGS);
			assert_non_null(rec->tags);
			for (t = 0; t < O_COUNT(o_tags); t++) {
				if (O_BIT(from->tags, t))
					rec->tags[rec->ntags++] = o_tags[t];
			}
		}
	}
}

static inline void
put_members(const struct o_world *w)
{
	struct member *m;
	unsigned i, r;

	for (i = 0; i < w->nmembers; i++) {
		assert_non_null(m = memberset_add(&input.members));
		m->id = o_people[w->members[i].person];
		m->email = o_emails[w->members[i].email];
		m->short_id = o_short_ids[w->members[i].short_id];
		m->roles = memberset_roles(&input.members, O_COUNT(o_roles));
		assert_non_null(m->roles);
		for (r = 0; r < O_COUNT(o_roles); r++) {
			if (O_BIT(w->members[i].roles, r))
				m->roles[m->nroles++] = o_roles[r];
		}
	}
}

static inline void
put_world(const struct o_world *w)
{
	struct merge_input in[SOURCE_KEYS];
	size_t i, n = 0;

	memset(&input.in, 0, sizeof(input.in));
	for (i = 0; i < SOURCE_KEYS; i++) {
		keyset_init(&input.keys[i]);
		in[i] = (struct merge_input){
		    &input.keys[i], (enum source)i, w->source_until[i]};
	}
	memberset_init(&input.members);
	put_keys(w);
	put_members(w);
	assert_int_equal(merge_keys(&input.merged, in, SOURCE_KEYS), 0);
	for (i = 0; i < 2; i++)
		r_put_document(&input, (unsigned)i, &w->doc[i]);
	for (i = 0; i < O_KEYS; i++) {
		if (O_BIT(w->deny, i))
			n += (size_t)snprintf(input.deny + n,
			    sizeof(input.deny) - n, "%s\n", all_keys.v[i].fp);
	}
	input.in.deny = n == 0 ? NULL : input.deny;
	input.in.denylen = n;
	input.in.keys = &input.merged;
	input.in.members = &input.members;
	input.in.members_until_ms = w->members_until;
	input.in.now_ms = O_NOW;
}

static inline void
run(const struct o_world *w, struct result *got)
{
	const struct compile_out out = {got, on_line, on_refused};
	size_t i;

	put_world(w);
	got->n = got->refused = got->seen = 0;
	assert_int_equal(compile(&input.in, &out), 0);
	/* Refused are just those of which there is no line. */
	assert_int_equal(got->refused ^ got->seen, (1u << O_KEYS) - 1);
	assert_int_equal(got->refused & got->seen, 0);
	for (i = 0; i < SOURCE_KEYS; i++)
		keyset_free(&input.keys[i]);
	memberset_free(&input.members);
	merge_free(&input.merged);
	for (i = 0; i < 2; i++)
		policy_free(&input.doc[i]);
}

/* One account, the groups that it is in, and a key. */
struct who {
	unsigned account, groups, key;
};

/* What the lines give it at that time. */
static inline void
given(const struct o_world *w, const struct result *got, struct who who,
    int64_t t, struct o_effects *out)
{
	const char *user = o_accounts[who.account];
	unsigned named = 0, o;
	size_t i;

	for (o = 0; o < GRANT_ORIGINS; o++) {
		if (w->doc[o].wanted && w->doc[o].own[who.account].there)
			named |= GRANT_BIT(o);
	}
	out->n = 0;
	for (i = 0; i < got->n; i++) {
		const struct row *r = &got->v[i];
		bool in = grant_applies(&r->grant, user, named);

		for (o = 0; o < GRANT_ORIGINS; o++)
			in = in &&
			    (r->groups[o] == -1 ||
				O_BIT(who.groups, r->groups[o]));
		if (in && r->key == who.key && r->until > t)
			o_add(out, &r->effect);
	}
}

static inline int
make_keys(void **state)
{
	struct keyrec *rec;
	char text[1200];
	size_t i;

	(void)state;
	keyset_init(&all_keys);
	for (i = 0; i < O_KEYS; i++) {
		const struct sample *s = &samples[r_samples[i]];

		assert_non_null(rec = keyset_add(&all_keys));
		(void)snprintf(text, sizeof(text), "%s %s", s->name, s->b64);
		rec->text = text;
		rec->textlen = strlen(text);
		assert_int_equal(pubkey_check_record(&all_keys, rec), 0);
		assert_non_null(rec->blob);
	}
	return 0;
}

static inline int
free_keys(void **state)
{
	(void)state;
	keyset_free(&all_keys);
	return 0;
}

#endif
