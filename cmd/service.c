/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/reply.h"
#include "cmd/service.h"

static int
address(const char *path, struct sockaddr_un *to)
{
	*to = (struct sockaddr_un){.sun_family = AF_UNIX};
	if (strlen(path) >= sizeof(to->sun_path))
		return -1;
	memcpy(to->sun_path, path, strlen(path));
	return 0;
}

/* With a full queue connect(2) waits as long as a send may take. */
static int
limit_wait(int fd, int64_t deadline)
{
	int left = clock_left_ms(deadline);
	const struct timeval tv = {left / 1000, left % 1000 * 1000L};

	if (left == 0) {
		errno = EAGAIN;
		return -1;
	}
	return setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));
}

/* A queue that stays full is a service that hangs. */
static enum service
judge_connect(const char *path, struct error *err)
{
	if (errno == ENOENT)
		return SERVICE_NONE;
	if (errno == EAGAIN || errno == EINPROGRESS) {
		(void)error_set(err, "the service did not answer in time");
		return SERVICE_FAILED;
	}
	(void)error_errno(err, "no service at %s", path);
	return SERVICE_NONE;
}

/* Whoever else could listen there can't make a snapshot that counts. */
static int
judge_peer(int fd, uid_t owner, const char *path, struct error *err)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == -1)
		return error_errno(err, "%s", path);
	if (peer.uid != 0 && peer.uid != owner)
		return error_set(err,
		    "%s is served by uid %lu, neither root nor the owner of "
		    "the cache folder",
		    path, (unsigned long)peer.uid);
	return 0;
}

/* All of it into text; its length, 0 where the service ended without a word,
 * or -1. */
static ssize_t
read_reply(int fd, int64_t deadline, char *text, size_t size, struct error *err)
{
	struct pollfd p = {fd, POLLIN, 0};
	size_t len = 0;
	ssize_t n;
	int left;

	while (len < size) {
		if ((left = clock_left_ms(deadline)) == 0)
			return error_set(
			    err, "the service did not answer in time");
		if (poll(&p, 1, left) == 0)
			continue;
		n = recv(fd, text + len, size - len, MSG_DONTWAIT);
		if (n == 0 || (n == -1 && errno == ECONNRESET))
			break;
		if (n == -1 && errno != EINTR && errno != EAGAIN)
			return error_errno(err, "the service's answer");
		len += n > 0 ? (size_t)n : 0;
	}
	return (ssize_t)len;
}

static enum service
judge_reply(
    const struct config *cfg, const char *text, size_t len, struct error *err)
{
	struct reply r;

	if (len == 0)
		(void)error_set(err, "the service ended without an answer");
	else if (reply_decode(&r, text, len) == -1)
		(void)error_set(err,
		    "the service at %s gave an answer of another version",
		    cfg->socket);
	else if (r.config != cfg->digest)
		(void)error_set(err,
		    "the service at %s works with another configuration",
		    cfg->socket);
	else if (r.code != REPLY_FAILED)
		return r.code == REPLY_DONE ? SERVICE_DONE : SERVICE_FOLLOWED;
	else {
		(void)error_set(err, "%s", r.reason);
		return SERVICE_FAILED;
	}
	return SERVICE_NONE;
}

enum service
service_ask(
    const struct config *cfg, uid_t owner, int64_t deadline, struct error *err)
{
	char text[REPLY_SIZE + 1];
	enum service r = SERVICE_NONE;
	struct sockaddr_un to;
	ssize_t len;
	int fd;

	(void)error_set(err, "%s", "");
	if (address(cfg->socket, &to) == -1)
		return SERVICE_NONE;
	if ((fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) == -1) {
		(void)error_errno(err, "no socket");
		return SERVICE_NONE;
	}
	if (limit_wait(fd, deadline) == -1 ||
	    connect(fd, (const struct sockaddr *)&to, sizeof(to)) == -1)
		r = judge_connect(cfg->socket, err);
	else if (judge_peer(fd, owner, cfg->socket, err) == 0) {
		len = read_reply(fd, deadline, text, sizeof(text), err);
		r = len == -1 ? SERVICE_FAILED
			      : judge_reply(cfg, text, (size_t)len, err);
	}
	(void)close(fd);
	return r;
}
