/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/config.h"
#include "base/rights.h"
#include "cmd/listen.h"
#include "cmd/serve.h"
#include "cmd/tell.h"

struct server {
	const char *config;
	struct listener at;
	int dirfd; /* the cache folder, for the log's sake */
	sigset_t before; /* the signals that were blocked at first */
	pid_t worker; /* -1: none */
};

static volatile sig_atomic_t told_to_end;

static void
on_end(int number)
{
	(void)number;
	told_to_end = 1;
}

/* Only interrupts ppoll(2). */
static void
on_child(int number)
{
	(void)number;
}

/* From here on they come while we wait in ppoll(2), and at no other time. */
static int
catch_signals(struct server *s)
{
	struct sigaction end = {.sa_handler = on_end},
			 child = {.sa_handler = on_child};
	sigset_t ours;

	(void)sigemptyset(&ours);
	(void)sigaddset(&ours, SIGTERM);
	(void)sigaddset(&ours, SIGINT);
	(void)sigaddset(&ours, SIGCHLD);
	if (sigprocmask(SIG_BLOCK, &ours, &s->before) == -1 ||
	    sigaction(SIGTERM, &end, NULL) == -1 ||
	    sigaction(SIGINT, &end, NULL) == -1 ||
	    sigaction(SIGCHLD, &child, NULL) == -1)
		return -1;
	(void)sigdelset(&s->before, SIGTERM);
	(void)sigdelset(&s->before, SIGINT);
	(void)sigdelset(&s->before, SIGCHLD);
	/* The worker's time limit, whatever whoever started us had blocked. */
	(void)sigdelset(&s->before, SIGALRM);
	return 0;
}

/* Whether somebody has connected; false after ms (-1: any time), or when a
 * signal came. */
static bool
wait_client(const struct server *s, int ms)
{
	struct pollfd p = {s->at.fd, POLLIN, 0};
	const struct timespec ts = {ms / 1000, ms % 1000 * 1000000L};

	return ppoll(&p, 1, ms == -1 ? NULL : &ts, &s->before) == 1;
}

/* In the child: as if it had been started by itself. */
static void
run_worker(const struct server *s, pid_t parent)
{
	(void)signal(SIGTERM, SIG_DFL);
	(void)signal(SIGINT, SIG_DFL);
	(void)signal(SIGCHLD, SIG_DFL);
	(void)signal(SIGALRM, SIG_DFL);
	(void)sigprocmask(SIG_SETMASK, &s->before, NULL);
	if (prctl(PR_SET_PDEATHSIG, SIGTERM) == -1 || getppid() != parent)
		_exit(WORKER_FAILED);
	_exit(serve_work(s->config, s->at.fd));
}

static void
start_worker(struct server *s)
{
	pid_t parent = getpid();

	if ((s->worker = fork()) == 0)
		run_worker(s, parent);
	if (s->worker == -1)
		tell(TELL_WORKER, LOG_ERR, 0, "cannot start a worker: %s",
		    strerror(errno));
}

/* For a while: whoever connects is told at once that nothing will come of it,
 * and fetches by himself if he can. */
static void
turn_away(const struct server *s)
{
	int64_t until = clock_mono_ms() + LIMIT_SERVE_PAUSE_MS;
	int fd, left;

	while ((left = clock_left_ms(until)) > 0 && !told_to_end) {
		if (!wait_client(s, left))
			continue;
		fd = accept4(s->at.fd, NULL, NULL, SOCK_CLOEXEC);
		if (fd != -1)
			(void)close(fd);
	}
}

static void
log_death(int status)
{
	int number = WIFSIGNALED(status) ? WTERMSIG(status) : 0;

	if (number == 0)
		return;
	if (number == SIGSYS)
		tell(TELL_WORKER, LOG_CRIT, SIGSYS,
		    "the worker made a system call that it may not make; the "
		    "kernel's log has its number");
	else if (number == SIGALRM)
		tell(TELL_WORKER, LOG_ERR, SIGALRM,
		    "the worker hung and was ended");
	else
		tell(TELL_WORKER, LOG_CRIT, (uint64_t)number,
		    "the worker was ended by signal %d", number);
}

/* Waits for the worker's end.  Whether it is to be followed by another. */
static bool
watch_worker(struct server *s)
{
	int status;
	pid_t got;

	while ((got = waitpid(s->worker, &status, WNOHANG)) == 0) {
		(void)ppoll(NULL, 0, NULL, &s->before);
		if (told_to_end)
			return false;
	}
	s->worker = -1;
	if (got == -1)
		return true;
	log_death(status);
	if (WIFEXITED(status) && WEXITSTATUS(status) == WORKER_IDLE)
		return !s->at.handed;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != WORKER_CHANGED)
		turn_away(s);
	return true;
}

static void
supervise(struct server *s)
{
	bool more = true;

	while (more && !told_to_end) {
		if (!wait_client(s, -1))
			continue;
		start_worker(s);
		if (s->worker != -1)
			more = watch_worker(s);
		else
			turn_away(s);
	}
	if (s->worker != -1) {
		(void)kill(s->worker, SIGTERM);
		(void)waitpid(s->worker, NULL, 0);
	}
}

/* The socket while we may be root still, then root is given up. */
static int
begin(struct server *s, struct error *err)
{
	static struct config cfg;
	uid_t owner;
	gid_t group;

	if (config_load(&cfg, s->config, err) == -1 ||
	    (s->dirfd = file_open_dir(cfg.directory, &owner, &group, err)) ==
		-1)
		return -1;
	tell_begin(s->dirfd, owner);
	if (listen_open(&s->at, cfg.socket, owner, group, err) == -1 ||
	    rights_drop(owner, group, err) == -1)
		return -1;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1 ||
	    catch_signals(s) == -1)
		return error_errno(err, "cannot begin to serve");
	return 0;
}

int
serve_run(const char *config)
{
	struct server s = {
	    .config = config, .at = {.fd = -1}, .dirfd = -1, .worker = -1};
	struct error err;
	int r = begin(&s, &err);

	if (r == -1)
		tell(TELL_NO_SERVICE, LOG_ERR, tell_key(err.text), "%s",
		    err.text);
	else
		supervise(&s);
	tell_end();
	if (s.dirfd != -1)
		(void)close(s.dirfd);
	listen_close(&s.at);
	return r == -1 ? 1 : 0;
}
