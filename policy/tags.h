/*
 * The tags of a portal key that narrow what it may open.  Pure.
 *
 *	user:NAME	only this account; several are a set
 *	expires:DATE	only until then (policy/when.h); the earliest counts
 *	from:LIST	only from there (policy/from.h); several are one list
 *
 * The words before the colon are known by any case and blanks around either
 * part don't count: a tag that a person took for one of these must not be
 * passed over.  Other tags say nothing here.
 */
#ifndef POLICY_TAGS_H
#define POLICY_TAGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "policy/from.h"
#include "policy/when.h"
#include "policy/words.h"

/* Owned; begin with tags_init. */
struct tags {
	bool any_user; /* else users alone, and none if it's empty */
	struct words users;
	int64_t expires_ms; /* or WHEN_NONE */
	struct from from; /* empty: from anywhere */
};

/* Why a key can't be used.  One stable code each. */
enum tags_refusal {
	TAGS_OK = 0,
	TAGS_LOST, /* KEYREC_TAGS_LOST: there were more, or others */
	TAGS_USER, /* no name that an account may have */
	TAGS_EXPIRES, /* no date */
	TAGS_FROM, /* a bad list */
	TAGS_FROM_EMPTY, /* two records have no address in common */
	TAGS_FROM_UNCLEAR, /* or one that can't be written as a list */
	TAGS_INTERNAL, /* no memory: says nothing of the key, never a
				 * reason to drop it for good */
	TAGS_REFUSAL_COUNT
};

/* No tags: nothing is narrowed. */
void tags_init(struct tags *t);
/* Frees what t holds; then it is as tags_init leaves it. */
void tags_free(struct tags *t);

/*
 * Reads the n tags of one record into t, which tags_init or tags_free left.
 * On anything but TAGS_OK the key must be refused, err (may be NULL) names
 * the tag, and t lets no account in.
 */
enum tags_refusal tags_read(
    struct tags *t, const char *const *tags, size_t n, struct error *err);

/*
 * Narrows t by what another record of the same key says: both must let an
 * account in, the earlier date counts, the lists are intersected.  On
 * anything but TAGS_OK the key must be refused; then t lets no account in.
 */
enum tags_refusal tags_narrow(struct tags *t, const struct tags *more);

/* Whether a tag is one of these three, well-formed or not. */
bool tags_is_narrowing(const char *tag);

bool tags_let_in(const struct tags *t, const char *user);
/* Whether the time has come; sshd still lets that second pass, so does
 * this. */
bool tags_expired(const struct tags *t, int64_t now_ms);

/* A short stable word such as "tag-expires". */
const char *tags_refusal_code(enum tags_refusal r);
/* For a person: "has a tag expires: without a date that can be read". */
const char *tags_refusal_text(enum tags_refusal r);

#endif
