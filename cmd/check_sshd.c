/* SPDX-License-Identifier: ISC */
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "cmd/check.h"
#include "cmd/run.h"

#define RUN_MS 10000

static const char *
find_sshd(void)
{
	static const char *const paths[] = {"/usr/sbin/sshd",
	    "/usr/local/sbin/sshd", "/usr/bin/sshd", "/sbin/sshd"};
	size_t i;

	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		if (access(paths[i], X_OK) == 0)
			return paths[i];
	}
	return NULL;
}

/* The value of a keyword in the output of sshd -T, copied; "" if none. */
static char *
setting(const struct buf *out, const char *name, char *dst, size_t size)
{
	const char *p = (const char *)out->data, *end = p + out->len, *nl;
	size_t len = strlen(name);

	dst[0] = '\0';
	for (; p < end; p = nl + 1) {
		if ((nl = memchr(p, '\n', (size_t)(end - p))) == NULL)
			nl = end;
		if ((size_t)(nl - p) <= len + 1 || p[len] != ' ' ||
		    strncasecmp(p, name, len) != 0)
			continue;
		p += len + 1;
		if ((size_t)(nl - p) >= size)
			break;
		memcpy(dst, p, (size_t)(nl - p));
		dst[nl - p] = '\0';
		break;
	}
	return dst;
}

static void
judge_command(struct check *c)
{
	const char *p;

	if (c->command[0] == '\0' || strcmp(c->command, "none") == 0) {
		check_fail(c,
		    "sshd: AuthorizedKeysCommand is not set: "
		    "include 50-packet-keys.conf before any other setting of "
		    "it, then reload sshd");
		return;
	}
	if (strstr(c->command, "packet-authorized-keys") == NULL) {
		check_fail(c,
		    "sshd: AuthorizedKeysCommand is another "
		    "program: %s (the first setting counts)",
		    c->command);
		return;
	}
	/* Older than 9.4, sshd ends at tokens that it doesn't know. */
	for (p = c->command; (p = strchr(p, '%')) != NULL; p += 2) {
		if (p[1] != 'u' && p[1] != 'f') {
			check_fail(c,
			    "sshd: AuthorizedKeysCommand must use "
			    "no tokens but %%u and %%f: %s",
			    c->command);
			return;
		}
	}
	check_ok(c, "sshd: AuthorizedKeysCommand %s", c->command);
	if (strstr(c->command, " -c ") != NULL &&
	    strstr(c->command, c->config) == NULL)
		check_warn(c,
		    "sshd: AuthorizedKeysCommand uses another "
		    "config than the one checked here, %s",
		    c->config);
}

static void
judge_user(struct check *c)
{
	const struct passwd *pw;

	if (c->user[0] == '\0' || strcmp(c->user, "none") == 0) {
		check_fail(c, "sshd: AuthorizedKeysCommandUser is not set");
		return;
	}
	if ((pw = getpwnam(c->user)) == NULL) {
		check_fail(c,
		    "sshd: AuthorizedKeysCommandUser %s does not "
		    "exist: systemd-sysusers, or useradd --system %s",
		    c->user, c->user);
		return;
	}
	if (c->owner == (uid_t)-1 || pw->pw_uid == c->owner)
		check_ok(c, "sshd: AuthorizedKeysCommandUser %s", c->user);
	else if (check_may_ask(c, pw->pw_uid, pw->pw_gid))
		check_ok(c,
		    "sshd: AuthorizedKeysCommandUser %s, who asks the service",
		    c->user);
	else
		check_fail(c,
		    "sshd: AuthorizedKeysCommandUser %s is not the "
		    "owner of the cache folder %s, who alone can renew it: "
		    "name that account there, or run packet-keysd as a "
		    "service that %s may ask at %s",
		    c->user, c->cfg.directory, c->user, c->cfg.socket);
}

/* A policy may mean other accounts than root. */
static void
judge_root(struct check *c, const char *value)
{
	if (strcmp(value, "no") != 0 &&
	    strcmp(value, "forced-commands-only") != 0)
		return;
	if (c->files.policy.found == FILE_MISSING &&
	    strcmp(c->cfg.fleet, "none") == 0)
		check_fail(c,
		    "sshd: PermitRootLogin is %s, and the built-in "
		    "policy opens root alone: set prohibit-password",
		    value);
	else
		check_warn(c,
		    "sshd: PermitRootLogin is %s: no key that the policy has "
		    "for root opens it",
		    value);
}

