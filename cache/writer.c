/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cache/record.h"
#include "cache/writer.h"

/*
 * Takes the blocks first.  A file system that can't do that says so, and then
 * the writes themselves will find the disk full.
 */
static int
reserve_space(int fd, off_t reserve)
{
	if (reserve <= 0 || fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, reserve) == 0)
		return 0;
	return errno == ENOSPC || errno == EDQUOT ? -1 : 0;
}

int
writer_begin(struct writer *w, int dirfd, off_t reserve, struct error *err)
{
	*w = (struct writer){.fd = -1, .dirfd = dirfd};
	buf_init(&w->scratch, LIMIT_RECORD);
	index_init(&w->index);
	if (unlinkat(dirfd, WRITER_FILE, 0) == -1 && errno != ENOENT)
		return error_errno(err, "cannot remove " WRITER_FILE);
	w->fd = openat(dirfd, WRITER_FILE,
	    O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (w->fd == -1)
		return error_errno(err, "cannot write the cache: " WRITER_FILE);
	if (reserve_space(w->fd, reserve) == -1 ||
	    cdb_make_start(&w->cdb, w->fd) == -1) {
		(void)error_errno(err, "cannot write the cache: " WRITER_FILE);
		(void)close(w->fd);
		w->fd = -1;
		(void)unlinkat(dirfd, WRITER_FILE, 0);
		return -1;
	}
	w->started = true;
	return 0;
}

static int
put_copy(
    struct writer *w, const struct record_key *k, const void *data, size_t len)
{
	struct buf *b = &w->scratch;

	buf_reset(b);
	(void)buf_put_u64(b, record_digest(k, data, len));
	(void)buf_put(b, data, len);
	if (b->failed) {
		errno = ENOMEM;
		return -1;
	}
	return cdb_make_add(
	    &w->cdb, k->data, k->len, b->data, (unsigned)b->len);
}

/* An index_put. */
static int
put_twice(void *ctx, const struct record_key *k, const void *data, size_t len)
{
	struct writer *w = ctx;
	struct record_key second;

	if (put_copy(w, k, data, len) == -1)
		return -1;
	return record_second(k, &second) ? put_copy(w, &second, data, len) : 0;
}

static int
put(struct writer *w, const struct record_key *k, const void *data, size_t len)
{
	if (index_covers(k) && index_note(&w->index, k) == -1) {
		errno = ENOMEM;
		return -1;
	}
	return put_twice(w, k, data, len);
}

/* As put, for what the caller has gathered. */
static int
put_buf(struct writer *w, const struct record_key *k, const struct buf *b)
{
	if (b->failed) {
		errno = ENOMEM;
		return -1;
	}
	return put(w, k, b->data, b->len);
}

/* The same for a payload that was built for this call: frees it. */
static int
put_take(struct writer *w, const struct record_key *k, struct buf *payload)
{
	int r = put_buf(w, k, payload);

	buf_free(payload);
	return r;
}

int
writer_put_head(struct writer *w, const struct snapshot_head *head)
{
	struct record_key k = record_key_head();
	struct buf b;

	buf_init(&b, LIMIT_RECORD);
	record_put_head(&b, head);
	return put_take(w, &k, &b);
}

int
writer_put_state(
    struct writer *w, enum source src, const struct source_state *state)
{
	struct record_key k = record_key_source('s', src);
	struct buf b;

	buf_init(&b, LIMIT_RECORD);
	record_put_state(&b, state);
	return put_take(w, &k, &b);
}

int
writer_put_keys(struct writer *w, enum source src, const struct keyset *keys)
{
	struct record_key k = record_key_source('k', src);
	struct buf b;

	buf_init(&b, LIMIT_RECORD - sizeof(uint64_t));
	(void)keyset_encode(keys, &b);
	return put_take(w, &k, &b);
}

int
writer_put_members(struct writer *w, const struct memberset *members)
{
	struct record_key k = record_key_members();
	struct buf b;

	buf_init(&b, LIMIT_RECORD - sizeof(uint64_t));
	(void)memberset_encode(members, &b);
	return put_take(w, &k, &b);
}

int
writer_put_policy(struct writer *w, enum grant_origin o, const struct buf *text)
{
	struct record_key k = record_key_policy(o);

	return put_buf(w, &k, text);
}

int
writer_put_deny(struct writer *w, const struct buf *text)
{
	struct record_key k = record_key_deny();

	return put_buf(w, &k, text);
}

int
writer_put_named(struct writer *w, const struct buf *names)
{
	struct record_key k = record_key_named();

	return put_buf(w, &k, names);
}

int
writer_put_denied(struct writer *w, const struct buf *list)
{
	struct record_key k = record_key_denied();

	return put_buf(w, &k, list);
}

int
writer_put_refused(struct writer *w, const char *fp, const char *code)
{
	size_t len = strlen(code);
	struct record_key k;

	if (record_key_refused(&k, fp) == -1 || len >= SNAPSHOT_CODE_SIZE) {
		errno = EINVAL;
		return -1;
	}
	return put(w, &k, code, len);
}

int
writer_put_lines(struct writer *w, enum grant_scope scope, const char *name,
    const char *which, const struct buf *lines)
{
	struct record_key k;

	if (record_key_lines(&k, scope, name, which) == -1 || lines->failed) {
		errno = EINVAL;
		return -1;
	}
	return put(w, &k, lines->data, lines->len);
}

/* Gives back what reserve_space took beyond the end. */
static int
trim(int fd)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return -1;
	/* No reader would take it. */
	if (st.st_size > LIMIT_SNAPSHOT) {
		errno = EFBIG;
		return -1;
	}
	return ftruncate(fd, st.st_size);
}

int
writer_publish(struct writer *w, struct error *err)
{
	if (index_write(&w->index, put_twice, w) == -1) {
		(void)error_errno(err, "cannot write the new snapshot");
		writer_abandon(w);
		return -1;
	}
	w->started = false;
	if (cdb_make_finish(&w->cdb) == -1 || trim(w->fd) == -1 ||
	    fchmod(w->fd, 0640) == -1 || fsync(w->fd) == -1 ||
	    renameat(w->dirfd, WRITER_FILE, w->dirfd, SNAPSHOT_FILE) == -1) {
		(void)error_errno(err, "cannot publish " SNAPSHOT_FILE);
		writer_abandon(w);
		return -1;
	}
	(void)close(w->fd);
	w->fd = -1;
	buf_free(&w->scratch);
	index_free(&w->index);
	if (fsync(w->dirfd) == -1)
		return error_errno(err, "cannot sync the cache folder");
	return 0;
}

void
writer_abandon(struct writer *w)
{
	if (w->fd == -1)
		return;
	/* libcdb has no other call that frees its tables. */
	if (w->started)
		(void)cdb_make_finish(&w->cdb);
	w->started = false;
	(void)close(w->fd);
	w->fd = -1;
	buf_free(&w->scratch);
	index_free(&w->index);
	(void)unlinkat(w->dirfd, WRITER_FILE, 0);
}
