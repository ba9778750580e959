/* SPDX-License-Identifier: ISC */
/* From holdings to a snapshot and back: what is kept, who gets a line. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/resource.h>
#include <sys/syscall.h>

#include <errno.h>

#include "publish_fixture.h"

static void
test_lines(void **state)
{
	struct fixture *f = *state;

	(void)hold(f, SOURCE_PROJECT, ED, "laptop", NOW);
	(void)hold(f, SOURCE_PROJECT, "ssh-dss " B64_DSA, "old", NOW);
	(void)hold(f, SOURCE_PERSONAL, PUTTY, "putty", NOW);
	(void)hold(f, SOURCE_PERSONAL, ED, "same", NOW);
	publish_at(f, NOW);
	check_lines(f, "root", NULL, NOW, ED " laptop\n" PUTTY " putty\n");
	check_lines(f, "root", samples[0].fp, NOW, ED " laptop\n");
	check_lines(f, "root", samples[10].fp, NOW, PUTTY " putty\n");
	check_lines(f, "admin", NULL, NOW, NULL);
	check_lines(f, "admin", samples[0].fp, NOW, NULL);
	check_lines(f, "root", samples[1].fp, NOW, NULL);
}

/* No line outlives its records, and none that is stale is written. */
static void
test_stale(void **state)
{
	struct fixture *f = *state;

	(void)hold(f, SOURCE_PROJECT, ED, "young", NOW - 10 * S);
	(void)hold(f, SOURCE_PERSONAL, PUTTY, "old", NOW - 99 * S);
	publish_at(f, NOW);
	check_lines(f, "root", NULL, NOW, ED " young\n" PUTTY " old\n");
	check_lines(f, "root", NULL, NOW + S, ED " young\n");
	check_lines(f, "root", NULL, NOW + 90 * S, NULL);
	check_lines(f, "root", samples[10].fp, NOW + S - 1, PUTTY " old\n");
	check_lines(f, "root", samples[10].fp, NOW + S, NULL);
	publish_at(f, NOW + S);
	check_lines(f, "root", NULL, NOW, ED " young\n");
	check_lines(f, "root", samples[10].fp, NOW, NULL);
	/* The records stay: an unchanged list brings them back. */
	assert_int_equal(f->held.keys[SOURCE_PERSONAL].n, 1);
	f->held.state[SOURCE_PERSONAL].checked_ms = NOW;
	publish_at(f, NOW + S);
	check_lines(f, "root", NULL, NOW, ED " young\n" PUTTY " old\n");
}

/* Held by two sources, a key counts as long as the fresher one does. */
static void
test_stale_in_one(void **state)
{
	struct fixture *f = *state;

	(void)hold(f, SOURCE_DEVICE, ED, "a", NOW - 200 * S);
	(void)hold(f, SOURCE_PROJECT, ED, "b", NOW);
	publish_at(f, NOW);
	check_lines(f, "root", samples[0].fp, NOW + 99 * S, ED " a\n");
	check_lines(f, "root", samples[0].fp, NOW + 100 * S, NULL);
}

static void
test_unwanted_source(void **state)
{
	struct fixture *f = *state;

	(void)hold(f, SOURCE_PROJECT, ED, "a", NOW);
	(void)hold(f, SOURCE_PERSONAL, PUTTY, "b", NOW);
	f->cfg.sources = SOURCE_BIT(SOURCE_PERSONAL);
	publish_at(f, NOW);
	check_lines(f, "root", NULL, NOW, PUTTY " b\n");
	f->cfg.sources = SOURCE_BIT(SOURCE_DEVICE);
	publish_at(f, NOW);
	check_lines(f, "root", NULL, NOW, NULL);
	assert_false(f->held.head.usable);
}

/* Where a policy is asked for, the built-in one must not open doors. */
static void
test_no_builtin(void **state)
{
	struct fixture *f = *state;

	(void)hold(f, SOURCE_PROJECT, ED, "a", NOW);
	set_file(&f->files.policy, "no policy");
	publish_at(f, NOW);
	check_lines(f, "root", NULL, NOW, NULL);
	check_lines(f, "root", samples[0].fp, NOW, NULL);
	set_unreadable(&f->files.policy, "no right");
	publish_at(f, NOW);
	check_lines(f, "root", NULL, NOW, NULL);
	set_file(&f->files.policy, NULL);
	(void)strcpy(f->cfg.fleet, "project");
	publish_at(f, NOW);
	check_lines(f, "root", NULL, NOW, NULL);
	(void)strcpy(f->cfg.fleet, "none");
	publish_at(f, NOW);
	check_lines(f, "root", NULL, NOW, ED " a\n");
}

