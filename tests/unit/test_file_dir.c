/* SPDX-License-Identifier: ISC */
/* Folders above a file, folders as such, and writing whole. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/time.h>

#include <errno.h>
#include <time.h>

#include "base/file.h"
#include "scratch.h"

#define MAX 5000

/* Whoever may write to a folder may swap what lies in it. */
static void
test_parent_modes(void **state)
{
	static const struct {
		mode_t mode;
		enum file_result want;
	} cases[] = {{0755, FILE_OK}, {0700, FILE_OK}, {0775, FILE_ERROR},
	    {0757, FILE_ERROR}, {0777, FILE_ERROR}, {0720, FILE_ERROR},
	    {01777, FILE_OK}, {01775, FILE_OK}};
	const struct scratch *s = *state;
	const char *path;
	size_t i;

	(void)scratch_dir(s, "a", 0755);
	(void)scratch_dir(s, "a/b", 0755);
	path = scratch_text(s, "a/b/f", "x", 0644);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct error err = {""};
		struct buf out;

		buf_init(&out, MAX + 1);
		assert_int_equal(fchmodat(s->fd, "a/b", cases[i].mode, 0), 0);
		assert_int_equal(file_read(path, FILE_PUBLIC, MAX, &out, &err),
		    cases[i].want);
		assert_int_equal(fchmodat(s->fd, "a/b", 0755, 0), 0);
		assert_int_equal(fchmodat(s->fd, "a", cases[i].mode, 0), 0);
		assert_int_equal(file_read(path, FILE_PUBLIC, MAX, &out, &err),
		    cases[i].want);
		if (cases[i].want == FILE_ERROR)
			assert_non_null(strstr(err.text, "/a may be written"));
		assert_int_equal(fchmodat(s->fd, "a", 0755, 0), 0);
		buf_free(&out);
	}
}

static void
test_parent_owner(void **state)
{
	const struct scratch *s = *state;
	const char *path, *dir;
	struct error err;

	if (geteuid() != 0)
		skip();
	dir = scratch_dir(s, "a", 0755);
	(void)scratch_dir(s, "a/b", 0755);
	path = scratch_text(s, "a/b/f", "x", 0644);
	assert_int_equal(file_parents_ok(path, (uid_t)-1, &err), 0);
	assert_int_equal(chown(dir, SCRATCH_UID, 0), 0);
	assert_int_equal(file_parents_ok(path, (uid_t)-1, &err), -1);
	assert_non_null(strstr(err.text, "belongs to uid 47321"));
	assert_int_equal(file_parents_ok(path, SCRATCH_UID, &err), 0);
	assert_int_equal(file_parents_ok(path, SCRATCH_UID + 1, &err), -1);
	/* Sticky or not: the folder's owner may rename all that is in it. */
	assert_int_equal(chmod(dir, 01777), 0);
	assert_int_equal(file_parents_ok(path, (uid_t)-1, &err), -1);
	/* The uid that stands for "nobody else" is never an owner. */
	assert_int_equal(chown(dir, 0, 0), 0);
	assert_int_equal(file_parents_ok(path, (uid_t)-1, &err), 0);
}

static void
test_parents_of_odd_paths(void **state)
{
	const struct scratch *s = *state;
	char deep[SCRATCH_PATH];
	struct error err;
	int cwd;

	(void)scratch_dir(s, "good", 0755);
	(void)scratch_dir(s, "bad", 0755);
	(void)scratch_text(s, "good/f", "x", 0644);
	(void)scratch_text(s, "bad/f", "x", 0644);
	assert_int_equal(fchmodat(s->fd, "bad", 0777, 0), 0);
	assert_int_equal(
	    file_parents_ok(scratch_path(s, "good//f"), 0, &err), 0);
	assert_int_equal(
	    file_parents_ok(scratch_path(s, "good/./f"), 0, &err), 0);
	assert_int_equal(
	    file_parents_ok(scratch_path(s, "bad//f"), 0, &err), -1);
	/* The way through a bad folder, or out of one. */
	assert_int_equal(
	    file_parents_ok(scratch_path(s, "good/../bad/f"), 0, &err), -1);
	assert_int_equal(file_parents_ok(scratch_path(s, "none"), 0, &err), -1);
	assert_int_equal(
	    file_parents_ok(scratch_path(s, "none/f"), 0, &err), -1);
	assert_int_equal(file_parents_ok("/", 0, &err), 0);
	/* Too long for the short way round. */
	(void)snprintf(deep, sizeof(deep), "%s", s->dir);
	while (strlen(deep) < SCRATCH_PATH - 20)
		(void)strcat(deep, "/.");
	(void)strcat(deep, "/good/f");
	assert_int_equal(file_parents_ok(deep, 0, &err), 0);
	(void)strcpy(strrchr(deep, 'g'), "bad/f");
	assert_int_equal(file_parents_ok(deep, 0, &err), -1);
	/* Relative ones. */
	cwd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_not_equal(cwd, -1);
	assert_int_equal(fchdir(s->fd), 0);
	assert_int_equal(file_parents_ok("good/f", 0, &err), 0);
	assert_int_equal(file_parents_ok("bad/f", 0, &err), -1);
	assert_int_equal(fchdir(cwd), 0);
	assert_int_equal(close(cwd), 0);
}

static void
check_dir(const char *path, const char *words)
{
	unsigned fds = scratch_fds();
	struct error err = {""};
	uid_t uid = SCRATCH_UID;
	gid_t gid = SCRATCH_GID;
	int fd = file_open_dir(path, &uid, &gid, &err);

	if (words == NULL) {
		if (fd == -1)
			fail_msg("%s", err.text);
		assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
		assert_int_equal(close(fd), 0);
	} else {
		assert_int_equal(fd, -1);
		if (strstr(err.text, words) == NULL)
			fail_msg("\"%s\" has no \"%s\"", err.text, words);
	}
	assert_int_equal(scratch_fds(), fds);
}

