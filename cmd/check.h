/*
 * The parts of `packet-keys check`, each of which prints its findings.
 */
#ifndef CMD_CHECK_H
#define CMD_CHECK_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/config.h"

struct check {
	const char *config;
	const char *sshd_config; /* NULL: sshd's own */
	struct config cfg;
	struct config_files files;
	uid_t owner; /* of the cache folder; (uid_t)-1: unknown */
	gid_t group;
	/* As sshd has them; "" while unknown. */
	char command[4096], user[128];
	bool served; /* somebody answers at the service's socket */
	int failed, warned;
};

/* "ok", "WARN" (may be meant so) and "FAIL" (stops a login), with words. */
void check_ok(struct check *c, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void check_warn(struct check *c, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void check_fail(struct check *c, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Which protections the kernel lacks. */
void check_rights(struct check *c);
/* Token, cache folder, policy file, denied keys.  Fills in owner and group. */
void check_files(struct check *c);
/* Whether the service is there, by asking it.  Fills in served. */
void check_service(struct check *c);
/* Whether that account may, where it is there; root alone can tell. */
bool check_may_ask(const struct check *c, uid_t uid, gid_t gid);
/* What the portal answers, by way of a real fetch. */
void check_portal(struct check *c);
/* sshd's effective settings (sshd -T).  Fills in command and user. */
void check_sshd(struct check *c);
/* The lookup as sshd would run it: path, account, answer. */
void check_lookup(struct check *c);

#endif
