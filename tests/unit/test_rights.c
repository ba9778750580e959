/* SPDX-License-Identifier: ISC */
/* Rights that are given up are gone.  Each test in a child of its own. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <errno.h>
#include <grp.h>

#include "base/rights.h"
#include "scratch.h"

#define SKIPPED 77

static int
drop(void *ctx)
{
	uid_t r, e, s;
	gid_t gr, ge, gs, groups[8];

	(void)ctx;
	if (rights_drop(SCRATCH_UID, SCRATCH_GID, NULL) != 0)
		return 1;
	if (getresuid(&r, &e, &s) == -1 || r != SCRATCH_UID ||
	    e != SCRATCH_UID || s != SCRATCH_UID)
		return 2;
	if (getresgid(&gr, &ge, &gs) == -1 || gr != SCRATCH_GID ||
	    ge != SCRATCH_GID || gs != SCRATCH_GID)
		return 3;
	/* Not one of root's groups. */
	if (getgroups(8, groups) != 1 || groups[0] != SCRATCH_GID)
		return 4;
	if (setuid(0) != -1 || seteuid(0) != -1 || setgid(0) != -1 ||
	    setgroups(0, NULL) != -1)
		return 5;
	/* Once more is nothing more. */
	return rights_drop(SCRATCH_UID + 1, SCRATCH_GID, NULL) != 0 ||
	    geteuid() != SCRATCH_UID;
}

static void
test_drop(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(scratch_child(drop, NULL), 0);
}

/* A cache folder of root's: it stays root. */
static int
drop_to_root(void *ctx)
{
	uid_t before = geteuid();

	(void)ctx;
	return rights_drop(0, 0, NULL) != 0 || geteuid() != before;
}

static void
test_drop_to_root(void **state)
{
	(void)state;
	assert_int_equal(scratch_child(drop_to_root, NULL), 0);
}

static int
confine(void *ctx)
{
	char *const argv[] = {"sh", "-c", "exit 9", NULL},
		    *const env[] = {NULL};
	struct rlimit core;
	int fd;

	(void)ctx;
	if (rights_confine(NULL) != 0)
		return 1;
	if (getrlimit(RLIMIT_CORE, &core) == -1 || core.rlim_cur != 0 ||
	    core.rlim_max != 0)
		return 2;
	if (prctl(PR_GET_DUMPABLE) != 0)
		return 3;
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		return 4;
	if (prctl(PR_GET_SECCOMP) == -1 && errno == EINVAL)
		return SKIPPED;
	errno = 0;
	if (execve("/bin/sh", argv, env) != -1 || errno != EPERM)
		return 5;
	errno = 0;
	if (syscall(SYS_execveat, AT_FDCWD, "/bin/sh", argv, env, 0) != -1 ||
	    errno != EPERM)
		return 6;
	errno = 0;
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != -1 || errno != EPERM)
		return 7;
	/* What a fetch needs still works. */
	if ((fd = socket(AF_UNIX, SOCK_STREAM, 0)) == -1 || close(fd) == -1 ||
	    (fd = open("/dev/null", O_RDWR)) == -1 || write(fd, "x", 1) != 1)
		return 8;
	return 0;
}

static void
test_confine(void **state)
{
	int r;

	(void)state;
	r = scratch_child(confine, NULL);
	if (r == SKIPPED)
		skip();
	assert_int_equal(r, 0);
}

/* The order in which the fetcher does it. */
static int
drop_and_confine(void *ctx)
{
	(void)ctx;
	if (rights_drop(SCRATCH_UID, SCRATCH_GID, NULL) != 0)
		return 1;
	return rights_confine(NULL) != 0;
}

static void
test_drop_and_confine(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(scratch_child(drop_and_confine, NULL), 0);
}

static void
test_set_id(void **state)
{
	(void)state;
	assert_false(rights_set_id());
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_drop),
	    cmocka_unit_test(test_drop_to_root),
	    cmocka_unit_test(test_confine),
	    cmocka_unit_test(test_drop_and_confine),
	    cmocka_unit_test(test_set_id),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
