/*
 * The audit trail: what a new snapshot lets in that the old one did not, and
 * the other way round.
 */
#ifndef CMD_AUDIT_H
#define CMD_AUDIT_H

#include "cache/snapshot.h"
#include "policy/compile.h"

/* So many changes of one snapshot are told one by one. */
#define AUDIT_LINES 50

struct audit {
	struct snapshot old;
	bool have_old;
	/* Which key opens what, as digests; old ones sorted. */
	struct audit_set {
		uint64_t *v;
		size_t n, size;
	} before, after;
	/* The first that came, as they will be told. */
	char (*plus)[LIMIT_REASON];
	size_t came;
	bool failed; /* no memory: nothing will be told */
};

/* What a line means: which key opens what. */
uint64_t audit_identity(const struct grant *g, const char *fp);

/* Keeps the snapshot that is there.  audit_close in any case. */
void audit_open(struct audit *a, int dirfd, uid_t owner);
/* Whether the new one lets in others, by the digests in both heads. */
bool audit_differs(const struct audit *a, uint64_t lines);
/* Only then: audit_begin, audit_line for each line of the new snapshot (ctx is
 * the audit; 0, or -1 out of memory), and audit_tell, once that is published. */
void audit_begin(struct audit *a);
int audit_line(void *ctx, const struct compile_line *line);
void audit_tell(struct audit *a);
void audit_close(struct audit *a);

#endif
