/* SPDX-License-Identifier: ISC */
/* Asking the portal for what is due: once, and again for what turned up. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "cmd/round.h"
#include "policy/document.h"
#include "pubkey_samples.h"
#include "scratch.h"
#include "tests/unit/httpd.h"

#define S INT64_C(1000)
#define DEV "0b0a2f5e-1c9d-4b43-9d0e-00000000000d"
#define PRJ "0b0a2f5e-1c9d-4b43-9d0e-00000000000f"
#define MEMBER "aaaaaaaa-0000-4000-8000-000000000001"
#define META_PATH "/metadata"
#define RECORD_PATH "/v1/devices/" DEV
#define KEYS_PATH "/v1/devices/" DEV "/ssh-keys"
#define FLEET_PATH "/v1/projects/" PRJ "/customdata"
#define MEMBERS_PATH \
	"/v1/projects/" PRJ "/memberships?include=user&per_page=1000"
#define DOCUMENT "{\"version\": 1, \"users\": {\"root\": {\"roles\": [\"a\"]}}}"
#define DEVICE SOURCE_BIT(SOURCE_DEVICE)
#define METADATA SOURCE_BIT(SOURCE_METADATA)
#define MEMBERS SOURCE_BIT(SOURCE_MEMBERS)
#define FLEET SOURCE_BIT(SOURCE_FLEET)

static const struct httpd_route routes[] = {
    {.path = META_PATH,
	.status = 200,
	.body = "{\"id\":\"" DEV "\",\"ssh_keys\":[\"ssh-ed25519 " B64_ED25519
		"\"]}"},
    {.path = RECORD_PATH,
	.status = 200,
	.body = "{\"project\":{\"href\":\"/v1/projects/" PRJ "\"}}"},
    {.path = KEYS_PATH,
	.status = 200,
	.etag = "\"k\"",
	.body = "{\"ssh_keys\":[{\"key\":\"ssh-ed25519 " B64_ED25519 "\"}]}"},
    {.path = FLEET_PATH,
	.status = 200,
	.etag = "\"f\"",
	.body = "{\"ssh_policy\":" DOCUMENT "}"},
    {.path = MEMBERS_PATH,
	.status = 200,
	.body = "{\"memberships\":[{\"user\":{\"id\":\"" MEMBER "\"}}]}"}};

struct fixture {
	void *scratch;
	struct httpd d;
	struct config cfg;
	struct holdings held;
	struct contact contact;
	struct round r;
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (f == NULL || scratch_setup(&f->scratch) == -1 ||
	    httpd_start(&f->d, routes, sizeof(routes) / sizeof(routes[0])) ==
		-1)
		return -1;
	(void)signal(SIGPIPE, SIG_IGN);
	buf_init(&f->held.policy[GRANT_FLEET], LIMIT_POLICY_FILE);
	f->cfg = (struct config){.project = "auto",
	    .device = "auto",
	    .fleet = "project",
	    .fresh_ms = 60 * S,
	    .stale_ms = 3600 * S,
	    .retry_ms = 10 * S,
	    .connect_timeout_ms = 2 * S,
	    .mass_removal = 1,
	    .digest = 1};
	(void)snprintf(f->cfg.url, sizeof(f->cfg.url), "%s/v1", f->d.origin);
	(void)snprintf(f->cfg.metadata_url, sizeof(f->cfg.metadata_url),
	    "%s" META_PATH, f->d.origin);
	(void)snprintf(f->cfg.token_file, sizeof(f->cfg.token_file), "%s",
	    scratch_text(f->scratch, "token", "tokentokentoken\n", 0600));
	f->held.head.config_digest = 1;
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;
	int r;

	contact_close(&f->contact);
	httpd_stop(&f->d);
	r = scratch_teardown(&f->scratch);
	holdings_free(&f->held);
	free(f);
	return r;
}

#define round_test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

static void
open_round(struct fixture *f, bool due_only)
{
	contact_close(&f->contact);
	round_open(&f->r, &f->cfg, &f->contact, &f->held, due_only,
	    clock_mono_ms() + 10 * S);
}

/* Standard error is the log, of which nothing is wanted here. */
static void
ask(struct fixture *f, unsigned sources)
{
	struct error err = {""};
	int saved = dup(2), null = open("/dev/null", O_WRONLY | O_CLOEXEC), r;

	assert_true(saved != -1 && null != -1);
	(void)fflush(stderr);
	assert_int_equal(dup2(null, 2), 2);
	r = round_ask(&f->r, &f->held, sources, &err);
	assert_int_equal(dup2(saved, 2), 2);
	(void)close(saved);
	(void)close(null);
	if (r == -1)
		fail_msg("%s", err.text);
}

static enum source_outcome
outcome(const struct fixture *f, enum source s)
{
	return f->held.state[s].outcome;
}

