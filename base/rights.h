/*
 * Giving rights up, first thing, for good.
 */
#ifndef BASE_RIGHTS_H
#define BASE_RIGHTS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"

/*
 * True when the program was started set-user-ID or with file capabilities,
 * which none of ours may be: its user could then choose its environment.
 */
bool rights_set_id(void);

/*
 * As root: becomes uid and gid, with all groups that the account has by
 * itself, and can't go back.  As anyone else, or for uid 0: nothing.  0, or -1; then the program
 * must end.
 */
int rights_drop(uid_t uid, gid_t gid, struct error *err);

/*
 * For a process that holds the token, before it has threads: no core file, no
 * tracing by others of its user, no new privileges, and limits of memory,
 * file size, descriptors and processes.  What it may open is fence.h's, what
 * it may call calls.h's.  0, or -1; then the program must end.
 */
int rights_confine(struct error *err);

/*
 * Which of these protections this kernel lacks: a sentence for each, to stand
 * behind "this kernel has"; returns how many.
 */
#define RIGHTS_MISSING_MAX 5
size_t rights_missing(const char *words[RIGHTS_MISSING_MAX]);

#endif
