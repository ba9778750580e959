/*
 * Fetches, from lock to published snapshot: what packet-keysd does.
 */
#ifndef CMD_REFRESH_H
#define CMD_REFRESH_H

#include "base/config.h"
#include "base/error.h"
#include "cmd/round.h"

struct refresh {
	struct config *cfg;
	struct config_files *files; /* read with cfg */
	bool due_only; /* leave alone what is fresh or waits */
	bool members; /* ask for them though no policy in force needs them */
	int lock; /* the lock, already held; or -1 */
	int64_t start_wall, deadline; /* both clocks, taken at start */
	/* Of refresh_open. */
	int dirfd;
	uid_t owner;
	struct contact contact;
};

enum refresh_result {
	REFRESH_DONE = 0, /* the snapshot is new or confirmed */
	REFRESH_FAILED = -1 /* nothing new; err says why */
};

/*
 * Opens the cache folder, as root becomes its owner, and gives up all rights
 * but those of a fetch.  0, or -1 (logged): then the process must end.
 */
int refresh_open(struct refresh *r, struct error *err);
/*
 * One fetch; any number of them.  Logs what went wrong: with single sources
 * and keys, and err.  Closes r->lock.
 */
enum refresh_result refresh_run(struct refresh *r, struct error *err);
/* Ends the connections, unless the last fetch ran past its deadline: a name
 * lookup that still hangs in there would hold us up, and the end of the
 * process cleans up just as well. */
void refresh_close(struct refresh *r);

#endif
