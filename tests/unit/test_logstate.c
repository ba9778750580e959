/* SPDX-License-Identifier: ISC */
/* The log's state on disk: judged, never waited for, made anew if odd. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/file.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "cache/logstate.h"
#include "scratch.h"

#define NOW INT64_C(1750000000000)

static void
must_open(const struct scratch *s, struct logstate *l)
{
	assert_int_equal(logstate_open(l, s->fd, geteuid()), 0);
}

static struct throttle_slot *
slot_of(struct logstate *l, uint64_t key)
{
	struct throttle_slot gone;

	return throttle_find(&l->table, THROTTLE_REFUSAL, key, NOW, &gone);
}

/* Notes a held line of key. */
static int
hold(const struct scratch *s, uint64_t key)
{
	struct logstate l;
	struct throttle_slot *slot;
	int r;

	if (logstate_open(&l, s->fd, geteuid()) == -1)
		return -1;
	slot = slot_of(&l, key);
	throttle_hold(slot, "code", "text", NOW);
	r = logstate_save(&l, slot);
	logstate_close(&l);
	return r;
}

static unsigned
held(const struct scratch *s, uint64_t key)
{
	struct logstate l;
	unsigned n;

	must_open(s, &l);
	n = slot_of(&l, key)->held;
	logstate_close(&l);
	return n;
}

static void
test_keeps(void **state)
{
	const struct scratch *s = *state;
	struct stat st;
	mode_t mask = umask(0);
	int i;

	for (i = 0; i < 3; i++)
		assert_int_equal(hold(s, 7), 0);
	(void)umask(mask);
	assert_int_equal(hold(s, 8), 0);
	assert_int_equal(held(s, 7), 3);
	assert_int_equal(held(s, 8), 1);
	assert_int_equal(fstatat(s->fd, LOGSTATE_FILE, &st, 0), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0600);
	assert_true((size_t)st.st_size <= sizeof(struct throttle));
}

/* Whatever is in its place goes, and counts for nothing. */
static void
test_odd(void **state)
{
	static const mode_t modes[] = {0640, 0604, 0660, 0606, 0610, 0777};
	static char big[sizeof(struct throttle) + 1];
	const struct scratch *s = *state;
	struct stat st;
	size_t i;

	for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		assert_int_equal(hold(s, 7), 0);
		assert_int_equal(
		    fchmodat(s->fd, LOGSTATE_FILE, modes[i], 0), 0);
		assert_int_equal(held(s, 7), 0);
		assert_int_equal(fstatat(s->fd, LOGSTATE_FILE, &st, 0), 0);
		assert_int_equal(st.st_mode, S_IFREG | 0600);
	}
	assert_int_equal(hold(s, 7), 0);
	assert_int_equal(linkat(s->fd, LOGSTATE_FILE, s->fd, "second", 0), 0);
	assert_int_equal(held(s, 7), 0);
	(void)scratch_file(s, LOGSTATE_FILE, big, sizeof(big), 0600);
	assert_int_equal(hold(s, 7), 0);
	assert_int_equal(held(s, 7), 1);
	(void)unlinkat(s->fd, LOGSTATE_FILE, 0);
	assert_int_equal(symlinkat("elsewhere", s->fd, LOGSTATE_FILE), 0);
	assert_int_equal(hold(s, 7), 0);
	assert_false(scratch_exists(s, "elsewhere"));
	assert_int_equal(held(s, 7), 1);
	(void)unlinkat(s->fd, LOGSTATE_FILE, 0);
	assert_int_equal(mkfifoat(s->fd, LOGSTATE_FILE, 0600), 0);
	assert_int_equal(hold(s, 7), 0);
	assert_int_equal(held(s, 7), 1);
	(void)unlinkat(s->fd, LOGSTATE_FILE, 0);
	(void)scratch_dir(s, LOGSTATE_FILE, 0700);
	assert_int_equal(hold(s, 7), -1);
}

