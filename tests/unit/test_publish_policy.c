/* SPDX-License-Identifier: ISC */
/* From a policy and keys to what each account gets at its login. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "policy/options.h"
#include "policy/tags.h"
#include "publish_fixture.h"

#define ALICE_ID "aaaaaaaa-0000-4000-8000-000000000001"
#define BOB_ID "bbbbbbbb-0000-4000-8000-000000000002"
#define ALICE "user:" ALICE_ID
#define BOB "user:" BOB_ID
#define CAROL "user:cccccccc-0000-4000-8000-000000000003"
#define ED_LINE ED " ed " ALICE "\n"
#define EC_LINE EC " ec " BOB "\n"
#define PUTTY_LINE PUTTY " putty " CAROL "\n"

/* Alice and Bob are members, Carol is none; each has a key. */
static void
hold_all(struct fixture *f)
{
	hold(f, SOURCE_DEVICE, ED, "ed", NOW)->owner = ALICE;
	hold(f, SOURCE_PROJECT, EC, "ec", NOW)->owner = BOB;
	hold(f, SOURCE_PERSONAL, PUTTY, "putty", NOW)->owner = CAROL;
	hold_member(f, ALICE_ID, "alice@example.com", "admin", NOW);
	hold_member(f, BOB_ID, "Bob@Example.COM", NULL, NOW);
}

static int
in_all(
    void *ctx, const char *user, const char *const *names, size_t n, bool *in)
{
	(void)ctx;
	(void)user;
	(void)names;
	memset(in, 1, n * sizeof(*in));
	return 0;
}

/* What the key gets user; NULL: nothing, for the reason why. */
static void
check(const struct fixture *f, const char *user, const char *fp,
    const char *want, const char *why)
{
	const struct snapshot_ask ask = {.user = user, .fp = fp, .now_ms = NOW};

	check_ask(f, &ask, want, why);
}

/* The same for an account that is in every group. */
static void
check_grouped(
    const struct fixture *f, const char *user, const char *fp, const char *want)
{
	const struct snapshot_ask ask = {
	    .user = user, .fp = fp, .now_ms = NOW, .groups = in_all};

	check_ask(f, &ask, want, NULL);
}

static void
publish_policy(struct fixture *f, const char *policy)
{
	set_file(&f->files.policy, policy);
	publish_at(f, NOW);
}

static void
test_accounts(void **state)
{
	struct fixture *f = *state;

	hold_all(f);
	publish_policy(f,
	    "{'version': 1, 'users': {"
	    "'root': {'owners': ['alice@example.com'],"
	    "         'options': 'no-pty'},"
	    "'deploy': {'sources': ['project', 'personal']}}}");
	check(f, "root", NULL, "no-pty " ED_LINE, "");
	check(f, "root", FP_ED, "no-pty " ED_LINE, "");
	check(f, "root", FP_EC, NULL, "account");
	check(f, "deploy", FP_EC, EC_LINE, "");
	check(f, "deploy", FP_PUTTY, PUTTY_LINE, "");
	check(f, "deploy", FP_ED, NULL, "account");
	check(f, "nobody", NULL, NULL, "");
	check(f, "*", NULL, NULL, "");
	assert_int_equal(f->held.head.has, 0);
}

/* One entry for each member, whatever the account's letters; `*` is not for
 * root, nor for who has a rule of his own. */
static void
test_per_person(void **state)
{
	struct fixture *f = *state;

	hold_all(f);
	publish_policy(f,
	    "{'version': 1, 'users': {"
	    "'*': {'owners': ['%u@example.com']},"
	    "'bob': {'tags': ['none']}}}");
	check(f, "alice", NULL, ED_LINE, "");
	check(f, "ALICE", FP_ED, ED_LINE, "");
	check(f, "alice", FP_EC, NULL, "account");
	check(f, "bob", FP_EC, NULL, "account");
	check(f, "BOB", FP_EC, EC_LINE, "");
	check(f, "root", NULL, NULL, "");
	check(f, "carol", FP_PUTTY, NULL, "no-account");
	assert_int_equal(f->held.head.has, SNAPSHOT_HAS_FOLDED);
	publish_policy(
	    f, "{'version': 1, 'users': {'*': {}, 'bob': {'tags': ['none']}}}");
	check(f, "alice", FP_PUTTY, PUTTY_LINE, "");
	check(f, "bob", FP_PUTTY, NULL, "account");
	check(f, "root", FP_PUTTY, NULL, "account");
	check(f, "*", FP_PUTTY, PUTTY_LINE, "");
	assert_int_equal(f->held.head.has, SNAPSHOT_HAS_ANY);
}

