/*
 * All that decides who gets in at present, for the commands that show it:
 * configuration, snapshot, policy, denied keys.
 */
#ifndef CMD_WORLD_H
#define CMD_WORLD_H

#include "cmd/grants.h"
#include "cmd/holdings.h"
#include "cmd/policies.h"

struct world {
	struct config cfg;
	struct config_files files;
	struct holdings h; /* matched to cfg */
	struct policies p;
	struct merged keys;
	struct judge_input in; /* of all of these */
	int64_t now;
	bool fresh; /* the next login won't wait for the portal */
};

/*
 * 0, or -1 after a message.  A missing or bad snapshot is no error here, see
 * w->h.found.  world_free in either case.
 */
int world_load(struct world *w, const char *config);
void world_free(struct world *w);

/* Says on standard error what of the policy is not as its newest text has
 * it. */
void world_notes(const struct world *w);

/* Somebody, as the account database of this machine has him. */
struct somebody {
	struct applicant a;
	bool exists; /* a local account */
};

/*
 * Finds out in which of the groups that have a rule the account is; user must
 * outlive s.  0, or -1 after a message.  world_forget in either case.
 */
int world_find(const struct world *w, const char *user, struct somebody *s);
void world_forget(struct somebody *s);

#endif
