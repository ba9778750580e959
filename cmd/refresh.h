/*
 * One fetch, from lock to published snapshot: what packet-keysd does.
 */
#ifndef CMD_REFRESH_H
#define CMD_REFRESH_H

#include "base/config.h"
#include "base/error.h"

struct refresh {
	struct config *cfg;
	struct config_files *files; /* read with cfg */
	bool due_only; /* leave alone what is fresh or waits */
	bool members; /* ask for them though no policy in force needs them */
	int lock; /* the lock, already held; or -1 */
	int64_t start_wall, deadline; /* both clocks, taken at start */
};

enum refresh_result {
	REFRESH_DONE = 0, /* the snapshot is new or confirmed */
	REFRESH_FAILED = -1 /* nothing new; err says why */
};

/*
 * As root it first becomes the owner of the cache folder.  Logs what went
 * wrong: with single sources and keys, and err.
 */
enum refresh_result refresh_run(struct refresh *r, struct error *err);

#endif
