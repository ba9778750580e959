/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "cmd/listen.h"

#define HANDED_FD 3 /* SD_LISTEN_FDS_START */

static bool
is_number(const char *text, long wanted)
{
	char number[24];

	(void)snprintf(number, sizeof(number), "%ld", wanted);
	return text != NULL && strcmp(text, number) == 0;
}

static bool
has_option(int fd, int name, int wanted)
{
	socklen_t len = sizeof(int);
	int value = -1;

	return getsockopt(fd, SOL_SOCKET, name, &value, &len) == 0 &&
	    value == wanted;
}

static int
prepare(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	return flags == -1 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) == -1 ||
		fcntl(fd, F_SETFD, FD_CLOEXEC) == -1
	    ? -1
	    : 0;
}

/* 1: none was handed over. */
static int
take_handed(struct listener *l, struct error *err)
{
	if (!is_number(getenv("LISTEN_PID"), (long)getpid()))
		return 1;
	if (!is_number(getenv("LISTEN_FDS"), 1))
		return error_set(err,
		    "systemd must hand over one socket: one ListenStream= in "
		    "packet-keysd.socket");
	if (!has_option(HANDED_FD, SO_DOMAIN, AF_UNIX) ||
	    !has_option(HANDED_FD, SO_TYPE, SOCK_STREAM) ||
	    !has_option(HANDED_FD, SO_ACCEPTCONN, 1))
		return error_set(err,
		    "what systemd handed over is no Unix stream socket that "
		    "listens: see packet-keysd.socket");
	if (prepare(HANDED_FD) == -1)
		return error_errno(err, "the socket of systemd");
	l->fd = HANDED_FD;
	l->handed = true;
	return 0;
}

/* Whether a process listens there; what none listens on is removed. */
static int
clear_away(const struct sockaddr_un *at, struct error *err)
{
	struct stat st;
	int fd, r;

	if (lstat(at->sun_path, &st) == -1)
		return errno == ENOENT ? 0
				       : error_errno(err, "%s", at->sun_path);
	if (!S_ISSOCK(st.st_mode))
		return error_set(err,
		    "%s is in the way and no socket: remove it", at->sun_path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1)
		return error_errno(err, "no socket");
	r = connect(fd, (const struct sockaddr *)at, sizeof(*at));
	if (r == 0 || errno != ECONNREFUSED)
		r = error_set(
		    err, "another process listens at %s already", at->sun_path);
	else if ((r = unlink(at->sun_path)) == -1)
		(void)error_errno(
		    err, "cannot remove the old %s", at->sun_path);
	(void)close(fd);
	return r;
}

/* The folder that the socket is in, as safe as those of a file. */
static int
judge_folder(const char *path, uid_t uid, struct error *err)
{
	char folder[sizeof(((struct listener *)0)->path)];
	uid_t owner;
	gid_t group;
	char *slash;
	int fd;

	(void)text_copy(folder, sizeof(folder), path);
	slash = strrchr(folder, '/');
	slash[slash == folder ? 1 : 0] = '\0';
	if ((fd = file_open_dir(folder, &owner, &group, err)) == -1)
		return -1;
	(void)close(fd);
	if (owner != 0 && owner != uid)
		return error_set(err,
		    "folder %s belongs to uid %lu, not to root: chown root %s",
		    folder, (unsigned long)owner, folder);
	return 0;
}

static int
bind_it(struct listener *l, const struct sockaddr_un *at, uid_t uid, gid_t gid,
    struct error *err)
{
	struct stat st;
	mode_t mask = umask(0117);
	int r = bind(l->fd, (const struct sockaddr *)at, sizeof(*at));

	(void)umask(mask);
	if (r == -1)
		return error_errno(err, "cannot listen at %s", at->sun_path);
	(void)text_copy(l->path, sizeof(l->path), at->sun_path);
	if (lstat(l->path, &st) == -1)
		return error_errno(err, "%s", l->path);
	l->dev = st.st_dev;
	l->ino = st.st_ino;
	if ((geteuid() == 0 && lchown(l->path, uid, gid) == -1) ||
	    listen(l->fd, SOMAXCONN) == -1)
		return error_errno(err, "cannot listen at %s", l->path);
	return 0;
}

int
listen_open(struct listener *l, const char *path, uid_t uid, gid_t gid,
    struct error *err)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int r;

	*l = (struct listener){.fd = -1};
	if ((r = take_handed(l, err)) != 1)
		return r;
	if (strlen(path) >= sizeof(at.sun_path))
		return error_set(err, "the path %s is too long", path);
	(void)text_copy(at.sun_path, sizeof(at.sun_path), path);
	if (judge_folder(path, uid, err) == -1 || clear_away(&at, err) == -1)
		return -1;
	l->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (l->fd == -1)
		return error_errno(err, "no socket");
	return bind_it(l, &at, uid, gid, err);
}

void
listen_close(struct listener *l)
{
	struct stat st;

	if (l->fd != -1)
		(void)close(l->fd);
	l->fd = -1;
	if (l->path[0] != '\0' && lstat(l->path, &st) == 0 &&
	    st.st_dev == l->dev && st.st_ino == l->ino)
		(void)unlink(l->path);
	l->path[0] = '\0';
}
