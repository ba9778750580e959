/* SPDX-License-Identifier: ISC */
/* Who gains and who loses by another policy. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "cmd/policy_diff.h"
#include "cmd/policy_view.h"
#include "grants_fixture.h"

/* One line for each change. */
static void
print(const struct policy_diff *d, char *text, size_t size)
{
	size_t i, len = 0;

	text[0] = '\0';
	for (i = 0; i < d->n; i++) {
		const struct policy_change *c = &d->v[i];

		assert_true(len < size);
		len += (size_t)snprintf(text + len, size - len,
		    "%c %s %s [%s] [%s]\n", (char)c->sign, c->who,
		    c->key->refs[0].rec->label,
		    c->before == NULL ? "-" : c->before,
		    c->after == NULL ? "-" : c->after);
	}
}

/* The documents of the file before (NULL: none) and after. */
static void
check(struct world *w, const char *before, const char *after, const char *want)
{
	struct grants a, b;
	struct policy_diff d;
	struct policy old = {.users = {NULL, 0}};
	struct judge_input in = w->in;
	char got[4096];

	if (before != NULL) {
		world_doc(w, GRANT_FILE, before);
		old = w->doc[GRANT_FILE];
		w->doc[GRANT_FILE] = (struct policy){.users = {NULL, 0}};
		in.origin[GRANT_FILE] =
		    (struct judge_origin){true, &old, INT64_MAX};
	}
	world_doc(w, GRANT_FILE, after);
	assert_int_equal(grants_gather(&a, &in, NULL), 0);
	assert_int_equal(grants_gather(&b, &w->in, NULL), 0);
	assert_int_equal(policy_diff(&d, &a, &b), 0);
	print(&d, got, sizeof(got));
	assert_string_equal(got, want);
	policy_diff_free(&d);
	grants_free(&a);
	grants_free(&b);
	policy_free(&old);
	world_no_doc(w, GRANT_FILE);
}

/* Two keys alone: alice's in the device, bob's in the project. */
static void
open_small(struct world *w)
{
	world_init(w);
	(void)world_key(w, SOURCE_DEVICE, KEY_ED, ALICE);
	(void)world_key(w, SOURCE_PROJECT, KEY_EC256, BOB);
	world_member(w, ALICE_ID, "al1ce", "alice@example.com", "admin");
	world_member(w, BOB_ID, "b0b", "bob@example.com", NULL);
	world_merge(w);
}

static void
test_accounts(void **state)
{
	struct world w;

	(void)state;
	open_small(&w);
	check(&w, "'users':{'root':{}}", "'users':{'root':{}}", "");
	/* Nobody had written a policy yet. */
	check(&w, NULL, "'users':{'root':{}}", "");
	check(&w, NULL, "'users':{'root':{'sources':['device']}}",
	    "- root ec256 [] [-]\n");
	check(&w, "'users':{}", "'users':{'root':{}}",
	    "+ root ec256 [-] []\n+ root ed [-] []\n");
	check(&w, "'users':{'alice':{'sources':['device']}}",
	    "'users':{'bob':{'sources':['device']}}",
	    "- alice ed [] [-]\n+ bob ed [-] []\n");
	world_free(&w);
}

static void
test_options(void **state)
{
	struct world w;

	(void)state;
	open_small(&w);
	check(&w, "'users':{'root':{'sources':['device']}}",
	    "'users':{'root':{'sources':['device'],'options':'restrict'}}",
	    "~ root ed [] [restrict]\n");
	/* By another spelling they are the same. */
	check(&w, "'users':{'root':{'options':'no-pty,no-user-rc'}}",
	    "'users':{'root':{'options':'NO-user-rc,no-pty'}}", "");
	check(&w, "'users':{'root':{'options':'restrict'}}",
	    "'users':{'root':{'options':'restrict','sources':['device']}}",
	    "- root ec256 [restrict] [-]\n");
	world_free(&w);
}

