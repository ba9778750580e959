/* SPDX-License-Identifier: ISC */
/* Publishing: whole or not at all, whatever happens on the way. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "writer_checks.h"

static void
test_published_file(void **state)
{
	const struct scratch *s = *state;
	struct stat st;
	mode_t mask;

	mask = umask(0);
	publish(s->fd, 1);
	assert_int_equal(fstatat(s->fd, SNAPSHOT_FILE, &st, 0), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0640);
	(void)umask(0777);
	publish(s->fd, 2);
	(void)umask(mask);
	assert_int_equal(fstatat(s->fd, SNAPSHOT_FILE, &st, 0), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0640);
	assert_int_equal(st.st_uid, geteuid());
	assert_int_equal(generation(s->fd), 2);
	assert_false(scratch_exists(s, WRITER_FILE));
}

/* While one is being written nobody but its owner may look, and the old one
 * stands. */
static void
test_unpublished(void **state)
{
	const struct scratch *s = *state;
	struct error err;
	struct writer w;
	struct stat st;
	mode_t mask;

	publish(s->fd, 1);
	mask = umask(0);
	assert_int_equal(writer_begin(&w, s->fd, 0, &err), 0);
	(void)umask(mask);
	assert_int_equal(fstatat(s->fd, WRITER_FILE, &st, 0), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0600);
	assert_int_equal(fcntl(w.fd, F_GETFD), FD_CLOEXEC);
	assert_int_equal(put_generation(&w, 2), 0);
	assert_int_equal(generation(s->fd), 1);
	assert_int_equal(writer_publish(&w, &err), 0);
	assert_int_equal(generation(s->fd), 2);
	writer_abandon(&w);
	assert_int_equal(generation(s->fd), 2);
}

static void
test_abandon(void **state)
{
	const struct scratch *s = *state;
	struct error err;
	struct writer w, other;

	publish(s->fd, 1);
	assert_int_equal(writer_begin(&w, s->fd, 0, &err), 0);
	writer_abandon(&w);
	assert_false(scratch_exists(s, WRITER_FILE));
	assert_int_equal(writer_begin(&w, s->fd, 0, &err), 0);
	assert_int_equal(put_generation(&w, 2), 0);
	writer_abandon(&w);
	assert_int_equal(w.fd, -1);
	assert_false(scratch_exists(s, WRITER_FILE));
	writer_abandon(&w);
	assert_int_equal(generation(s->fd), 1);
	/* One that is gone must not take another one's file away. */
	assert_int_equal(writer_begin(&other, s->fd, 0, &err), 0);
	writer_abandon(&w);
	assert_int_equal(put_generation(&other, 3), 0);
	assert_int_equal(writer_publish(&other, &err), 0);
	assert_int_equal(generation(s->fd), 3);
}

static int
killed_writer(void *ctx)
{
	const struct scratch *s = ctx;
	struct writer w;

	if (writer_begin(&w, s->fd, 100000, NULL) == -1 ||
	    put_generation(&w, 2) == -1)
		return 1;
	return kill(getpid(), SIGKILL);
}

static void
test_killed(void **state)
{
	const struct scratch *s = *state;

	publish(s->fd, 1);
	assert_int_equal(scratch_child(killed_writer, *state), -SIGKILL);
	assert_true(scratch_exists(s, WRITER_FILE));
	assert_int_equal(generation(s->fd), 1);
	publish(s->fd, 3);
	assert_int_equal(generation(s->fd), 3);
	assert_false(scratch_exists(s, WRITER_FILE));
}

/* What lies in the temporary file's place is neither followed nor kept. */
static void
test_temporary_link(void **state)
{
	const struct scratch *s = *state;
	char text[8] = "";
	struct stat st;
	int fd;

	(void)scratch_text(s, "victim", "victim", 0600);
	assert_int_equal(symlinkat("victim", s->fd, WRITER_FILE), 0);
	publish(s->fd, 1);
	assert_int_equal(linkat(s->fd, "victim", s->fd, WRITER_FILE, 0), 0);
	publish(s->fd, 2);
	assert_int_equal(generation(s->fd), 2);
	assert_int_not_equal(fd = openat(s->fd, "victim", O_RDONLY), -1);
	assert_int_equal(read(fd, text, 7), 6);
	assert_string_equal(text, "victim");
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0600);
	assert_int_equal(close(fd), 0);
}

/* A reader that has the old one open keeps it whole. */
static void
test_open_reader(void **state)
{
	const struct scratch *s = *state;
	struct snapshot snap;
	struct buf out;

	publish(s->fd, 1);
	assert_int_equal(
	    snapshot_open(&snap, s->fd, geteuid(), NULL), SNAPSHOT_OK);
	publish(s->fd, 2);
	buf_init(&out, 4096);
	assert_int_equal(
	    sample_find(&snap, "root", FP_A, 0, &out), SNAPSHOT_FOUND);
	assert_memory_equal(out.data, "generation 1\n", 13);
	buf_free(&out);
	snapshot_close(&snap);
}

struct watch {
	int dirfd, stop;
};

/* Reads until told to stop: it must never see anything but a whole one, and
 * none older than one before. */
static int
watch(const struct watch *w)
{
	unsigned reads = 0;
	int n, last = 0;
	char c;

	for (;;) {
		n = generation(w->dirfd);
		if (n < last)
			return n == -1 ? 1 : 2;
		last = n;
		reads++;
		if (read(w->stop, &c, 1) == 0)
			return reads < 10 ? 3 : 0;
	}
}

static void
test_atomic(void **state)
{
	const struct scratch *s = *state;
	int stop[2], i, status;
	pid_t pids[2];

	publish(s->fd, 1);
	assert_int_equal(pipe2(stop, O_NONBLOCK | O_CLOEXEC), 0);
	for (i = 0; i < 2; i++) {
		assert_int_not_equal(pids[i] = fork(), -1);
		if (pids[i] == 0) {
			(void)close(stop[1]);
			_exit(watch(&(struct watch){s->fd, stop[0]}));
		}
	}
	for (i = 2; i < 200; i++)
		publish(s->fd, (unsigned)i);
	assert_int_equal(close(stop[1]), 0);
	assert_int_equal(close(stop[0]), 0);
	for (i = 0; i < 2; i++) {
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	assert_int_equal(generation(s->fd), 199);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    scratch_test(test_published_file),
	    scratch_test(test_unpublished),
	    scratch_test(test_abandon),
	    scratch_test(test_killed),
	    scratch_test(test_temporary_link),
	    scratch_test(test_open_reader),
	    scratch_test(test_atomic),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
