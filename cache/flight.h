/*
 * Single flight: however many logins wait, one process asks the portal.
 *
 * The lock is a flock(2) on a file in the cache folder: it ends with the last
 * process that holds it, killed or not.
 */
#ifndef CACHE_FLIGHT_H
#define CACHE_FLIGHT_H

#include <stdint.h>

#include "base/error.h"

#define FLIGHT_FILE "fetch.lock"

enum flight {
	FLIGHT_LEADER = 0, /* the lock is ours */
	FLIGHT_BUSY = 1, /* another process has it */
	FLIGHT_ERROR = -1
};

/*
 * Opens the lock file in dirfd (made with mode 0600 if missing; others must
 * not be able to hold it).  A descriptor, close-on-exec, or -1.
 */
int flight_open(int dirfd, struct error *err);

/* Takes the lock if it is free. */
enum flight flight_try(int fd, struct error *err);

/*
 * Waits until the lock is free and takes it: FLIGHT_LEADER.  FLIGHT_BUSY when
 * the deadline (clock_mono_ms) came first.
 */
enum flight flight_wait(int fd, int64_t deadline, struct error *err);

/*
 * Whether fd, inherited from the process that took the lock, is dirfd's lock
 * file.  0, or -1.
 */
int flight_check(int fd, int dirfd, struct error *err);

#endif
