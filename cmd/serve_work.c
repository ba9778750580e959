/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <syslog.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/reply.h"
#include "base/text.h"
#include "cmd/refresh.h"
#include "cmd/serve.h"
#include "cmd/tell.h"

enum { CONFIG, POLICY, DENY, TOKEN, FILES };

struct worker {
	int fd;
	struct refresh refresh;
	const char *path[FILES];
	uint64_t stamp[FILES]; /* as they were read */
	bool unsettled; /* a later change may not show in its stamp */
	bool served; /* somebody, at least once */
};

/* To be called before the files are read. */
static void
take_stamps(struct worker *w)
{
	const struct config *cfg = w->refresh.cfg;
	int64_t now = clock_wall_ms();
	int i;

	w->path[CONFIG] = cfg->path;
	w->path[POLICY] = cfg->policy_file;
	w->path[DENY] = cfg->deny_file;
	w->path[TOKEN] = cfg->token_file;
	for (i = 0; i < FILES; i++) {
		w->stamp[i] = file_stamp(w->path[i]);
		if (file_stamp_settled(w->path[i], now) == FILE_STAMP_NONE)
			w->unsettled = true;
	}
}

/*
 * Whether what this process was started with is no longer so: it has given up
 * the right to open files anew, so another one has to.  Those for whom it was
 * started had connected before it read them.
 */
static bool
has_changed(const struct worker *w)
{
	struct stat held, now;
	int i;

	if (w->served && w->unsettled)
		return true;
	for (i = 0; i < FILES; i++) {
		if (w->stamp[i] != file_stamp(w->path[i]))
			return true;
	}
	return fstat(w->refresh.dirfd, &held) == -1 ||
	    stat(w->refresh.cfg->directory, &now) == -1 ||
	    held.st_dev != now.st_dev || held.st_ino != now.st_ino ||
	    held.st_uid != now.st_uid || held.st_mode != now.st_mode;
}

/* Its default action ends a process that hangs. */
static void
set_alarm(int64_t ms)
{
	const struct itimerval t = {
	    .it_value = {(time_t)(ms / 1000), (suseconds_t)(ms % 1000 * 1000)}};

	(void)setitimer(ITIMER_REAL, &t, NULL);
}

static void
fetch(struct worker *w, struct reply *reply)
{
	struct refresh *r = &w->refresh;
	struct error err;

	*reply = (struct reply){REPLY_DONE, r->cfg->digest, ""};
	r->start_wall = clock_wall_ms();
	r->deadline = clock_mono_ms() + r->cfg->timeout_ms;
	set_alarm(r->cfg->timeout_ms + LIMIT_FETCH_OVERTIME_MS);
	if (refresh_run(r, &err) == REFRESH_FAILED) {
		reply->code = REPLY_FAILED;
		(void)text_copy(reply->reason, sizeof(reply->reason), err.text);
	}
	set_alarm(0);
}

static int
accept_one(const struct worker *w)
{
	int fd;

	do {
		fd = accept4(w->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	} while (fd == -1 && (errno == EINTR || errno == ECONNABORTED));
	return fd;
}

/* One that no longer waits is no loss; the line always fits the socket. */
static void
answer(int fd, const struct reply *reply)
{
	char line[REPLY_SIZE];
	size_t len = reply_encode(reply, line);

	(void)send(fd, line, len, MSG_NOSIGNAL | MSG_DONTWAIT);
	(void)close(fd);
}

/* One fetch for all who wait, and for those who come while it runs. */
static int
serve_waiting(struct worker *w)
{
	int clients[LIMIT_SERVE_CLIENTS], fd, i, n = 0;
	struct reply reply;

	while (n < LIMIT_SERVE_CLIENTS && (fd = accept_one(w)) != -1)
		clients[n++] = fd;
	if (n == 0)
		return errno == EAGAIN ? 0 : -1;
	w->served = true;
	fetch(w, &reply);
	for (i = 0; i < n; i++)
		answer(clients[i], &reply);
	/* It had begun when these came, so they look for themselves. */
	if (reply.code == REPLY_DONE)
		reply.code = REPLY_FOLLOWED;
	for (i = 0; i < LIMIT_SERVE_FOLLOWERS && (fd = accept_one(w)) != -1;
	     i++)
		answer(fd, &reply);
	return 0;
}

static int
work(struct worker *w)
{
	struct pollfd p = {w->fd, POLLIN, 0};
	int n;

	for (;;) {
		n = poll(&p, 1, LIMIT_SERVE_IDLE_MS);
		if (n == 0)
			return WORKER_IDLE;
		if (n == -1 && errno == EINTR)
			continue;
		/* Before anybody is accepted, so that nobody is lost by it. */
		if (n == 1 && has_changed(w))
			return WORKER_CHANGED;
		if (n == -1 || serve_waiting(w) == -1) {
			tell(TELL_WORKER, LOG_ERR, 0, "cannot serve: %s",
			    strerror(errno));
			return WORKER_FAILED;
		}
	}
}

static int
load(struct worker *w, const char *config, struct error *err)
{
	struct refresh *r = &w->refresh;

	/* Once for the names of the files alone. */
	if (config_load(r->cfg, config, err) == -1)
		return -1;
	take_stamps(w);
	return config_load_files(r->cfg, config, r->files, err);
}

int
serve_work(const char *config, int fd)
{
	static struct config cfg;
	static struct config_files files;
	struct worker w = {.fd = fd,
	    .refresh = {
		.cfg = &cfg, .files = &files, .due_only = true, .lock = -1}};
	int code = WORKER_FAILED;
	struct error err;

	config_files_init(&files);
	if (load(&w, config, &err) == -1) {
		tell(TELL_NO_CONFIG, LOG_ERR, tell_key(err.text), "%s",
		    err.text);
	} else if (refresh_open(&w.refresh, &err) == 0) {
		code = work(&w);
		refresh_close(&w.refresh);
	}
	config_files_free(&files);
	return code;
}
