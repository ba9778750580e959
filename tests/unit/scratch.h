/*
 * A private folder for one test and what lies in it.  Include it after
 * cmocka.h; scratch_setup and scratch_teardown go around each test.
 */
#ifndef TESTS_UNIT_SCRATCH_H
#define TESTS_UNIT_SCRATCH_H

#include <sys/stat.h>
#include <sys/wait.h>

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SCRATCH_PATH 512
/* Some account that is neither root nor the one that runs the tests. */
#define SCRATCH_UID 47321
#define SCRATCH_GID 47322

struct scratch {
	char dir[SCRATCH_PATH / 2];
	int fd; /* of dir */
	unsigned fds; /* open before the test */
};

/* How many descriptors are open: whatever fails must not leave one. */
static inline unsigned
scratch_fds(void)
{
	DIR *d = opendir("/proc/self/fd");
	unsigned n = 0;

	if (d == NULL)
		return 0;
	while (readdir(d) != NULL)
		n++;
	(void)closedir(d);
	return n;
}

static inline int
scratch_setup(void **state)
{
	struct scratch *s = calloc(1, sizeof(*s));
	const char *tmp = getenv("TMPDIR");

	if (s == NULL)
		return -1;
	if (tmp == NULL || tmp[0] != '/')
		tmp = "/tmp";
	s->fds = scratch_fds();
	(void)snprintf(s->dir, sizeof(s->dir), "%s/packet-keys.XXXXXX", tmp);
	if (mkdtemp(s->dir) == NULL ||
	    (s->fd = open(s->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) == -1) {
		free(s);
		return -1;
	}
	/* A test that hangs is a failed one. */
	(void)alarm(300);
	*state = s;
	return 0;
}

static inline int
scratch_unlink(
    const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static inline int
scratch_teardown(void **state)
{
	struct scratch *s = *state;
	int r;

	(void)close(s->fd);
	r = nftw(s->dir, scratch_unlink, 16, FTW_DEPTH | FTW_PHYS);
	if (scratch_fds() != s->fds) {
		print_error("descriptors are left open\n");
		r = -1;
	}
	free(s);
	return r;
}

#define scratch_test(f) \
	cmocka_unit_test_setup_teardown(f, scratch_setup, scratch_teardown)

/* The path of name in the folder, in one of a few buffers used in turn. */
static inline const char *
scratch_path(const struct scratch *s, const char *name)
{
	static char path[8][SCRATCH_PATH];
	static unsigned turn;
	char *p = path[turn++ % 8];

	assert_true(
	    snprintf(p, SCRATCH_PATH, "%s/%s", s->dir, name) < SCRATCH_PATH);
	return p;
}

/* A file of exactly these bytes and mode, whatever the umask; its path. */
static inline const char *
scratch_file(const struct scratch *s, const char *name, const void *data,
    size_t len, mode_t mode)
{
	int fd;

	fd =
	    openat(s->fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_int_not_equal(fd, -1);
	assert_int_equal(write(fd, data, len), len);
	assert_int_equal(fchmod(fd, mode), 0);
	assert_int_equal(close(fd), 0);
	return scratch_path(s, name);
}

static inline const char *
scratch_text(
    const struct scratch *s, const char *name, const char *text, mode_t mode)
{
	return scratch_file(s, name, text, strlen(text), mode);
}

static inline const char *
scratch_dir(const struct scratch *s, const char *name, mode_t mode)
{
	assert_int_equal(mkdirat(s->fd, name, 0700), 0);
	assert_int_equal(fchmodat(s->fd, name, mode, 0), 0);
	return scratch_path(s, name);
}

static inline bool
scratch_exists(const struct scratch *s, const char *name)
{
	struct stat st;

	return fstatat(s->fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Runs f in a child, which must not assert; its exit code, or -signal. */
static inline int
scratch_child(int (*f)(void *), void *ctx)
{
	int status;
	pid_t pid;

	pid = fork();
	assert_int_not_equal(pid, -1);
	if (pid == 0)
		_exit(f(ctx));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

#endif
