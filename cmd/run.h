/*
 * Running another program to its end, within a time limit.
 */
#ifndef CMD_RUN_H
#define CMD_RUN_H

#include <sys/types.h>

#include "base/buf.h"
#include "base/error.h"

struct run {
	const char *const *argv; /* argv[0] is the path */
	uid_t uid; /* become that account first; -1: stay */
	gid_t gid;
	struct buf *out; /* gets standard output; NULL: not wanted */
	struct buf *errout; /* the same for standard error; NULL: ours */
	int64_t deadline; /* clock_mono_ms */
};

/*
 * The program gets /dev/null as standard input and next to no environment;
 * it is killed at the deadline.  Returns its exit code (128 + signal where a
 * signal ended it), or -1 with the reason.
 */
int run_program(const struct run *r, struct error *err);

/* The last line of an output that isn't empty, without its end; cut to size.
 * Returns dst. */
char *run_last_line(const struct buf *out, char *dst, size_t size);

#endif
