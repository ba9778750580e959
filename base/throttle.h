/*
 * Which lines of the log are told and which are only counted: a bucket of
 * LIMIT_LOG_BURST lines for each reason, which gets one more each
 * LIMIT_LOG_REFILL_MS.  Pure; cache/logstate.h keeps the table on disk.
 */
#ifndef BASE_THROTTLE_H
#define BASE_THROTTLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/limits.h"

/*
 * Parts of the table, so that what a client or a customer can multiply never
 * takes the place of what this machine has to say about itself.
 */
enum throttle_part {
	THROTTLE_STATE, /* sources, files, snapshot: whoever asks */
	THROTTLE_REFUSAL, /* of one key for one account */
	THROTTLE_LEFT_OUT, /* a key in a source */
	THROTTLE_PARTS
};

#define THROTTLE_SLOTS \
	(LIMIT_LOG_STATES + LIMIT_LOG_REFUSALS + LIMIT_LOG_LEFT_OUT)

/* As it lies on disk. */
struct throttle_slot {
	uint64_t digest; /* of the rest; else the slot counts as empty */
	uint64_t key; /* of the reason and of what varies in it */
	int64_t full_ms; /* wall clock: when the bucket will be full */
	int64_t since_ms; /* when the first of the held lines was held back */
	uint32_t held; /* lines that were counted and not told */
	uint32_t shared; /* it is for all that found no slot of their own */
	char code[24];
	char text[64]; /* how the last of them began */
};

struct throttle {
	struct throttle_slot slot[THROTTLE_SLOTS];
};

/*
 * The slot for key, which is made if it isn't there, at the cost of one whose
 * bucket is full.  If none is: in THROTTLE_STATE that of the reason which
 * would be full first, since a new one is always told; elsewhere the one that
 * all such reasons share.  Never NULL.  What had to go with lines that were
 * not told is copied to *gone (else gone->held is 0).
 */
struct throttle_slot *throttle_find(struct throttle *t, enum throttle_part part,
    uint64_t key, int64_t now, struct throttle_slot *gone);

/*
 * Whether the bucket has a line left.  A bucket that would need longer than
 * there is to fill, since the clock went back, is full.
 */
bool throttle_may(const struct throttle_slot *s, int64_t now);
/* A line was told: it is taken from the bucket, if there was one, and none is
 * held any more. */
void throttle_told(struct throttle_slot *s, const char *code, int64_t now);
/* A line was held back. */
void throttle_hold(
    struct throttle_slot *s, const char *code, const char *text, int64_t now);

/* Whether a slot is in use and as it was written; its texts end then. */
bool throttle_sound(const struct throttle_slot *s);
/* For how long lines have been held, in ms; never negative. */
int64_t throttle_span(const struct throttle_slot *s, int64_t now);

/*
 * Takes into h what is the same in a source's reason each time that it fails
 * so: neither what stands in brackets (the other side's words) nor numbers,
 * but for "answered 503".
 */
uint64_t throttle_gist(uint64_t h, const char *reason);

#endif
