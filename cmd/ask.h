/*
 * How the program that sshd calls gets a new snapshot: it asks for one and
 * waits, never longer than its deadline.
 */
#ifndef CMD_ASK_H
#define CMD_ASK_H

#include <stdint.h>

#include "base/config.h"
#include "base/error.h"

struct ask {
	const struct config *cfg;
	int dirfd; /* the cache folder */
	uid_t owner;
	int64_t deadline; /* clock_mono_ms */
	const char *no_start; /* why no fetcher may be started; NULL: it may */
};

/*
 * Asks the service, or without one starts `packet-keysd --once` unless one is
 * at work already, and waits for the end of that.  0: it has ended; 1: a fetch
 * that had begun before has ended (look at the snapshot to see how); -1: none
 * could be started, it was killed, or the deadline came first.  err says why
 * with -1; else why the service was of no use, "" if there is none.
 */
int ask_and_wait(const struct ask *a, struct error *err);

#endif
