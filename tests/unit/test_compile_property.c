/* SPDX-License-Identifier: ISC */
/*
 * What compile() makes of thousands of small random worlds: just what an
 * independent judge of each account and key says, now and later; and nothing
 * that narrows ever adds.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "policy_compiled.h"

#define WORLDS 3000
#define SEED UINT64_C(20270115)

static struct result first, second;
static uint64_t seed;

static void
fail_at(const struct o_world *w, const char *what, struct who who, int64_t t)
{
	fail_msg("seed %llu: %s: %s, groups %x, key %u, at now + %lld ms\n"
		 "%s\n%s",
	    (unsigned long long)seed, what, o_accounts[who.account], who.groups,
	    who.key, (long long)(t - O_NOW),
	    w->doc[0].wanted ? input.text[0] : "-",
	    w->doc[1].wanted ? input.text[1] : "-");
}

static bool
subset(const struct o_effects *a, const struct o_effects *b)
{
	size_t i;

	for (i = 0; i < a->n; i++) {
		if (!o_has(b, &a->v[i]))
			return false;
	}
	return true;
}

#define FOR_EACH(who)                                                      \
	for ((who) = (struct who){0}; (who).account < O_COUNT(o_accounts); \
	     (who).account++)                                              \
		for ((who).groups = 0; (who).groups < 8; (who).groups++)   \
			for ((who).key = 0; (who).key < O_KEYS; (who).key++)

/* Owners both with and without an open %u. */
static bool
is_mixed(const struct o_rule *r)
{
	bool open = false, closed = false;
	size_t i;

	for (i = 0; i < O_COUNT(o_owners); i++) {
		if (!r->there || !O_BIT(r->owners, i))
			continue;
		if (strncmp(o_owners[i], "%u", 2) == 0 ||
		    strcmp(o_owners[i], "a%u") == 0)
			open = true;
		else
			closed = true;
	}
	return open && closed;
}

/*
 * Whether the lines are to be all that there is then.  A rule that names
 * somebody and has a %u is for all accounts as long as the one holds, and
 * until the next compile() for none when he goes first.
 */
static bool
is_whole(const struct o_world *w, int64_t t)
{
	size_t o, i;

	for (o = 0; o < GRANT_ORIGINS; o++) {
		if (is_mixed(&w->doc[o].star))
			return t == O_NOW;
		for (i = 0; i < O_COUNT(o_groups); i++) {
			if (is_mixed(&w->doc[o].group[i]))
				return t == O_NOW;
		}
	}
	return true;
}

static void
check_world(const struct o_world *w, const struct result *got, int64_t t)
{
	bool whole = is_whole(w, t);
	struct o_effects want, have;
	struct who who;

	FOR_EACH(who)
	{
		o_judge(w, who.account, who.groups, who.key, t, &want);
		given(w, got, who, t, &have);
		if (!subset(&have, &want))
			fail_at(w, "too much", who, t);
		if (whole && !subset(&want, &have))
			fail_at(w, "too little", who, t);
	}
}

/* Now, and at each time at which something ends. */
static void
test_oracle(void **state)
{
	struct o_world w;
	unsigned i, day;

	(void)state;
	for (i = 0; i < WORLDS; i++) {
		r_seed(seed = SEED + i);
		r_world(&w);
		run(&w, &first);
		check_world(&w, &first, O_NOW);
		day = r_below(6);
		check_world(&w, &first, O_NOW + day * O_DAY + r_below(3));
	}
}

/* One rule of a wanted document, or NULL. */
static struct o_rule *
any_rule(struct o_document *d)
{
	unsigned n = r_below(O_COUNT(o_accounts) + O_COUNT(o_groups) + 1);
	struct o_rule *r = &d->star;

	if (n > O_COUNT(o_accounts))
		r = &d->group[n - O_COUNT(o_accounts) - 1];
	else if (n > 0)
		r = &d->own[n - 1];
	return r->there ? r : NULL;
}

/* A condition where there was none, or options.  (cert-authority makes another
 * line, one that the other document may want.) */
static void
narrow_rule(struct o_rule *r)
{
	unsigned which = r_below(5);

	if (which == 0 && r->sources == 0)
		r->sources = r_some(100, SOURCE_KEYS);
	if (which == 1 && r->owners == 0)
		r->owners = r_some(100, O_COUNT(o_owners));
	if (which == 2 && r->tags == 0)
		r->tags = r_some(100, O_TAGS_PLAIN);
	if (which == 3 && r->roles == 0)
		r->roles = r_some(100, O_COUNT(o_roles));
	if (which == 4 && r->options == 0) {
		r->options = r_below(O_COUNT(o_options));
		if (o_options[r->options].e.authority)
			r->options = 0;
	}
}