static void
test_stranger(void **state)
{
	const struct scratch *s = *state;
	struct logstate l;

	/* Who isn't the owner leaves nothing behind. */
	assert_int_equal(logstate_open(&l, s->fd, geteuid() + 1), -1);
	assert_int_equal(logstate_open(&l, -1, geteuid()), -1);
	logstate_close(&l);
	assert_false(scratch_exists(s, LOGSTATE_FILE));
	if (geteuid() != 0)
		skip();
	assert_int_equal(hold(s, 7), 0);
	assert_int_equal(
	    fchownat(s->fd, LOGSTATE_FILE, SCRATCH_UID, SCRATCH_GID, 0), 0);
	assert_int_equal(held(s, 7), 0);
}

/* Cut anywhere, and bytes by chance: what is whole counts, the rest is
 * empty. */
static void
test_damage(void **state)
{
	const struct scratch *s = *state;
	struct logstate l;
	struct throttle_slot *slot;
	unsigned char *p;
	size_t i, at;
	int fd;

	assert_int_equal(hold(s, 7), 0);
	must_open(s, &l);
	slot = slot_of(&l, 7);
	at = (size_t)((char *)slot - (char *)&l.table);
	fd = openat(s->fd, LOGSTATE_FILE, O_RDWR | O_CLOEXEC);
	assert_int_not_equal(fd, -1);
	for (i = 0; i < sizeof(*slot); i++) {
		p = (unsigned char *)slot + i;
		*p ^= 0x5a;
		assert_int_equal(
		    pwrite(fd, slot, sizeof(*slot), (off_t)at), sizeof(*slot));
		*p ^= 0x5a;
		assert_int_equal(held(s, 7), 0);
	}
	assert_int_equal(
	    pwrite(fd, slot, sizeof(*slot), (off_t)at), sizeof(*slot));
	assert_int_equal(held(s, 7), 1);
	for (i = 0; i < sizeof(*slot); i++) {
		assert_int_equal(ftruncate(fd, (off_t)(at + i)), 0);
		assert_int_equal(held(s, 7), 0);
	}
	assert_int_equal(close(fd), 0);
	logstate_close(&l);
}

/* Somebody has it and has been stopped: it is read and written all the
 * same, at once. */
static void
test_held_lock(void **state)
{
	const struct scratch *s = *state;
	int64_t start;
	int fd;

	assert_int_equal(hold(s, 7), 0);
	fd = openat(s->fd, LOGSTATE_FILE, O_RDWR | O_CLOEXEC);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	start = clock_mono_ms();
	assert_int_equal(hold(s, 7), 0);
	assert_in_range(clock_mono_ms() - start, 0, 1000);
	assert_int_equal(held(s, 7), 2);
	assert_int_equal(close(fd), 0);
}

/* Several at a time: nothing is counted that was not, and little is lost. */
static int
hold_many(const struct scratch *s)
{
	int i;

	for (i = 0; i < 100; i++) {
		if (hold(s, 7) == -1)
			return 1;
	}
	return 0;
}

static void
test_together(void **state)
{
	const struct scratch *s = *state;
	pid_t pids[4];
	int i, status;

	for (i = 0; i < 4; i++) {
		assert_int_not_equal(pids[i] = fork(), -1);
		if (pids[i] == 0)
			_exit(hold_many(s));
	}
	for (i = 0; i < 4; i++) {
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	assert_in_range(held(s, 7), 100, 400);
}

/* Where files may not grow: no state, no death. */
static int
no_room(void *ctx)
{
	const struct rlimit none = {0, 0};

	if (setrlimit(RLIMIT_FSIZE, &none) == -1)
		return 77;
	return hold(ctx, 7) == -1 ? 0 : 1;
}

static void
test_no_room(void **state)
{
	assert_int_equal(scratch_child(no_room, *state), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    scratch_test(test_keeps),
	    scratch_test(test_odd),
	    scratch_test(test_stranger),
	    scratch_test(test_damage),
	    scratch_test(test_held_lock),
	    scratch_test(test_together),
	    scratch_test(test_no_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
