/* SPDX-License-Identifier: ISC */
/* What a snapshot holds, in memory: whole, and this machine's own. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/resource.h>

#include "publish_fixture.h"

static void
test_load_nothing(void **state)
{
	struct fixture *f = *state;
	struct holdings h;

	memset(&h, 0x5a, sizeof(h));
	holdings_load(&h, dir_of(f), geteuid());
	assert_int_equal(h.found, SNAPSHOT_MISSING);
	assert_string_not_equal(h.why.text, "");
	assert_int_equal(h.size, 0);
	assert_int_equal(h.keys[SOURCE_DEVICE].n, 0);
	assert_int_equal(h.members.n, 0);
	assert_int_equal(h.policy[GRANT_FILE].len, 0);
	/* What is put in later has room. */
	assert_int_equal(h.policy[GRANT_FLEET].cap, LIMIT_POLICY_FILE);
	assert_int_equal(h.deny.cap, LIMIT_DENY_FILE);
	holdings_free(&h);
	(void)scratch_text(f->scratch, SNAPSHOT_FILE, "x", 0600);
	holdings_load(&h, dir_of(f), geteuid());
	assert_int_equal(h.found, SNAPSHOT_BAD);
	assert_string_not_equal(h.why.text, "");
	holdings_free(&h);
}

/* Too many files open: the snapshot is as good as it was. */
static void
test_load_no_descriptor(void **state)
{
	struct fixture *f = *state;
	struct rlimit before, none;
	struct holdings h;
	int r;

	(void)scratch_text(f->scratch, SNAPSHOT_FILE, "x", 0600);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = before;
	none.rlim_cur = 0;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	r = holdings_load(&h, dir_of(f), geteuid());
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(r, -1);
	assert_non_null(strstr(h.why.text, "Too many open files"));
	holdings_free(&h);
}

/*
 * A state whose records are lost must not be used: with its ETag the portal
 * would say "unchanged", and nothing would be left.
 */
static void
test_load_halves(void **state)
{
	struct fixture *f = *state;
	struct holdings h;
	struct error err;
	struct keyset ks;
	struct writer w;

	assert_int_equal(writer_begin(&w, dir_of(f), 0, &err), 0);
	assert_int_equal(writer_put_head(&w, &sample_head), 0);
	assert_int_equal(writer_put_state(&w, SOURCE_DEVICE, &sample_state), 0);
	sample_keys(&ks);
	assert_int_equal(writer_put_keys(&w, SOURCE_PROJECT, &ks), 0);
	assert_int_equal(writer_put_keys(&w, SOURCE_METADATA, &ks), 0);
	assert_int_equal(
	    writer_put_state(&w, SOURCE_METADATA, &sample_state), 0);
	assert_int_equal(writer_publish(&w, &err), 0);
	keyset_free(&ks);
	holdings_load(&h, dir_of(f), geteuid());
	assert_int_equal(h.found, SNAPSHOT_OK);
	assert_string_equal(h.state[SOURCE_DEVICE].etag, "");
	assert_true(h.state[SOURCE_DEVICE].checked_ms == 0);
	assert_int_equal(h.keys[SOURCE_PROJECT].n, 0);
	assert_int_equal(h.keys[SOURCE_METADATA].n, 2);
	assert_true(sample_state_same(&h.state[SOURCE_METADATA]));
	holdings_free(&h);
}

/* The same of the members and of the fleet's document. */
static void
test_load_halves_policy(void **state)
{
	static const enum source kept[] = {SOURCE_MEMBERS, SOURCE_FLEET};
	struct fixture *f = *state;
	struct holdings h;
	struct writer w;
	unsigned i;

	for (i = 0; i < 2; i++) {
		assert_int_equal(writer_begin(&w, dir_of(f), 0, NULL), 0);
		assert_int_equal(writer_put_head(&w, &sample_head), 0);
		sample_put_held(&w);
		assert_int_equal(
		    writer_put_state(&w, kept[i], &sample_state), 0);
		assert_int_equal(writer_publish(&w, NULL), 0);
		holdings_load(&h, dir_of(f), geteuid());
		assert_int_equal(h.found, SNAPSHOT_OK);
		assert_int_equal(h.members.n, i == 0 ? 2 : 0);
		assert_int_equal(h.policy[GRANT_FLEET].len,
		    i == 1 ? sample_policies[GRANT_FLEET].len : 0);
		assert_int_equal(h.state[SOURCE_MEMBERS].failures,
		    i == 0 ? sample_state.failures : 0);
		assert_int_equal(h.state[SOURCE_FLEET].failures,
		    i == 1 ? sample_state.failures : 0);
		/* Those of this machine's files need no source's state. */
		assert_true(sample_text_same(
		    &h.policy[GRANT_FILE], &sample_policies[GRANT_FILE]));
		assert_true(sample_text_same(&h.deny, &sample_deny));
		holdings_free(&h);
	}
}