static void
test_groups(void **state)
{
	struct fixture *f = *state;

	hold_all(f);
	publish_policy(f,
	    "{'version': 1, 'users': {'root': {'roles': ['admin']}},"
	    " 'groups': {'wheel': {'roles': ['admin'], 'options': 'no-pty'}}}");
	check(f, "root", NULL, ED_LINE, "");
	check_grouped(f, "root", NULL, ED_LINE "no-pty " ED_LINE);
	check_grouped(f, "root", FP_ED, ED_LINE "no-pty " ED_LINE);
	check(f, "alice", FP_ED, NULL, "account");
	check_grouped(f, "alice", FP_ED, "no-pty " ED_LINE);
	check_grouped(f, "alice", FP_EC, NULL);
	assert_int_equal(f->held.head.has, SNAPSHOT_HAS_ANY);
}

/* The stricter of both stands, and each document names for itself. */
static void
test_both(void **state)
{
	struct fixture *f = *state;

	hold_all(f);
	set_fleet(f,
	    "{'version': 1, 'users': {"
	    "'root': {'options': 'no-pty'}, 'deploy': {'tags': ['none']},"
	    "'*': {'owners': ['" ALICE_ID "'], 'options': 'no-user-rc'}}}",
	    NOW);
	publish_policy(f,
	    "{'version': 1, 'users': {"
	    "'root': {'sources': ['project'], 'options': 'no-user-rc'},"
	    "'admin': {'options': 'restrict'}, '*': {}}}");
	check(f, "root", NULL, "no-pty,no-user-rc " EC_LINE, "");
	check(f, "root", FP_ED, NULL, "account");
	/* Named by the file, `*` of the fleet. */
	check(f, "admin", FP_ED, "restrict " ED_LINE, "");
	/* Named by the fleet, `*` of the file. */
	check(f, "deploy", FP_ED, NULL, "account");
	check(f, "someone", NULL, "no-user-rc " ED_LINE, "");
	check(f, "someone", FP_PUTTY, NULL, "no-account");
	/* With one document alone it is another matter. */
	(void)strcpy(f->cfg.fleet, "none");
	holdings_forget(&f->held, SOURCE_FLEET);
	publish_at(f, NOW);
	check(f, "deploy", FP_PUTTY, PUTTY_LINE, "");
	check(f, "admin", FP_EC, "restrict " EC_LINE, "");
}

/* A CA's lines are for every fingerprint but a denied one. */
static void
test_authority(void **state)
{
	static const char policy[] =
	    "{'version': 1, 'keys': {'deny': ['" FP_E "']}, 'users': {"
	    "'ca': {'owners': ['" ALICE_ID "'], 'options':"
	    " 'cert-authority,principals=\\'a\\''}, 'bob': {}}}";
	static const char line[] = "cert-authority,principals=\"a\" " ED_LINE;
	struct fixture *f = *state;
	char text[sizeof(policy)];

	hold_all(f);
	(void)snprintf(text, sizeof(text), "%s", policy);
	publish_policy(f, text);
	assert_int_equal(f->held.head.has, SNAPSHOT_HAS_AUTHORITIES);
	check(f, "ca", NULL, line, "");
	check(f, "ca", FP_ED, line, "");
	check(f, "ca", FP_EC, line, "");
	check(f, "ca", FP_A, line, "");
	check(f, "bob", FP_ED, ED_LINE, "");
	check(f, "bob", FP_A, NULL, "");
	check(f, "ca", FP_E, NULL, SNAPSHOT_DENIED);
	/* Denied by the list as it was then. */
	set_file(&f->files.deny, FP_A "\nnothing\n" FP_E " note\n");
	publish_at(f, NOW);
	check(f, "ca", FP_A, NULL, SNAPSHOT_DENIED);
	check(f, "ca", FP_E, NULL, SNAPSHOT_DENIED);
	check(f, "ca", FP_B, line, "");
}

