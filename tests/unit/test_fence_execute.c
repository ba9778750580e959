/* SPDX-License-Identifier: ISC */
/* A program that may start one other.  Each test in a child of its own. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/prctl.h>
#include <sys/socket.h>

#include <errno.h>

#include "base/fence.h"
#include "scratch.h"

#define STARTED 42
#define HELD_OFF 1
#define BROKEN 2

/* Which program is allowed, and which is started. */
struct start {
	const char *allowed; /* "": all */
	const char *started;
};

static int
start(void *arg)
{
	const struct start *s = arg;
	char *const argv[] = {"sh", "-c", "exit 42", NULL},
		    *const env[] = {NULL};

	if (s->allowed == NULL || s->allowed[0] != '\0') {
		if (fence_execute_only(s->allowed, NULL) == -1 ||
		    prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
			return BROKEN;
	}
	(void)execve(s->started, argv, env);
	return errno == EACCES ? HELD_OFF : BROKEN;
}

static int
started(const char *allowed, const char *program)
{
	struct start s = {allowed, program};

	return scratch_child(start, &s);
}

static const char *
copy_shell(const struct scratch *s)
{
	char command[2 * SCRATCH_PATH];

	(void)snprintf(
	    command, sizeof(command), "cp /bin/sh '%s/other'", s->dir);
	assert_int_equal(system(command), 0);
	return scratch_path(s, "other");
}

static void
test_one(void **state)
{
	const char *other = copy_shell(*state);

	assert_int_equal(started("", "/bin/sh"), STARTED);
	assert_int_equal(started("", other), STARTED);
	assert_int_equal(started("/bin/sh", "/bin/sh"), STARTED);
	if (fence_abi() == 0)
		skip();
	assert_int_equal(started("/bin/sh", other), HELD_OFF);
	assert_int_equal(started(other, other), STARTED);
	assert_int_equal(started(other, "/bin/sh"), HELD_OFF);
}

static void
test_none(void **state)
{
	(void)state;
	if (fence_abi() == 0)
		skip();
	assert_int_equal(started(NULL, "/bin/sh"), HELD_OFF);
}

/* One that isn't there: nothing can be started. */
static void
test_missing(void **state)
{
	(void)state;
	if (fence_abi() == 0)
		skip();
	assert_int_equal(started("/nowhere/fetcher", "/bin/sh"), HELD_OFF);
}

/* A script that is started would need its shell. */
static void
test_script(void **state)
{
	const char *script =
	    scratch_text(*state, "script", "#!/bin/sh\nexit 42\n", 0700);

	assert_int_equal(started("", script), STARTED);
	if (fence_abi() == 0)
		skip();
	assert_int_equal(started(script, script), HELD_OFF);
}

/* All else stays, and a second try is no failure. */
static int
rest(void *arg)
{
	const struct scratch *s = arg;
	int i;

	for (i = 0; i < 20; i++) {
		if (fence_execute_only("/bin/sh", NULL) == -1)
			return 1;
	}
	if (open("/dev/null", O_RDWR) == -1 ||
	    openat(s->fd, "x", O_RDWR | O_CREAT, 0600) == -1)
		return 2;
	return socket(AF_INET, SOCK_STREAM, 0) == -1 ? 3 : 0;
}

static void
test_rest(void **state)
{
	assert_int_equal(scratch_child(rest, *state), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    scratch_test(test_one),
	    scratch_test(test_none),
	    scratch_test(test_missing),
	    scratch_test(test_script),
	    scratch_test(test_rest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
