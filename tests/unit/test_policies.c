/* SPDX-License-Identifier: ISC */
/* Which policy is in force: the newest that is valid, or nobody gets in. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "publish_fixture.h"

#define ROOT "{'version': 1, 'users': {'root': {}}}"
#define ADMIN "{'version': 1, 'users': {'admin': {}}}"
#define OWNERS "{'version': 1, 'users': {'root': {'owners': ['a@b.c']}}}"
#define BROKEN "{'version': 1,\n 'users': {'root': {'onwers': []}}}"
#define BROKEN_WHY                                                           \
	"line 2, column 21: users.root.onwers: unknown field; did you mean " \
	"owners?"

/* The text of that origin that is kept for later, with ' for ". */
static void
assert_kept(const struct fixture *f, enum grant_origin o, const char *want)
{
	struct buf text;

	buf_init(&text, LIMIT_POLICY_FILE + 1);
	put_quoted(&text, want);
	assert_int_equal(f->held.policy[o].len, text.len);
	if (text.len != 0)
		assert_memory_equal(
		    f->held.policy[o].data, text.data, text.len);
	buf_free(&text);
}

/* What the file's document is: none is asked for, none is valid, or the one
 * with this account. */
static void
assert_file(const struct fixture *f, bool wanted, const char *account,
    const char *problem)
{
	const struct policies *p = &f->policies;

	assert_int_equal(p->wanted[GRANT_FILE], wanted);
	assert_int_equal(p->valid[GRANT_FILE], account != NULL);
	if (account != NULL) {
		assert_int_equal(p->doc[GRANT_FILE].users.n, 1);
		assert_string_equal(
		    p->doc[GRANT_FILE].users.v[0].name, account);
	}
	assert_string_equal(p->problem[GRANT_FILE], problem);
	assert_string_equal(p->problem[GRANT_FLEET], "");
	assert_string_equal(p->deny_problem, "");
}

/* Each state that the file can be in; before: what was valid last, or "". */
static void
check_file(struct fixture *f, const char *before, const char *account)
{
	put_quoted(&f->held.policy[GRANT_FILE], before);
	set_file(&f->files.policy, ROOT);
	load_policies(f);
	assert_file(f, true, "root", "");
	assert_kept(f, GRANT_FILE, ROOT);

	put_quoted(&f->held.policy[GRANT_FILE], before);
	set_file(&f->files.policy, BROKEN);
	load_policies(f);
	assert_file(f, true, account, "/etc/policy.json: " BROKEN_WHY);
	assert_kept(f, GRANT_FILE, before);

	set_file(&f->files.policy, "");
	load_policies(f);
	assert_int_equal(f->policies.valid[GRANT_FILE], account != NULL);
	assert_string_not_equal(f->policies.problem[GRANT_FILE], "");
	assert_kept(f, GRANT_FILE, before);

	set_unreadable(&f->files.policy, "/etc/policy.json: no right");
	load_policies(f);
	assert_file(f, true, account, "/etc/policy.json: no right");
	assert_kept(f, GRANT_FILE, before);

	/* Removed: it is the built-in one that was asked for. */
	set_file(&f->files.policy, NULL);
	load_policies(f);
	assert_file(f, false, NULL, "");
	assert_kept(f, GRANT_FILE, "");
	/* And what was valid once doesn't come back with an invalid one. */
	set_file(&f->files.policy, BROKEN);
	load_policies(f);
	assert_file(f, true, NULL, "/etc/policy.json: " BROKEN_WHY);
}

static void
test_file(void **state)
{
	struct fixture *f = *state;

	check_file(f, "", NULL);
	check_file(f, ADMIN, "admin");
	/* What was kept is none that this version takes. */
	check_file(f, "{'version': 2}", NULL);
}

/* A file's text may be as long as a document may be, and no longer. */
static void
test_long(void **state)
{
	struct fixture *f = *state;
	struct buf *text = &f->files.policy.text;
	size_t i;

	set_file(&f->files.policy, ROOT);
	assert_int_equal(buf_reserve(text, LIMIT_POLICY_FILE - text->len), 0);
	for (i = text->len; i < LIMIT_POLICY_FILE; i++)
		text->data[i] = ' ';
	text->len = LIMIT_POLICY_FILE;
	load_policies(f);
	assert_true(f->policies.valid[GRANT_FILE]);
	assert_int_equal(f->held.policy[GRANT_FILE].len, LIMIT_POLICY_FILE);
}

