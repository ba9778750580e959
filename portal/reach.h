/*
 * What this room must reach beside the token: for a process that is about to
 * give up all other rights.
 */
#ifndef PORTAL_REACH_H
#define PORTAL_REACH_H

#include "base/fence.h"
#include "portal/portal.h"

/*
 * Allows the trust store, the TLS library's own files, and connections to
 * the ports of url, metadata_url, proxy and of name servers.  Reads no more
 * than names of files.  0, or -1.
 */
int portal_reach(
    const struct portal_settings *set, struct fence *f, struct error *err);

#endif
