/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "cache/flight.h"
#include "cmd/check.h"
#include "cmd/holdings.h"
#include "cmd/run.h"
#include "cmd/token.h"

#define FETCH_GRACE_MS 5000

static const char *
account(uid_t uid)
{
	const struct passwd *pw = getpwuid(uid);

	return pw == NULL ? "an unknown uid" : pw->pw_name;
}

/*
 * The fetcher reads the token as the owner of the cache folder, so that is
 * who must be able to; tried for real in a child that becomes it.
 */
static void
check_token(struct check *c)
{
	const char *const cat[] = {
	    "/usr/bin/head", "-c", "1", c->cfg.token_file, NULL};
	struct run run = {.argv = cat, .uid = c->owner, .gid = c->group};
	struct buf token, out;
	struct error err;

	if (c->cfg.sources == SOURCE_BIT(SOURCE_METADATA)) {
		check_ok(c, "token: not needed by the sources in use");
		return;
	}
	if (token_read(c->cfg.token_file, &token, &err) == -1) {
		check_fail(c, "token: %s", err.text);
		token_wipe(&token);
		return;
	}
	token_wipe(&token);
	if (c->owner == (uid_t)-1)
		return;
	buf_init(&out, 16);
	run.out = run.errout = &out;
	run.deadline = clock_mono_ms() + 5000;
	if (geteuid() == 0 && run_program(&run, &err) != 0)
		check_fail(c,
		    "token: %s can't read %s: chgrp its group, "
		    "chmod 0640",
		    account(c->owner), c->cfg.token_file);
	else
		check_ok(c, "token %s", c->cfg.token_file);
	if (out.data != NULL)
		explicit_bzero(out.data, out.size);
	buf_free(&out);
}

/* A file of the cache that its owner can't replace stops every fetch. */
static void
check_cache_file(struct check *c, int dirfd, const char *name, mode_t others)
{
	struct stat st;

	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == -1) {
		if (errno != ENOENT)
			check_fail(c, "cache: %s/%s: %s", c->cfg.directory,
			    name, strerror(errno));
		return;
	}
	if (st.st_uid != c->owner)
		check_fail(c,
		    "cache: %s/%s belongs to %s, not to %s: remove "
		    "it",
		    c->cfg.directory, name, account(st.st_uid),
		    account(c->owner));
	else if (!S_ISREG(st.st_mode) || (st.st_mode & others) != 0)
		check_fail(c,
		    "cache: %s/%s is not a regular file of mode "
		    "%04o or less: remove it",
		    c->cfg.directory, name, 0777u & ~(unsigned)others);
}

static void
check_cache(struct check *c)
{
	struct error err;
	int fd = file_open_dir(c->cfg.directory, &c->owner, &c->group, &err);

	if (fd == -1) {
		c->owner = (uid_t)-1;
		check_fail(c,
		    "cache: %s (make it with: install -d -o "
		    "packet-keys -g packet-keys -m 0750 %s)",
		    err.text, c->cfg.directory);
		return;
	}
	if (c->owner == 0)
		check_fail(c,
		    "cache: folder %s belongs to root, so the "
		    "lookup can't renew it: chown packet-keys %s",
		    c->cfg.directory, c->cfg.directory);
	else
		check_ok(
		    c, "cache %s of %s", c->cfg.directory, account(c->owner));
	check_cache_file(c, fd, SNAPSHOT_FILE, 022);
	check_cache_file(c, fd, FLIGHT_FILE, 077);
	(void)close(fd);
}

void
check_files(struct check *c)
{
	struct error err;

	check_cache(c);
	check_token(c);
	if (config_policy_ok(&c->cfg, &err) == -1)
		check_fail(c, "policy: %s", err.text);
	else
		check_ok(c,
		    "policy: built in (root gets every key; there is "
		    "no %s)",
		    c->cfg.policy_file);
}

void
check_portal(struct check *c)
{
	const char *const fetcher[] = {
	    FETCHER, "--once", "-c", c->config, NULL};
	struct run run = {.argv = fetcher, .uid = (uid_t)-1};
	struct holdings h;
	char line[ERROR_SIZE];
	struct buf out;
	struct error err;
	uid_t owner;
	gid_t group;
	unsigned i;
	int dirfd, code;

	if (c->owner == (uid_t)-1)
		return;
	buf_init(&out, 64 * 1024);
	run.out = run.errout = &out;
	run.deadline = clock_mono_ms() + c->cfg.timeout_ms + FETCH_GRACE_MS;
	if ((code = run_program(&run, &err)) != 0)
		check_fail(c, "portal: %s",
		    code == -1 ? err.text
			       : run_last_line(&out, line, sizeof(line)));
	buf_free(&out);
	if (code == -1 || code > 1)
		return;
	dirfd = file_open_dir(c->cfg.directory, &owner, &group, &err);
	if (dirfd == -1)
		return;
	holdings_load(&h, dirfd, owner);
	(void)close(dirfd);
	if (h.found != SNAPSHOT_OK)
		check_fail(
		    c, "portal: no snapshot could be made: %s", h.why.text);
	for (i = 0; i < SOURCE_COUNT && h.found == SNAPSHOT_OK; i++) {
		if ((c->cfg.sources & SOURCE_BIT(i)) == 0)
			continue;
		if (h.state[i].outcome == OUTCOME_FAILED ||
		    h.state[i].outcome == OUTCOME_NEVER)
			check_fail(c, "portal: source %s: %s", source_name(i),
			    h.state[i].reason);
		else
			check_ok(c, "portal: source %s: %u keys, %u left out",
			    source_name(i), h.state[i].keys,
			    h.state[i].refused);
	}
	holdings_free(&h);
}