/* States of what was never put in. */
static void
test_load_lost(void **state)
{
	struct fixture *f = *state;
	struct holdings h;
	struct writer w;
	unsigned i;

	assert_int_equal(writer_begin(&w, dir_of(f), 0, NULL), 0);
	assert_int_equal(writer_put_head(&w, &sample_head), 0);
	for (i = 0; i < SOURCE_COUNT; i++)
		assert_int_equal(writer_put_state(&w, i, &sample_state), 0);
	assert_int_equal(writer_publish(&w, NULL), 0);
	holdings_load(&h, dir_of(f), geteuid());
	for (i = 0; i < SOURCE_COUNT; i++) {
		assert_string_equal(h.state[i].etag, "");
		assert_true(h.state[i].checked_ms == 0);
	}
	assert_int_equal(h.policy[GRANT_FILE].len, 0);
	assert_int_equal(h.deny.len, 0);
	holdings_free(&h);
}

/* Whether the project's records are still there under that setting. */
static bool
matches(struct fixture *f, const char *setting, const char *id)
{
	bool kept;

	holdings_forget(&f->held, SOURCE_PROJECT);
	(void)hold(f, SOURCE_PROJECT, ED, "a", NOW);
	(void)strcpy(f->held.state[SOURCE_PROJECT].id, id);
	(void)strcpy(f->cfg.project, setting);
	holdings_match(&f->held, &f->cfg);
	kept = f->held.keys[SOURCE_PROJECT].n == 1;
	assert_int_equal(f->held.state[SOURCE_PROJECT].checked_ms != 0, kept);
	assert_int_equal(f->held.state[SOURCE_PROJECT].etag[0] != '\0', kept);
	return kept;
}

static void
test_match(void **state)
{
	struct fixture *f = *state;

	assert_true(matches(f, "auto", ID_A));
	assert_true(matches(f, ID_A, ID_A));
	assert_true(matches(f, "0A1B2C3D-4E5F-6789-ABCD-EF0123456789", ID_A));
	assert_false(matches(f, "1a1b2c3d-4e5f-6789-abcd-ef0123456789", ID_A));
	assert_false(matches(f, "none", ID_A));
	/* Never answered: only its failures are held. */
	assert_true(matches(f, ID_A, ""));
	f->cfg.sources = ALL & ~SOURCE_BIT(SOURCE_PROJECT);
	assert_false(matches(f, "auto", ID_A));
}

/* Each id is held against its own source, and no other source. */
static void
test_match_others(void **state)
{
	struct fixture *f = *state;
	unsigned i;

	for (i = 0; i < SOURCE_KEYS; i++)
		(void)hold(f, i, ED, "a", NOW);
	(void)strcpy(f->held.state[SOURCE_DEVICE].id, ID_A);
	(void)strcpy(f->held.state[SOURCE_PROJECT].id, ID_A);
	(void)strcpy(f->held.state[SOURCE_METADATA].id, ID_A);
	holdings_match(&f->held, &f->cfg);
	for (i = 0; i < SOURCE_KEYS; i++)
		assert_int_equal(f->held.keys[i].n, 1);
	(void)strcpy(f->cfg.device, "none");
	holdings_match(&f->held, &f->cfg);
	for (i = 0; i < SOURCE_KEYS; i++)
		assert_int_equal(f->held.keys[i].n, i != SOURCE_DEVICE);
	f->cfg.sources = SOURCE_BIT(SOURCE_METADATA);
	holdings_match(&f->held, &f->cfg);
	for (i = 0; i < SOURCE_KEYS; i++)
		assert_int_equal(f->held.keys[i].n, i == SOURCE_METADATA);
}

/* The members are the project's. */
static void
test_match_members(void **state)
{
	struct fixture *f = *state;

	hold_member(f, ID_A, "a@example.com", NULL, NOW);
	(void)strcpy(f->held.state[SOURCE_MEMBERS].id, ID_A);
	(void)strcpy(f->cfg.device, "none");
	holdings_match(&f->held, &f->cfg);
	assert_int_equal(f->held.members.n, 1);
	(void)strcpy(f->cfg.project, ID_A);
	holdings_match(&f->held, &f->cfg);
	assert_int_equal(f->held.members.n, 1);
	(void)strcpy(f->cfg.project, ID_B);
	holdings_match(&f->held, &f->cfg);
	assert_int_equal(f->held.members.n, 0);
	assert_true(f->held.state[SOURCE_MEMBERS].checked_ms == 0);
}

/* Whether a document of that address and id is the one that fleet names. */
static bool
fleet_kept(
    struct fixture *f, const char *fleet, const char *url, const char *id)
{
	struct source_state *st = &f->held.state[SOURCE_FLEET];
	bool kept;

