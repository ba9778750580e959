/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cache/record.h"

static int
judge(const struct stat *st, uid_t owner, struct error *err)
{
	if (!S_ISREG(st->st_mode))
		return error_set(err, SNAPSHOT_FILE " is not a regular file");
	if (st->st_uid != owner && st->st_uid != 0)
		return error_set(err,
		    SNAPSHOT_FILE " belongs to uid %lu, its "
				  "folder to uid %lu",
		    (unsigned long)st->st_uid, (unsigned long)owner);
	if ((st->st_mode & 022) != 0)
		return error_set(err,
		    SNAPSHOT_FILE " may be written to by "
				  "others (mode %03o)",
		    (unsigned)st->st_mode & 0777);
	if (st->st_size < 2048 || st->st_size > LIMIT_SNAPSHOT)
		return error_set(err, SNAPSHOT_FILE " has an impossible size");
	return 0;
}

/* The record's bytes behind its digest, which must fit. */
static enum snapshot_find
find(struct snapshot *s, const struct record_key *k, struct slice *out)
{
	struct slice in;
	uint64_t digest;
	int r;

	*out = (struct slice){NULL, 0};
	r = cdb_find(&s->cdb, k->data, k->len);
	if (r <= 0)
		return r == 0 ? SNAPSHOT_NOT_FOUND : SNAPSHOT_ERROR;
	in.len = cdb_datalen(&s->cdb);
	if (in.len > LIMIT_RECORD || (in.p = cdb_getdata(&s->cdb)) == NULL ||
	    slice_u64(&in, &digest) == -1 ||
	    digest != record_digest(k, in.p, in.len))
		return SNAPSHOT_ERROR;
	*out = in;
	return SNAPSHOT_FOUND;
}

static int
read_head(struct snapshot *s)
{
	struct record_key k = record_key_head();
	struct slice in;

	if (find(s, &k, &in) != SNAPSHOT_FOUND)
		return -1;
	return record_get_head(in, &s->head);
}

enum snapshot_result
snapshot_open(struct snapshot *s, int dirfd, uid_t owner, struct error *err)
{
	struct stat st;

	*s = (struct snapshot){.fd = -1};
	s->fd = openat(dirfd, SNAPSHOT_FILE,
	    O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	if (s->fd == -1) {
		int missing = errno == ENOENT;

		(void)error_errno(err, SNAPSHOT_FILE);
		return missing ? SNAPSHOT_MISSING : SNAPSHOT_BAD;
	}
	if (fstat(s->fd, &st) == -1) {
		(void)error_errno(err, SNAPSHOT_FILE);
	} else if (judge(&st, owner, err) == 0) {
		if (cdb_init(&s->cdb, s->fd) == -1) {
			(void)error_errno(err, SNAPSHOT_FILE);
		} else {
			if (read_head(s) == 0)
				return SNAPSHOT_OK;
			(void)error_set(err,
			    SNAPSHOT_FILE " is damaged or of "
					  "another version");
			cdb_free(&s->cdb);
		}
	}
	(void)close(s->fd);
	*s = (struct snapshot){.fd = -1};
	return SNAPSHOT_BAD;
}

void
snapshot_close(struct snapshot *s)
{
	if (s->fd == -1)
		return;
	cdb_free(&s->cdb);
	(void)close(s->fd);
	s->fd = -1;
}

/* Appends the lines of a record that still hold; all or nothing. */
static enum snapshot_find
append_lines(struct slice in, int64_t now_ms, struct buf *out)
{
	size_t before = out->len;
	struct slice line;
	int64_t until;

	while (in.len != 0) {
		if (record_get_line(&in, &until, &line) == -1 ||
		    (now_ms < until && buf_put(out, line.p, line.len) == -1)) {
			out->len = before;
			return SNAPSHOT_ERROR;
		}
	}
	return out->len != before ? SNAPSHOT_FOUND : SNAPSHOT_NOT_FOUND;
}

enum snapshot_find
snapshot_find_user(
    struct snapshot *s, const char *user, int64_t now_ms, struct buf *out)
{
	struct record_key k;
	struct slice in;
	enum snapshot_find r;

	if (record_key_user(&k, user) == -1)
		return SNAPSHOT_NOT_FOUND;
	if ((r = find(s, &k, &in)) != SNAPSHOT_FOUND)
		return r;
	return append_lines(in, now_ms, out);
}

enum snapshot_find
snapshot_find_key(struct snapshot *s, const char *user, const char *fp,
    int64_t now_ms, struct buf *out)
{
	struct record_key k;
	struct slice in;
	enum snapshot_find r;

	if (record_key_line(&k, user, fp) == -1)
		return SNAPSHOT_NOT_FOUND;
	if ((r = find(s, &k, &in)) != SNAPSHOT_FOUND)
		return r;
	return append_lines(in, now_ms, out);
}

enum snapshot_find
snapshot_source_state(
    struct snapshot *s, enum source src, struct source_state *state)
{
	struct record_key k = record_key_source('s', src);
	struct slice in;
	enum snapshot_find r;

	*state = (struct source_state){0};
	if ((r = find(s, &k, &in)) != SNAPSHOT_FOUND)
		return r;
	return record_get_state(in, state) == -1 ? SNAPSHOT_ERROR
						 : SNAPSHOT_FOUND;
}

enum snapshot_find
snapshot_source_keys(struct snapshot *s, enum source src, struct keyset *keys)
{
	struct record_key k = record_key_source('k', src);
	struct slice in;
	enum snapshot_find r;

	keyset_init(keys);
	if ((r = find(s, &k, &in)) != SNAPSHOT_FOUND)
		return r;
	if (keyset_decode(&in, keys) == -1)
		return SNAPSHOT_ERROR;
	if (in.len != 0) {
		keyset_free(keys);
		return SNAPSHOT_ERROR;
	}
	return SNAPSHOT_FOUND;
}
