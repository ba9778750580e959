/* SPDX-License-Identifier: ISC */
/* The fleet's document: only a valid one replaces a valid one. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "answers_fixture.h"

#define ROOT "{\"version\": 1, \"users\": {\"root\": {}}}"
#define OTHER "{\"version\": 1}"
#define BROKEN "{\"version\": 1,\n \"users\": {\"root\": {\"onwers\": []}}}"
#define URL "https://h/projects/" ID_A "/customdata"

/* An answer with this document, "" for a customdata without any. */
static struct portal_source
answer_document(const char *text, const char *etag)
{
	struct portal_source a = {.ask = true,
	    .outcome = PORTAL_NEW,
	    .id = ID_A,
	    .url = URL,
	    .status = 200};

	(void)snprintf(a.etag, sizeof(a.etag), "%s", etag);
	buf_init(&a.policy, LIMIT_POLICY_FILE);
	assert_int_equal(buf_puts(&a.policy, text), 0);
	return a;
}

static void
take_document(struct fixture *f, const char *text, const char *etag, int64_t at)
{
	struct portal_source a = answer_document(text, etag);

	take_from(f, SOURCE_FLEET, &a, at, at + 7);
}

static struct source_state *
state_of(struct fixture *f)
{
	return &f->held.state[SOURCE_FLEET];
}

static void
assert_document(const struct fixture *f, const char *want)
{
	const struct buf *text = &f->held.policy[GRANT_FLEET];

	assert_int_equal(text->len, strlen(want));
	if (text->len != 0)
		assert_memory_equal(text->data, want, text->len);
	assert_int_equal(f->held.policy[GRANT_FILE].len, 0);
}

static void
test_valid(void **state)
{
	struct fixture *f = *state;
	const struct source_state *st = state_of(f);

	*state_of(f) = (struct source_state){.outcome = OUTCOME_FAILED,
	    .reason = "x",
	    .next_ms = NOW + 1,
	    .failures = 3,
	    .doubted_ms = NOW};
	take_document(f, ROOT, "\"1\"", NOW);
	assert_document(f, ROOT);
	assert_int_equal(st->outcome, OUTCOME_NEW);
	assert_string_equal(st->reason, "");
	assert_true(st->checked_ms == NOW && st->asked_ms == NOW);
	assert_true(st->next_ms == 0 && st->doubted_ms == 0);
	assert_int_equal(st->failures, 0);
	assert_string_equal(st->id, ID_A);
	assert_string_equal(st->etag, "\"1\"");
	assert_string_equal(st->url, URL);
	assert_non_null(strstr(f->log, "[answers-again] source fleet "));
	take_document(f, OTHER, "\"2\"", NOW + 1);
	assert_string_equal(f->log, "");
	assert_document(f, OTHER);
	assert_string_equal(st->etag, "\"2\"");
}

/* What was never valid has no age, no ETag and no text. */
static void
check_never(struct fixture *f, const char *text, const char *why)
{
	const struct source_state *st = state_of(f);
	char words[LIMIT_REASON];

	holdings_forget(&f->held, SOURCE_FLEET);
	take_document(f, text, "\"1\"", NOW);
	assert_document(f, "");
	assert_int_equal(st->outcome, OUTCOME_FAILED);
	assert_string_equal(st->reason, why);
	assert_true(st->checked_ms == 0);
	assert_true(st->asked_ms == NOW);
	/* Soon: somebody mends it right now. */
	assert_true(st->next_ms == NOW + 5 * S);
	assert_int_equal(st->failures, 1);
	assert_string_equal(st->id, ID_A);
	assert_string_equal(st->etag, "");
	(void)snprintf(words, sizeof(words),
	    "source fleet: %s (there has never"
	    " been a valid document: no key opens any account)\n",
	    why);
	assert_non_null(strstr(f->log, words));
	assert_int_equal(count(f->log, "\n"), 1);
}

static void
test_never_valid(void **state)
{
	struct fixture *f = *state;

	check_never(f, BROKEN,
	    "ssh_policy: line 2, column 21: users.root.onwers: unknown field; "
	    "did you mean owners?");
	check_never(f, "", "the customdata has no ssh_policy");
	check_never(f, "[]",
	    "ssh_policy: line 1, column 1: needs an object, not a list");
}