	set_fleet(f, "{'version': 1}", NOW);
	(void)strcpy(f->cfg.fleet, fleet);
	(void)strcpy(st->url, url);
	(void)strcpy(st->id, id);
	st->failures = 1;
	holdings_match(&f->held, &f->cfg);
	kept = f->held.policy[GRANT_FLEET].len != 0;
	assert_int_equal(st->failures, kept);
	assert_int_equal(st->etag[0] != '\0', kept);
	return kept;
}

static void
test_match_fleet(void **state)
{
	static const char base[] = "https://h/metal/v1";
	char project[100], device[100], org[100], other[100];
	struct fixture *f = *state;

	(void)snprintf(project, 100, "%s/projects/" ID_A "/customdata", base);
	(void)snprintf(device, 100, "%s/devices/" ID_A "/customdata", base);
	(void)snprintf(org, 100, "%s/organizations/" ID_A "/customdata", base);
	(void)snprintf(other, 100, "%s/projects/" ID_B "/customdata", base);
	assert_true(fleet_kept(f, "project", project, ID_A));
	assert_true(fleet_kept(f, "device", device, ID_A));
	assert_true(fleet_kept(f, "organization:" ID_A, org, ID_A));
	/* Of the other kind, which may have the same id. */
	assert_false(fleet_kept(f, "device", project, ID_A));
	assert_false(fleet_kept(f, "project", device, ID_A));
	assert_false(fleet_kept(f, "organization:" ID_A, project, ID_A));
	assert_false(fleet_kept(f, "project", other, ID_A));
	assert_false(fleet_kept(f, "organization:" ID_B, org, ID_A));
	/* Not wanted any more. */
	assert_false(fleet_kept(f, "none", project, ID_A));
	/* The one that the config names. */
	(void)strcpy(f->cfg.device, ID_B);
	assert_true(fleet_kept(f, "project", project, ID_A));
	assert_false(fleet_kept(f, "device", device, ID_A));
	(void)strcpy(f->cfg.project, ID_B);
	assert_true(fleet_kept(f, "organization:" ID_A, org, ID_A));
	assert_false(fleet_kept(f, "project", project, ID_A));
	(void)strcpy(f->cfg.project, "0A1B2C3D-4E5F-6789-ABCD-EF0123456789");
	assert_true(fleet_kept(f, "project", project, ID_A));
	(void)strcpy(f->cfg.project, "none");
	assert_false(fleet_kept(f, "project", project, ID_A));
	/* An address that is shorter than its end. */
	(void)strcpy(f->cfg.project, "auto");
	assert_false(fleet_kept(f, "project", "/customdata", ID_A));
	assert_false(fleet_kept(f, "project", project, ""));
}

/* One that has never been valid keeps its count and its wait. */
static void
test_match_fleet_never(void **state)
{
	struct fixture *f = *state;
	struct source_state *st = &f->held.state[SOURCE_FLEET];

	(void)strcpy(f->cfg.fleet, "project");
	*st = (struct source_state){.outcome = OUTCOME_FAILED,
	    .failures = 3,
	    .next_ms = NOW,
	    .id = ID_A};
	holdings_match(&f->held, &f->cfg);
	assert_int_equal(st->failures, 3);
	assert_true(st->next_ms == NOW);
}

static void
test_forget(void **state)
{
	struct fixture *f = *state;
	unsigned i;

	for (i = 0; i < SOURCE_KEYS; i++)
		(void)hold(f, i, ED, "a", NOW);
	hold_member(f, ID_A, "", NULL, NOW);
	set_fleet(f, "{}", NOW);
	put_quoted(&f->held.policy[GRANT_FILE], "{}");
	holdings_forget(&f->held, SOURCE_MEMBERS);
	assert_int_equal(f->held.members.n, 0);
	assert_int_equal(f->held.state[SOURCE_MEMBERS].keys, 0);
	assert_int_equal(f->held.policy[GRANT_FLEET].len, 2);
	holdings_forget(&f->held, SOURCE_FLEET);
	assert_int_equal(f->held.policy[GRANT_FLEET].len, 0);
	assert_int_equal(f->held.policy[GRANT_FILE].len, 2);
	for (i = 0; i < SOURCE_KEYS; i++) {
		assert_int_equal(f->held.keys[i].n, 1);
		holdings_forget(&f->held, i);
		assert_int_equal(f->held.keys[i].n, 0);
		assert_true(f->held.state[i].checked_ms == 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    publish_test(test_load_nothing),
	    publish_test(test_load_no_descriptor),
	    publish_test(test_load_halves),
	    publish_test(test_load_halves_policy),
	    publish_test(test_load_lost),
	    publish_test(test_match),
	    publish_test(test_match_others),
	    publish_test(test_match_members),
	    publish_test(test_match_fleet),
	    publish_test(test_match_fleet_never),
	    publish_test(test_forget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
