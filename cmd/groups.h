/*
 * The local account database: who is in which group.
 */
#ifndef CMD_GROUPS_H
#define CMD_GROUPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/*
 * Sets in[i] for each of the n groups that the account is in, by its primary
 * group or by membership, as initgroups(3) would have it; nothing for a user
 * who is no account, and for groups that are none.  0, or -1 (in is all
 * false) where the database can't be asked or the deadline (clock_mono_ms)
 * came first.
 *
 * A child asks: a name service that hangs or crashes (LDAP, say) does that
 * there.
 */
int groups_of(const char *user, const char *const *names, size_t n, bool *in,
    int64_t deadline, struct error *err);

#endif
