/*
 * packet-keysd as a service, seen from those who need a new snapshot.
 */
#ifndef CMD_SERVICE_H
#define CMD_SERVICE_H

#include <stdint.h>
#include <sys/types.h>

#include "base/config.h"
#include "base/error.h"

enum service {
	SERVICE_DONE = 0, /* a fetch that began after this call has ended */
	SERVICE_FOLLOWED = 1, /* one that had begun before; see how it ended */
	SERVICE_NONE = 2, /* nobody there who can help: fetch without it */
	SERVICE_FAILED = -1 /* it could not, or not in time */
};

/*
 * Asks the service at cfg->socket to make a new snapshot, and waits until it
 * has, or the deadline (clock_mono_ms).  Who listens there must be root or
 * owner, the cache folder's.  err says why with SERVICE_FAILED, and with
 * SERVICE_NONE, where it is "" if there is no such socket.
 */
enum service service_ask(
    const struct config *cfg, uid_t owner, int64_t deadline, struct error *err);

#endif
