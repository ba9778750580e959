/*
 * Answers that take most of a source away.
 */
#ifndef CMD_REMOVAL_H
#define CMD_REMOVAL_H

#include "cmd/holdings.h"
#include "portal/portal.h"

/*
 * Whether the answer lacks more than half of what is held, where that is four
 * or more: usable keys by their fingerprints, members by their ids.  1, 0, or
 * -1 out of memory.
 */
int removal_is_mass(const struct holdings *h, enum source src,
    const struct portal_source *answer);

#endif
