/*
 * What the portal answered, brought into the holdings.
 */
#ifndef CMD_ANSWERS_H
#define CMD_ANSWERS_H

#include "cmd/holdings.h"
#include "portal/portal.h"

/*
 * Takes one source's answer to a request of asked_at, at now: checks the keys
 * of a new list (their texts become blobs), or the fleet's policy document,
 * counts failures, sets the next try.  Logs a failure, and each key that is
 * refused and was not refused before.  -1: out of memory.
 *
 * A fleet document that is missing or not valid is a failure that leaves the
 * last valid one in force; the portal was there, so that one gets no staler.
 */
int answer_take(struct holdings *h, enum source src,
    struct portal_source *answer, const struct config *cfg, int64_t asked_at,
    int64_t now, uint32_t random);

#endif
