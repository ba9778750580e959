/*
 * A new snapshot, put together beside the old one and published whole.
 *
 * Whoever writes holds the flight lock (flight.h).
 */
#ifndef CACHE_WRITER_H
#define CACHE_WRITER_H

#include "cache/snapshot.h"

#define WRITER_FILE SNAPSHOT_FILE ".new"

struct writer {
	struct cdb_make cdb;
	struct buf scratch;
	int fd, dirfd; /* dirfd is borrowed */
	bool started; /* cdb holds memory */
};

/*
 * Makes the temporary file, in place of one that a killed writer left, and
 * reserves `reserve` bytes, so that a full or read-only disk is found before
 * the portal is asked.  0, or -1.
 */
int writer_begin(struct writer *w, int dirfd, off_t reserve, struct error *err);

/* 0, or -1 with errno; then only writer_abandon makes sense. */
int writer_put_head(struct writer *w, const struct snapshot_head *head);
int writer_put_state(
    struct writer *w, enum source src, const struct source_state *state);
int writer_put_keys(
    struct writer *w, enum source src, const struct keyset *keys);
/* One line of user, good until until_ms, to be found by its fingerprint. */
int writer_put_line(struct writer *w, const char *user, const char *fp,
    int64_t until_ms, const void *line, size_t len);
/* All lines of user: what record_put_line appended to lines. */
int writer_put_user(
    struct writer *w, const char *user, const struct buf *lines);

/*
 * fsync, fchmod 0640, rename, fsync of the folder.  0: published and safe on
 * disk.  -1: the old snapshot stands (or, if only the last step failed, the
 * new one that a power cut may take back); the writer is gone either way.
 */
int writer_publish(struct writer *w, struct error *err);
/* Removes the temporary file.  Harmless after publish. */
void writer_abandon(struct writer *w);

#endif
