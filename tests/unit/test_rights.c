/* SPDX-License-Identifier: ISC */
/* Rights that are given up are gone.  Each test in a child of its own. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/prctl.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <seccomp.h>

#include "base/calls.h"
#include "base/fence.h"
#include "base/fence_kernel.h"
#include "base/limits.h"
#include "base/rights.h"
#include "base/sanitized.h"
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

/* The account's own groups beside the folder's: one of them may read the
 * token. */
static int
drop_own_groups(void *ctx)
{
	const struct passwd *pw = getpwuid(1);
	gid_t groups[64];
	int i, n;

	(void)ctx;
	if (pw == NULL)
		return SKIPPED;
	if (rights_drop(1, SCRATCH_GID, NULL) != 0 || getegid() != SCRATCH_GID)
		return 1;
	n = getgroups(64, groups);
	for (i = 0; i < n; i++) {
		if (groups[i] == 0)
			return 2;
		if (groups[i] == pw->pw_gid)
			return 0;
	}
	return 3;
}

static void
test_drop_own_groups(void **state)
{
	int r;

	(void)state;
	if (geteuid() != 0)
		skip();
	if ((r = scratch_child(drop_own_groups, NULL)) == SKIPPED)
		skip();
	assert_int_equal(r, 0);
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
	struct rlimit l;
	int fd;

	(void)ctx;
	if (rights_confine(NULL) != 0)
		return 1;
	if (getrlimit(RLIMIT_CORE, &l) == -1 || l.rlim_cur != 0 ||
	    l.rlim_max != 0)
		return 2;
	if (prctl(PR_GET_DUMPABLE) != 0)
		return 3;
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		return 4;
	if (getrlimit(RLIMIT_FSIZE, &l) == -1 || l.rlim_max != LIMIT_SNAPSHOT)
		return 5;
	if (getrlimit(RLIMIT_NOFILE, &l) == -1 ||
	    l.rlim_max != LIMIT_FETCH_FILES)
		return 6;
	if (getrlimit(RLIMIT_NPROC, &l) == -1 ||
	    l.rlim_max > LIMIT_FETCH_PROCESSES)
		return 7;
	if (getrlimit(RLIMIT_AS, &l) == -1 ||
	    (!SANITIZED && l.rlim_max != LIMIT_FETCH_MEMORY))
		return 8;
	/* Too large a file is an error, not the end. */
	if ((fd = memfd_create("large", 0)) == -1)
		return SKIPPED;
	errno = 0;
	return pwrite(fd, "x", 1, LIMIT_SNAPSHOT) == -1 && errno == EFBIG ? 0
									  : 9;
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

/* What is lower already stays so, and is no failure. */
static int
confine_lower(void *ctx)
{
	const struct rlimit low = {20, 30};
	struct rlimit l;

	(void)ctx;
	if (setrlimit(RLIMIT_NOFILE, &low) == -1 || rights_confine(NULL) != 0)
		return 1;
	return getrlimit(RLIMIT_NOFILE, &l) == 0 && l.rlim_max == 30 ? 0 : 2;
}

static void
test_confine_lower(void **state)
{
	(void)state;
	assert_int_equal(scratch_child(confine_lower, NULL), 0);
}

static int
count_missing(void)
{
	const char *words[RIGHTS_MISSING_MAX];
	size_t i, n = rights_missing(words);

	for (i = 0; i < n; i++) {
		if (strncmp(words[i], "no ", 3) != 0)
			return -1;
	}
	return (int)n;
}

/* One sentence for each protection that this kernel lacks. */
static void
test_missing(void **state)
{
	int abi = fence_abi(), n = calls_can_filter() ? 0 : 1;

	(void)state;
	n += abi == 0 ? 1 : (abi < 3) + (abi < 4) + (abi < 6);
	assert_int_equal(count_missing(), n);
}

/*
 * Within a filter that answers for a kernel without Landlock and seccomp: it
 * is said, and no failure.
 */
static int
old_kernel(void *ctx)
{
	scmp_filter_ctx f = seccomp_init(SCMP_ACT_ALLOW);
	struct fence fence;

	(void)ctx;
	if (f == NULL ||
	    seccomp_rule_add(f, SCMP_ACT_ERRNO(ENOSYS),
		SYS_landlock_create_ruleset, 0) != 0 ||
	    seccomp_rule_add(f, SCMP_ACT_ERRNO(EINVAL), SCMP_SYS(prctl), 1,
		SCMP_A0(SCMP_CMP_EQ, PR_SET_SECCOMP)) != 0 ||
	    seccomp_load(f) != 0)
		return SKIPPED;
	if (count_missing() != 2)
		return 1;
	fence_open(&fence);
	fence_read(&fence, "/etc");
	fence_port(&fence, 1);
	if (fence_enter(&fence, NULL) == -1 || calls_confine(NULL) == -1 ||
	    fence_execute_only("/bin/sh", NULL) == -1)
		return 2;
	return rights_confine(NULL) == 0 ? 0 : 3;
}

static void
test_old_kernel(void **state)
{
	int r;

	(void)state;
	r = scratch_child(old_kernel, NULL);
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
	    cmocka_unit_test(test_drop_own_groups),
	    cmocka_unit_test(test_drop_to_root),
	    cmocka_unit_test(test_confine),
	    cmocka_unit_test(test_confine_lower),
	    cmocka_unit_test(test_missing),
	    cmocka_unit_test(test_old_kernel),
	    cmocka_unit_test(test_drop_and_confine),
	    cmocka_unit_test(test_set_id),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
