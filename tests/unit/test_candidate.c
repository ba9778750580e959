/* SPDX-License-Identifier: ISC */
/* All that the records of one key say, taken together. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "policy/candidate.h"
#include "policy_fixture.h"

/* One key in two sources, which count until then. */
struct one_key {
	struct world w;
	struct people people;
	struct candidate c;
	struct keyrec *device, *project;
};

static void
start(struct one_key *k, const char *device_owner, const char *project_owner)
{
	*k = (struct one_key){0};
	world_init(&k->w);
	k->device = world_key(&k->w, SOURCE_DEVICE, KEY_ED, device_owner);
	k->project = world_key(&k->w, SOURCE_PROJECT, KEY_ED, project_owner);
	k->w.until[SOURCE_DEVICE] = UNTIL - DAY;
}

static enum candidate_result
set(struct one_key *k)
{
	people_free(&k->people);
	world_merge(&k->w);
	assert_int_equal(k->w.merged.n, 1);
	assert_int_equal(
	    people_build(&k->people, &k->w.merged, &k->w.members), 0);
	return candidate_set(&k->c, &k->w.merged.v[0], &k->people);
}

static void
end(struct one_key *k)
{
	candidate_free(&k->c);
	people_free(&k->people);
	world_free(&k->w);
}

static void
test_type(void **state)
{
	struct candidate c = {0};
	struct people p;
	struct world w;
	size_t i, j;

	(void)state;
	world_init(&w);
	for (i = 0; i < SAMPLES; i++)
		(void)world_key(&w, SOURCE_DEVICE, i, "");
	world_merge(&w);
	assert_int_equal(people_build(&p, &w.merged, &w.members), 0);
	for (i = 0; i < w.merged.n; i++) {
		assert_int_equal(
		    candidate_set(&c, &w.merged.v[i], &p), CANDIDATE_OK);
		assert_ptr_equal(c.key, &w.merged.v[i]);
		for (j = 0; strcmp(samples[j].fp, c.key->refs[0].rec->fp) != 0;
		     j++)
			;
		assert_int_equal(c.type, samples[j].type);
		assert_int_equal(c.bits, samples[j].bits);
	}
	candidate_free(&c);
	people_free(&p);
	world_free(&w);
}

static void
test_sources(void **state)
{
	struct one_key k;

	(void)state;
	start(&k, "", "");
	assert_int_equal(set(&k), CANDIDATE_OK);
	assert_true(k.c.source_until_ms[SOURCE_DEVICE] == UNTIL - DAY);
	assert_true(k.c.source_until_ms[SOURCE_PROJECT] == UNTIL);
	assert_true(k.c.source_until_ms[SOURCE_PERSONAL] == CANDIDATE_NEVER);
	assert_true(k.c.source_until_ms[SOURCE_METADATA] == CANDIDATE_NEVER);
	assert_true(k.c.project_until_ms == CANDIDATE_NEVER);
	assert_int_equal(k.c.n, 0);
	end(&k);
}

/* The oldest date there is: a key that was added again is no younger. */
static void
test_created(void **state)
{
	static const int64_t none = KEYREC_NO_DATE, old = NOW - 9 * DAY,
			     new = NOW - DAY;
	const struct {
		int64_t device, project, want;
	} cases[] = {{none, none, none}, {old, none, old}, {none, new, new},
	    {old, new, old}, {new, old, old}, {0, old, 0}, {old, -1, -1}};
	struct one_key k;
	size_t i;

	(void)state;
	start(&k, "", "");
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		k.device->created_ms = cases[i].device;
		k.project->created_ms = cases[i].project;
		assert_int_equal(set(&k), CANDIDATE_OK);
		assert_true(k.c.created_ms == cases[i].want);
	}
	end(&k);
}

static void
test_owners(void **state)
{
	struct one_key k;

	(void)state;
	start(&k, ALICE, ALICE);
	assert_int_equal(set(&k), CANDIDATE_OK);
	assert_int_equal(k.c.n, 1);
	assert_string_equal(k.people.v[k.c.holders[0].person].id, ALICE_ID);
	/* The record that counts longest. */
	assert_true(k.c.holders[0].until_ms == UNTIL);
	k.w.until[SOURCE_DEVICE] = UNTIL + DAY;
	assert_int_equal(set(&k), CANDIDATE_OK);
	assert_int_equal(k.c.n, 1);
	assert_true(k.c.holders[0].until_ms == UNTIL + DAY);
	end(&k);
	start(&k, BOB, PROJECT);
	assert_int_equal(set(&k), CANDIDATE_OK);
	assert_int_equal(k.c.n, 1);
	assert_true(k.c.holders[0].until_ms == UNTIL - DAY);
	assert_true(k.c.project_until_ms == UNTIL);
	end(&k);
	start(&k, "somebody:" ALICE_ID, "projects:x");
	assert_int_equal(set(&k), CANDIDATE_OK);
	assert_int_equal(k.c.n, 0);
	assert_true(k.c.project_until_ms == CANDIDATE_NEVER);
	end(&k);
}

/* Seven people have put the same key into the portal. */
static void
test_many_owners(void **state)
{
	static char owners[7][64];
	struct one_key k;
	size_t i;

	(void)state;
	start(&k, ALICE, BOB);
	for (i = 0; i < 7; i++) {
		(void)snprintf(owners[i], sizeof(owners[i]),
		    "user:eeeeeeee-0000-4000-8000-00000000000%zu", i);
		(void)world_key(&k.w, SOURCE_PERSONAL, KEY_ED, owners[i]);
	}
	assert_int_equal(set(&k), CANDIDATE_OK);
	assert_int_equal(k.c.n, 9);
	end(&k);
}

