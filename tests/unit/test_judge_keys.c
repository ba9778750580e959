/* SPDX-License-Identifier: ISC */
/* What a key must meet whoever it is to let in: `keys`, tags, denied ones. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "judge_fixture.h"

/* What holds whatever the account. */
static void
test_key(void **state)
{
	struct court t;
	struct world w;
	struct keyrec *rec;

	(void)state;
	world_init(&w);
	rec = world_key(&w, SOURCE_DEVICE, KEY_ED, "");
	court_open(&t, &w, KEY_ED);
	check_ruling(judge_key(&t.j, &t.c), VERDICT_ALLOWED, UNTIL);
	court_close(&t);
	w.until[SOURCE_DEVICE] = NOW;
	court_open(&t, &w, KEY_ED);
	check_ruling(judge_key(&t.j, &t.c), VERDICT_STALE, 0);
	court_close(&t);
	w.until[SOURCE_DEVICE] = NOW + 1;
	world_tag(&w, rec, "expires:2027-01-15T07:59:59Z");
	court_open(&t, &w, KEY_ED);
	check_ruling(judge_key(&t.j, &t.c), VERDICT_TAG_EXPIRED, 0);
	court_close(&t);
	/* sshd lets that second pass. */
	rec->tags[0] = "expires:2027-01-15T08:00:00Z";
	w.in.now_ms = NOW + 999;
	w.until[SOURCE_DEVICE] = UNTIL;
	court_open(&t, &w, KEY_ED);
	check_ruling(judge_key(&t.j, &t.c), VERDICT_ALLOWED, UNTIL);
	court_close(&t);
	rec->tags[0] = "expires:never";
	court_open(&t, &w, KEY_ED);
	check_ruling(judge_key(&t.j, &t.c), VERDICT_TAGS, 0);
	assert_int_equal(judge_key(&t.j, &t.c).detail, TAGS_EXPIRES);
	court_close(&t);
	w.in.deny = samples[KEY_ED].fp;
	w.in.denylen = KEYREC_FP_LEN;
	court_open(&t, &w, KEY_ED);
	check_ruling(judge_key(&t.j, &t.c), VERDICT_DENIED, 0);
	court_close(&t);
	world_free(&w);
}

static void
check_keys(struct world *w, size_t sample, enum verdict v, int64_t until_ms)
{
	struct court t;

	court_open(&t, w, sample);
	check_ruling(judge_document_keys(&t.j, GRANT_FILE, &t.c), v, until_ms);
	court_close(&t);
}

static void
test_document(void **state)
{
	struct world w;

	(void)state;
	world_standard(&w);
	world_doc(&w, GRANT_FILE, "'keys':{}");
	check_keys(&w, KEY_ED, VERDICT_ALLOWED, INT64_MAX);
	w.in.origin[GRANT_FILE].until_ms = NOW + 1;
	check_keys(&w, KEY_ED, VERDICT_ALLOWED, NOW + 1);
	w.in.origin[GRANT_FILE].until_ms = NOW;
	check_keys(&w, KEY_ED, VERDICT_STALE, 0);
	w.in.origin[GRANT_FILE].doc = NULL;
	check_keys(&w, KEY_ED, VERDICT_NO_DOCUMENT, 0);
	world_free(&w);
}

static void
test_types(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	(void)world_key(&w, SOURCE_DEVICE, KEY_ED, "");
	(void)world_key(&w, SOURCE_DEVICE, KEY_SKED, "");
	(void)world_key(&w, SOURCE_DEVICE, KEY_RSA2048, "");
	(void)world_key(&w, SOURCE_DEVICE, KEY_RSA3072, "");
	world_doc(&w, GRANT_FILE,
	    "'keys':{'types':['ssh-ed25519','ssh-rsa'],'rsa_min_bits':3072}");
	check_keys(&w, KEY_ED, VERDICT_ALLOWED, INT64_MAX);
	check_keys(&w, KEY_SKED, VERDICT_TYPE, 0);
	check_keys(&w, KEY_RSA2048, VERDICT_RSA_BITS, 0);
	check_keys(&w, KEY_RSA3072, VERDICT_ALLOWED, INT64_MAX);
	/* The size of other keys is no business of rsa_min_bits. */
	world_doc(&w, GRANT_FILE, "'keys':{'rsa_min_bits':3073}");
	check_keys(&w, KEY_SKED, VERDICT_ALLOWED, INT64_MAX);
	check_keys(&w, KEY_RSA3072, VERDICT_RSA_BITS, 0);
	world_free(&w);
}

