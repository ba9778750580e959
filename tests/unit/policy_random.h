/*
 * Random worlds of policy_oracle.h, and what policy/ makes of them.  Include
 * it after cmocka.h.
 */
#ifndef TESTS_UNIT_POLICY_RANDOM_H
#define TESTS_UNIT_POLICY_RANDOM_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "policy/compile.h"
#include "policy_oracle.h"
#include "pubkey_samples.h"

static const size_t r_samples[O_KEYS] = {0, 1, 5, 6, 8, 10};

/* One seed, one world. */
static uint64_t r_state;

static inline void
r_seed(uint64_t seed)
{
	r_state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
}

static inline unsigned
r_below(unsigned n)
{
	r_state ^= r_state << 13;
	r_state ^= r_state >> 7;
	r_state ^= r_state << 17;
	return (unsigned)(r_state >> 33) % n;
}

static inline bool
r_percent(unsigned n)
{
	return r_below(100) < n;
}

/* At least one of n, so many times of a hundred; else none. */
static inline unsigned
r_some(unsigned percent, unsigned n)
{
	unsigned set = 0;

	if (!r_percent(percent))
		return 0;
	do
		set |= 1u << r_below(n);
	while (r_percent(40));
	return set;
}

static inline int64_t
r_until(void)
{
	return r_percent(8) ? O_NOW - r_below(2) * O_DAY
			    : O_NOW + 1 + r_below(5) * O_DAY;
}

static inline void
r_rule(struct o_rule *r, unsigned percent)
{
	*r = (struct o_rule){.there = r_percent(percent)};
	r->sources = r_some(25, SOURCE_KEYS);
	r->owners = r_some(45, O_COUNT(o_owners));
	r->tags = r_some(20, O_TAGS_PLAIN);
	r->roles = r_some(20, O_COUNT(o_roles));
	r->options = r_percent(60) ? 0 : r_below(O_COUNT(o_options));
}

static inline void
r_document(struct o_document *d)
{
	size_t i;

	*d = (struct o_document){.wanted = r_percent(75),
	    .valid = r_percent(97),
	    .until = r_percent(90) ? O_FAR : r_until(),
	    .types = r_some(10, PUBKEY_TYPE_COUNT),
	    .rsa_min_bits = r_percent(10) ? 3072 : 0,
	    .max_age_days = r_percent(10) ? 1 + r_below(9) : 0,
	    .deny = r_some(10, O_KEYS),
	    .require_member = r_percent(15)};
	for (i = 0; i < O_COUNT(o_accounts); i++)
		r_rule(&d->own[i], 30);
	r_rule(&d->star, 60);
	for (i = 0; i < O_COUNT(o_groups); i++)
		r_rule(&d->group[i], 35);
}

static inline void
r_record(struct o_record *r)
{
	*r = (struct o_record){.there = r_percent(35),
	    .owner = r_percent(15) ? O_NOBODY
		: r_percent(15)    ? O_PROJECT
				   : (int)r_below(O_COUNT(o_people)),
	    .created = r_percent(15) ? O_NO_DATE : O_NOW - r_below(10) * O_DAY,
	    .tags = r_some(40, O_TAGS_PLAIN)};
	if (r_percent(20))
		r->tags |= 1u << (O_TAGS_PLAIN + r_below(9));
	if (r_percent(10))
		r->tags |= 1u << (O_TAGS_PLAIN + r_below(9));
	if (r_percent(2))
		r->tags |= 1u << (O_TAGS_BAD + r_below(3));
}

static inline void
r_world(struct o_world *w)
{
	unsigned i, s;

	*w = (struct o_world){.nmembers = r_below(6), .deny = r_some(5, 6)};
	for (i = 0; i < O_KEYS; i++) {
		for (s = 0; s < SOURCE_KEYS; s++)
			r_record(&w->keys[i].rec[s]);
		w->keys[i].rec[r_below(SOURCE_KEYS)].there = true;
		w->keys[i].type = samples[r_samples[i]].type;
		if (w->keys[i].type == PUBKEY_RSA)
			w->keys[i].rsa_bits = samples[r_samples[i]].bits;
	}
	for (s = 0; s < SOURCE_KEYS; s++)
		w->source_until[s] = r_until();
	w->members_until = r_percent(5) ? INT64_MIN : r_until();
	for (i = 0; i < w->nmembers; i++)
		w->members[i] = (struct o_member){r_below(O_COUNT(o_people)),
		    r_below(O_COUNT(o_emails)), r_below(O_COUNT(o_short_ids)),
		    r_some(70, O_COUNT(o_roles))};
	for (i = 0; i < 2; i++)
		r_document(&w->doc[i]);
}

