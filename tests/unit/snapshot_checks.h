/*
 * What must hold of a damaged snapshot.  Include it after cmocka.h.
 */
#ifndef TESTS_UNIT_SNAPSHOT_CHECKS_H
#define TESTS_UNIT_SNAPSHOT_CHECKS_H

#include "snapshot_sample.h"

#define ROOT_LINES "ssh-ed25519 AAAA alice\nssh-rsa BBBB bob\n"
#define WHEEL_LINE "no-pty ssh-ed25519 CCCC carol\n"

static inline void
check_answer(struct snapshot *snap, const struct snapshot_ask *ask,
    const char *want, const char *want_reason)
{
	char reason[SNAPSHOT_CODE_SIZE];
	enum snapshot_find r;
	struct buf out;

	buf_init(&out, 4096);
	r = snapshot_find(snap, ask, &out, reason);
	if (r == SNAPSHOT_FOUND && want == NULL)
		fail_msg("%s has a line", ask->user);
	if (r == SNAPSHOT_FOUND && want != NULL) {
		assert_int_equal(out.len, strlen(want));
		assert_memory_equal(out.data, want, out.len);
	} else {
		assert_int_equal(out.len, 0);
	}
	/* A key of which nothing else is left may have its own. */
	if (reason[0] != '\0' &&
	    (ask->fp == NULL || strcmp(ask->fp, FP_B) != 0))
		assert_string_equal(reason, want_reason);
	buf_free(&out);
}

static inline void
check_lookup(
    struct snapshot *snap, const char *user, const char *fp, const char *want)
{
	const struct snapshot_ask ask = {
	    .user = user, .fp = fp, .now_ms = SAMPLE_NOW};

	check_answer(snap, &ask, want, "");
}

/* As check_lookup, of an account in wheel. */
static inline void
check_in_wheel(
    struct snapshot *snap, const char *user, const char *fp, const char *want)
{
	const struct snapshot_ask ask = {.user = user,
	    .fp = fp,
	    .now_ms = SAMPLE_NOW,
	    .groups = sample_groups};

	check_answer(snap, &ask, want, "");
}

static inline void
never_wrong_lines(struct snapshot *snap)
{
	const struct snapshot_ask refused = {
	    .user = "deploy", .fp = FP_B, .now_ms = SAMPLE_NOW};
	const struct snapshot_ask denied = {
	    .user = "ca", .fp = FP_E, .now_ms = SAMPLE_NOW};

	check_lookup(snap, "root", NULL, ROOT_LINES);
	check_lookup(snap, "deploy", NULL, sample_lines[2].line);
	check_lookup(snap, "nobody", NULL, NULL);
	check_lookup(snap, "root", FP_A, sample_lines[0].line);
	check_lookup(snap, "root", FP_B, sample_lines[1].line);
	check_lookup(snap, "deploy", FP_A, sample_lines[2].line);
	check_lookup(snap, "root", FP_C, NULL);
	check_lookup(snap, "ca", NULL, sample_lines[3].line);
	check_lookup(snap, "ca", FP_A, sample_lines[3].line);
	check_lookup(snap, "cARol", FP_C, sample_lines[4].line);
	/* The one that has a rule of its own. */
	check_lookup(snap, "Carol", FP_C, NULL);
	check_in_wheel(snap, "Carol", FP_C, WHEEL_LINE);
	check_in_wheel(snap, "nobody", NULL, WHEEL_LINE);
	check_in_wheel(snap, "root", FP_C, NULL);
	check_answer(snap, &refused, NULL, "not-member");
	check_answer(snap, &denied, NULL, SNAPSHOT_DENIED);
}

static inline void
never_wrong_sources(struct snapshot *snap)
{
	struct source_state st;
	struct keyset ks;
	unsigned i;

	for (i = 0; i < SOURCE_COUNT; i++) {
		if (snapshot_source_state(snap, i, &st) == SNAPSHOT_FOUND) {
			assert_int_equal(i, SOURCE_PROJECT);
			assert_true(sample_state_same(&st));
		} else {
			assert_int_equal(st.outcome, OUTCOME_NEVER);
			assert_string_equal(st.url, "");
		}
		if (snapshot_source_keys(snap, i, &ks) == SNAPSHOT_FOUND) {
			assert_int_equal(i, SOURCE_PROJECT);
			assert_true(sample_keys_same(&ks));
		} else {
			assert_int_equal(ks.n, 0);
		}
		keyset_free(&ks);
	}
}

static inline void
never_wrong_texts(struct snapshot *snap)
{
	struct memberset ms;
	struct buf out;
	unsigned o;

	if (snapshot_members(snap, &ms) == SNAPSHOT_FOUND)
		assert_true(sample_members_same(&ms));
	else
		assert_int_equal(ms.n, 0);
	memberset_free(&ms);
	buf_init(&out, 4096);
	for (o = 0; o < GRANT_ORIGINS; o++) {
		if (snapshot_policy(snap, o, &out) == SNAPSHOT_FOUND)
			assert_true(
			    sample_text_same(&out, &sample_policies[o]));
		else
			assert_int_equal(out.len, 0);
		buf_reset(&out);
	}
	if (snapshot_deny(snap, &out) == SNAPSHOT_FOUND)
		assert_true(sample_text_same(&out, &sample_deny));
	else
		assert_int_equal(out.len, 0);
	buf_free(&out);
}

/*
 * Whatever happened to the file: each answer is the right one, or that there
 * is none, or an error.  True when the file could be opened at all.
 */
static inline bool
never_wrong(const struct scratch *s)
{
	struct error err = {""};
	struct snapshot snap;

	if (snapshot_open(&snap, s->fd, geteuid(), &err) != SNAPSHOT_OK) {
		assert_string_not_equal(err.text, "");
		assert_int_equal(snap.fd, -1);
		snapshot_close(&snap);
		return false;
	}
	assert_true(sample_head_same(&snap.head));
	never_wrong_lines(&snap);
	never_wrong_sources(&snap);
	never_wrong_texts(&snap);
	snapshot_close(&snap);
	return true;
}

static inline void
put_file(const struct scratch *s, const void *data, size_t len)
{
	(void)scratch_file(s, SNAPSHOT_FILE, data, len, 0640);
}

static inline void
check_bad(const struct scratch *s, uid_t owner, const char *words)
{
	unsigned fds = scratch_fds();
	struct error err = {""};
	struct snapshot snap;

	assert_int_equal(
	    snapshot_open(&snap, s->fd, owner, &err), SNAPSHOT_BAD);
	if (strstr(err.text, words) == NULL)
		fail_msg("\"%s\" has no \"%s\"", err.text, words);
	snapshot_close(&snap);
	assert_int_equal(
	    snapshot_open(&snap, s->fd, owner, NULL), SNAPSHOT_BAD);
	assert_int_equal(scratch_fds(), fds);
}

#endif
