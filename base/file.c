/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/file.h"

/* No file system keeps its stamps less often. */
#define SETTLED_S 3
#include "base/limits.h"

static bool
owner_ok(uid_t uid, uid_t also)
{
	return uid == 0 || uid == geteuid() ||
	    (also != (uid_t)-1 && uid == also);
}

/*
 * A folder that others may write to lets them swap what lies in it, unless
 * it is sticky: then they can't touch what is not theirs.
 */
static int
parent_ok(const char *dir, const struct stat *st, uid_t also, struct error *err)
{
	if (!owner_ok(st->st_uid, also))
		return error_set(err,
		    "folder %s belongs to uid %lu, not to "
		    "root: chown root %s",
		    dir, (unsigned long)st->st_uid, dir);
	if ((st->st_mode & 022) != 0 && (st->st_mode & S_ISVTX) == 0)
		return error_set(err,
		    "folder %s may be written to by others "
		    "(mode %03o): chmod go-w %s",
		    dir, (unsigned)st->st_mode & 0777, dir);
	return 0;
}

/*
 * Judges the folders above path without resolving it, which costs half the
 * calls.  1: a symbolic link is among them, so this says nothing.
 */
static int
plain_parents_ok(const char *path, uid_t also, struct error *err)
{
	char dir[LIMIT_CONFIG_VALUE];
	const char *slash;
	struct stat st;
	size_t len;

	if (path[0] != '/' || strlen(path) >= sizeof(dir))
		return 1;
	for (slash = path; slash != NULL; slash = strchr(slash + 1, '/')) {
		len = slash == path ? 1 : (size_t)(slash - path);
		memcpy(dir, path, len);
		dir[len] = '\0';
		if (lstat(dir, &st) == -1)
			return error_errno(err, "folder %s", dir);
		if (S_ISLNK(st.st_mode))
			return 1;
		if (parent_ok(dir, &st, also, err) == -1)
			return -1;
	}
	if (lstat(path, &st) == -1)
		return error_errno(err, "%s", path);
	return S_ISLNK(st.st_mode) ? 1 : 0;
}

static int
resolved_parents_ok(const char *path, uid_t also, struct error *err)
{
	char real[PATH_MAX], *slash;
	struct stat st;

	if (realpath(path, real) == NULL)
		return error_errno(err, "%s", path);
	while ((slash = strrchr(real, '/')) != NULL) {
		slash[slash == real] = '\0';
		if (stat(real, &st) == -1)
			return error_errno(err, "folder %s", real);
		if (parent_ok(real, &st, also, err) == -1)
			return -1;
		if (slash == real)
			return 0;
	}
	return error_set(err, "%s: no absolute path", path);
}

int
file_parents_ok(const char *path, uid_t also, struct error *err)
{
	int r = plain_parents_ok(path, also, err);

	return r == 1 ? resolved_parents_ok(path, also, err) : r;
}

static int
judge(const char *path, const struct stat *st, enum file_rule rule, size_t max,
    struct error *err)
{
	if (!S_ISREG(st->st_mode))
		return error_set(err, "%s: not a regular file", path);
	if (!owner_ok(st->st_uid, (uid_t)-1))
		return error_set(err,
		    "%s belongs to uid %lu, not to root: "
		    "chown root %s",
		    path, (unsigned long)st->st_uid, path);
	if ((st->st_mode & 022) != 0)
		return error_set(err,
		    "%s may be written to by others (mode "
		    "%03o): chmod go-w %s",
		    path, (unsigned)st->st_mode & 0777, path);
	if (rule == FILE_SECRET && (st->st_mode & 007) != 0)
		return error_set(err,
		    "%s may be read by everybody (mode "
		    "%03o): chmod 0640 %s",
		    path, (unsigned)st->st_mode & 0777, path);
	if (st->st_size < 0 || (unsigned long long)st->st_size > max)
		return error_set(err, "%s is larger than %zu bytes", path, max);
	return 0;
}

/* Straight into out, so that no copy of a token is left on the stack. */
static int
read_whole(
    int fd, const char *path, size_t max, struct buf *out, struct error *err)
{
	ssize_t n;

	for (;;) {
		if (buf_reserve(out, 1) == -1)
			return error_set(err,
			    out->len < max ? "%s: no memory"
					   : "%s has grown too large",
			    path);
		n = read(fd, out->data + out->len, out->size - out->len);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return error_errno(err, "%s", path);
		out->len += (size_t)n;
		if (out->len > max)
			return error_set(err, "%s has grown too large", path);
		if (n == 0) {
			out->data[out->len] = '\0';
			return 0;
		}
	}
}