static void
test_dir(void **state)
{
	const struct scratch *s = *state;
	struct error err;
	struct stat st;
	uid_t uid;
	gid_t gid;
	int fd;

	fd = file_open_dir(scratch_dir(s, "d", 0750), &uid, &gid, &err);
	assert_int_not_equal(fd, -1);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(uid, st.st_uid);
	assert_int_equal(gid, st.st_gid);
	assert_int_equal(close(fd), 0);
	check_dir(scratch_path(s, "none"), "No such file");
	check_dir(scratch_text(s, "f", "x", 0644), "Not a directory");
	assert_int_equal(mkfifoat(s->fd, "fifo", 0600), 0);
	check_dir(scratch_path(s, "fifo"), "Not a directory");
	check_dir(scratch_dir(s, "g", 0770),
	    "may be written to by others (mode 770): chmod go-w");
	check_dir(scratch_dir(s, "o", 0707), "may be written to by others");
	/* Sticky is enough above the folder, but not for the folder. */
	check_dir(scratch_dir(s, "t", 01777), "may be written to by others");
	check_dir(scratch_dir(s, "t/in", 0755), NULL);
	check_dir(scratch_dir(s, "g/in", 0755), "may be written to by others");
}

static void
test_dir_owner(void **state)
{
	const struct scratch *s = *state;
	const char *dir, *inner;
	struct error err;
	uid_t uid = 0;
	gid_t gid = 0;
	int fd;

	if (geteuid() != 0)
		skip();
	dir = scratch_dir(s, "a", 0755);
	inner = scratch_dir(s, "a/b", 0755);
	assert_int_equal(chown(inner, SCRATCH_UID, SCRATCH_GID), 0);
	fd = file_open_dir(inner, &uid, &gid, &err);
	assert_int_not_equal(fd, -1);
	assert_int_equal(uid, SCRATCH_UID);
	assert_int_equal(gid, SCRATCH_GID);
	assert_int_equal(close(fd), 0);
	/* Its own owner may hold the folder above, a third may not. */
	assert_int_equal(chown(dir, SCRATCH_UID, SCRATCH_GID), 0);
	check_dir(inner, NULL);
	assert_int_equal(chown(dir, SCRATCH_UID + 1, SCRATCH_GID), 0);
	check_dir(inner, "belongs to uid 47322");
}

struct pipe_ctx {
	int fd[2];
	size_t want;
};

/* Reads slowly, a bit at a time; 0 when all came as it was sent. */
static int
slow_reader(const struct pipe_ctx *ctx)
{
	const struct timespec pause = {0, 3 * 1000 * 1000};
	unsigned char block[777];
	size_t got = 0;
	ssize_t n, i;

	(void)close(ctx->fd[1]);
	while ((n = read(ctx->fd[0], block, sizeof(block))) > 0) {
		for (i = 0; i < n; i++) {
			if (block[i] != (unsigned char)(got * 13 + got / 256))
				return 1;
			got++;
		}
		/* Now and then long enough for a signal in a full pipe. */
		if (got % 32 == 0)
			(void)nanosleep(&pause, NULL);
	}
	return got != ctx->want;
}

static void
on_alarm(int sig)
{
	(void)sig;
}

/* Short writes and interrupted ones: all bytes go out, once each. */
static void
test_write_all(void **state)
{
	const struct itimerval tick = {{0, 500}, {0, 500}}, off = {{0}, {0}};
	struct sigaction sa = {.sa_handler = on_alarm}, saved;
	struct pipe_ctx ctx = {.want = 1024 * 1024};
	unsigned char *data;
	int status;
	size_t i;
	pid_t pid;

	(void)state;
	assert_non_null(data = malloc(ctx.want));
	for (i = 0; i < ctx.want; i++)
		data[i] = (unsigned char)(i * 13 + i / 256);
	assert_int_equal(pipe(ctx.fd), 0);
	assert_int_not_equal(pid = fork(), -1);
	if (pid == 0)
		_exit(slow_reader(&ctx));
	assert_int_equal(close(ctx.fd[0]), 0);
	assert_int_equal(sigaction(SIGALRM, &sa, &saved), 0);
	assert_int_equal(setitimer(ITIMER_REAL, &tick, NULL), 0);
	assert_int_equal(file_write_all(ctx.fd[1], data, ctx.want), 0);
	assert_int_equal(setitimer(ITIMER_REAL, &off, NULL), 0);
	assert_int_equal(sigaction(SIGALRM, &saved, NULL), 0);
	assert_int_equal(close(ctx.fd[1]), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	free(data);
}

static void
test_write_fails(void **state)
{
	const struct scratch *s = *state;
	int fd;

	(void)scratch_text(s, "f", "", 0600);
	assert_int_not_equal(fd = openat(s->fd, "f", O_RDONLY), -1);
	errno = 0;
	assert_int_equal(file_write_all(fd, "x", 1), -1);
	assert_int_equal(errno, EBADF);
	assert_int_equal(file_write_all(fd, NULL, 0), 0);
	assert_int_equal(close(fd), 0);
	fd = open("/dev/full", O_WRONLY);
	if (fd == -1)
		return;
	assert_int_equal(file_write_all(fd, "x", 1), -1);
	assert_int_equal(errno, ENOSPC);
	assert_int_equal(close(fd), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    scratch_test(test_parent_modes),
	    scratch_test(test_parent_owner),
	    scratch_test(test_parents_of_odd_paths),
	    scratch_test(test_dir),
	    scratch_test(test_dir_owner),
	    scratch_test(test_write_all),
	    scratch_test(test_write_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
