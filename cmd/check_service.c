/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "cmd/check.h"
#include "cmd/run.h"
#include "cmd/service.h"

#define GRACE_MS 2000

void
check_service(struct check *c)
{
	const char *path = c->cfg.socket;
	struct stat st;
	struct error err;

	if (lstat(path, &st) == -1 && errno == ENOENT) {
		check_ok(c,
		    "service: none; a login that needs new keys "
		    "starts " FETCHER);
		return;
	}
	switch (service_ask(&c->cfg, c->owner,
	    clock_mono_ms() + c->cfg.timeout_ms + GRACE_MS, &err)) {
	case SERVICE_DONE:
	case SERVICE_FOLLOWED:
		check_ok(c, "service: answers at %s", path);
		c->served = true;
		return;
	case SERVICE_FAILED:
		check_warn(c, "service: %s", err.text);
		c->served = true;
		return;
	default:
		check_warn(c,
		    "service: %s; logins do without it: start packet-keysd "
		    "anew, or remove the socket",
		    err.text);
	}
}

bool
check_may_ask(const struct check *c, uid_t uid, gid_t gid)
{
	const char *const test[] = {"/usr/bin/test", "-w", c->cfg.socket, NULL};
	struct run run = {.argv = test,
	    .uid = uid,
	    .gid = gid,
	    .deadline = clock_mono_ms() + GRACE_MS};

	return c->served && run_program(&run, NULL) == 0;
}
