/*
 * Opening files that decide who gets in: opened first, then judged on the
 * descriptor, and every folder above them too.
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/error.h"

enum file_rule {
	FILE_PUBLIC, /* others may read, only the owner may write */
	FILE_SECRET /* nor may others read; the file's group may */
};

enum file_result {
	FILE_OK = 0,
	FILE_MISSING = 1, /* no such file; err says so too */
	FILE_ERROR = -1 /* there, but unreadable or not to be trusted */
};

/*
 * Reads a whole regular file of at most max bytes.  It must belong to root
 * or to the effective user and be writable by that owner alone, and so must
 * every folder on its (resolved) path; a sticky folder like /tmp counts as
 * safe.  The bytes, with a NUL behind that len does not count, go to out
 * (initialised by the caller, freed by the caller with buf_free).
 */
enum file_result file_read(const char *path, enum file_rule rule, size_t max,
    struct buf *out, struct error *err);

/*
 * A number for the state of a file, from its inode: another file, or one that
 * was written to since, has another one.  FILE_STAMP_MISSING where there is
 * none, FILE_STAMP_NONE where that can't be told.  path may be a link.
 */
#define FILE_STAMP_NONE 0
#define FILE_STAMP_MISSING 1
uint64_t file_stamp(const char *path);
/*
 * The same, but FILE_STAMP_NONE unless the file was last changed so long
 * before now_ms that a later change is sure to show in the stamp, however
 * coarse its file system's clock.
 */
uint64_t file_stamp_settled(const char *path, int64_t now_ms);

/*
 * Opens a folder for use as dirfd: a real folder, not writable by group or
 * others, owned by root or by anyone who is not an outsider: the owner is
 * returned in *owner for the caller to hold files against.  fd, or -1.
 */
int file_open_dir(
    const char *path, uid_t *owner, gid_t *group, struct error *err);

/*
 * 0 when every folder above path belongs to root or the effective user (or
 * `also`, unless it is (uid_t)-1) and no one else may write to it.
 */
int file_parents_ok(const char *path, uid_t also, struct error *err);

/*
 * Opens /dev/null in place of each of 0, 1 and 2 that the caller has left
 * closed: else a file of ours would be one of them, and what is printed would
 * be written to it.  First thing in a program.  0 or -1.
 */
int file_standard_fds(void);

/* Writes all of data, whatever write(2) cuts; 0 or -1 with errno. */
int file_write_all(int fd, const void *data, size_t len);

#endif