/* `*` is one account, and none of those that have a rule. */
static void
test_star(void **state)
{
	struct world w;

	(void)state;
	open_small(&w);
	check(&w, "'users':{}", "'users':{'*':{'sources':['device']}}",
	    "+ * ed [-] []\n");
	/* alice has by `*` what she had by her own rule. */
	check(&w, "'users':{'alice':{'sources':['device']}}",
	    "'users':{'*':{'sources':['device']}}", "+ * ed [-] []\n");
	/* A rule of her own takes her out of `*`. */
	check(&w, "'users':{'*':{}}", "'users':{'*':{},'alice':{}}", "");
	check(&w, "'users':{'*':{}}",
	    "'users':{'*':{},'alice':{'sources':['device']}}",
	    "- alice ec256 [] [-]\n");
	check(&w, "'users':{'*':{}}",
	    "'users':{'*':{},'alice':{'options':'restrict'}}",
	    "~ alice ec256 [] [restrict]\n~ alice ed [] [restrict]\n");
	check(&w, "'users':{'alice':{'sources':['device']},'*':{}}",
	    "'users':{'*':{}}", "+ alice ec256 [-] []\n");
	world_free(&w);
}

static void
test_names(void **state)
{
	struct world w;

	(void)state;
	open_small(&w);
	check(&w, "'users':{}", "'users':{'*':{'owners':['%u@example.com']}}",
	    "+ alice ed [-] []\n+ bob ec256 [-] []\n");
	check(&w, "'users':{'*':{'owners':['%u@example.com']}}",
	    "'users':{'alice':{'owners':['%u@example.com']}}",
	    "- bob ec256 [] [-]\n");
	/* What everybody gets is said once, for those with a name too. */
	check(&w, "'users':{'*':{'owners':['%u@example.com']}}",
	    "'users':{'*':{}}", "+ * ec256 [-] []\n+ * ed [-] []\n");
	check(&w,
	    "'users':{'*':{'owners':['%u@example.com'],'options':'restrict'}}",
	    "'users':{'*':{'sources':['device']}}",
	    "+ * ed [-] []\n~ alice ed [restrict] []\n"
	    "- bob ec256 [restrict] [-]\n");
	world_free(&w);
}

static void
test_groups(void **state)
{
	struct world w;

	(void)state;
	open_small(&w);
	check(&w, "'users':{'root':{}}",
	    "'users':{'root':{}},'groups':{'wheel':{'sources':['device']}}",
	    "+ @wheel ed [-] []\n");
	check(&w, "'groups':{'wheel':{}}", "'groups':{'ops':{}}",
	    "+ @ops ec256 [-] []\n+ @ops ed [-] []\n"
	    "- @wheel ec256 [] [-]\n- @wheel ed [] [-]\n");
	/* Both must allow. */
	world_doc(&w, GRANT_FLEET, "'users':{'*':{}}");
	check(&w, "'users':{}", "'groups':{'wheel':{'sources':['device']}}",
	    "+ *+@wheel ed [-] []\n");
	/* What was for everybody in a group is not root's by `*`. */
	world_doc(&w, GRANT_FLEET, "'groups':{'wheel':{'sources':['device']}}");
	check(&w, NULL, "'users':{'*':{}}", "- root+@wheel ed [] [-]\n");
	world_free(&w);
}

/* Whether a view has the key for the groups of a grant, with options (NULL:
 * any). */
static bool
has(const struct grants *g, const char *user, const struct policy_change *c,
    const char *options)
{
	unsigned named = grants_named(g, user);
	size_t i;

	for (i = 0; i < g->n; i++) {
		if (grant_applies(&g->v[i].grant, user, named) &&
		    view_compare(
			c->key, &c->grant, g->v[i].key, &g->v[i].grant) == 0 &&
		    (options == NULL || strcmp(options, g->v[i].options) == 0))
			return true;
	}
	return false;
}

