/*
 * A new snapshot, put together beside the old one and published whole.
 *
 * Whoever writes holds the flight lock (flight.h).
 */
#ifndef CACHE_WRITER_H
#define CACHE_WRITER_H

#include "cache/index.h"
#include "cache/snapshot.h"

#define WRITER_FILE SNAPSHOT_FILE ".new"

struct writer {
	struct cdb_make cdb;
	struct buf scratch;
	struct index index;
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
int writer_put_members(struct writer *w, const struct memberset *members);
int writer_put_policy(
    struct writer *w, enum grant_origin o, const struct buf *text);
int writer_put_deny(struct writer *w, const struct buf *text);
/*
 * Both always: a lookup that needs one and finds none takes it for damaged.
 * The accounts with a rule of their own, which record_put_named appended to
 * names, and the fingerprints that are denied, as a list (denylist.h).
 */
int writer_put_named(struct writer *w, const struct buf *names);
int writer_put_denied(struct writer *w, const struct buf *list);
/* Why a key opens no account; shorter than SNAPSHOT_CODE_SIZE. */
int writer_put_refused(struct writer *w, const char *fp, const char *code);
/*
 * Lines of one scope and name, which record_put_line appended to lines.
 * which: the fingerprint of their key, SNAPSHOT_AUTHORITIES, or NULL for all
 * of them.
 */
int writer_put_lines(struct writer *w, enum grant_scope scope, const char *name,
    const char *which, const struct buf *lines);

/*
 * fsync, fchmod 0640, rename, fsync of the folder.  0: published and safe on
 * disk.  -1: the old snapshot stands (or, if only the last step failed, the
 * new one that a power cut may take back); the writer is gone either way.
 */
int writer_publish(struct writer *w, struct error *err);
/* Removes the temporary file.  Harmless after publish. */
void writer_abandon(struct writer *w);

#endif