static void
check_deny(const struct fixture *f, const char *want, const char *problem)
{
	assert_int_equal(f->held.deny.len, strlen(want));
	if (want[0] != '\0')
		assert_memory_equal(f->held.deny.data, want, strlen(want));
	assert_string_equal(f->policies.deny_problem, problem);
}

/* Every list is good that can be read; lines are judged one by one. */
static void
test_deny(void **state)
{
	struct fixture *f = *state;

	load_policies(f);
	check_deny(f, "", "");
	set_unreadable(&f->files.deny, "denied-keys: no right");
	load_policies(f);
	check_deny(f, "", "denied-keys: no right");
	set_file(&f->files.deny, FP_E "\nno fingerprint\n");
	load_policies(f);
	check_deny(f, FP_E "\nno fingerprint\n", "");
	set_unreadable(&f->files.deny, "denied-keys: no right");
	load_policies(f);
	check_deny(f, FP_E "\nno fingerprint\n", "denied-keys: no right");
	set_file(&f->files.deny, FP_A);
	load_policies(f);
	check_deny(f, FP_A, "");
	set_file(&f->files.deny, "");
	load_policies(f);
	check_deny(f, "", "");
	set_file(&f->files.deny, FP_E);
	load_policies(f);
	set_file(&f->files.deny, NULL);
	load_policies(f);
	check_deny(f, "", "");
	/* It is no policy. */
	assert_false(f->policies.wanted[GRANT_FILE]);
}

/* Whom a list would have shut out that nobody has ever read, nobody knows. */
static void
test_deny_unknown(void **state)
{
	struct fixture *f = *state;
	struct merged keys = {0};
	struct judge_input in;

	f->held.deny_known = false;
	set_unreadable(&f->files.deny, "denied-keys: no right");
	load_policies(f);
	assert_true(f->policies.deny_unknown);
	in = policies_input(&f->policies, &f->cfg, &f->held, &keys, NOW);
	assert_true(in.origin[GRANT_FILE].wanted);
	assert_null(in.origin[GRANT_FILE].doc);
	/* Nor at the next fetch, until it can be read. */
	load_policies(f);
	assert_true(f->policies.deny_unknown);
	set_file(&f->files.deny, FP_E);
	load_policies(f);
	assert_false(f->policies.deny_unknown);
	set_unreadable(&f->files.deny, "denied-keys: no right");
	load_policies(f);
	assert_false(f->policies.deny_unknown);
	check_deny(f, FP_E, "denied-keys: no right");
}

static void
test_fleet(void **state)
{
	struct fixture *f = *state;
	struct policies *p = &f->policies;
	struct source_state *st = &f->held.state[SOURCE_FLEET];

	/* Wanted, and not answered yet. */
	(void)strcpy(f->cfg.fleet, "device");
	load_policies(f);
	assert_true(p->wanted[GRANT_FLEET] && !p->valid[GRANT_FLEET]);
	assert_string_equal(p->problem[GRANT_FLEET], "");
	set_fleet(f, ADMIN, NOW);
	load_policies(f);
	assert_true(p->wanted[GRANT_FLEET] && p->valid[GRANT_FLEET]);
	assert_string_equal(p->doc[GRANT_FLEET].users.v[0].name, "admin");
	assert_string_equal(p->problem[GRANT_FLEET], "");
	assert_false(p->wanted[GRANT_FILE]);
	/* The portal is gone, or sent an invalid one. */
	st->outcome = OUTCOME_FAILED;
	(void)strcpy(st->reason, "down");
	load_policies(f);
	assert_true(p->valid[GRANT_FLEET]);
	assert_string_equal(p->problem[GRANT_FLEET], "down");
	assert_kept(f, GRANT_FLEET, ADMIN);
	/* A version before took it, this one does not. */
	st->outcome = OUTCOME_UNCHANGED;
	put_quoted(&f->held.policy[GRANT_FLEET], BROKEN);
	load_policies(f);
	assert_true(p->wanted[GRANT_FLEET] && !p->valid[GRANT_FLEET]);
	assert_string_equal(p->problem[GRANT_FLEET], "ssh_policy: " BROKEN_WHY);
	/* Not wanted: what is held of it has no say. */
	(void)strcpy(f->cfg.fleet, "none");
	put_quoted(&f->held.policy[GRANT_FLEET], ADMIN);
	load_policies(f);
	assert_false(p->wanted[GRANT_FLEET] || p->valid[GRANT_FLEET]);
	assert_string_equal(p->problem[GRANT_FLEET], "");
}

