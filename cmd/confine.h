/*
 * What the fetcher keeps of its rights.
 */
#ifndef CMD_CONFINE_H
#define CMD_CONFINE_H

#include "base/config.h"
#include "base/error.h"

/*
 * Gives up all that a fetch under cfg has no need of, for good; dirfd is the
 * cache folder.  For a process without threads, as its last uid, that has
 * read config and policy, and before it reads the token or asks anybody.  A
 * protection that the kernel lacks is done without (rights_missing).  0, or
 * -1: then the program must end.
 */
int confine_fetcher(const struct config *cfg, int dirfd, struct error *err);

#endif