/* Every narrowing tag holds, also that of a record which no longer counts. */
static void
test_tags_narrow(void **state)
{
	struct one_key k;

	(void)state;
	start(&k, "", "");
	world_tag(&k.w, k.device, "user:a");
	world_tag(&k.w, k.device, "user:b");
	world_tag(&k.w, k.device, "expires:2030-01-01");
	world_tag(&k.w, k.project, "user:b");
	world_tag(&k.w, k.project, "user:c");
	world_tag(&k.w, k.project, "from:10.0.0.0/8");
	k.w.until[SOURCE_DEVICE] = NOW - DAY;
	assert_int_equal(set(&k), CANDIDATE_OK);
	assert_int_equal(k.c.tags_refused, TAGS_OK);
	assert_false(tags_let_in(&k.c.tags, "a"));
	assert_true(tags_let_in(&k.c.tags, "b"));
	assert_false(tags_let_in(&k.c.tags, "c"));
	assert_true(k.c.tags.expires_ms == INT64_C(1893456000000));
	assert_int_equal(k.c.tags.from.n, 1);
	end(&k);
}

/* Each refusal lets nobody in, wherever it stands. */
static void
test_tags_refused(void **state)
{
	static const struct {
		const char *device, *project;
		enum tags_refusal want;
	} cases[] = {{"user:", "x", TAGS_USER}, {"x", "user:", TAGS_USER},
	    {"expires:soon", "user:", TAGS_EXPIRES},
	    {"from:10.0.0.1/8", "x", TAGS_FROM},
	    {"from:10.0.0.0/8", "from:11.0.0.0/8", TAGS_FROM_EMPTY},
	    {"from:10.0.0.0/8", "from:*.example.com", TAGS_FROM_UNCLEAR}};
	struct one_key k;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		start(&k, "", "");
		world_tag(&k.w, k.device, cases[i].device);
		world_tag(&k.w, k.project, cases[i].project);
		assert_int_equal(set(&k), CANDIDATE_OK);
		assert_int_equal(k.c.tags_refused, cases[i].want);
		end(&k);
	}
}

static void
test_tag(void **state)
{
	struct one_key k;

	(void)state;
	start(&k, "", "");
	world_tag(&k.w, k.device, "deploy");
	world_tag(&k.w, k.device, "both");
	world_tag(&k.w, k.project, "both");
	world_tag(&k.w, k.project, "user:a");
	assert_int_equal(set(&k), CANDIDATE_OK);
	assert_true(candidate_tag(&k.c, "deploy") == UNTIL - DAY);
	assert_true(candidate_tag(&k.c, "both") == UNTIL);
	assert_true(candidate_tag(&k.c, "user:a") == UNTIL);
	assert_true(candidate_tag(&k.c, "Deploy") == CANDIDATE_NEVER);
	assert_true(candidate_tag(&k.c, "deplo") == CANDIDATE_NEVER);
	assert_true(candidate_tag(&k.c, "") == CANDIDATE_NEVER);
	end(&k);
}

/* Nothing of the key before stays. */
static void
test_again(void **state)
{
	struct candidate c = {0};
	struct people p;
	struct keyrec *rec;
	struct world w;

	(void)state;
	world_init(&w);
	/* In the order of the fingerprints. */
	rec = world_key(&w, SOURCE_PROJECT, KEY_EC384, ALICE);
	world_tag(&w, rec, "user:a");
	world_tag(&w, rec, "user:");
	rec->created_ms = NOW;
	(void)world_key(&w, SOURCE_DEVICE, KEY_ED, PROJECT);
	world_merge(&w);
	assert_int_equal(people_build(&p, &w.merged, &w.members), 0);
	assert_int_equal(candidate_set(&c, &w.merged.v[0], &p), CANDIDATE_OK);
	assert_int_equal(c.n, 1);
	assert_int_equal(c.tags_refused, TAGS_USER);
	assert_int_equal(candidate_set(&c, &w.merged.v[1], &p), CANDIDATE_OK);
	assert_int_equal(c.n, 0);
	assert_int_equal(c.type, PUBKEY_ED25519);
	assert_int_equal(c.tags_refused, TAGS_OK);
	assert_true(tags_let_in(&c.tags, "b"));
	assert_true(c.created_ms == KEYREC_NO_DATE);
	assert_true(c.source_until_ms[SOURCE_PROJECT] == CANDIDATE_NEVER);
	assert_true(c.project_until_ms == UNTIL);
	assert_int_equal(candidate_set(&c, &w.merged.v[0], &p), CANDIDATE_OK);
	assert_true(c.project_until_ms == CANDIDATE_NEVER);
	candidate_free(&c);
	assert_null(c.holders);
	people_free(&p);
	world_free(&w);
}

static void
test_unusable(void **state)
{
	struct one_key k;

	(void)state;
	start(&k, "", "");
	k.device->bloblen--;
	assert_int_equal(set(&k), CANDIDATE_UNUSABLE);
	k.device->bloblen++;
	assert_int_equal(set(&k), CANDIDATE_OK);
	end(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_type),
	    cmocka_unit_test(test_sources),
	    cmocka_unit_test(test_created),
	    cmocka_unit_test(test_owners),
	    cmocka_unit_test(test_many_owners),
	    cmocka_unit_test(test_tags_narrow),
	    cmocka_unit_test(test_tags_refused),
	    cmocka_unit_test(test_tag),
	    cmocka_unit_test(test_again),
	    cmocka_unit_test(test_unusable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