/* What is asked of the portal: the members only where a document needs them. */
static void
test_sources(void **state)
{
	const unsigned members = SOURCE_BIT(SOURCE_MEMBERS),
		       fleet = SOURCE_BIT(SOURCE_FLEET);
	struct fixture *f = *state;
	const struct policies *p = &f->policies;

	f->cfg.sources = SOURCE_BIT(SOURCE_DEVICE);
	load_policies(f);
	assert_int_equal(policies_sources(p, &f->cfg), f->cfg.sources);
	set_file(&f->files.policy, ROOT);
	load_policies(f);
	assert_int_equal(policies_sources(p, &f->cfg), f->cfg.sources);
	set_file(&f->files.policy, OWNERS);
	load_policies(f);
	assert_true(policies_need_members(p));
	assert_int_equal(
	    policies_sources(p, &f->cfg), f->cfg.sources | members);
	/* The last valid one is in force, and needs them still. */
	set_file(&f->files.policy, BROKEN);
	load_policies(f);
	assert_int_equal(
	    policies_sources(p, &f->cfg), f->cfg.sources | members);
	set_file(&f->files.policy, NULL);
	(void)strcpy(f->cfg.fleet, "project");
	load_policies(f);
	assert_false(policies_need_members(p));
	assert_int_equal(policies_sources(p, &f->cfg), f->cfg.sources | fleet);
	set_fleet(f, OWNERS, NOW);
	load_policies(f);
	assert_true(policies_need_members(p));
	assert_int_equal(
	    policies_sources(p, &f->cfg), f->cfg.sources | fleet | members);
}

static void
test_input(void **state)
{
	struct fixture *f = *state;
	const struct merged none = {0};
	struct judge_input in;

	load_policies(f);
	in = policies_input(&f->policies, &f->cfg, &f->held, &none, NOW);
	assert_false(in.origin[GRANT_FILE].wanted);
	assert_false(in.origin[GRANT_FLEET].wanted);
	assert_null(in.deny);
	assert_true(in.members_until_ms == INT64_MIN);
	assert_true(in.now_ms == NOW);
	assert_ptr_equal(in.keys, &none);
	assert_ptr_equal(in.members, &f->held.members);
	assert_non_null(in.to_local);
	/* Valid, each with its time; the file's is no source's. */
	set_file(&f->files.policy, ROOT);
	set_file(&f->files.deny, FP_E);
	set_fleet(f, ADMIN, NOW - 5 * S);
	hold_member(f, ID_A, "", NULL, NOW - 3 * S);
	load_policies(f);
	in = policies_input(&f->policies, &f->cfg, &f->held, &none, NOW);
	assert_ptr_equal(
	    in.origin[GRANT_FILE].doc, &f->policies.doc[GRANT_FILE]);
	assert_ptr_equal(
	    in.origin[GRANT_FLEET].doc, &f->policies.doc[GRANT_FLEET]);
	assert_true(in.origin[GRANT_FILE].until_ms == INT64_MAX);
	assert_true(in.origin[GRANT_FLEET].until_ms == NOW + 95 * S);
	assert_true(in.members_until_ms == NOW + 97 * S);
	assert_int_equal(in.denylen, KEYREC_FP_LEN);
	assert_memory_equal(in.deny, FP_E, in.denylen);
	/* Wanted and never valid. */
	set_file(&f->files.policy, NULL);
	load_policies(f);
	set_file(&f->files.policy, BROKEN);
	load_policies(f);
	in = policies_input(&f->policies, &f->cfg, &f->held, &none, NOW);
	assert_true(in.origin[GRANT_FILE].wanted);
	assert_null(in.origin[GRANT_FILE].doc);
}

/* What was taken of them before is let go of; twice freed is once freed. */
static void
test_again(void **state)
{
	struct fixture *f = *state;

	set_file(&f->files.policy, OWNERS);
	set_fleet(f, OWNERS, NOW);
	load_policies(f);
	load_policies(f);
	assert_true(f->policies.valid[GRANT_FILE]);
	policies_free(&f->policies);
	assert_false(f->policies.valid[GRANT_FILE]);
	assert_false(policies_need_members(&f->policies));
	policies_free(&f->policies);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    publish_test(test_file),
	    publish_test(test_long),
	    publish_test(test_deny),
	    publish_test(test_deny_unknown),
	    publish_test(test_fleet),
	    publish_test(test_sources),
	    publish_test(test_input),
	    publish_test(test_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
