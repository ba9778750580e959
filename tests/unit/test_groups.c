/* SPDX-License-Identifier: ISC */
/* Who is in which group, and a database that hangs, crashes or fails. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/mman.h>

#include <errno.h>
#include <grp.h>
#include <pwd.h>

#include "base/clock.h"
#include "cmd/groups.h"
#include "scratch.h"

#define NO_ACCOUNT "packet-keys-no-such-account"
#define NO_GROUP "packet-keys-no-such-group"

/* In the place of libc's: what the database does, in the child that asks. */
static enum {
	ANSWERS,
	HANGS,
	DIES,
	FAILS,
	PRINTS,
	HAS_NONE,
	LOSES_GROUP,
	LOSES_LIST
} database;

struct passwd *
getpwnam(const char *name)
{
	static char buf[16384];
	static struct passwd pw;
	struct passwd *found = NULL;

	switch (database) {
	case HANGS:
		(void)pause();
		break;
	case DIES:
		(void)kill(getpid(), SIGKILL);
		break;
	case FAILS:
		errno = EIO;
		return NULL;
	case PRINTS:
		if (write(STDOUT_FILENO, "ssh-rsa AAAA\n", 13) != 13)
			return NULL;
		break;
	case HAS_NONE:
		errno = ENOENT;
		return NULL;
	default:
		break;
	}
	errno = getpwnam_r(name, &pw, buf, sizeof(buf), &found);
	return found;
}

struct group *
getgrnam(const char *name)
{
	static char buf[16384];
	static struct group gr;
	struct group *found = NULL;

	if (database == LOSES_GROUP) {
		errno = ENOMEM;
		return NULL;
	}
	errno = getgrnam_r(name, &gr, buf, sizeof(buf), &found);
	return found;
}

int __real_getgrouplist(const char *, gid_t, gid_t *, int *);
int __wrap_getgrouplist(const char *, gid_t, gid_t *, int *);

/* What libc does without memory: less than there is, and no error. */
int
__wrap_getgrouplist(const char *user, gid_t group, gid_t *groups, int *n)
{
	if (database != LOSES_LIST)
		return __real_getgrouplist(user, group, groups, n);
	errno = ENOMEM;
	groups[0] = group;
	*n = 1;
	return 1;
}

static int
setup(void **state)
{
	database = ANSWERS;
	(void)signal(SIGCHLD, SIG_DFL);
	return scratch_setup(state);
}

#define groups_test(f) \
	cmocka_unit_test_setup_teardown(f, setup, scratch_teardown)

/* Asks with what was in the array before.  Nobody is left behind; where that
 * failed a child may not be waited for, but it has ended by itself. */
static int
ask(const char *user, const char *const *names, size_t n, bool *in,
    int64_t left, struct error *err)
{
	int r;

	memset(in, 1, n * sizeof(*in));
	err->text[0] = '\0';
	r = groups_of(user, names, n, in, clock_mono_ms() + left, err);
	if (r == -1)
		(void)waitpid(-1, NULL, 0);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
	return r;
}

/* The name of root's primary group. */
static const char *
root_group(void)
{
	const struct passwd *pw = getpwuid(0);
	const struct group *gr = pw == NULL ? NULL : getgrgid(pw->pw_gid);

	return gr == NULL ? NULL : gr->gr_name;
}

static void
test_primary(void **state)
{
	const char *names[] = {
	    NO_GROUP, "", NULL, "root\n", "../group", NO_GROUP "2"};
	bool in[6];
	struct error err;

	(void)state;
	if ((names[2] = root_group()) == NULL)
		skip();
	assert_int_equal(ask("root", names, 6, in, 10000, &err), 0);
	assert_false(in[0] || in[1] || in[3] || in[4] || in[5]);
	assert_true(in[2]);
	assert_string_equal(err.text, "");
	assert_int_equal(ask("root", names, 0, in, 10000, &err), 0);
}

