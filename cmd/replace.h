/*
 * Replacing a file as a whole: the new one is made beside it, synced and
 * renamed over it.  Who reads sees the old or the new one, and whatever fails
 * leaves the old one and nothing else.
 */
#ifndef CMD_REPLACE_H
#define CMD_REPLACE_H

#include <limits.h>
#include <signal.h>
#include <stdbool.h>

#include "base/error.h"

struct replace {
	char path[PATH_MAX]; /* of the file: absolute, links followed */
	char temp[PATH_MAX]; /* of the new one; "" while there is none */
	int dirfd; /* their folder, -1 before replace_open */
	int fd; /* the new file, or -1 */
	bool held; /* signals are, and were as in mask */
	sigset_t mask;
};

/*
 * Opens the folder of path, which must belong to root or the effective user
 * and be closed to others' writing, as all above it.  The file itself is not
 * looked at, but for links.  0 or -1; replace_close in either case.
 */
int replace_open(struct replace *r, const char *path, struct error *err);

/*
 * Makes the new file, empty, for the caller alone to read and write (r->fd,
 * or by its name r->temp).  Until replace_close the signals that end a
 * process from a terminal wait, for nothing must be left behind.  0 or -1.
 */
int replace_begin(struct replace *r, struct error *err);

/*
 * Opens r->temp anew: for who let another program write it, which may have
 * made it a file of its own.  0 or -1.
 */
int replace_reopen(struct replace *r, struct error *err);

/*
 * Puts the new file, readable by all, in the place of the old one.  0, or -1:
 * the old one stands (unless the folder can't be synced, as err then says).
 */
int replace_publish(struct replace *r, struct error *err);

/* Closes all, and removes a new file that was not published. */
void replace_close(struct replace *r);

/* Sets err to `what: words for errno`, with advice for who is not root;
 * returns -1. */
int replace_errno(const char *what, struct error *err);

#endif
