/*
 * Giving rights up, first thing, for good.
 */
#ifndef BASE_RIGHTS_H
#define BASE_RIGHTS_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"

/*
 * True when the program was started set-user-ID or with file capabilities,
 * which none of ours may be: its user could then choose its environment.
 */
bool rights_set_id(void);

/*
 * As root: becomes uid and gid, with that account's groups, and can't go
 * back.  As anyone else, or for uid 0: nothing.  0, or -1; then the program
 * must end.
 */
int rights_drop(uid_t uid, gid_t gid, struct error *err);

/*
 * For a process that holds the token: no core file, no tracing by others of
 * its user, no new privileges, no execution of another program (seccomp; a
 * kernel without it is no error).  0, or -1.
 */
int rights_confine(struct error *err);

#endif