static void
test_max_age(void **state)
{
	struct keyrec *rec;
	struct world w;

	(void)state;
	world_init(&w);
	rec = world_key(&w, SOURCE_DEVICE, KEY_ED, "");
	world_doc(&w, GRANT_FILE, "'keys':{'max_age':'1d'}");
	check_keys(&w, KEY_ED, VERDICT_NO_DATE, 0);
	rec->created_ms = NOW - DAY;
	check_keys(&w, KEY_ED, VERDICT_MAX_AGE, 0);
	rec->created_ms = NOW - DAY + 1;
	check_keys(&w, KEY_ED, VERDICT_ALLOWED, NOW + 1);
	rec->created_ms = INT64_MIN + 1;
	check_keys(&w, KEY_ED, VERDICT_MAX_AGE, 0);
	rec->created_ms = INT64_MAX;
	check_keys(&w, KEY_ED, VERDICT_ALLOWED, INT64_MAX);
	/* A clock that went back: the portal's counts. */
	rec->created_ms = NOW - DAY + 1;
	w.in.date_ms = NOW + 1;
	check_keys(&w, KEY_ED, VERDICT_MAX_AGE, 0);
	w.in.date_ms = NOW - 1;
	check_keys(&w, KEY_ED, VERDICT_ALLOWED, NOW + 1);
	/* The oldest of several. */
	rec->created_ms = NOW;
	world_key(&w, SOURCE_PROJECT, KEY_ED, "")->created_ms = NOW - DAY;
	check_keys(&w, KEY_ED, VERDICT_MAX_AGE, 0);
	world_free(&w);
}

static void
test_deny(void **state)
{
	struct world w;
	char inside[128];

	(void)state;
	world_standard(&w);
	(void)snprintf(inside, sizeof(inside), "'keys':{'deny':['%s']}",
	    samples[KEY_EC256].fp);
	world_doc(&w, GRANT_FILE, inside);
	check_keys(&w, KEY_EC256, VERDICT_DENIED, 0);
	check_keys(&w, KEY_ED, VERDICT_ALLOWED, INT64_MAX);
	world_free(&w);
}

static void
test_require_member(void **state)
{
	struct world w;

	(void)state;
	world_standard(&w);
	w.in.members_until_ms = UNTIL - 1;
	world_doc(&w, GRANT_FILE, "'keys':{'require_member':true}");
	check_keys(&w, KEY_ED, VERDICT_ALLOWED, UNTIL - 1);
	check_keys(&w, KEY_EC256, VERDICT_ALLOWED, UNTIL - 1);
	check_keys(&w, KEY_EC384, VERDICT_ALLOWED, UNTIL);
	check_keys(&w, KEY_RSA2048, VERDICT_NOT_MEMBER, 0);
	check_keys(&w, KEY_PUTTY, VERDICT_NO_OWNER, 0);
	/* The members too long ago, or never known. */
	w.in.members_until_ms = NOW;
	check_keys(&w, KEY_ED, VERDICT_MEMBERS, 0);
	check_keys(&w, KEY_RSA2048, VERDICT_MEMBERS, 0);
	check_keys(&w, KEY_EC384, VERDICT_ALLOWED, UNTIL);
	check_keys(&w, KEY_PUTTY, VERDICT_NO_OWNER, 0);
	w.in.members_until_ms = INT64_MIN;
	check_keys(&w, KEY_ED, VERDICT_MEMBERS, 0);
	w.in.members_until_ms = UNTIL;
	/* The project's record counts no more. */
	w.until[SOURCE_PROJECT] = NOW;
	check_keys(&w, KEY_EC384, VERDICT_NO_OWNER, 0);
	world_free(&w);
}

/* A key that is a member's and the project's holds as long as either. */
static void
test_require_member_both(void **state)
{
	struct world w;

	(void)state;
	world_standard(&w);
	(void)world_key(&w, SOURCE_PROJECT, KEY_ED, PROJECT);
	world_doc(&w, GRANT_FILE, "'keys':{'require_member':true}");
	w.until[SOURCE_PROJECT] = NOW + 1;
	check_keys(&w, KEY_ED, VERDICT_ALLOWED, UNTIL);
	w.until[SOURCE_PROJECT] = UNTIL;
	w.until[SOURCE_DEVICE] = NOW + 1;
	check_keys(&w, KEY_ED, VERDICT_ALLOWED, UNTIL);
	w.in.members_until_ms = NOW;
	check_keys(&w, KEY_ED, VERDICT_ALLOWED, UNTIL);
	/* The owner who left takes the project's key not with him. */
	(void)world_key(&w, SOURCE_PROJECT, KEY_RSA2048, PROJECT);
	check_keys(&w, KEY_RSA2048, VERDICT_ALLOWED, UNTIL);
	w.in.members_until_ms = UNTIL;
	check_keys(&w, KEY_RSA2048, VERDICT_ALLOWED, UNTIL);
	w.until[SOURCE_PROJECT] = NOW;
	check_keys(&w, KEY_RSA2048, VERDICT_NOT_MEMBER, 0);
	world_free(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_key),
	    cmocka_unit_test(test_document),
	    cmocka_unit_test(test_types),
	    cmocka_unit_test(test_max_age),
	    cmocka_unit_test(test_deny),
	    cmocka_unit_test(test_require_member),
	    cmocka_unit_test(test_require_member_both),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
