/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/denylist.h"
#include "base/file.h"
#include "cmd/denyfile.h"
#include "cmd/replace.h"

#define LOCK_FILE DENYLIST_FILE ".lock"
#define LOCK_WAIT_MS 30000
#define LOCK_POLL_NS (5 * 1000 * 1000)

struct edit {
	struct replace file;
	int lock;
};

static int
wait_lock(int fd, struct error *err)
{
	const struct timespec pause = {0, LOCK_POLL_NS};
	int64_t deadline = clock_mono_ms() + LOCK_WAIT_MS;

	while (flock(fd, LOCK_EX | LOCK_NB) == -1) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return error_errno(err, "cannot lock " LOCK_FILE);
		if (clock_left_ms(deadline) == 0)
			return error_set(err,
			    "another packet-keys holds " LOCK_FILE
			    "; try again when it has ended");
		(void)nanosleep(&pause, NULL);
	}
	return 0;
}

static int
judge_lock(int fd, struct error *err)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return error_errno(err, LOCK_FILE);
	if (!S_ISREG(st.st_mode) || (st.st_mode & 077) != 0)
		return error_set(err,
		    LOCK_FILE " must be a regular file with mode 0600; "
			      "remove it");
	return 0;
}

/*
 * A file of its own: the folder and the list can be opened, and so be locked,
 * by anybody, who could then keep a key from being denied; and each edit puts
 * another file in the list's place.  For that reason this one stays.
 */
static int
open_lock(int dirfd, int create)
{
	return openat(dirfd, LOCK_FILE,
	    O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | create, 0600);
}

static int
take_lock(int fd, struct error *err)
{
	return judge_lock(fd, err) == -1 ? -1 : wait_lock(fd, err);
}

int
denyfile_hold(const char *path, int *lock, struct error *err)
{
	struct replace file;
	int r = -1;

	*lock = -1;
	if (replace_open(&file, path, err) == 0) {
		if ((*lock = open_lock(file.dirfd, 0)) != -1)
			r = take_lock(*lock, err);
		else if (errno == ENOENT || errno == EACCES || errno == EROFS)
			r = 0;
		else
			(void)error_errno(err, "cannot open " LOCK_FILE);
	}
	replace_close(&file);
	if (r == -1 && *lock != -1) {
		(void)close(*lock);
		*lock = -1;
	}
	return r;
}

int
denyfile_read(const char *path, struct buf *text, struct error *err)
{
	enum file_result r =
	    file_read(path, FILE_PUBLIC, LIMIT_DENY_FILE, text, err);

	return r == FILE_ERROR ? -1 : 0;
}

static int
edit_begin(
    struct edit *e, const char *path, struct buf *text, struct error *err)
{
	e->lock = -1;
	if (replace_open(&e->file, path, err) == -1)
		return -1;
	if ((e->lock = open_lock(e->file.dirfd, O_CREAT)) == -1)
		return replace_errno(path, err);
	if (take_lock(e->lock, err) == -1)
		return -1;
	return denyfile_read(e->file.path, text, err);
}

static int
edit_publish(struct edit *e, const struct buf *text, struct error *err)
{
	if (text->failed || text->len > LIMIT_DENY_FILE)
		return error_set(err,
		    "%s would grow over %d bytes: shorten its notes and "
		    "comments",
		    e->file.path, LIMIT_DENY_FILE);
	if (replace_begin(&e->file, err) == -1)
		return -1;
	if (file_write_all(e->file.fd, text->data, text->len) == -1)
		return replace_errno(e->file.temp, err);
	return replace_publish(&e->file, err);
}

static void
edit_end(struct edit *e)
{
	replace_close(&e->file);
	if (e->lock != -1)
		(void)close(e->lock);
}

static void
append(struct buf *text, const char *fp, const char *note)
{
	if (text->len != 0 && text->data[text->len - 1] != '\n')
		(void)buf_putc(text, '\n');
	(void)buf_puts(text, fp);
	if (*note != '\0') {
		(void)buf_putc(text, ' ');
		(void)buf_puts(text, note);
	}
	(void)buf_putc(text, '\n');
}

int
denyfile_add(const char *path, const char *fp, const char *note,
    struct buf *text, struct error *err)
{
	struct edit e;
	int r = -1;

	if (edit_begin(&e, path, text, err) == 0) {
		if (denylist_has((const char *)text->data, text->len, fp)) {
			r = 0;
		} else {
			append(text, fp, note);
			r = edit_publish(&e, text, err) == 0 ? 1 : -1;
		}
	}
	edit_end(&e);
	return r;
}

/* The start of the line that ends, with its CR or LF, at text[end]. */
static size_t
line_start(const unsigned char *text, size_t end)
{
	size_t p = end;

	if (p > 0 && text[p - 1] == '\n')
		p--;
	if (p > 0 && text[p - 1] == '\r')
		p--;
	while (p > 0 && text[p - 1] != '\n' && text[p - 1] != '\r')
		p--;
	return p;
}

/* Closes the gaps that the entries leave; how many there were. */
static unsigned
cut(struct buf *text, const char *fp)
{
	size_t start, end, kept = 0, from = 0;
	struct denylist_cursor c;
	struct denylist_entry e;
	unsigned n = 0;
	int r;

	denylist_start(&c, (const char *)text->data, text->len);
	while ((r = denylist_next(&c, &e)) != 0) {
		if (r == -1 || strcmp(e.fp, fp) != 0)
			continue;
		end = text->len - (size_t)(c.end - c.p);
		start = line_start(text->data, end);
		memmove(text->data + kept, text->data + from, start - from);
		kept += start - from;
		from = end;
		n++;
	}
	if (n != 0) {
		memmove(text->data + kept, text->data + from, text->len - from);
		text->len = kept + text->len - from;
	}
	return n;
}

int
denyfile_remove(
    const char *path, const char *fp, struct buf *text, struct error *err)
{
	struct edit e;
	int r = -1;

	if (edit_begin(&e, path, text, err) == 0) {
		if (cut(text, fp) == 0)
			r = 0;
		else
			r = edit_publish(&e, text, err) == 0 ? 1 : -1;
	}
	edit_end(&e);
	return r;
}
