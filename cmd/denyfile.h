/*
 * The file of denied keys (base/denylist.h), read and edited.
 *
 * The file and all folders above it must belong to root or the effective user
 * and be closed to others' writing.  A file that is missing is an empty list.
 * text is the caller's, initialised with DENYFILE_CAP, and freed by him.
 */
#ifndef CMD_DENYFILE_H
#define CMD_DENYFILE_H

#include "base/buf.h"
#include "base/error.h"
#include "base/limits.h"

#define DENYFILE_CAP (LIMIT_DENY_FILE + 1)

/* 0, or -1 with the reason. */
int denyfile_read(const char *path, struct buf *text, struct error *err);

/*
 * Adds an entry, or removes all for that fingerprint, and leaves every other
 * byte as it is.  The list is replaced whole, and editors wait for each other.
 * 1: done.  0: it is (not) in the list, nothing was changed.  -1: an error,
 * the old list stands.  text gets the list as it is then.
 *
 * note is written as it is: one line, cleaned.
 */
int denyfile_add(const char *path, const char *fp, const char *note,
    struct buf *text, struct error *err);
int denyfile_remove(
    const char *path, const char *fp, struct buf *text, struct error *err);

/*
 * Waits for those who edit the list and keeps others from it until the
 * descriptor *lock is closed.  *lock is -1 where there is no lock to take:
 * nobody has ever edited this list, or this user can't.  0 or -1.
 */
int denyfile_hold(const char *path, int *lock, struct error *err);

#endif
