/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/rights.h"
#include "cmd/run.h"

struct stream {
	struct buf *buf;
	int fd; /* our end, -1 when at its end */
	int theirs;
};

static void
exec_child(const struct run *r, const struct stream s[2])
{
	char *const env[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL};
	int i, null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null == -1 || dup2(null, STDIN_FILENO) == -1)
		_exit(126);
	for (i = 0; i < 2; i++) {
		if (s[i].theirs != -1 &&
		    dup2(s[i].theirs, STDOUT_FILENO + i) == -1)
			_exit(126);
	}
	if (r->uid != (uid_t)-1 && rights_drop(r->uid, r->gid, NULL) == -1)
		_exit(126);
	(void)execve(r->argv[0], (char *const *)(uintptr_t)r->argv, env);
	_exit(127);
}

static int
open_stream(struct stream *s, struct buf *buf)
{
	int fds[2];

	*s = (struct stream){buf, -1, -1};
	if (buf == NULL)
		return 0;
	if (pipe2(fds, O_CLOEXEC) == -1)
		return -1;
	s->fd = fds[0];
	s->theirs = fds[1];
	return 0;
}

static void
close_fd(int *fd)
{
	if (*fd != -1)
		(void)close(*fd);
	*fd = -1;
}

static void
read_stream(struct stream *s)
{
	unsigned char block[4096];
	ssize_t n = read(s->fd, block, sizeof(block));

	if (n == -1 && errno == EINTR)
		return;
	/* What is over the cap is dropped, but read, so that the program can
	 * end by itself. */
	if (n > 0)
		(void)buf_put(s->buf, block, (size_t)n);
	else
		close_fd(&s->fd);
}

static bool
read_streams(struct stream s[2], int64_t deadline)
{
	struct pollfd p[2];
	int i, n;

	while (s[0].fd != -1 || s[1].fd != -1) {
		for (i = 0; i < 2; i++)
			p[i] = (struct pollfd){.fd = s[i].fd, .events = POLLIN};
		n = poll(p, 2, clock_left_ms(deadline));
		if (n == 0 || (n == -1 && errno != EINTR))
			return false;
		for (i = 0; i < 2 && n > 0; i++) {
			if (p[i].revents != 0)
				read_stream(&s[i]);
		}
	}
	return true;
}

static int
reap(pid_t pid, bool whole, int64_t deadline, struct error *err)
{
	const struct timespec pause = {0, 2 * 1000 * 1000};
	int status;
	pid_t got;

	while ((got = waitpid(pid, &status, whole ? WNOHANG : 0)) != pid) {
		if (got == -1 && errno != EINTR)
			return error_errno(err, "waitpid");
		if (whole && clock_left_ms(deadline) == 0)
			whole = false;
		if (!whole)
			(void)kill(pid, SIGKILL);
		else
			(void)nanosleep(&pause, NULL);
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int
run_program(const struct run *r, struct error *err)
{
	struct stream s[2];
	bool whole = false;
	int code = -1;
	pid_t pid;

	s[1] = (struct stream){NULL, -1, -1};
	if (open_stream(&s[0], r->out) == -1 ||
	    open_stream(&s[1], r->errout) == -1 || (pid = fork()) == -1) {
		(void)error_errno(err, "cannot start %s", r->argv[0]);
	} else {
		if (pid == 0)
			exec_child(r, s);
		close_fd(&s[0].theirs);
		close_fd(&s[1].theirs);
		whole = read_streams(s, r->deadline);
		if (!whole)
			(void)kill(pid, SIGKILL);
		code = reap(pid, whole, r->deadline, err);
		if (!whole && code != -1)
			code = error_set(
			    err, "%s did not end in time", r->argv[0]);
	}
	close_fd(&s[0].fd);
	close_fd(&s[0].theirs);
	close_fd(&s[1].fd);
	close_fd(&s[1].theirs);
	return code;
}

char *
run_last_line(const struct buf *out, char *dst, size_t size)
{
	size_t start, end = out->len, len;

	while (end > 0 && out->data[end - 1] <= ' ')
		end--;
	for (start = end; start > 0 && out->data[start - 1] != '\n';)
		start--;
	len = end - start < size - 1 ? end - start : size - 1;
	if (len != 0)
		memcpy(dst, out->data + start, len);
	dst[len] = '\0';
	return dst;
}
