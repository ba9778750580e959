/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cache/index.h"
#include "cache/record.h"

#define TABLES 2048 /* bytes in front of the first record */
#define TABLE 8 /* where a hash table is, and how many slots it has */
#define SLOT 8

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
	if (st->st_size < TABLES || st->st_size > LIMIT_SNAPSHOT)
		return error_set(err, SNAPSHOT_FILE " has an impossible size");
	return 0;
}

static enum snapshot_find
find_copy(struct snapshot *s, const struct record_key *k, struct slice *out)
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

static enum snapshot_find
find_either(struct snapshot *s, const struct record_key *k, struct slice *out)
{
	enum snapshot_find r = find_copy(s, k, out);
	struct record_key second;

	if (r == SNAPSHOT_FOUND || !record_second(k, &second))
		return r;
	return find_copy(s, &second, out) == SNAPSHOT_FOUND ? SNAPSHOT_FOUND
							    : r;
}

/* Whether a record that can't be found was written. */
static bool
is_lost(struct snapshot *s, const struct record_key *k)
{
	const struct record_key index = record_key_index();
	struct record_key bucket;
	struct slice in;

	return find_either(s, &index, &in) != SNAPSHOT_FOUND ||
	    index_bucket(in, k, &bucket) == -1 ||
	    find_either(s, &bucket, &in) != SNAPSHOT_FOUND || index_has(in, k);
}

enum snapshot_find
record_find(struct snapshot *s, const struct record_key *k, struct slice *out)
{
	enum snapshot_find r = find_either(s, k, out);

	if (r == SNAPSHOT_NOT_FOUND && index_covers(k) && is_lost(s, k))
		return SNAPSHOT_ERROR;
	return r;
}

/*
 * Where the records end, libcdb takes from one place, so that one flipped bit
 * there would make it believe none of them.  It can be told from the places
 * of the tables behind them, which follow upon each other.
 */
static void
mend_end(struct cdb *cdb)
{
	const unsigned char *p = cdb_get(cdb, TABLES, 0);
	unsigned end, second, third;

	if (p == NULL)
		return;
	end = cdb_unpack(p);
	second = cdb_unpack(p + TABLE) - cdb_unpack(p + 4) * SLOT;
	third = cdb_unpack(p + 2 * TABLE) - cdb_unpack(p + TABLE + 4) * SLOT -
	    cdb_unpack(p + 4) * SLOT;
	if (end != second && end != third && second >= TABLES &&
	    second <= cdb->cdb_fsize)
		cdb->cdb_dend = second;
}

static int
read_head(struct snapshot *s)
{
	struct record_key k = record_key_head();
	struct slice in;

	if (record_find(s, &k, &in) != SNAPSHOT_FOUND)
		return -1;
	return record_get_head(in, &s->head);
}

bool
snapshot_lacks(void)
{
	return errno == ENOMEM || errno == EMFILE || errno == ENFILE;
}

/* Whoever fails from here on for want of memory says so in errno. */
static enum snapshot_find
find_whole(struct snapshot *s, const struct record_key *k, struct slice *in)
{
	errno = 0;
	return record_find(s, k, in);
}

/* 0, or -1 with err, and errno where it was the machine's fault. */
static int
load(struct snapshot *s, uid_t owner, struct error *err)
{
	struct stat st;

	if (fstat(s->fd, &st) == -1)
		return error_errno(err, SNAPSHOT_FILE);
	errno = 0;
	if (judge(&st, owner, err) == -1)
		return -1;
	if (cdb_init(&s->cdb, s->fd) == -1)
		return error_errno(err, SNAPSHOT_FILE);
	mend_end(&s->cdb);
	if (read_head(s) == 0)
		return 0;
	cdb_free(&s->cdb);
	(void)error_set(err, SNAPSHOT_FILE " is damaged or of another version");
	errno = 0;
	return -1;
}

enum snapshot_result
snapshot_open(struct snapshot *s, int dirfd, uid_t owner, struct error *err)
{
	int why;

	*s = (struct snapshot){.fd = -1};
	s->fd = openat(dirfd, SNAPSHOT_FILE,
	    O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	if (s->fd == -1) {
		(void)error_errno(err, SNAPSHOT_FILE);
		return errno == ENOENT ? SNAPSHOT_MISSING : SNAPSHOT_BAD;
	}
	if (load(s, owner, err) == 0)
		return SNAPSHOT_OK;
	why = errno;
	(void)close(s->fd);
	*s = (struct snapshot){.fd = -1};
	errno = why;
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

enum snapshot_find
snapshot_source_state(
    struct snapshot *s, enum source src, struct source_state *state)
{
	struct record_key k = record_key_source('s', src);
	struct slice in;
	enum snapshot_find r;

	*state = (struct source_state){0};
	if ((r = find_whole(s, &k, &in)) != SNAPSHOT_FOUND)
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
	if ((r = find_whole(s, &k, &in)) != SNAPSHOT_FOUND)
		return r;
	if (keyset_decode(&in, keys) == -1)
		return SNAPSHOT_ERROR;
	if (in.len != 0) {
		keyset_free(keys);
		return SNAPSHOT_ERROR;
	}
	return SNAPSHOT_FOUND;
}

enum snapshot_find
snapshot_members(struct snapshot *s, struct memberset *members)
{
	struct record_key k = record_key_members();
	struct slice in;
	enum snapshot_find r;

	memberset_init(members);
	if ((r = find_whole(s, &k, &in)) != SNAPSHOT_FOUND)
		return r;
	if (memberset_decode(&in, members) == -1)
		return SNAPSHOT_ERROR;
	if (in.len != 0) {
		memberset_free(members);
		return SNAPSHOT_ERROR;
	}
	return SNAPSHOT_FOUND;
}

static enum snapshot_find
read_text(struct snapshot *s, const struct record_key *k, struct buf *out)
{
	struct slice in;
	enum snapshot_find r;

	if ((r = find_whole(s, k, &in)) != SNAPSHOT_FOUND)
		return r;
	return buf_put(out, in.p, in.len) == -1 ? SNAPSHOT_ERROR
						: SNAPSHOT_FOUND;
}

enum snapshot_find
snapshot_policy(struct snapshot *s, enum grant_origin o, struct buf *out)
{
	struct record_key k = record_key_policy(o);

	return read_text(s, &k, out);
}

enum snapshot_find
snapshot_deny(struct snapshot *s, struct buf *out)
{
	struct record_key k = record_key_deny();

	return read_text(s, &k, out);
}
