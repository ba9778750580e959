/* SPDX-License-Identifier: ISC */
/* One fetch at a time, whatever becomes of whoever makes it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/mount.h>
#include <sys/prctl.h>

#include <limits.h>
#include <sched.h>
#include <time.h>

#include "base/clock.h"
#include "cache/flight.h"
#include "scratch.h"

static int
open_lock(const struct scratch *s)
{
	struct error err = {""};
	int fd = flight_open(s->fd, &err);

	if (fd == -1)
		fail_msg("%s", err.text);
	return fd;
}

static void
test_open(void **state)
{
	const struct scratch *s = *state;
	struct stat st;
	mode_t mask;
	int fd;

	mask = umask(0);
	fd = open_lock(s);
	(void)umask(mask);
	assert_int_equal(fstatat(s->fd, FLIGHT_FILE, &st, 0), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0600);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	assert_int_equal(close(fd), 0);
	fd = open_lock(s);
	assert_int_equal(close(fd), 0);
}

/* A file that others may open is one that others may lock for good. */
static void
test_open_modes(void **state)
{
	static const mode_t bad[] = {0640, 0604, 0660, 0606, 0610, 0601, 0666};
	const struct scratch *s = *state;
	struct error err;
	size_t i;
	int fd;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		(void)scratch_text(s, FLIGHT_FILE, "", bad[i]);
		err.text[0] = '\0';
		assert_int_equal(flight_open(s->fd, &err), -1);
		assert_non_null(strstr(err.text, "mode 0600"));
	}
	(void)scratch_text(s, FLIGHT_FILE, "", 0600);
	fd = open_lock(s);
	assert_int_equal(close(fd), 0);
}

/* None is followed, made or waited for. */
static void
test_open_no_file(void **state)
{
	const struct scratch *s = *state;
	struct error err = {""};

	assert_int_equal(symlinkat("elsewhere", s->fd, FLIGHT_FILE), 0);
	assert_int_equal(flight_open(s->fd, &err), -1);
	assert_non_null(strstr(err.text, FLIGHT_FILE));
	assert_false(scratch_exists(s, "elsewhere"));
	assert_int_equal(unlinkat(s->fd, FLIGHT_FILE, 0), 0);
	assert_int_equal(mkfifoat(s->fd, FLIGHT_FILE, 0600), 0);
	assert_int_equal(flight_open(s->fd, &err), -1);
	assert_non_null(strstr(err.text, "regular file"));
	assert_int_equal(unlinkat(s->fd, FLIGHT_FILE, 0), 0);
	(void)scratch_dir(s, FLIGHT_FILE, 0700);
	err.text[0] = '\0';
	assert_int_equal(flight_open(s->fd, &err), -1);
	assert_string_not_equal(err.text, "");
	assert_int_equal(flight_open(-1, &err), -1);
	assert_int_equal(flight_open(-1, NULL), -1);
}

static void
test_try(void **state)
{
	const struct scratch *s = *state;
	struct error err;
	int a, b;

	a = open_lock(s);
	b = open_lock(s);
	assert_int_equal(flight_try(a, &err), FLIGHT_LEADER);
	assert_int_equal(flight_try(b, &err), FLIGHT_BUSY);
	/* Once more by its holder: still its own. */
	assert_int_equal(flight_try(a, &err), FLIGHT_LEADER);
	assert_int_equal(flight_try(b, &err), FLIGHT_BUSY);
	assert_int_equal(close(a), 0);
	assert_int_equal(flight_try(b, &err), FLIGHT_LEADER);
	assert_int_equal(close(b), 0);
	err.text[0] = '\0';
	assert_int_equal(flight_try(-1, &err), FLIGHT_ERROR);
	assert_non_null(strstr(err.text, "cannot lock"));
	assert_int_equal(flight_wait(-1, INT64_MAX, &err), FLIGHT_ERROR);
}