/* The last valid one stays, no staler for it: the portal was there. */
static void
check_stays(struct fixture *f, const char *text)
{
	const struct source_state *st = state_of(f);

	holdings_forget(&f->held, SOURCE_FLEET);
	take_document(f, ROOT, "\"1\"", NOW);
	state_of(f)->doubted_ms = NOW + 1;
	take_document(f, text, "\"2\"", NOW + 60 * S);
	assert_document(f, ROOT);
	assert_int_equal(st->outcome, OUTCOME_FAILED);
	assert_string_not_equal(st->reason, "");
	assert_true(st->checked_ms == NOW + 60 * S);
	assert_true(st->doubted_ms == 0);
	assert_true(st->next_ms == NOW + 65 * S);
	assert_int_equal(st->failures, 1);
	assert_int_equal(st->keys, 1);
	/* With the ETag of the invalid one a 304 would say that it is good. */
	assert_string_equal(st->etag, "\"1\"");
	assert_string_equal(st->url, URL);
	assert_non_null(strstr(f->log, st->reason));
	assert_non_null(
	    strstr(f->log, "(the last valid document stays in force)"));
	take_document(f, text, "\"2\"", NOW + 70 * S);
	assert_int_equal(st->failures, 2);
	assert_true(st->next_ms == NOW + 75 * S);
}

static void
test_stays(void **state)
{
	struct fixture *f = *state;
	const struct source_state *st = state_of(f);
	struct portal_source same = {
	    .outcome = PORTAL_UNCHANGED, .id = ID_A, .status = 304};

	check_stays(f, "");
	check_stays(f, BROKEN);
	/* Put back as it was. */
	take_from(f, SOURCE_FLEET, &same, NOW + 80 * S, NOW + 80 * S);
	assert_document(f, ROOT);
	assert_int_equal(st->outcome, OUTCOME_UNCHANGED);
	assert_string_equal(st->reason, "");
	assert_int_equal(st->failures, 0);
	assert_true(st->next_ms == 0);
	assert_true(st->checked_ms == NOW + 80 * S);
	/* Mended. */
	check_stays(f, BROKEN);
	take_document(f, OTHER, "\"3\"", NOW + 90 * S);
	assert_document(f, OTHER);
	assert_int_equal(st->outcome, OUTCOME_NEW);
	assert_string_equal(st->reason, "");
	assert_int_equal(st->failures, 0);
	assert_string_equal(st->etag, "\"3\"");
}

/* A portal that is not there lets it get stale. */
static void
test_failed(void **state)
{
	struct fixture *f = *state;
	const struct source_state *st = state_of(f);
	struct portal_source a = answer_failed("down", 0);

	take_document(f, ROOT, "\"1\"", NOW);
	take_from(f, SOURCE_FLEET, &a, NOW + 60 * S, NOW + 61 * S);
	assert_document(f, ROOT);
	assert_true(st->checked_ms == NOW);
	assert_true(st->next_ms == NOW + 71 * S);
	assert_string_equal(st->etag, "\"1\"");
	assert_non_null(strstr(f->log,
	    "source fleet failed: down (its document, confirmed 61 s ago, "
	    "stays in force)"));
	take_from(f, SOURCE_FLEET, &a, NOW + 3600 * S, NOW + 3600 * S);
	assert_non_null(strstr(f->log, "ago, is stale)"));
	assert_document(f, ROOT);
}

static void
test_other_id(void **state)
{
	struct fixture *f = *state;
	struct portal_source a = answer_document(BROKEN, "\"2\"");

	/* Whose it is stays known, or it would count as another's. */
	take_document(f, ROOT, "\"1\"", NOW);
	a.id[0] = '\0';
	take_from(f, SOURCE_FLEET, &a, NOW, NOW);
	assert_document(f, ROOT);
	assert_string_equal(state_of(f)->id, ID_A);
	/* That of another project is not in force here. */
	a = answer_document(BROKEN, "\"2\"");
	(void)strcpy(a.id, ID_B);
	take_from(f, SOURCE_FLEET, &a, NOW, NOW);
	assert_document(f, "");
	assert_true(state_of(f)->checked_ms == 0);
	assert_string_equal(state_of(f)->etag, "");
	assert_string_equal(state_of(f)->id, ID_B);
	assert_non_null(strstr(f->log, "there has never been a valid"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    answer_test(test_valid),
	    answer_test(test_never_valid),
	    answer_test(test_stays),
	    answer_test(test_failed),
	    answer_test(test_other_id),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
