/* SPDX-License-Identifier: ISC */
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/rights.h"
#include "base/sanitized.h"

static int
set_groups(uid_t uid, gid_t gid)
{
	const struct passwd *pw = getpwuid(uid);

	if (pw == NULL)
		return setgroups(1, &gid);
	/* The folder's group may be another: who reads the cache need not be
	 * who reads the token. */
	return initgroups(pw->pw_name, pw->pw_gid);
}

int
rights_drop(uid_t uid, gid_t gid, struct error *err)
{
	if (geteuid() != 0 || uid == 0)
		return 0;
	if (set_groups(uid, gid) == -1 || setresgid(gid, gid, gid) == -1 ||
	    setresuid(uid, uid, uid) == -1)
		return error_errno(
		    err, "cannot become uid %lu", (unsigned long)uid);
	if (setuid(0) != -1 || geteuid() != uid || getuid() != uid)
		return error_set(
		    err, "uid %lu could become root again", (unsigned long)uid);
	return 0;
}

/* A limit that is lower already stays. */
static int
limit(unsigned resource, uint64_t most)
{
	struct rlimit now, l = {.rlim_cur = (rlim_t)most};

	if (getrlimit(resource, &now) == -1)
		return -1;
	/* RLIM_INFINITY is the largest number, a short rlim_t's overflow too
	 * large to be one. */
	if (l.rlim_cur != most || now.rlim_max < l.rlim_cur)
		l.rlim_cur = now.rlim_max;
	l.rlim_max = l.rlim_cur;
	if (setrlimit(resource, &l) == 0)
		return 0;
	/* Valgrind keeps some: to raise it again takes a call that the fetcher
	 * no longer has. */
	l.rlim_max = now.rlim_max;
	return setrlimit(resource, &l);
}

static int
limit_all(void)
{
	if (limit(RLIMIT_CORE, 0) == -1 ||
	    limit(RLIMIT_FSIZE, LIMIT_SNAPSHOT) == -1 ||
	    limit(RLIMIT_NOFILE, LIMIT_FETCH_FILES) == -1 ||
	    limit(RLIMIT_NPROC, LIMIT_FETCH_PROCESSES) == -1)
		return -1;
	return SANITIZED ? 0 : limit(RLIMIT_AS, LIMIT_FETCH_MEMORY);
}

int
rights_confine(struct error *err)
{
	/* A file that gets too large is an error of its write, not the end. */
	if (signal(SIGXFSZ, SIG_IGN) == SIG_ERR || limit_all() == -1 ||
	    prctl(PR_SET_DUMPABLE, 0) == -1 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		return error_errno(err, "cannot give up rights");
	return 0;
}
