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

#include "cmd/publish.h"
#include "pubkey_samples.h"
#include "snapshot_sample.h"

#define NOW INT64_C(1750000000000)
#define S INT64_C(1000)
#define ID_A "0a1b2c3d-4e5f-6789-abcd-ef0123456789"
#define ED "ssh-ed25519 " B64_ED25519
#define PUTTY "ssh-ed25519 " B64_PUTTY25519
#define ALL (SOURCE_BIT(SOURCE_COUNT) - 1)

struct fixture {
	void *scratch;
	struct holdings held;
	struct config cfg;
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	unsigned i;

	if (f == NULL || scratch_setup(&f->scratch) == -1)
		return -1;
	for (i = 0; i < SOURCE_COUNT; i++)
		keyset_init(&f->held.keys[i]);
	f->cfg = (struct config){.sources = ALL,
	    .fresh_ms = 5 * S,
	    .stale_ms = 100 * S,
	    .retry_ms = 10 * S,
	    .fleet = "none",
	    .device = "auto",
	    .project = "auto",
	    .digest = 11,
	    .policy_digest = 22};
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;
	int r = scratch_teardown(&f->scratch);

	holdings_free(&f->held);
	free(f);
	return r;
}

static int
dir_of(const struct fixture *f)
{
	return ((const struct scratch *)f->scratch)->fd;
}

/* Gives the source one more key, last confirmed at that time. */
static void
hold(struct fixture *f, enum source src, const char *text, const char *label,
    int64_t checked)
{
	struct source_state *st = &f->held.state[src];
	struct keyset *ks = &f->held.keys[src];
	struct keyrec *rec;

	assert_non_null(rec = keyset_add(ks));
	rec->label = label;
	rec->text = text;
	rec->textlen = strlen(text);
	assert_int_equal(pubkey_check_record(ks, rec), 0);
	st->outcome = OUTCOME_NEW;
	st->checked_ms = st->asked_ms = checked;
	(void)strcpy(st->etag, "\"x\"");
	if (rec->refused == NULL)
		st->keys++;
	else
		st->refused++;
}

static void
publish_at(struct fixture *f, int64_t now)
{
	struct error err = {""};
	struct writer w;

	assert_int_equal(writer_begin(&w, dir_of(f), 0, &err), 0);
	if (publish(&w, &f->cfg, &f->held, now, &err) == -1)
		fail_msg("%s", err.text);
	assert_int_equal(w.fd, -1);
}

/* What USER gets at that time; NULL: nothing. */
static void
check_lines(const struct fixture *f, const char *user, const char *fp,
    int64_t now, const char *want)
{
	enum snapshot_find r;
	struct snapshot s;
	struct buf out;

	buf_init(&out, 65536);
	assert_int_equal(
	    snapshot_open(&s, dir_of(f), geteuid(), NULL), SNAPSHOT_OK);
	r = fp == NULL ? snapshot_find_user(&s, user, now, &out)
		       : snapshot_find_key(&s, user, fp, now, &out);
	snapshot_close(&s);
	assert_int_equal(r, want == NULL ? SNAPSHOT_NOT_FOUND : SNAPSHOT_FOUND);
	(void)buf_putc(&out, '\0');
	assert_string_equal((char *)out.data, want == NULL ? "" : want);
	buf_free(&out);
}

static void
test_lines(void **state)
{
	struct fixture *f = *state;

	hold(f, SOURCE_PROJECT, ED, "laptop", NOW);
	hold(f, SOURCE_PROJECT, "ssh-dss " B64_DSA, "old", NOW);
	hold(f, SOURCE_PERSONAL, PUTTY, "putty", NOW);
	hold(f, SOURCE_PERSONAL, ED, "same", NOW);
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

	hold(f, SOURCE_PROJECT, ED, "young", NOW - 10 * S);
	hold(f, SOURCE_PERSONAL, PUTTY, "old", NOW - 99 * S);
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

	hold(f, SOURCE_DEVICE, ED, "a", NOW - 200 * S);
	hold(f, SOURCE_PROJECT, ED, "b", NOW);
	publish_at(f, NOW);
	check_lines(f, "root", samples[0].fp, NOW + 99 * S, ED " a\n");
	check_lines(f, "root", samples[0].fp, NOW + 100 * S, NULL);
}

