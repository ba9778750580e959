/*
 * The socket that packet-keysd listens on as a service.
 */
#ifndef CMD_LISTEN_H
#define CMD_LISTEN_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/limits.h"

struct listener {
	int fd; /* non-blocking, close-on-exec */
	bool handed; /* systemd's, who goes on to listen when we end */
	char path[LIMIT_SOCKET_PATH]; /* of our own; "" otherwise */
	dev_t dev; /* of our own file */
	ino_t ino;
};

/*
 * The socket that systemd handed over (sd_listen_fds(3)), or else one made at
 * path, for uid and gid alone, in a folder that nobody but root and uid can
 * write to.  A socket that is left there by a process that has ended is
 * replaced.  0, or -1; listen_close in either case.
 */
int listen_open(struct listener *l, const char *path, uid_t uid, gid_t gid,
    struct error *err);

/* Closes, and removes the file if it is still our own. */
void listen_close(struct listener *l);

#endif
