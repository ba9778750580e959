/*
 * "did you mean …?" for a name that is not known.  Pure.
 */
#ifndef POLICY_SUGGEST_H
#define POLICY_SUGGEST_H

#include <stddef.h>

#include "policy/span.h"

/*
 * The one of n names that is nearest to the word: at most two letters put
 * in, left out, changed or swapped with their neighbour, and fewer than half
 * of the word's; letters' case doesn't count.  NULL where none is near.
 */
const char *suggest(struct span word, const char *const *names, size_t n);

#endif
