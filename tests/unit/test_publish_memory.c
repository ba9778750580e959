/* SPDX-License-Identifier: ISC */
/*
 * Without memory nothing is published and nothing answered: the old snapshot
 * stands, or the new one is whole.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "publish_fixture.h"
#include "starved.h"

#define MOST 2000 /* requests of one call, far more than there are */
#define ALICE_ID "aaaaaaaa-0000-4000-8000-000000000001"
#define ALICE "user:" ALICE_ID
#define ED_LINE ED " ed " ALICE "\n"

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

static const struct snapshot_ask ask_all = {
    .user = "a", .now_ms = NOW, .groups = in_all};

/* Keys and documents of every kind; the old snapshot has none of it. */
static void
prepare(struct fixture *f)
{
	static const char policy[] =
	    "{'version': 1, 'keys': {'deny': ['" FP_E "']}, 'users': {"
	    "'*': {'owners': ['%u@b.c', '%u']}, 'a': {'options': 'no-pty'}},"
	    "'groups': {'wheel': {'options': 'cert-authority'}}}";

	publish_at(f, NOW);
	hold(f, SOURCE_DEVICE, ED, "ed", NOW)->owner = ALICE;
	(void)hold(f, SOURCE_PROJECT, EC, "ec", NOW);
	hold_member(f, ALICE_ID, "a@b.c", "admin", NOW);
	set_file(&f->files.policy, policy);
	set_file(&f->files.deny, FP_A "\n");
	set_fleet(
	    f, "{'version': 1, 'users': {'*': {}}, 'groups': {'g': {}}}", NOW);
}

static int
load_and_publish(struct fixture *f, struct error *err)
{
	struct writer w;

	policies_free(&f->policies);
	if (writer_begin(&w, dir_of(f), 0, err) == -1)
		return -1;
	if (policies_load(&f->policies, &f->cfg, &f->files, &f->held, err) ==
	    -1) {
		writer_abandon(&w);
		return -1;
	}
	return publish(&w, &f->cfg, &f->policies, &f->held, NOW, err);
}

static void
test_publish(void **state)
{
	struct fixture *f = *state;
	struct error err;
	int i, r = -1;

	prepare(f);
	for (i = 1; r == -1 && i < MOST; i++) {
		err.text[0] = '\0';
		left = i;
		r = load_and_publish(f, &err);
		if (r == -1) {
			assert_int_equal(left, 0);
			assert_string_not_equal(err.text, "");
			assert_false(scratch_exists(f->scratch, WRITER_FILE));
		}
		left = -1;
		if (r == -1)
			check_ask(f, &ask_all, NULL, "");
	}
	assert_in_range(i, 50, MOST - 1);
	/* By the fleet's `*`, and by its group. */
	check_ask(f, &ask_all,
	    "no-pty " EC " ec\nno-pty " EC " ec\nno-pty " ED_LINE
	    "no-pty " ED_LINE,
	    "");
}

/*
 * A fetch must not take a snapshot for half empty that it has no memory for:
 * what it publishes would lack the rest.
 */
static void
test_load(void **state)
{
	struct fixture *f = *state;
	struct holdings h;
	int i, r = -1;

	prepare(f);
	publish_at(f, NOW);
	for (i = 1; r == -1 && i < MOST; i++) {
		left = i;
		r = holdings_load(&h, dir_of(f), geteuid());
		if (r == -1) {
			assert_int_equal(left, 0);
			assert_string_not_equal(h.why.text, "");
		}
		left = -1;
		if (r == 0) {
			assert_int_equal(h.keys[SOURCE_DEVICE].n, 1);
			assert_int_equal(h.keys[SOURCE_PROJECT].n, 1);
			assert_int_equal(h.members.n, 1);
			assert_true(h.policy[GRANT_FILE].len != 0);
			assert_true(h.policy[GRANT_FLEET].len != 0);
			assert_true(h.deny_known && h.deny.len != 0);
		}
		holdings_free(&h);
	}
	assert_in_range(i, 8, MOST - 1);
}

/* All that an answer may hang on: groups, and lines to be printed. */
static void
test_lookup(void **state)
{
	struct fixture *f = *state;
	enum snapshot_find r;
	struct snapshot s;
	struct buf out;
	int i;

	prepare(f);
	publish_at(f, NOW);
	assert_int_equal(
	    snapshot_open(&s, dir_of(f), geteuid(), NULL), SNAPSHOT_OK);
	for (i = 1; i < MOST; i++) {
		buf_init(&out, 65536);
		left = i;
		r = snapshot_find(&s, &ask_all, &out, NULL);
		if (left != 0)
			break;
		left = -1;
		assert_int_equal(r, SNAPSHOT_ERROR);
		assert_int_equal(out.len, 0);
		buf_free(&out);
	}
	left = -1;
	assert_int_equal(r, SNAPSHOT_FOUND);
	assert_in_range(i, 4, MOST - 1);
	buf_free(&out);
	snapshot_close(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    publish_test(test_publish),
	    publish_test(test_load),
	    publish_test(test_lookup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