static void
narrow_keys(struct o_document *d)
{
	unsigned which = r_below(5);

	if (which == 0)
		d->deny |= 1u << r_below(O_KEYS);
	if (which == 1)
		d->require_member = true;
	if (which == 2)
		d->types = d->types == 0 ? r_some(100, PUBKEY_TYPE_COUNT)
					 : d->types & (d->types - 1);
	/* The last type taken away would let all in. */
	if (which == 2 && d->types == 0)
		d->types = 1u << PUBKEY_ECDSA_521;
	if (which == 3)
		d->rsa_min_bits = 3072;
	if (which == 4 && (d->max_age_days == 0 || d->max_age_days > 2))
		d->max_age_days = 2;
}

/* A tag more.  Several user: of a record are a set, and several from: a list,
 * so that only the first of each narrows. */
static void
narrow_tags(struct o_record *rec)
{
	unsigned tag = O_TAGS_PLAIN + r_below(O_COUNT(o_tags) - O_TAGS_PLAIN);
	unsigned users = 15u << O_TAGS_USER, from = 7u << O_TAGS_FROM;

	if ((O_BIT(users, tag) && (rec->tags & users) != 0) ||
	    (O_BIT(from, tag) && (rec->tags & from) != 0))
		return;
	rec->tags |= 1u << tag;
}

/* The same world, with one thing that may only narrow. */
static void
narrow(struct o_world *w)
{
	unsigned which = r_below(2);
	struct o_document *d = &w->doc[which], *other = &w->doc[1 - which];
	struct o_record *rec =
	    &w->keys[r_below(O_KEYS)].rec[r_below(SOURCE_KEYS)];
	struct o_rule *r = any_rule(d);

	switch (r_below(6)) {
	case 0:
		w->deny |= 1u << r_below(O_KEYS);
		break;
	case 1:
		narrow_keys(d);
		break;
	case 2:
		/* A second document; a first one takes the place of the
		 * built-in policy. */
		d->wanted = d->wanted || other->wanted;
		break;
	case 3:
		if (d->wanted)
			d->valid = false;
		break;
	case 4:
		narrow_tags(rec);
		break;
	default:
		if (r != NULL)
			narrow_rule(r);
		break;
	}
}

static void
check_narrower(const struct o_world *wide, const struct o_world *narrowed)
{
	struct o_effects more, less;
	struct who who;

	FOR_EACH(who)
	{
		given(wide, &first, who, O_NOW, &more);
		given(narrowed, &second, who, O_NOW, &less);
		if (less.n != 0 && more.n == 0)
			fail_at(narrowed, "narrowed, and more", who, O_NOW);
	}
}

/* A condition, a document or a tag more never lets anybody in. */
static void
test_narrower(void **state)
{
	struct o_world w, less;
	unsigned i;

	(void)state;
	for (i = 0; i < WORLDS; i++) {
		r_seed(seed = SEED + i);
		r_world(&w);
		run(&w, &first);
		less = w;
		narrow(&less);
		run(&less, &second);
		check_narrower(&w, &less);
	}
}

static void
check_swapped(const struct o_world *w, const struct o_world *swapped)
{
	struct o_effects a, b;
	struct who who;

	FOR_EACH(who)
	{
		given(w, &first, who, O_NOW, &a);
		given(swapped, &second, who, O_NOW, &b);
		if (!subset(&a, &b) || !subset(&b, &a))
			fail_at(w, "not the same when swapped", who, O_NOW);
	}
}

/* It is all the same which of the documents is the fleet's. */
static void
test_swapped(void **state)
{
	struct o_world w, swapped;
	unsigned i;

	(void)state;
	for (i = 0; i < WORLDS; i++) {
		r_seed(seed = SEED + i);
		r_world(&w);
		run(&w, &first);
		swapped = w;
		swapped.doc[0] = w.doc[1];
		swapped.doc[1] = w.doc[0];
		run(&swapped, &second);
		check_swapped(&w, &swapped);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_oracle),
	    cmocka_unit_test(test_narrower),
	    cmocka_unit_test(test_swapped),
	};

	return cmocka_run_group_tests(tests, make_keys, free_keys);
}