static void
test_no_account(void **state)
{
	const char *names[] = {"root", NO_GROUP};
	static const char *const users[] = {NO_ACCOUNT, "", "root\n", "*"};
	bool in[2];
	struct error err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(users) / sizeof(users[0]); i++) {
		assert_int_equal(ask(users[i], names, 2, in, 10000, &err), 0);
		assert_false(in[0] || in[1]);
	}
	database = HAS_NONE;
	assert_int_equal(ask("root", names, 2, in, 10000, &err), 0);
	assert_false(in[0] || in[1]);
}

/* Some account that a group lists; false where there is none. */
static bool
find_member(char user[64], char group[64])
{
	const struct group *gr;
	bool found = false;

	setgrent();
	while (!found && (gr = getgrent()) != NULL) {
		if (gr->gr_mem[0] == NULL || getpwnam(gr->gr_mem[0]) == NULL)
			continue;
		(void)snprintf(user, 64, "%s", gr->gr_mem[0]);
		(void)snprintf(group, 64, "%s", gr->gr_name);
		found = true;
	}
	endgrent();
	return found;
}

static void
test_membership(void **state)
{
	char user[64], group[64];
	const char *names[] = {NO_GROUP, group};
	bool in[2];
	struct error err;

	(void)state;
	if (!find_member(user, group))
		skip();
	assert_int_equal(ask(user, names, 2, in, 10000, &err), 0);
	assert_false(in[0]);
	assert_true(in[1]);
}

/* Nobody is in a group of which that could not be found out. */
static void
check_fails(int64_t left, const char *words)
{
	const char *names[] = {root_group(), "root"};
	bool in[2];
	struct error err;

	if (names[0] == NULL)
		skip();
	assert_int_equal(ask("root", names, 2, in, left, &err), -1);
	assert_false(in[0] || in[1]);
	if (strstr(err.text, words) == NULL)
		fail_msg("\"%s\" has no \"%s\"", err.text, words);
}

static void
test_late(void **state)
{
	int64_t start = clock_mono_ms();

	(void)state;
	check_fails(0, "did not answer in time");
	check_fails(-100000, "did not answer in time");
	database = HANGS;
	check_fails(150, "did not answer in time");
	assert_in_range(clock_mono_ms() - start, 150, 5000);
}

static void
test_broken(void **state)
{
	(void)state;
	database = DIES;
	check_fails(10000, "can't be asked");
	database = FAILS;
	check_fails(10000, "can't be asked");
	database = LOSES_GROUP;
	check_fails(10000, "can't be asked");
	database = LOSES_LIST;
	check_fails(10000, "can't be asked");
}

/* sshd reads what we print as keys. */
static void
test_prints(void **state)
{
	const char *names[] = {root_group()};
	struct error err;
	struct stat st;
	int fd, saved, r;
	bool in[1];

	(void)state;
	if (names[0] == NULL)
		skip();
	(void)fflush(stdout);
	assert_int_not_equal(fd = memfd_create("out", MFD_CLOEXEC), -1);
	assert_int_not_equal(saved = dup(STDOUT_FILENO), -1);
	assert_int_equal(dup2(fd, STDOUT_FILENO), STDOUT_FILENO);
	database = PRINTS;
	r = ask("root", names, 1, in, 10000, &err);
	(void)dup2(saved, STDOUT_FILENO);
	(void)close(saved);
	assert_int_equal(r, 0);
	assert_true(in[0]);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_size, 0);
	assert_int_equal(close(fd), 0);
}

/* A caller that doesn't care for its children gets its answer, too. */
static void
test_no_children(void **state)
{
	const char *names[] = {root_group()};
	struct error err;
	bool in[1];

	(void)state;
	if (names[0] == NULL)
		skip();
	(void)signal(SIGCHLD, SIG_IGN);
	assert_int_equal(ask("root", names, 1, in, 10000, &err), 0);
	assert_true(in[0]);
	database = HANGS;
	assert_int_equal(ask("root", names, 1, in, 100, &err), -1);
	assert_false(in[0]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    groups_test(test_primary),
	    groups_test(test_no_account),
	    groups_test(test_membership),
	    groups_test(test_late),
	    groups_test(test_broken),
	    groups_test(test_prints),
	    groups_test(test_no_children),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