/* The second round has the connection and the ids of the first. */
static void
test_two_rounds(void **state)
{
	struct fixture *f = *state;

	open_round(f, false);
	ask(f, DEVICE | FLEET);
	assert_int_equal(f->r.asked, DEVICE | FLEET);
	assert_true(f->r.confirmed);
	assert_int_equal(outcome(f, SOURCE_DEVICE), OUTCOME_NEW);
	assert_int_equal(outcome(f, SOURCE_FLEET), OUTCOME_NEW);
	assert_int_equal(outcome(f, SOURCE_MEMBERS), OUTCOME_NEVER);
	assert_int_equal(outcome(f, SOURCE_PROJECT), OUTCOME_NEVER);
	assert_int_equal(f->held.keys[SOURCE_DEVICE].n, 1);
	assert_int_equal(f->held.policy[GRANT_FLEET].len, sizeof(DOCUMENT) - 1);
	assert_string_equal(f->held.head.device, DEV);
	assert_string_equal(f->held.head.project, PRJ);
	assert_true(f->held.head.learned_ms > 0);
	ask(f, MEMBERS);
	assert_int_equal(f->r.asked, DEVICE | FLEET | MEMBERS);
	assert_int_equal(outcome(f, SOURCE_MEMBERS), OUTCOME_NEW);
	assert_int_equal(f->held.members.n, 1);
	assert_string_equal(f->held.members.v[0].id, MEMBER);
	assert_string_equal(f->held.state[SOURCE_MEMBERS].id, PRJ);
	assert_string_equal(f->r.reason, "");
	assert_int_equal(httpd_count(&f->d, META_PATH), 1);
	assert_int_equal(httpd_count(&f->d, RECORD_PATH), 1);
	assert_int_equal(httpd_count(&f->d, KEYS_PATH), 1);
	assert_int_equal(httpd_count(&f->d, FLEET_PATH), 1);
}

/* What is fresh is left alone, unless the config is another one. */
static void
test_due_only(void **state)
{
	struct fixture *f = *state;

	open_round(f, false);
	ask(f, DEVICE | FLEET);
	open_round(f, true);
	ask(f, DEVICE | FLEET);
	assert_int_equal(f->r.asked, 0);
	assert_false(f->r.confirmed || f->contact.portal != NULL);
	f->held.state[SOURCE_FLEET].checked_ms -= 60 * S;
	ask(f, DEVICE | FLEET);
	assert_int_equal(f->r.asked, FLEET);
	/* With the ETag of what is held. */
	assert_int_equal(outcome(f, SOURCE_FLEET), OUTCOME_UNCHANGED);
	assert_string_equal(httpd_last(&f->d, FLEET_PATH)->etag, "\"f\"");
	assert_int_equal(httpd_count(&f->d, KEYS_PATH), 1);
	f->cfg.digest = 2;
	open_round(f, true);
	ask(f, DEVICE | FLEET);
	assert_int_equal(f->r.asked, DEVICE | FLEET);
	assert_int_equal(httpd_count(&f->d, KEYS_PATH), 2);
}

/* Only what was ever valid may be said to be unchanged. */
static void
test_nothing_held(void **state)
{
	struct fixture *f = *state;

	open_round(f, false);
	ask(f, DEVICE | FLEET);
	f->held.state[SOURCE_FLEET].checked_ms = 0;
	open_round(f, false);
	ask(f, DEVICE | FLEET);
	assert_string_equal(httpd_last(&f->d, FLEET_PATH)->etag, "");
	assert_int_equal(outcome(f, SOURCE_FLEET), OUTCOME_NEW);
	assert_string_equal(httpd_last(&f->d, KEYS_PATH)->etag, "\"k\"");
}

/* The metadata service needs none. */
static void
test_no_token(void **state)
{
	struct fixture *f = *state;
	const struct source_state *st = &f->held.state[SOURCE_FLEET];

	(void)strcpy(f->cfg.token_file, "/nonexistent");
	open_round(f, false);
	ask(f, METADATA | FLEET);
	assert_int_equal(outcome(f, SOURCE_METADATA), OUTCOME_NEW);
	assert_int_equal(st->outcome, OUTCOME_FAILED);
	assert_non_null(strstr(st->reason, "/nonexistent"));
	assert_int_equal(st->failures, 1);
	assert_true(f->r.confirmed);
	assert_string_equal(f->r.reason, st->reason);
	assert_int_equal(httpd_count(&f->d, FLEET_PATH), 0);
	/* In the second round too. */
	ask(f, MEMBERS);
	assert_int_equal(outcome(f, SOURCE_MEMBERS), OUTCOME_FAILED);
	assert_non_null(
	    strstr(f->held.state[SOURCE_MEMBERS].reason, "/nonexistent"));
}

/* What is held stays, and the ids with it. */
static void
test_down(void **state)
{
	struct fixture *f = *state;

	open_round(f, false);
	ask(f, DEVICE | FLEET);
	httpd_stop(&f->d);
	open_round(f, false);
	ask(f, DEVICE | FLEET);
	assert_int_equal(outcome(f, SOURCE_DEVICE), OUTCOME_FAILED);
	assert_int_equal(outcome(f, SOURCE_FLEET), OUTCOME_FAILED);
	assert_false(f->r.confirmed);
	assert_string_not_equal(f->r.reason, "");
	assert_int_equal(f->held.keys[SOURCE_DEVICE].n, 1);
	assert_int_equal(f->held.policy[GRANT_FLEET].len, sizeof(DOCUMENT) - 1);
	assert_string_equal(f->held.head.device, DEV);
	assert_string_equal(f->held.head.project, PRJ);
	/* Until the wait is over nobody is asked, not even in vain. */
	open_round(f, true);
	ask(f, DEVICE | FLEET);
	assert_int_equal(f->r.asked, 0);
	assert_int_equal(f->held.state[SOURCE_DEVICE].failures, 1);
}

static void
test_never_opened(void **state)
{
	struct contact c = {0};

	(void)state;
	contact_close(&c);
	contact_close(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    round_test(test_two_rounds),
	    round_test(test_due_only),
	    round_test(test_nothing_held),
	    round_test(test_no_token),
	    round_test(test_down),
	    cmocka_unit_test(test_never_opened),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