static void
test_denied(void **state)
{
	struct fixture *f = *state;
	char text[256];

	hold_all(f);
	(void)snprintf(text, sizeof(text),
	    "{'version': 1, 'keys': {'deny': ['%s']}, 'users': {'*': {}}}",
	    FP_EC);
	set_fleet(f, text, NOW);
	(void)snprintf(text, sizeof(text),
	    "{'version': 1, 'keys': {'deny': ['%s']}, 'users': {'*': {}}}",
	    FP_ED);
	publish_policy(f, text);
	check(f, "a", NULL, PUTTY_LINE, "");
	check(f, "a", FP_ED, NULL, SNAPSHOT_DENIED);
	check(f, "a", FP_EC, NULL, SNAPSHOT_DENIED);
	set_file(&f->files.deny, FP_PUTTY);
	publish_at(f, NOW);
	check(f, "a", NULL, NULL, "");
	check(f, "a", FP_PUTTY, NULL, SNAPSHOT_DENIED);
	/* A list that can't be read is the last one that could. */
	set_unreadable(&f->files.deny, "no right");
	publish_at(f, NOW);
	check(f, "a", FP_PUTTY, NULL, SNAPSHOT_DENIED);
	set_file(&f->files.deny, NULL);
	publish_at(f, NOW);
	check(f, "a", FP_PUTTY, PUTTY_LINE, "");
}

static void
test_refused(void **state)
{
	struct fixture *f = *state;

	hold_all(f);
	publish_policy(f,
	    "{'version': 1, 'keys': {'require_member': true, "
	    "'types': ['ssh-ed25519']}, 'users': {'root': {}}}");
	check(f, "root", NULL, ED_LINE, "");
	check(f, "root", FP_PUTTY, NULL, "not-member");
	check(f, "other", FP_PUTTY, NULL, "not-member");
	check(f, "root", FP_EC, NULL, "key-type");
	check(f, "root", FP_A, NULL, "");
	/* The members are too long ago: what hangs on them is off. */
	f->held.state[SOURCE_MEMBERS].checked_ms = NOW - 100 * S;
	publish_at(f, NOW);
	check(f, "root", FP_ED, NULL, "members-unknown");
}

/* A key opens nothing where one of its records lost its tags. */
static void
test_tags_lost(void **state)
{
	const char *lost[] = {KEYREC_TAGS_LOST};
	struct fixture *f = *state;
	struct keyrec *rec;

	hold_all(f);
	rec = hold(f, SOURCE_METADATA, ED, "ed", NOW);
	rec->tags = lost;
	rec->ntags = 1;
	publish_at(f, NOW);
	check(f, "root", NULL, EC_LINE PUTTY_LINE, "");
	check(f, "root", FP_ED, NULL, "tag-lost");
	publish_policy(f, "{'version': 1, 'users': {'*': {}}}");
	check(f, "a", FP_ED, NULL, "tag-lost");
}

static void
check_code(enum verdict v, unsigned detail)
{
	assert_in_range(
	    strlen(verdict_code(v, detail)), 1, SNAPSHOT_CODE_SIZE - 1);
}

/* No code is one that the snapshot can't hold: nothing would be published. */
static void
test_codes(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i <= VERDICT_COUNT; i++)
		check_code((enum verdict)i, 0);
	for (i = 0; i < TAGS_REFUSAL_COUNT; i++)
		check_code(VERDICT_TAGS, i);
	for (i = 0; i < OPTIONS_CLASH_COUNT; i++)
		check_code(VERDICT_OPTIONS, i);
	assert_string_equal(verdict_code(VERDICT_DENIED, 0), SNAPSHOT_DENIED);
}

