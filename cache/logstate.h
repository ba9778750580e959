/*
 * log.state: which lines of the log were told lately, for all processes that
 * write there (base/throttle.h).  A table of fixed size in the cache folder.
 *
 * It decides nothing but how many lines there are, so whatever goes wrong
 * with it costs a line too many: one that can't be read or written limits
 * nothing, and one that others could have written to is made anew.
 */
#ifndef CACHE_LOGSTATE_H
#define CACHE_LOGSTATE_H

#include <sys/types.h>

#include "base/throttle.h"

#define LOGSTATE_FILE "log.state"

struct logstate {
	int fd;
	struct throttle table;
};

/*
 * Opens and reads it in the folder dirfd (-1: there is none) of owner, and
 * makes it if it is missing.  0, with logstate_close to be called; or -1:
 * there is no limit, for one because we are not the owner.
 *
 * It is locked if that can be had in a few ms; without, what two processes
 * write at the same time counts once.
 */
int logstate_open(struct logstate *s, int dirfd, uid_t owner);
/* Writes one slot of the table.  0, or -1. */
int logstate_save(const struct logstate *s, const struct throttle_slot *slot);
void logstate_close(struct logstate *s);

#endif
