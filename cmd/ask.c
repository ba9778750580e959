/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "cache/flight.h"
#include "cmd/ask.h"
#include "cmd/service.h"

static const char fetcher[] = FETCHER;

/* Where the fetcher finds the lock that it inherits. */
#define LOCK_FD 3
#define POLL_NS (2 * 1000 * 1000)

/*
 * In the child, between fork and exec: only async-signal-safe calls.  A
 * session of its own, because sshd ends its process group when the client
 * gives up, and others may be waiting for this fetch.
 */
static void
run_fetcher(const char *config, int lock)
{
	char *const with_lock[] = {(char *)(uintptr_t)fetcher, "--once",
	    "--due", "--lock-fd", "3", "-c", (char *)(uintptr_t)config, NULL};
	char *const without[] = {(char *)(uintptr_t)fetcher, "--once", "--due",
	    "-c", (char *)(uintptr_t)config, NULL};
	char *const env[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL};
	sigset_t none;
	int null;

	(void)setsid();
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)signal(SIGPIPE, SIG_DFL);
	/* sshd reads our standard output to its end: the fetcher must not
	 * hold it open. */
	if ((null = open("/dev/null", O_RDWR)) == -1 ||
	    dup2(null, STDIN_FILENO) == -1 || dup2(null, STDOUT_FILENO) == -1)
		_exit(126);
	if (null > STDERR_FILENO && null != lock)
		(void)close(null);
	if (lock == LOCK_FD) {
		if (fcntl(lock, F_SETFD, 0) == -1)
			_exit(126);
	} else if (lock != -1 && dup2(lock, LOCK_FD) == -1) {
		_exit(126);
	}
	(void)execve(fetcher, lock == -1 ? without : with_lock, env);
	_exit(127);
}

/* -1 as fork(2); the lock, if any, is the child's alone afterwards. */
static pid_t
start_fetcher(const struct config *cfg, int lock, struct error *err)
{
	pid_t pid;

	if ((pid = fork()) == 0)
		run_fetcher(cfg->path, lock);
	if (pid == -1)
		(void)error_errno(err, "cannot start %s", fetcher);
	return pid;
}

static int
judge_exit(int status, struct error *err)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) <= 1)
		return 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) >= 126)
		return error_set(err, "cannot run %s", fetcher);
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
		return error_set(err,
		    "%s made a system call that it may not make; the kernel's "
		    "log has its number",
		    fetcher);
	return error_set(
	    err, "%s ended with status 0x%x", fetcher, (unsigned)status);
}

/*
 * Waits for the child's end, or, with watch, for the lock that it was given
 * to be free again (then it has published, and is only tidying up).
 */
static int
wait_fetcher(
    pid_t pid, bool watch, int dirfd, int64_t deadline, struct error *err)
{
	const struct timespec pause = {0, POLL_NS};
	int lock = watch ? flight_open(dirfd, NULL) : -1, status, r;
	sigset_t chld;
	pid_t got;

	(void)sigemptyset(&chld);
	(void)sigaddset(&chld, SIGCHLD);
	for (;;) {
		got = waitpid(pid, &status, WNOHANG);
		if (got == pid) {
			r = judge_exit(status, err);
			break;
		}
		if (got == -1 && errno != EINTR) {
			r = error_errno(err, "cannot wait for %s", fetcher);
			break;
		}
		if (lock != -1 && flight_try(lock, NULL) == FLIGHT_LEADER) {
			r = 0;
			break;
		}
		if (clock_left_ms(deadline) == 0) {
			r = error_set(err, "the fetch did not end in time");
			break;
		}
		(void)sigtimedwait(&chld, NULL, &pause);
	}
	if (lock != -1)
		(void)close(lock);
	return r;
}

/* Follows the fetch that another process has started. */
static int
follow(int lock, int64_t deadline, struct error *err)
{
	switch (flight_wait(lock, deadline, err)) {
	case FLIGHT_LEADER:
		return 1;
	case FLIGHT_BUSY:
		return error_set(err, "the fetch did not end in time");
	default:
		return -1;
	}
}

/* Without the service. */
static int
fetch(const struct ask *a, struct error *err)
{
	int lock = -1, r;
	sigset_t chld;
	pid_t pid;

	if (a->no_start != NULL)
		return error_set(err, "%s", a->no_start);
	(void)sigemptyset(&chld);
	(void)sigaddset(&chld, SIGCHLD);
	if (sigprocmask(SIG_BLOCK, &chld, NULL) == -1)
		return error_errno(err, "cannot block SIGCHLD");
	/* Anyone but the owner would leave a lock behind that the owner can't
	 * open; the fetcher takes it by itself then. */
	if (geteuid() == a->owner) {
		if ((lock = flight_open(a->dirfd, err)) == -1)
			return -1;
		r = flight_try(lock, err);
		if (r != FLIGHT_LEADER) {
			if (r == FLIGHT_BUSY)
				r = follow(lock, a->deadline, err);
			(void)close(lock);
			return r;
		}
	}
	/* An inherited "ignore" would make the child vanish unwaited. */
	(void)signal(SIGCHLD, SIG_DFL);
	pid = start_fetcher(a->cfg, lock, err);
	if (lock != -1)
		(void)close(lock);
	if (pid == -1)
		return -1;
	return wait_fetcher(pid, lock != -1, a->dirfd, a->deadline, err);
}

int
ask_and_wait(const struct ask *a, struct error *err)
{
	enum service s = service_ask(a->cfg, a->owner, a->deadline, err);
	struct error why;
	int r;

	if (s != SERVICE_NONE)
		return (int)s;
	if ((r = fetch(a, &why)) != -1)
		return r;
	if (err->text[0] == '\0')
		*err = why;
	else
		/* What has to be mended first comes first. */
		(void)error_set(err, "%.250s; %.250s", err->text, why.text);
	return -1;
}