/* A fleet that can't be asked for so long may have shut a door meanwhile. */
static void
test_stale_fleet(void **state)
{
	struct fixture *f = *state;

	hold_all(f);
	set_fleet(f, "{'version': 1, 'users': {'root': {}}}", NOW - 60 * S);
	publish_at(f, NOW);
	check_lines(f, "root", FP_ED, NOW + 40 * S - 1, ED_LINE);
	check_lines(f, "root", FP_ED, NOW + 40 * S, NULL);
	check_lines(f, "root", NULL, NOW + 40 * S, NULL);
	f->held.state[SOURCE_FLEET].checked_ms = NOW - 100 * S;
	publish_at(f, NOW);
	check(f, "root", NULL, NULL, "");
	check(f, "root", FP_ED, NULL, "stale");
	/* Nor does the file alone open anything then. */
	publish_policy(f, "{'version': 1, 'users': {'root': {}}}");
	check(f, "root", FP_ED, NULL, "stale");
}

static void
test_never_valid(void **state)
{
	struct fixture *f = *state;

	hold_all(f);
	publish_policy(f, "{'version': 1, 'users': {'root': {}}");
	check(f, "root", FP_ED, NULL, "no-document");
	(void)strcpy(f->cfg.fleet, "project");
	publish_policy(f, "{'version': 1, 'users': {'root': {}}}");
	check(f, "root", FP_ED, NULL, "no-document");
	check_grouped(f, "root", NULL, NULL);
}

/* All that the next fetch needs comes back, byte for byte, and makes the
 * same of it with neither portal nor files to be read. */
static void
test_round_trip(void **state)
{
	static const char fleet[] =
	    "{'version': 1,\t'users': {'*': {'owners': ['%u@example.com']}}}\n";
	struct fixture *f = *state;
	struct holdings back;
	unsigned o;

	hold_all(f);
	set_fleet(f, fleet, NOW);
	set_file(&f->files.deny, "# none\r\n" FP_E "\xff\n");
	publish_policy(f, "\n{'version': 1, 'users': {'*': {}}}  ");
	holdings_load(&back, dir_of(f), geteuid());
	assert_int_equal(back.found, SNAPSHOT_OK);
	for (o = 0; o < GRANT_ORIGINS; o++) {
		assert_int_equal(back.policy[o].len, f->held.policy[o].len);
		assert_memory_equal(back.policy[o].data, f->held.policy[o].data,
		    back.policy[o].len);
	}
	assert_int_equal(back.deny.len, f->files.deny.text.len);
	assert_memory_equal(
	    back.deny.data, f->files.deny.text.data, back.deny.len);
	assert_memory_equal(back.state, f->held.state, sizeof(back.state));
	assert_memory_equal(&back.head, &f->held.head, sizeof(back.head));
	assert_int_equal(back.members.n, 2);
	assert_string_equal(back.members.v[1].email, "Bob@Example.COM");
	assert_string_equal(back.members.v[0].roles[0], "admin");
	assert_string_equal(back.keys[SOURCE_DEVICE].v[0].owner, ALICE);
	check(f, "alice", NULL, ED_LINE, "");
	holdings_free(&f->held);
	f->held = back;
	set_unreadable(&f->files.policy, "no right");
	set_unreadable(&f->files.deny, "no right");
	publish_at(f, NOW);
	check(f, "alice", NULL, ED_LINE, "");
	check(f, "carol", NULL, NULL, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    publish_test(test_accounts),
	    publish_test(test_per_person),
	    publish_test(test_groups),
	    publish_test(test_both),
	    publish_test(test_authority),
	    publish_test(test_denied),
	    publish_test(test_refused),
	    publish_test(test_tags_lost),
	    cmocka_unit_test(test_codes),
	    publish_test(test_stale_fleet),
	    publish_test(test_never_valid),
	    publish_test(test_round_trip),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
