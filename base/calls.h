/*
 * seccomp(2): which system calls a process may still make.
 */
#ifndef BASE_CALLS_H
#define BASE_CALLS_H

#include <stdbool.h>

#include "base/error.h"

/* Whether this kernel filters system calls. */
bool calls_can_filter(void);

/*
 * For the fetcher: leaves it the calls of calls_table.h and kills it at any
 * other, for good.  Needs no_new_privs, and a process without threads.  A
 * kernel that filters no calls is no error.  0, or -1: then the process is
 * as free as it was, and must end.
 */
int calls_confine(struct error *err);

#endif