/* What is said of an account (or of all) did happen to it. */
static void
check_true(const struct policy_change *c, const char *user,
    const struct grants *a, const struct grants *b)
{
	if (c->grant.scope == GRANT_ACCOUNT && strcmp(c->who, user) != 0 &&
	    strcmp(c->grant.name, user) != 0)
		return;
	if (c->grant.scope == GRANT_ANY)
		return;
	assert_int_equal(has(a, user, c, NULL), c->sign != POLICY_GAINED);
	assert_int_equal(has(b, user, c, NULL), c->sign != POLICY_LOST);
	if (c->before != NULL)
		assert_true(has(a, user, c, c->before));
	if (c->after != NULL)
		assert_true(has(b, user, c, c->after));
}

/* Whether a change is told that is this account's: its own, or anybody's. */
static bool
told(const struct policy_diff *d, const char *user, const struct grants *g,
    const struct granted *v, enum policy_sign sign)
{
	unsigned named = grants_named(g, user);
	size_t i;

	for (i = 0; i < d->n; i++) {
		const struct policy_change *c = &d->v[i];

		if (view_compare(c->key, &c->grant, v->key, &v->grant) != 0 ||
		    (c->sign != sign && c->sign != POLICY_OPTIONS))
			continue;
		if (c->grant.scope == GRANT_ANY
			? grant_applies(&c->grant, user, named)
			: strcmp(c->grant.name, user) == 0)
			return true;
	}
	return false;
}

/* Each grant of one side that the other lacks is told. */
static void
check_whole(const struct policy_diff *d, const char *user,
    const struct grants *here, const struct grants *there,
    enum policy_sign sign)
{
	unsigned named = grants_named(here, user);
	size_t i;

	for (i = 0; i < here->n; i++) {
		const struct granted *v = &here->v[i];
		const struct policy_change c = {
		    .grant = v->grant, .key = v->key};

		if (grant_applies(&v->grant, user, named) &&
		    !has(there, user, &c, v->options) &&
		    !told(d, user, here, v, sign))
			fail_msg("%s: %c %s is not told", user, (char)sign,
			    v->key->refs[0].rec->label);
	}
}

static void
check_pair(const struct grants *a, const struct grants *b)
{
	struct policy_diff d;
	size_t i, u;

	assert_int_equal(policy_diff(&d, a, b), 0);
	for (i = 1; i < d.n; i++)
		assert_true(strcmp(d.v[i - 1].who, d.v[i].who) <= 0);
	for (u = 0; u < SOME_USERS; u++) {
		/* Nobody's name; and one that stands under alice's. */
		if (strcmp(some_users[u], "*") == 0 ||
		    strcmp(some_users[u], "Alice") == 0)
			continue;
		for (i = 0; i < d.n; i++)
			check_true(&d.v[i], some_users[u], a, b);
		check_whole(&d, some_users[u], b, a, POLICY_GAINED);
		check_whole(&d, some_users[u], a, b, POLICY_LOST);
	}
	policy_diff_free(&d);
}

/* Every policy against every other, with each for a fleet's. */
static void
test_all(void **state)
{
	static struct policies_world pw;
	struct grants g[SOME_POLICIES];
	struct judge_input in;
	struct policy_diff d;
	size_t i, k, fleet;

	(void)state;
	policies_open(&pw);
	for (fleet = 0; fleet < SOME_POLICIES; fleet++) {
		for (i = 0; i < SOME_POLICIES; i++) {
			in = policies_in(&pw, i, fleet);
			assert_int_equal(grants_gather(&g[i], &in, NULL), 0);
		}
		for (i = 0; i < SOME_POLICIES; i++) {
			for (k = 0; k < SOME_POLICIES; k++)
				check_pair(&g[i], &g[k]);
			assert_int_equal(policy_diff(&d, &g[i], &g[i]), 0);
			assert_int_equal(d.n, 0);
			policy_diff_free(&d);
		}
		for (i = 0; i < SOME_POLICIES; i++)
			grants_free(&g[i]);
	}
	policies_close(&pw);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_accounts),
	    cmocka_unit_test(test_options),
	    cmocka_unit_test(test_star),
	    cmocka_unit_test(test_names),
	    cmocka_unit_test(test_groups),
	    cmocka_unit_test(test_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
