/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/rights.h"

static int
set_groups(uid_t uid, gid_t gid)
{
	const struct passwd *pw = getpwuid(uid);

	if (pw == NULL)
		return setgroups(1, &gid);
	return initgroups(pw->pw_name, gid);
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

/* The fetcher never starts a program nor looks into another process. */
static int
deny_calls(void)
{
	static const int denied[] = {SCMP_SYS(execve), SCMP_SYS(execveat),
	    SCMP_SYS(ptrace), SCMP_SYS(process_vm_readv),
	    SCMP_SYS(process_vm_writev), SCMP_SYS(mount), SCMP_SYS(umount2),
	    SCMP_SYS(pivot_root), SCMP_SYS(chroot), SCMP_SYS(setns),
	    SCMP_SYS(unshare), SCMP_SYS(bpf), SCMP_SYS(init_module),
	    SCMP_SYS(finit_module), SCMP_SYS(kexec_load), SCMP_SYS(keyctl),
	    SCMP_SYS(add_key), SCMP_SYS(request_key), SCMP_SYS(perf_event_open),
	    SCMP_SYS(userfaultfd)};
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);
	size_t i;
	int r = 0;

	if (ctx == NULL)
		return -ENOMEM;
	for (i = 0; i < sizeof(denied) / sizeof(denied[0]) && r == 0; i++)
		r = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EPERM), denied[i], 0);
	if (r == 0)
		r = seccomp_load(ctx);
	seccomp_release(ctx);
	return r;
}

int
rights_confine(struct error *err)
{
	const struct rlimit none = {0, 0};
	int r;

	if (setrlimit(RLIMIT_CORE, &none) == -1 ||
	    prctl(PR_SET_DUMPABLE, 0) == -1 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		return error_errno(err, "cannot give up rights");
	r = deny_calls();
	if (r != 0 && r != -EINVAL && r != -ENOSYS && r != -EOPNOTSUPP) {
		errno = -r;
		return error_errno(err, "cannot load the seccomp filter");
	}
	return 0;
}