/* The documents as texts, and what else compile() takes. */
struct r_input {
	struct keyset keys[SOURCE_KEYS];
	struct memberset members;
	struct merged merged;
	struct policy doc[2];
	char text[2][16384], deny[1024];
	struct judge_input in;
};

struct r_text {
	char *p;
	size_t size;
	bool comma;
};

__attribute__((format(printf, 2, 3))) static inline void
r_put(struct r_text *t, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(t->p, t->size, fmt, ap);
	va_end(ap);
	assert_true(n >= 0 && (size_t)n < t->size);
	t->p += n;
	t->size -= (size_t)n;
}

/* A comma where one is needed, and the name. */
static inline void
r_name(struct r_text *t, const char *name)
{
	r_put(t, "%s\"%s\":", t->comma ? "," : "", name);
	t->comma = true;
}

static inline void
r_list(struct r_text *t, const char *name, unsigned set,
    const char *const *words, unsigned n)
{
	unsigned i;

	if (set == 0)
		return;
	r_name(t, name);
	for (i = 0; i < n; i++) {
		if (O_BIT(set, i)) {
			r_put(t, "%c\"%s\"",
			    (set & ((1u << i) - 1)) == 0 ? '[' : ',', words[i]);
		}
	}
	r_put(t, "]");
}

static inline void
r_put_rule(struct r_text *t, const char *name, const struct o_rule *r)
{
	static const char *const sources[] = {
	    "device", "project", "personal", "metadata"};

	if (!r->there)
		return;
	r_name(t, name);
	r_put(t, "{");
	t->comma = false;
	r_list(t, "sources", r->sources, sources, SOURCE_KEYS);
	r_list(t, "owners", r->owners, o_owners, O_COUNT(o_owners));
	r_list(t, "tags", r->tags, o_tags, O_TAGS_PLAIN);
	r_list(t, "roles", r->roles, o_roles, O_COUNT(o_roles));
	if (r->options != 0) {
		r_name(t, "options");
		r_put(t, "\"%s\"", o_options[r->options].text);
	}
	r_put(t, "}");
	t->comma = true;
}

static inline void
r_put_keys(struct r_text *t, const struct o_document *d)
{
	const char *types[PUBKEY_TYPE_COUNT], *fps[O_KEYS];
	unsigned i;

	for (i = 0; i < PUBKEY_TYPE_COUNT; i++)
		types[i] = pubkey_type_name((enum pubkey_type)i);
	for (i = 0; i < O_KEYS; i++)
		fps[i] = samples[r_samples[i]].fp;
	r_list(t, "types", d->types, types, PUBKEY_TYPE_COUNT);
	r_list(t, "deny", d->deny, fps, O_KEYS);
	if (d->rsa_min_bits != 0) {
		r_name(t, "rsa_min_bits");
		r_put(t, "%u", d->rsa_min_bits);
	}
	if (d->max_age_days != 0) {
		r_name(t, "max_age");
		r_put(t, "\"%ud\"", d->max_age_days);
	}
	r_name(t, "require_member");
	r_put(t, d->require_member ? "true" : "false");
}

static inline void
r_put_document(struct r_input *in, unsigned o, const struct o_document *d)
{
	struct r_text t = {in->text[o], sizeof(in->text[o]), false};
	struct error err = {""};
	size_t i;

	in->in.origin[o] = (struct judge_origin){d->wanted, NULL, d->until};
	if (d->until == O_FAR)
		in->in.origin[o].until_ms = INT64_MAX;
	r_put(&t, "{\"version\":1,\"keys\":{");
	r_put_keys(&t, d);
	r_put(&t, "},\"users\":{");
	t.comma = false;
	r_put_rule(&t, "*", &d->star);
	for (i = 0; i < O_COUNT(o_accounts); i++)
		r_put_rule(&t, o_accounts[i], &d->own[i]);
	r_put(&t, "},\"groups\":{");
	t.comma = false;
	for (i = 0; i < O_COUNT(o_groups); i++)
		r_put_rule(&t, o_groups[i], &d->group[i]);
	r_put(&t, "}}");
	if (policy_parse(&in->doc[o], in->text[o], strlen(in->text[o]), &err) !=
	    POLICY_OK)
		fail_msg("%s: %s", in->text[o], err.text);
	if (d->valid)
		in->in.origin[o].doc = &in->doc[o];
}

#endif
