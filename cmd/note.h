/*
 * What there is to say of one answer that was not plain: gathered while it is
 * made, and told as one line.
 */
#ifndef CMD_NOTE_H
#define CMD_NOTE_H

#include "cache/snapshot.h"
#include "cmd/tell.h"

struct note {
	const char *user;
	bool any; /* there is something to say */
	enum tell_code code; /* of the weightiest */
	int priority;
	uint64_t key; /* of what would be another line: no ages */
	char lead[640]; /* "" or what stands in front */
	char rest[1400]; /* "; …" for each of the others */
	size_t len;
};

/* Forgets what was said. */
void note_begin(struct note *n, const char *user);
/* Adds a fact, of which gist is what doesn't vary from login to login. */
void note_add(struct note *n, enum tell_code code, int priority, uint64_t gist,
    const char *fmt, ...) __attribute__((format(printf, 5, 6)));
/* The fact that stands in front: there is one. */
void note_lead(struct note *n, enum tell_code code, int priority, uint64_t gist,
    const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/* The key fp, refused with a code of the policy. */
void note_refused(struct note *n, const char *fp, const char *why);
/* Old keys serve; why: no new snapshot came in place of this one, of made_ms
 * (NULL: a source failed). */
void note_old(struct note *n, const char *why, int64_t made_ms, int64_t now);
/* What becomes of the keys of each source that failed. */
void note_sources(
    struct note *n, struct snapshot *s, int64_t now, int64_t stale_ms);

/* The line, if there is anything to say. */
void note_tell(const struct note *n);

#endif
