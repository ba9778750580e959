/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "cmd/replace.h"

/* Names that were left by processes of the same number. */
#define TEMP_TRIES 100

int
replace_errno(const char *what, struct error *err)
{
	bool rights = errno == EACCES || errno == EPERM;

	return error_set(err, "%s: %s%s", what, strerror(errno),
	    rights && geteuid() != 0 ? "; run it as root" : "");
}

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? path : slash + 1;
}

/* The path of a file that is not there yet, in a folder that is. */
static int
resolve_folder(struct replace *r, const char *path, struct error *err)
{
	const char *base = base_name(path);
	size_t len = (size_t)(base - path);
	char dir[PATH_MAX] = ".";

	if (*base == '\0')
		return error_set(err, "%s: no file name", path);
	if (len >= sizeof(dir))
		return error_set(err, "%s: the name is too long", path);
	if (len != 0) {
		memcpy(dir, path, len);
		dir[len] = '\0';
	}
	if (realpath(dir, r->path) == NULL)
		return error_errno(err, "folder %s", dir);
	len = strlen(r->path);
	if (len + 1 + strlen(base) >= sizeof(r->path))
		return error_set(err, "%s: the name is too long", path);
	if (len > 1)
		r->path[len++] = '/';
	memcpy(r->path + len, base, strlen(base) + 1);
	return 0;
}

/*
 * Makes r->path absolute, so that it is no option to a program that gets it.
 * The rename would replace a link, and not what it points to.
 */
static int
resolve(struct replace *r, const char *path, struct error *err)
{
	struct stat st;

	if (realpath(path, r->path) != NULL)
		return 0;
	if (errno != ENOENT)
		return replace_errno(path, err);
	if (lstat(path, &st) == 0)
		return error_set(err, "%s is a link to nowhere", path);
	return resolve_folder(r, path, err);
}

static int
open_folder(struct replace *r, struct error *err)
{
	size_t len = (size_t)(base_name(r->path) - r->path);
	char dir[PATH_MAX];
	uid_t owner;
	gid_t group;

	if (len > 1)
		len--;
	memcpy(dir, r->path, len);
	dir[len] = '\0';
	if ((r->dirfd = file_open_dir(dir, &owner, &group, err)) == -1)
		return -1;
	if (owner != 0 && owner != geteuid())
		return error_set(err,
		    "folder %s belongs to uid %lu, not to root: chown root %s",
		    dir, (unsigned long)owner, dir);
	return 0;
}

int
replace_open(struct replace *r, const char *path, struct error *err)
{
	*r = (struct replace){.dirfd = -1, .fd = -1};
	if (resolve(r, path, err) == -1)
		return -1;
	return open_folder(r, err);
}

static void
hold_signals(struct replace *r)
{
	static const int ends[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP};
	sigset_t set;
	size_t i;

	(void)sigemptyset(&set);
	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		(void)sigaddset(&set, ends[i]);
	r->held = sigprocmask(SIG_BLOCK, &set, &r->mask) == 0;
}

int
replace_begin(struct replace *r, struct error *err)
{
	unsigned i;

	hold_signals(r);
	for (i = 0; i < TEMP_TRIES && r->fd == -1; i++) {
		if ((size_t)snprintf(r->temp, sizeof(r->temp), "%s.%ld.%u.new",
			r->path, (long)getpid(), i) >= sizeof(r->temp)) {
			errno = ENAMETOOLONG;
			break;
		}
		r->fd = openat(r->dirfd, base_name(r->temp),
		    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (r->fd == -1 && errno != EEXIST)
			break;
	}
	if (r->fd != -1)
		return 0;
	r->temp[0] = '\0';
	return replace_errno(r->path, err);
}

int
replace_reopen(struct replace *r, struct error *err)
{
	(void)close(r->fd);
	r->fd = openat(r->dirfd, base_name(r->temp),
	    O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	return r->fd == -1 ? replace_errno(r->temp, err) : 0;
}

int
replace_publish(struct replace *r, struct error *err)
{
	if (fchmod(r->fd, 0644) == -1 || fsync(r->fd) == -1 ||
	    renameat(r->dirfd, base_name(r->temp), r->dirfd,
		base_name(r->path)) == -1)
		return replace_errno(r->path, err);
	r->temp[0] = '\0';
	if (fsync(r->dirfd) == -1)
		return error_errno(err,
		    "%s is changed, but may not outlive a power cut: the "
		    "folder cannot be synced",
		    r->path);
	return 0;
}

void
replace_close(struct replace *r)
{
	if (r->fd != -1)
		(void)close(r->fd);
	if (r->temp[0] != '\0')
		(void)unlinkat(r->dirfd, base_name(r->temp), 0);
	if (r->dirfd != -1)
		(void)close(r->dirfd);
	if (r->held)
		(void)sigprocmask(SIG_SETMASK, &r->mask, NULL);
	*r = (struct replace){.dirfd = -1, .fd = -1};
}