/* Each child counts up in a file, one read and one write apart. */
static int
count_up(void *ctx)
{
	const struct scratch *s = ctx;
	const struct timespec pause = {0, 100 * 1000};
	int i, n, fd, lock;

	for (i = 0; i < 20; i++) {
		if ((lock = flight_open(s->fd, NULL)) == -1 ||
		    flight_wait(lock, clock_mono_ms() + 60000, NULL) !=
			FLIGHT_LEADER)
			return 1;
		fd = openat(s->fd, "count", O_RDWR | O_CLOEXEC);
		if (fd == -1 || pread(fd, &n, sizeof(n), 0) != sizeof(n))
			return 2;
		(void)nanosleep(&pause, NULL);
		n++;
		if (pwrite(fd, &n, sizeof(n), 0) != sizeof(n))
			return 3;
		(void)close(fd);
		(void)close(lock);
	}
	return 0;
}

static void
test_exclusion(void **state)
{
	const struct scratch *s = *state;
	int n = 0, i, fd, status;
	pid_t pids[5];

	(void)scratch_file(s, "count", &n, sizeof(n), 0600);
	for (i = 0; i < 5; i++) {
		assert_int_not_equal(pids[i] = fork(), -1);
		if (pids[i] == 0)
			_exit(count_up(*state));
	}
	for (i = 0; i < 5; i++) {
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	assert_int_not_equal(fd = openat(s->fd, "count", O_RDONLY), -1);
	assert_int_equal(read(fd, &n, sizeof(n)), sizeof(n));
	assert_int_equal(n, 100);
	assert_int_equal(close(fd), 0);
}

/* A child that holds the lock (once this returns) until it is killed. */
static pid_t
start_holder(const struct scratch *s)
{
	int ready[2], fd;
	pid_t pid;
	char c;

	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	assert_int_not_equal(pid = fork(), -1);
	if (pid == 0) {
		/* Not longer than this test, should it fail. */
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		if ((fd = flight_open(s->fd, NULL)) == -1 ||
		    flight_try(fd, NULL) != FLIGHT_LEADER ||
		    write(ready[1], "x", 1) != 1)
			_exit(1);
		for (;;)
			(void)pause();
	}
	assert_int_equal(close(ready[1]), 0);
	assert_int_equal(read(ready[0], &c, 1), 1);
	assert_int_equal(close(ready[0]), 0);
	return pid;
}

static void
test_killed_holder(void **state)
{
	const struct scratch *s = *state;
	struct error err;
	pid_t pid;
	int fd;

	pid = start_holder(s);
	fd = open_lock(s);
	assert_int_equal(flight_try(fd, &err), FLIGHT_BUSY);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(
	    flight_wait(fd, clock_mono_ms() + 60000, &err), FLIGHT_LEADER);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(close(fd), 0);
}

/* The program that a login starts keeps it when the login has ended. */
static void
test_inherited(void **state)
{
	const struct scratch *s = *state;
	struct error err;
	int fd, other, hold[2];
	pid_t pid;
	char c;

	assert_int_equal(pipe2(hold, O_CLOEXEC), 0);
	fd = open_lock(s);
	assert_int_equal(flight_try(fd, &err), FLIGHT_LEADER);
	assert_int_not_equal(pid = fork(), -1);
	if (pid == 0) {
		(void)close(hold[1]);
		_exit(read(hold[0], &c, 1) != 0);
	}
	assert_int_equal(close(fd), 0);
	other = open_lock(s);
	assert_int_equal(flight_try(other, &err), FLIGHT_BUSY);
	assert_int_equal(close(hold[1]), 0);
	assert_int_equal(
	    flight_wait(other, clock_mono_ms() + 60000, &err), FLIGHT_LEADER);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(close(other), 0);
	assert_int_equal(close(hold[0]), 0);
}

static void
test_deadline(void **state)
{
	const struct scratch *s = *state;
	struct error err;
	int64_t start;
	int a, b;

	a = open_lock(s);
	b = open_lock(s);
	/* A free lock is taken whatever the time is. */
	assert_int_equal(
	    flight_wait(a, clock_mono_ms() - 1000, &err), FLIGHT_LEADER);
	start = clock_mono_ms();
	assert_int_equal(flight_wait(b, start + 100, &err), FLIGHT_BUSY);
	assert_in_range(clock_mono_ms() - start, 100, 5000);
	start = clock_mono_ms();
	assert_int_equal(flight_wait(b, start - 1, &err), FLIGHT_BUSY);
	assert_int_equal(flight_wait(b, 0, &err), FLIGHT_BUSY);
	assert_in_range(clock_mono_ms() - start, 0, 5000);
	assert_int_equal(close(a), 0);
	assert_int_equal(close(b), 0);
}

static void
test_check(void **state)
{
	const struct scratch *s = *state;
	struct error err = {""};
	int fd, other;

	fd = open_lock(s);
	assert_int_equal(fcntl(fd, F_SETFD, 0), 0);
	assert_int_equal(flight_check(fd, s->fd, &err), 0);
	/* It was inherited, and goes no further. */
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	(void)scratch_text(s, "other", "", 0600);
	other = openat(s->fd, "other", O_RDWR | O_CLOEXEC);
	assert_int_not_equal(other, -1);
	assert_int_equal(flight_check(other, s->fd, &err), -1);
	assert_non_null(strstr(err.text, "is not " FLIGHT_FILE));
	assert_int_equal(flight_check(s->fd, s->fd, &err), -1);
	assert_int_equal(flight_check(-1, s->fd, &err), -1);
	assert_non_null(strstr(err.text, "inherited lock"));
	assert_int_equal(flight_check(fd, -1, &err), -1);
	/* The name leads to another file by now, or nowhere. */
	assert_int_equal(unlinkat(s->fd, FLIGHT_FILE, 0), 0);
	assert_int_equal(flight_check(fd, s->fd, &err), -1);
	assert_int_equal(close(open_lock(s)), 0);
	assert_int_equal(flight_check(fd, s->fd, &err), -1);
	assert_int_equal(unlinkat(s->fd, FLIGHT_FILE, 0), 0);
	assert_int_equal(symlinkat("other", s->fd, FLIGHT_FILE), 0);
	assert_int_equal(flight_check(other, s->fd, &err), -1);
	assert_int_equal(close(fd), 0);
	assert_int_equal(close(other), 0);
}

/* On a file system that can't be written; 77 where none can be mounted. */
static int
read_only(void *ctx)
{
	const struct scratch *s = ctx;
	int dir, a, b;

	if (unshare(CLONE_NEWNS) == -1 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == -1 ||
	    mount("none", s->dir, "tmpfs", 0, "size=64k") == -1)
		return 77;
	if ((dir = open(s->dir, O_RDONLY | O_DIRECTORY)) == -1 ||
	    (a = flight_open(dir, NULL)) == -1)
		return 1;
	(void)close(a);
	if (mount("none", s->dir, "tmpfs", MS_REMOUNT | MS_RDONLY,
		"size=64k") == -1)
		return 77;
	if ((a = flight_open(dir, NULL)) == -1 ||
	    (b = flight_open(dir, NULL)) == -1)
		return 2;
	if (flight_try(a, NULL) != FLIGHT_LEADER ||
	    flight_try(b, NULL) != FLIGHT_BUSY)
		return 3;
	return 0;
}

static void
test_read_only(void **state)
{
	int r = scratch_child(read_only, *state);

	if (r == 77)
		skip();
	assert_int_equal(r, 0);
}

static void
test_clock(void **state)
{
	int64_t now = clock_mono_ms();

	(void)state;
	assert_int_equal(clock_left_ms(now), 0);
	assert_int_equal(clock_left_ms(now - 1), 0);
	assert_int_equal(clock_left_ms(0), 0);
	assert_in_range(clock_left_ms(now + 100000), 90000, 100000);
	assert_int_equal(
	    clock_left_ms(now + INT64_C(1) * INT_MAX * 2), INT_MAX);
	assert_int_equal(clock_left_ms(INT64_MAX), INT_MAX);
	assert_true(clock_mono_ms() >= now);
	now = (int64_t)time(NULL) * 1000;
	assert_true(
	    clock_wall_ms() >= now - 2000 && clock_wall_ms() <= now + 60000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    scratch_test(test_open),
	    scratch_test(test_open_modes),
	    scratch_test(test_open_no_file),
	    scratch_test(test_try),
	    scratch_test(test_exclusion),
	    scratch_test(test_killed_holder),
	    scratch_test(test_inherited),
	    scratch_test(test_deadline),
	    scratch_test(test_check),
	    scratch_test(test_read_only),
	    cmocka_unit_test(test_clock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