static void
test_head(void **state)
{
	struct fixture *f = *state;
	struct snapshot_head *head = &f->held.head;

	(void)strcpy(head->device, ID_A);
	head->learned_ms = 5;
	(void)hold(f, SOURCE_PROJECT, ED, "a", NOW - S);
	f->cfg.sources = SOURCE_BIT(SOURCE_PROJECT);
	f->cfg.policy_stamp = 44;
	publish_at(f, NOW);
	assert_true(head->made_ms == NOW);
	assert_true(head->due_ms == NOW + 4 * S);
	assert_true(head->config_digest == 11 && head->policy_digest == 22);
	assert_true(head->deny_digest == 33 && head->policy_stamp == 44);
	assert_int_equal(head->has, 0);
	assert_true(head->usable && !head->degraded);
	assert_string_equal(head->device, ID_A);
	assert_true(head->learned_ms == 5);
	/* One that failed, among those that count. */
	f->held.state[SOURCE_METADATA].outcome = OUTCOME_FAILED;
	f->held.state[SOURCE_METADATA].next_ms = NOW + S;
	publish_at(f, NOW);
	assert_false(head->degraded);
	f->cfg.sources |= SOURCE_BIT(SOURCE_METADATA);
	publish_at(f, NOW);
	assert_true(head->usable && head->degraded);
	assert_true(head->due_ms == NOW + S);
	/* Nothing has ever answered. */
	f->cfg.sources = SOURCE_BIT(SOURCE_METADATA);
	publish_at(f, NOW);
	assert_true(!head->usable && head->degraded);
}

/* What a policy needs beside keys makes a snapshot due and degraded too, but
 * does not make one of use. */
static void
test_head_policy(void **state)
{
	static const char members[] =
	    "{'version': 1, 'keys': {'require_member': true}}";
	struct fixture *f = *state;
	struct snapshot_head *head = &f->held.head;

	f->cfg.sources = SOURCE_BIT(SOURCE_PROJECT);
	hold_member(f, ID_A, "a@example.com", NULL, NOW - 2 * S);
	set_file(&f->files.policy, members);
	publish_at(f, NOW);
	assert_false(head->usable);
	assert_true(head->due_ms == NOW);
	(void)hold(f, SOURCE_PROJECT, ED, "a", NOW - S);
	set_file(&f->files.policy, NULL);
	publish_at(f, NOW);
	assert_true(head->usable && head->due_ms == NOW + 4 * S);
	set_file(&f->files.policy, members);
	publish_at(f, NOW);
	assert_true(head->due_ms == NOW + 3 * S);
	set_fleet(f, "{'version': 1}", NOW - 3 * S);
	publish_at(f, NOW);
	assert_true(head->due_ms == NOW + 2 * S && !head->degraded);
	f->held.state[SOURCE_FLEET].outcome = OUTCOME_FAILED;
	f->held.state[SOURCE_FLEET].next_ms = NOW + 7 * S;
	publish_at(f, NOW);
	assert_true(head->due_ms == NOW + 3 * S && head->degraded);
	f->held.state[SOURCE_FLEET].outcome = OUTCOME_UNCHANGED;
	f->held.state[SOURCE_MEMBERS].outcome = OUTCOME_FAILED;
	publish_at(f, NOW);
	assert_true(head->degraded);
}

/* All that the next fetch needs is there again. */
static void
test_round_trip(void **state)
{
	struct fixture *f = *state;
	struct holdings back;
	unsigned i;

	(void)hold(f, SOURCE_PROJECT, ED, "a", NOW);
	(void)hold(f, SOURCE_PROJECT, "ssh-dss " B64_DSA, "old", NOW);
	(void)hold(f, SOURCE_METADATA, PUTTY, "b", NOW - 5);
	(void)strcpy(f->held.state[SOURCE_PROJECT].id, ID_A);
	publish_at(f, NOW);
	holdings_load(&back, dir_of(f), geteuid());
	assert_int_equal(back.found, SNAPSHOT_OK);
	assert_true(back.size > 2048);
	assert_true(back.head.made_ms == NOW);
	for (i = 0; i < SOURCE_COUNT; i++) {
		assert_memory_equal(
		    &back.state[i], &f->held.state[i], sizeof(back.state[i]));
		if (i < SOURCE_KEYS)
			assert_int_equal(back.keys[i].n, f->held.keys[i].n);
	}
	assert_string_equal(back.keys[SOURCE_PROJECT].v[0].fp, samples[0].fp);
	assert_string_equal(back.keys[SOURCE_PROJECT].v[1].refused, "dsa");
	holdings_free(&back);
}

