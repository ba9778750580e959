/*
 * What must hold of a damaged snapshot.  Include it after cmocka.h.
 */
#ifndef TESTS_UNIT_SNAPSHOT_CHECKS_H
#define TESTS_UNIT_SNAPSHOT_CHECKS_H

#include "snapshot_sample.h"

#define ROOT_LINES "ssh-ed25519 AAAA alice\nssh-rsa BBBB bob\n"

static inline void
check_lookup(
    struct snapshot *snap, const char *user, const char *fp, const char *want)
{
	enum snapshot_find r;
	struct buf out;

	buf_init(&out, 4096);
	r = fp == NULL ? snapshot_find_user(snap, user, SAMPLE_NOW, &out)
		       : snapshot_find_key(snap, user, fp, SAMPLE_NOW, &out);
	if (r == SNAPSHOT_FOUND && want == NULL)
		fail_msg("%s has a line", user);
	if (r == SNAPSHOT_FOUND && want != NULL) {
		assert_int_equal(out.len, strlen(want));
		assert_memory_equal(out.data, want, out.len);
	} else {
		assert_int_equal(out.len, 0);
	}
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
	struct source_state st;
	struct snapshot snap;
	struct keyset ks;
	unsigned i;

	if (snapshot_open(&snap, s->fd, geteuid(), &err) != SNAPSHOT_OK) {
		assert_string_not_equal(err.text, "");
		assert_int_equal(snap.fd, -1);
		snapshot_close(&snap);
		return false;
	}
	assert_true(sample_head_same(&snap.head));
	check_lookup(&snap, "root", NULL, ROOT_LINES);
	check_lookup(&snap, "deploy", NULL, sample_lines[2].line);
	check_lookup(&snap, "nobody", NULL, NULL);
	for (i = 0; i < SAMPLE_LINES; i++)
		check_lookup(&snap, sample_lines[i].user, sample_lines[i].fp,
		    sample_lines[i].line);
	check_lookup(&snap, "deploy", FP_B, NULL);
	check_lookup(&snap, "root", FP_C, NULL);
	for (i = 0; i < SOURCE_COUNT; i++) {
		if (snapshot_source_state(&snap, i, &st) == SNAPSHOT_FOUND) {
			assert_int_equal(i, SOURCE_PROJECT);
			assert_true(sample_state_same(&st));
		} else {
			assert_int_equal(st.outcome, OUTCOME_NEVER);
			assert_string_equal(st.url, "");
		}
		if (snapshot_source_keys(&snap, i, &ks) == SNAPSHOT_FOUND) {
			assert_int_equal(i, SOURCE_PROJECT);
			assert_true(sample_keys_same(&ks));
		} else {
			assert_int_equal(ks.n, 0);
		}
		keyset_free(&ks);
	}
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
