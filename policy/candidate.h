/*
 * A key as the policy sees it: all that its records say, taken together.
 * Pure.
 */
#ifndef POLICY_CANDIDATE_H
#define POLICY_CANDIDATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/merge.h"
#include "policy/people.h"
#include "policy/pubkey.h"
#include "policy/tags.h"

#define CANDIDATE_NEVER INT64_MIN

/* Somebody whose key it is; until then the record that says so counts. */
struct holder {
	size_t person;
	int64_t until_ms;
};

/* All zero is none yet; filled again and again. */
struct candidate {
	const struct merged_key *key;
	struct pubkey pk; /* parsed from the blob, as type and bits are */
	enum pubkey_type type;
	unsigned bits;
	/* The oldest date of its records: one that was added again is no
	 * younger.  KEYREC_NO_DATE where none has any. */
	int64_t created_ms;
	/* What the tags of all records leave; tags_refused: nothing. */
	struct tags tags;
	enum tags_refusal tags_refused;
	/* Until when each source's record counts, or CANDIDATE_NEVER. */
	int64_t source_until_ms[SOURCE_KEYS];
	bool tagged; /* some record has a tag */
	int64_t project_until_ms; /* the same, of one that is a project's */
	struct holder *holders; /* each person once */
	size_t n, size;
};

enum candidate_result {
	CANDIDATE_OK = 0,
	CANDIDATE_UNUSABLE, /* its blob is none that this version takes */
	CANDIDATE_NO_MEMORY
};

/* Fills c in for key; it lives as long as key and people do. */
enum candidate_result candidate_set(struct candidate *c,
    const struct merged_key *key, const struct people *people);
/* Until when a record with this tag counts, or CANDIDATE_NEVER. */
int64_t candidate_tag(const struct candidate *c, const char *tag);
void candidate_free(struct candidate *c);

#endif
