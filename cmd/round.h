/*
 * Asking the portal for what is due, and taking its answers in: one fetch may
 * need more than one round of that.
 */
#ifndef CMD_ROUND_H
#define CMD_ROUND_H

#include "cmd/holdings.h"
#include "portal/portal.h"

/* The portal as this process knows it: token and warm connections, which
 * outlive a round.  All zero at first; one config for its whole life. */
struct contact {
	struct portal_settings settings;
	struct portal *portal; /* from the first round on */
	struct error err; /* why there is no portal, or no token */
	bool no_token;
};

struct round {
	const struct config *cfg;
	struct contact *contact; /* borrowed */
	bool all; /* what is fresh or waits is asked for, too */
	int64_t deadline; /* clock_mono_ms */
	struct portal_ids ids;
	char boot[SNAPSHOT_UUID_SIZE]; /* this boot's id; "" if unknown */
	/* What came of it. */
	unsigned asked; /* SOURCE_BIT()s */
	bool confirmed; /* some source answered */
	bool dated; /* one has said what its time is */
	char reason[LIMIT_REASON]; /* of a source that failed */
};

/* A changed config voids what was learned and planned under the old one, so
 * that due_only has no effect then. */
void round_open(struct round *r, const struct config *cfg,
    struct contact *contact, const struct holdings *h, bool due_only,
    int64_t deadline);
/*
 * Asks for those of the sources that are due, and takes their answers into h,
 * and what `auto` stands for.  0 whatever they answer; -1 out of memory.
 */
int round_ask(
    struct round *r, struct holdings *h, unsigned sources, struct error *err);
/* Ends the connections and wipes the token; all zero again. */
void contact_close(struct contact *c);

#endif
