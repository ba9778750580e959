/*
 * How the program that sshd calls gets a new snapshot: it asks for one and
 * waits, never longer than its deadline.
 */
#ifndef CMD_ASK_H
#define CMD_ASK_H

#include <stdint.h>

#include "base/config.h"
#include "base/error.h"

/*
 * Starts `packet-keysd --once` unless one is at work already, and waits for
 * its end.  0: it has ended; 1: one that another process had started has
 * ended (look at the snapshot to see how); -1: none could be started, it was
 * killed, or the deadline (clock_mono_ms) came first.
 */
int ask_and_wait(const struct config *cfg, int dirfd, uid_t owner,
    int64_t deadline, struct error *err);

#endif