static void
test_unwanted_source(void **state)
{
	struct fixture *f = *state;

	hold(f, SOURCE_PROJECT, ED, "a", NOW);
	hold(f, SOURCE_PERSONAL, PUTTY, "b", NOW);
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

	hold(f, SOURCE_PROJECT, ED, "a", NOW);
	f->cfg.policy_exists = true;
	publish_at(f, NOW);
	check_lines(f, "root", NULL, NOW, NULL);
	check_lines(f, "root", samples[0].fp, NOW, NULL);
	f->cfg.policy_exists = false;
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
	hold(f, SOURCE_PROJECT, ED, "a", NOW - S);
	f->cfg.sources = SOURCE_BIT(SOURCE_PROJECT);
	publish_at(f, NOW);
	assert_true(head->made_ms == NOW);
	assert_true(head->due_ms == NOW + 4 * S);
	assert_true(head->config_digest == 11 && head->policy_digest == 22);
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

/* All that the next fetch needs is there again. */
static void
test_round_trip(void **state)
{
	struct fixture *f = *state;
	struct holdings back;
	unsigned i;

	hold(f, SOURCE_PROJECT, ED, "a", NOW);
	hold(f, SOURCE_PROJECT, "ssh-dss " B64_DSA, "old", NOW);
	hold(f, SOURCE_METADATA, PUTTY, "b", NOW - 5);
	(void)strcpy(f->held.state[SOURCE_PROJECT].id, ID_A);
	publish_at(f, NOW);
	holdings_load(&back, dir_of(f), geteuid());
	assert_int_equal(back.found, SNAPSHOT_OK);
	assert_true(back.size > 2048);
	assert_true(back.head.made_ms == NOW);
	for (i = 0; i < SOURCE_COUNT; i++) {
		assert_memory_equal(
		    &back.state[i], &f->held.state[i], sizeof(back.state[i]));
		assert_int_equal(back.keys[i].n, f->held.keys[i].n);
	}
	assert_string_equal(back.keys[SOURCE_PROJECT].v[0].fp, samples[0].fp);
	assert_string_equal(back.keys[SOURCE_PROJECT].v[1].refused, "dsa");
	holdings_free(&back);
}

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
	holdings_free(&h);
	(void)scratch_text(f->scratch, SNAPSHOT_FILE, "x", 0600);
	holdings_load(&h, dir_of(f), geteuid());
	assert_int_equal(h.found, SNAPSHOT_BAD);
	assert_string_not_equal(h.why.text, "");
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

/* Whether the project's records are still there under that setting. */
static bool
matches(struct fixture *f, const char *setting, const char *id)
{
	bool kept;

	holdings_forget(&f->held, SOURCE_PROJECT);
	hold(f, SOURCE_PROJECT, ED, "a", NOW);
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

	for (i = 0; i < SOURCE_COUNT; i++)
		hold(f, i, ED, "a", NOW);
	(void)strcpy(f->held.state[SOURCE_DEVICE].id, ID_A);
	(void)strcpy(f->held.state[SOURCE_PROJECT].id, ID_A);
	(void)strcpy(f->held.state[SOURCE_METADATA].id, ID_A);
	holdings_match(&f->held, &f->cfg);
	for (i = 0; i < SOURCE_COUNT; i++)
		assert_int_equal(f->held.keys[i].n, 1);
	(void)strcpy(f->cfg.device, "none");
	holdings_match(&f->held, &f->cfg);
	for (i = 0; i < SOURCE_COUNT; i++)
		assert_int_equal(f->held.keys[i].n, i != SOURCE_DEVICE);
	f->cfg.sources = SOURCE_BIT(SOURCE_METADATA);
	holdings_match(&f->held, &f->cfg);
	for (i = 0; i < SOURCE_COUNT; i++)
		assert_int_equal(f->held.keys[i].n, i == SOURCE_METADATA);
}

static void
test_publish_fails(void **state)
{
	struct fixture *f = *state;
	struct error err = {""};
	struct writer w;

	hold(f, SOURCE_PROJECT, ED, "a", NOW);
	(void)scratch_dir(f->scratch, SNAPSHOT_FILE, 0755);
	assert_int_equal(writer_begin(&w, dir_of(f), 0, &err), 0);
	assert_int_equal(publish(&w, &f->cfg, &f->held, NOW, &err), -1);
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
	if (publish(&w, &f->cfg, &f->held, NOW, &err) == 0)
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
		hold(f, SOURCE_DEVICE, texts[i % 2], p, NOW);
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
		hold(f, SOURCE_DEVICE, texts[i % 2], "x", NOW);
	for (n = 0;; n++) {
		assert_int_equal(writer_begin(&w, dir_of(f), 0, &err), 0);
		err.text[0] = '\0';
		writes_left = n;
		r = publish(&w, &f->cfg, &f->held, NOW, &err);
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

#define publish_test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

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
	    publish_test(test_round_trip),
	    publish_test(test_load_nothing),
	    publish_test(test_load_halves),
	    publish_test(test_match),
	    publish_test(test_match_others),
	    publish_test(test_publish_fails),
	    publish_test(test_publish_cut_short),
	    publish_test(test_one_write_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
