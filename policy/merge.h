/*
 * The same key from several sources made one.  Pure.
 */
#ifndef POLICY_MERGE_H
#define POLICY_MERGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/keyset.h"
#include "base/source.h"

/* One record and where it came from; the record is borrowed. */
struct keyref {
	const struct keyrec *rec;
	enum source source;
	int64_t until_ms; /* its source's records count until then */
};

/* A key with every record that holds it, in the order of the sources. */
struct merged_key {
	const struct keyref *refs;
	size_t n;
	int64_t until_ms; /* the latest of its records' */
	unsigned sources; /* SOURCE_BIT()s */
};

struct merged {
	struct merged_key *v; /* in the order of their fingerprints */
	size_t n;
	struct keyref *refs;
};

struct merge_input {
	const struct keyset *keys;
	enum source source;
	int64_t until_ms;
};

/*
 * Merges the usable records (those with a blob) of n inputs.  0, or -1 out
 * of memory.  The inputs must outlive m.
 */
int merge_keys(struct merged *m, const struct merge_input *in, size_t n);
void merge_free(struct merged *m);

#endif
