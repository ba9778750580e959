/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fence.h"
#include "base/file.h"
#include "cmd/groups.h"

#define GROUPS_USUAL 64
#define GROUPS_MAX 65536 /* the kernel's own limit */

/* Whether a look into the database, that began with errno 0 and has found
 * nothing, may have failed for want of something. */
static bool
lacked(void)
{
	return errno == ENOMEM || errno == EMFILE || errno == ENFILE ||
	    errno == EIO;
}

/*
 * The ids of the account's groups, n of them; NULL: none to be had.
 * getgrouplist(3) leaves out what it can't read, and has no return value for
 * that.
 */
static gid_t *
list_groups(const struct passwd *pw, int *n)
{
	gid_t *v = NULL, *more;

	for (*n = GROUPS_USUAL; *n <= GROUPS_MAX; *n *= 2) {
		int got = *n;

		more = reallocarray(v, (size_t)*n, sizeof(*v));
		if (more == NULL)
			break;
		v = more;
		errno = 0;
		if (getgrouplist(pw->pw_name, pw->pw_gid, v, &got) != -1) {
			if (lacked())
				break;
			*n = got;
			return v;
		}
	}
	free(v);
	return NULL;
}

/* 0, or -1 where it can't be told. */
static int
find_group(const gid_t *v, int n, const char *name, bool *in)
{
	const struct group *gr;
	int i;

	*in = false;
	errno = 0;
	if ((gr = getgrnam(name)) == NULL)
		return lacked() ? -1 : 0;
	for (i = 0; i < n && !*in; i++)
		*in = v[i] == gr->gr_gid;
	return 0;
}

/* In the child.  0, or -1 where the groups can't be told. */
static int
ask(const char *user, const char *const *names, size_t n, bool *in)
{
	const struct passwd *pw;
	gid_t *v;
	size_t i;
	int count, r = 0;

	errno = 0;
	pw = getpwnam(user);
	if (pw == NULL)
		/* Zero, and what else getpwnam(3) says of "no such user". */
		return errno == 0 || errno == ENOENT || errno == ESRCH ||
			errno == EBADF || errno == EPERM
		    ? 0
		    : -1;
	if ((v = list_groups(pw, &count)) == NULL)
		return -1;
	for (i = 0; i < n && r == 0; i++)
		r = find_group(v, count, names[i], &in[i]);
	free(v);
	return r;
}

static void
run_child(
    int fd, const char *user, const char *const *names, size_t n, bool *in)
{
	int null = open("/dev/null", O_RDWR);

	/* sshd reads our standard output to its end. */
	if (null == -1 || dup2(null, STDOUT_FILENO) == -1 ||
	    fence_execute_only(NULL, NULL) == -1 ||
	    ask(user, names, n, in) == -1 ||
	    file_write_all(fd, in, n * sizeof(*in)) == -1)
		_exit(1);
	_exit(0);
}

/* Reads what the child found out, to the end; 0, or -1. */
static int
read_answer(int fd, bool *in, size_t n, int64_t deadline, struct error *err)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	size_t got = 0, size = n * sizeof(*in);
	ssize_t r;
	int left;

	while (got < size) {
		left = clock_left_ms(deadline);
		if (left == 0 || (r = poll(&p, 1, left)) == 0)
			return error_set(err,
			    "the local account database "
			    "did not answer in time");
		if (r == -1 && errno != EINTR)
			return error_errno(err, "poll");
		if (r == -1)
			continue;
		r = read(fd, (unsigned char *)in + got, size - got);
		if (r == 0)
			return error_set(err,
			    "the local account database "
			    "can't be asked");
		if (r == -1 && errno != EINTR)
			return error_errno(err, "read");
		if (r > 0)
			got += (size_t)r;
	}
	return 0;
}

int
groups_of(const char *user, const char *const *names, size_t n, bool *in,
    int64_t deadline, struct error *err)
{
	int fd[2], r;
	pid_t pid;

	memset(in, 0, n * sizeof(*in));
	if (pipe2(fd, O_CLOEXEC) == -1)
		return error_errno(err, "pipe");
	if ((pid = fork()) == 0)
		run_child(fd[1], user, names, n, in);
	(void)close(fd[1]);
	if (pid == -1) {
		(void)close(fd[0]);
		return error_errno(err, "fork");
	}
	r = read_answer(fd[0], in, n, deadline, err);
	(void)close(fd[0]);
	if (r == -1) {
		memset(in, 0, n * sizeof(*in));
		/* Not waited for: one that hangs in the kernel (NFS, say)
		 * would hang us with it, and we end soon. */
		(void)kill(pid, SIGKILL);
		(void)waitpid(pid, NULL, WNOHANG);
		return -1;
	}
	while (waitpid(pid, NULL, 0) == -1 && errno == EINTR)
		;
	return 0;
}
