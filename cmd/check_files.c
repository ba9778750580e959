/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/denylist.h"
#include "base/file.h"
#include "cache/flight.h"
#include "cache/logstate.h"
#include "cmd/check.h"
#include "cmd/holdings.h"
#include "cmd/run.h"
#include "cmd/token.h"
#include "policy/document.h"

#define FETCH_GRACE_MS 5000

static const char *
account(uid_t uid)
{
	const struct passwd *pw = getpwuid(uid);

	return pw == NULL ? "an unknown uid" : pw->pw_name;
}

/*
 * Whether the owner of the cache folder, as whom lookup and fetcher run, can
 * read the file; tried for real in a child that becomes it.
 */
static bool
owner_reads(const struct check *c, const char *path)
{
	const char *const head[] = {"/usr/bin/head", "-c", "1", path, NULL};
	struct run run = {.argv = head, .uid = c->owner, .gid = c->group};
	struct buf out;
	struct error err;
	bool ok;

	if (geteuid() != 0 || c->owner == (uid_t)-1)
		return true;
	buf_init(&out, 4096);
	run.out = run.errout = &out;
	run.deadline = clock_mono_ms() + 5000;
	ok = run_program(&run, &err) == 0;
	if (out.data != NULL)
		explicit_bzero(out.data, out.size);
	buf_free(&out);
	return ok;
}

static void
check_token(struct check *c)
{
	struct buf token;
	struct error err;

	if (c->cfg.sources == SOURCE_BIT(SOURCE_METADATA) &&
	    strcmp(c->cfg.fleet, "none") == 0 &&
	    c->files.policy.found == FILE_MISSING) {
		check_ok(c, "token: not needed by the sources in use");
		return;
	}
	if (token_read(c->cfg.token_file, &token, &err) == -1)
		check_fail(c, "token: %s", err.text);
	else if (!owner_reads(c, c->cfg.token_file))
		check_fail(c,
		    "token: %s can't read %s: chgrp its group, "
		    "chmod 0640",
		    account(c->owner), c->cfg.token_file);
	else
		check_ok(c, "token %s", c->cfg.token_file);
	token_wipe(&token);
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
	check_cache_file(c, fd, LOGSTATE_FILE, 077);
	(void)close(fd);
}

/* Each problem would leave an old document in force, or nobody a key. */
static void
check_policy(struct check *c)
{
	const struct config_file *file = &c->files.policy;
	struct policy p;
	struct error err = {""};

	if (file->found == FILE_ERROR) {
		check_fail(c, "policy: %s", file->err.text);
	} else if (file->found == FILE_OK) {
		if (policy_parse(&p, (const char *)file->text.data,
			file->text.len, &err) != POLICY_OK) {
			check_fail(
			    c, "policy: %s: %s", c->cfg.policy_file, err.text);
			return;
		}
		if (owner_reads(c, c->cfg.policy_file))
			check_ok(c,
			    "policy %s: %zu rules for accounts, %zu for "
			    "groups",
			    c->cfg.policy_file, p.users.n, p.groups.n);
		else
			check_fail(c, "policy: %s can't read %s: chmod 0644",
			    account(c->owner), c->cfg.policy_file);
		policy_free(&p);
	} else if (strcmp(c->cfg.fleet, "none") == 0) {
		check_ok(c,
		    "policy: built in (root gets every key; there is "
		    "no %s)",
		    c->cfg.policy_file);
	} else {
		check_ok(c, "policy: that of the fleet alone (there is no %s)",
		    c->cfg.policy_file);
	}
}

static void
check_deny(struct check *c)
{
	const struct config_file *file = &c->files.deny;
	struct denylist_cursor cursor;
	struct denylist_entry e;
	size_t n = 0;
	int more;

	if (file->found == FILE_MISSING)
		return;
	if (file->found == FILE_ERROR) {
		check_fail(c, "denied keys: %s", file->err.text);
		return;
	}
	denylist_start(&cursor, (const char *)file->text.data, file->text.len);
	while ((more = denylist_next(&cursor, &e)) != 0) {
		if (more == 1)
			n++;
		else
			check_fail(c,
			    "denied keys: %s:%u: neither a fingerprint "
			    "(SHA256:…) nor a comment: it denies nothing",
			    c->cfg.deny_file, cursor.line);
	}
	if (owner_reads(c, c->cfg.deny_file))
		check_ok(c, "denied keys: %zu in %s", n, c->cfg.deny_file);
	else
		check_fail(c, "denied keys: %s can't read %s: chmod 0644",
		    account(c->owner), c->cfg.deny_file);
}

void
check_files(struct check *c)
{
	check_cache(c);
	check_token(c);
	check_policy(c);
	check_deny(c);
}

static void
check_source(struct check *c, enum source src, const struct source_state *st)
{
	if (st->outcome == OUTCOME_FAILED || st->outcome == OUTCOME_NEVER)
		check_fail(
		    c, "portal: source %s: %s", source_name(src), st->reason);
	else if (src < SOURCE_KEYS)
		check_ok(c, "portal: source %s: %u keys, %u left out",
		    source_name(src), st->keys, st->refused);
	else if (src == SOURCE_MEMBERS)
		check_ok(c, "portal: source members: %u", st->keys);
	else
		check_ok(c, "portal: the fleet's policy");
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
	bool loaded;
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
	loaded = holdings_load(&h, dirfd, owner) == 0;
	(void)close(dirfd);
	if (!loaded)
		check_fail(c, "portal: %s", h.why.text);
	else if (h.found != SNAPSHOT_OK)
		check_fail(
		    c, "portal: no snapshot could be made: %s", h.why.text);
	loaded = loaded && h.found == SNAPSHOT_OK;
	for (i = 0; i < SOURCE_COUNT && loaded; i++) {
		/* Members are asked for only where a policy needs them. */
		if ((c->cfg.sources & SOURCE_BIT(i)) != 0 ||
		    h.state[i].outcome != OUTCOME_NEVER ||
		    (i == SOURCE_FLEET && strcmp(c->cfg.fleet, "none") != 0))
			check_source(c, i, &h.state[i]);
	}
	holdings_free(&h);
}