static void
test_publish_fails(void **state)
{
	struct fixture *f = *state;
	struct error err = {""};
	struct writer w;

	(void)hold(f, SOURCE_PROJECT, ED, "a", NOW);
	(void)scratch_dir(f->scratch, SNAPSHOT_FILE, 0755);
	assert_int_equal(writer_begin(&w, dir_of(f), 0, &err), 0);
	assert_int_equal(
	    publish(&w, &f->cfg, &f->policies, &f->held, NOW, &err), -1);
	assert_string_not_equal(err.text, "");
	assert_int_equal(w.fd, -1);
	assert_false(scratch_exists(f->scratch, WRITER_FILE));
}

static const char *const texts[] = {ED, PUTTY};

/* Files may grow to that size alone; what came of publishing then. */
static int
publish_within(struct fixture *f, rlim_t size)
{
	const struct rlimit limit = {size, RLIM_INFINITY};
	struct error err = {""};
	struct writer w;

	if (signal(SIGXFSZ, SIG_IGN) == SIG_ERR ||
	    setrlimit(RLIMIT_FSIZE, &limit) == -1 ||
	    writer_begin(&w, dir_of(f), 0, &err) == -1)
		return 3;
	if (publish(&w, &f->cfg, &f->policies, &f->held, NOW, &err) == 0)
		return 0;
	return err.text[0] == '\0' || w.fd != -1 ||
		scratch_exists(f->scratch, WRITER_FILE)
	    ? 2
	    : 1;
}

/* Wherever it ends: it is said, and the old snapshot stands. */
static void
test_publish_cut_short(void **state)
{
	struct fixture *f = *state;
	char label[32], *p;
	int r = 1, status;
	rlim_t size;
	unsigned i;
	pid_t pid;

	publish_at(f, NOW);
	for (i = 0; i < 200; i++) {
		(void)snprintf(label, sizeof(label), "key %u", i);
		p = keyset_copy(
		    &f->held.keys[SOURCE_DEVICE], label, strlen(label));
		assert_non_null(p);
		(void)hold(f, SOURCE_DEVICE, texts[i % 2], p, NOW);
	}
	for (size = 4096; r == 1; size += 1024) {
		assert_int_not_equal(pid = fork(), -1);
		if (pid == 0)
			_exit(publish_within(f, size));
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFEXITED(status));
		r = WEXITSTATUS(status);
		check_lines(f, "root", NULL, NOW,
		    r == 0 ? ED " key 0\n" PUTTY " key 1\n" : NULL);
	}
	assert_int_equal(r, 0);
	assert_true(size > 20 * 1024);
}

/* In the place of libc's, for libcdb too: one of its calls fails. */
static int writes_left = -1;

ssize_t
write(int fd, const void *data, size_t len)
{
	if (writes_left == 0) {
		writes_left = -2;
		errno = ENOSPC;
		return -1;
	}
	if (writes_left > 0)
		writes_left--;
	return (ssize_t)syscall(SYS_write, fd, data, len);
}

/* A disk that was full for a moment: what is published is never cut. */
static void
test_one_write_fails(void **state)
{
	struct fixture *f = *state;
	struct error err;
	struct writer w;
	unsigned i;
	int n, r;

	publish_at(f, NOW);
	for (i = 0; i < 200; i++)
		(void)hold(f, SOURCE_DEVICE, texts[i % 2], "x", NOW);
	for (n = 0;; n++) {
		assert_int_equal(writer_begin(&w, dir_of(f), 0, &err), 0);
		err.text[0] = '\0';
		writes_left = n;
		r = publish(&w, &f->cfg, &f->policies, &f->held, NOW, &err);
		if (writes_left != -2)
			break;
		writes_left = -1;
		assert_int_equal(r, -1);
		assert_non_null(strstr(err.text, "No space left"));
		assert_int_equal(w.fd, -1);
		assert_false(scratch_exists(f->scratch, WRITER_FILE));
		check_lines(f, "root", NULL, NOW, NULL);
	}
	writes_left = -1;
	assert_int_equal(r, 0);
	assert_true(n > 2);
	check_lines(f, "root", NULL, NOW, ED " x\n" PUTTY " x\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    publish_test(test_lines),
	    publish_test(test_stale),
	    publish_test(test_stale_in_one),
	    publish_test(test_unwanted_source),
	    publish_test(test_no_builtin),
	    publish_test(test_head),
	    publish_test(test_head_policy),
	    publish_test(test_round_trip),
	    publish_test(test_publish_fails),
	    publish_test(test_publish_cut_short),
	    publish_test(test_one_write_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