static void
judge_rest(struct check *c, const struct buf *out)
{
	char value[1024];

	if (strcmp(setting(out, "pubkeyauthentication", value, sizeof(value)),
		"no") == 0)
		check_fail(c, "sshd: PubkeyAuthentication is no");
	judge_root(c, setting(out, "permitrootlogin", value, sizeof(value)));
	(void)setting(out, "authorizedkeysfile", value, sizeof(value));
	if (strcmp(value, "none") != 0)
		check_warn(c,
		    "sshd: AuthorizedKeysFile is %s: a key in such "
		    "a file keeps working after it has left the portal",
		    value);
}

void
check_sshd(struct check *c)
{
	const char *argv[] = {find_sshd(), "-T", "-C",
	    "user=root,host=localhost,addr=127.0.0.1", NULL, NULL, NULL};
	struct run run = {.argv = argv,
	    .uid = (uid_t)-1,
	    .deadline = clock_mono_ms() + RUN_MS};
	char line[ERROR_SIZE];
	struct buf out, errout;
	struct error err;
	int code;

	if (argv[0] == NULL) {
		check_warn(c, "sshd: not found, its settings can't be seen");
		return;
	}
	if (c->sshd_config != NULL) {
		argv[4] = "-f";
		argv[5] = c->sshd_config;
	}
	buf_init(&out, 256 * 1024);
	buf_init(&errout, 16 * 1024);
	run.out = &out;
	run.errout = &errout;
	code = run_program(&run, &err);
	if (code == 0) {
		(void)setting(&out, "authorizedkeyscommand", c->command,
		    sizeof(c->command));
		(void)setting(&out, "authorizedkeyscommanduser", c->user,
		    sizeof(c->user));
		judge_command(c);
		judge_user(c);
		judge_rest(c, &out);
	} else {
		check_fail(c, "sshd -T: %s",
		    code == -1 ? err.text
			       : run_last_line(&errout, line, sizeof(line)));
	}
	buf_free(&out);
	buf_free(&errout);
}

/* sshd runs only what root alone can have written, all the way up. */
static int
check_path(struct check *c, const char *path)
{
	struct error err;
	struct stat st;

	if (stat(path, &st) == -1 || !S_ISREG(st.st_mode)) {
		check_fail(c, "lookup: %s is not there", path);
	} else if (st.st_uid != 0 || (st.st_mode & 022) != 0) {
		check_fail(c,
		    "lookup: %s must belong to root and be writable "
		    "by root alone: sshd won't run it",
		    path);
	} else if ((st.st_mode & 06000) != 0) {
		check_fail(c,
		    "lookup: %s must not be set-user-ID: chmod "
		    "u-s,g-s %s",
		    path, path);
	} else if (file_parents_ok(path, (uid_t)-1, &err) == -1) {
		check_fail(c, "lookup: sshd won't run %s: %s", path, err.text);
	} else {
		return 0;
	}
	return -1;
}

void
check_lookup(struct check *c)
{
	char path[sizeof(c->command)];
	const char *const argv[] = {path, "-c", c->config, "root", NULL};
	struct run run = {.argv = argv,
	    .deadline = clock_mono_ms() + c->cfg.timeout_ms + RUN_MS};
	const struct passwd *pw;
	char line[ERROR_SIZE];
	struct buf out, errout;
	struct error err;
	size_t i, lines = 0;
	int code;

	(void)snprintf(path, sizeof(path), "%.*s",
	    (int)strcspn(c->command, " \t"), c->command);
	if (path[0] != '/' || check_path(c, path) == -1 ||
	    (pw = getpwnam(c->user)) == NULL)
		return;
	run.uid = pw->pw_uid;
	run.gid = pw->pw_gid;
	buf_init(&out, 64 * 1024 * 1024);
	buf_init(&errout, 16 * 1024);
	run.out = &out;
	run.errout = &errout;
	code = run_program(&run, &err);
	for (i = 0; i < out.len; i++)
		lines += out.data[i] == '\n';
	if (code != 0)
		check_fail(c, "lookup: as %s it gives no answer: %s", c->user,
		    code == -1 ? err.text
			       : run_last_line(&errout, line, sizeof(line)));
	else if (lines == 0)
		check_warn(
		    c, "lookup: as %s it answers no key for root", c->user);
	else
		check_ok(c, "lookup: as %s it answers %zu keys for root",
		    c->user, lines);
	buf_free(&out);
	buf_free(&errout);
}