enum file_result
file_read(const char *path, enum file_rule rule, size_t max, struct buf *out,
    struct error *err)
{
	enum file_result r = FILE_ERROR;
	struct stat st;
	int fd;

	buf_reset(out);
	/* Not blocking: a FIFO in the file's place must not hang a login. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd == -1) {
		(void)error_errno(err, "%s", path);
		/* A link to nowhere is a file that ought to be there. */
		if (errno == ENOENT && lstat(path, &st) == -1 &&
		    errno == ENOENT)
			r = FILE_MISSING;
		return r;
	}
	if (fstat(fd, &st) == -1)
		(void)error_errno(err, "%s", path);
	else if (judge(path, &st, rule, max, err) == 0 &&
	    file_parents_ok(path, (uid_t)-1, err) == 0) {
		if (buf_reserve(out, (size_t)st.st_size + 1) == -1)
			(void)error_set(err, "%s: no memory", path);
		else if (read_whole(fd, path, max, out, err) == 0)
			r = FILE_OK;
	}
	(void)close(fd);
	if (r != FILE_OK)
		buf_free(out);
	return r;
}

static uint64_t
stamp_of(const struct stat *st)
{
	const uint64_t fields[] = {(uint64_t)st->st_dev, (uint64_t)st->st_ino,
	    (uint64_t)st->st_size, (uint64_t)st->st_mode, (uint64_t)st->st_uid,
	    (uint64_t)st->st_mtim.tv_sec, (uint64_t)st->st_mtim.tv_nsec,
	    (uint64_t)st->st_ctim.tv_sec, (uint64_t)st->st_ctim.tv_nsec};

	return digest_add(DIGEST_INIT, fields, sizeof(fields));
}

/* The stamp, or FILE_STAMP_NONE for one that was changed after `before`. */
static uint64_t
stamp_before(const char *path, time_t before)
{
	struct stat st;
	uint64_t stamp;

	if (lstat(path, &st) == -1)
		return errno == ENOENT ? FILE_STAMP_MISSING : FILE_STAMP_NONE;
	/* A link to nowhere is no missing file. */
	if (S_ISLNK(st.st_mode) && stat(path, &st) == -1)
		return FILE_STAMP_NONE;
	if (st.st_ctim.tv_sec >= before || st.st_mtim.tv_sec >= before)
		return FILE_STAMP_NONE;
	stamp = stamp_of(&st);
	return stamp <= FILE_STAMP_MISSING ? FILE_STAMP_NONE : stamp;
}

uint64_t
file_stamp(const char *path)
{
	return stamp_before(path, (time_t)INT64_MAX);
}

uint64_t
file_stamp_settled(const char *path, int64_t now_ms)
{
	return stamp_before(path, (time_t)(now_ms / 1000 - SETTLED_S));
}

int
file_open_dir(const char *path, uid_t *owner, gid_t *group, struct error *err)
{
	struct stat st;
	int fd;

	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1)
		return error_errno(err, "folder %s", path);
	if (fstat(fd, &st) == -1) {
		(void)error_errno(err, "folder %s", path);
	} else if ((st.st_mode & 022) != 0) {
		(void)error_set(err,
		    "folder %s may be written to by others "
		    "(mode %03o): chmod go-w %s",
		    path, (unsigned)st.st_mode & 0777, path);
	} else if (file_parents_ok(path, st.st_uid, err) == 0) {
		*owner = st.st_uid;
		*group = st.st_gid;
		return fd;
	}
	(void)close(fd);
	return -1;
}

int
file_standard_fds(void)
{
	int fd;

	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		/* The lowest free number, which is this one. */
		if (fcntl(fd, F_GETFD) == -1 && open("/dev/null", O_RDWR) == -1)
			return -1;
	}
	return 0;
}

int
file_write_all(int fd, const void *data, size_t len)
{
	const unsigned char *p = data;
	ssize_t n;

	while (len != 0) {
		n = write(fd, p, len);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return -1;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}
