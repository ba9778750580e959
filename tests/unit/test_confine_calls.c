/* SPDX-License-Identifier: ISC */
/* The fetcher, taken over: what it can't call.  Each attack works outside. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include <sched.h>

#include "base/limits.h"
#include "confine_fixture.h"

static int
execute(struct place *p)
{
	char *const argv[] = {"sh", "-c", "exit 0", NULL},
		    *const env[] = {NULL};

	(void)p;
	(void)execve("/bin/sh", argv, env);
	return BROKEN;
}

static int
execute_at(struct place *p)
{
	char *const argv[] = {"sh", "-c", "exit 0", NULL},
		    *const env[] = {NULL};

	(void)p;
	(void)syscall(SYS_execveat, AT_FDCWD, "/bin/sh", argv, env, 0);
	return BROKEN;
}

static int
trace(struct place *p)
{
	(void)p;
	return came(ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0, 0);
}

static int
read_process(struct place *p)
{
	char a = 1, b = 0;
	struct iovec l = {&b, 1}, r = {&a, 1};

	(void)p;
	return came(process_vm_readv(getpid(), &l, 1, &r, 1, 0) == 1, 0);
}

static int
fork_plain(struct place *p)
{
	pid_t pid = (pid_t)syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);

	(void)p;
	if (pid == 0)
		_exit(0);
	return came(pid != -1, 0);
}

static int
fork_libc(struct place *p)
{
	pid_t pid = fork();

	(void)p;
	if (pid == 0)
		_exit(0);
	return came(pid != -1, 0);
}

/* Its arguments are in memory, where no filter sees them. */
static int
fork_new(struct place *p)
{
	uint64_t args[8] = {0, 0, 0, 0, SIGCHLD};
	pid_t pid = (pid_t)syscall(435, args, sizeof(args));

	(void)p;
	if (pid == 0)
		_exit(0);
	return came(pid != -1, ENOSYS);
}

static int
new_namespace(struct place *p)
{
	(void)p;
	(void)unshare(CLONE_NEWUSER);
	return CAME_THROUGH;
}

static int
use_keyring(struct place *p)
{
	(void)p;
	(void)syscall(SYS_keyctl, 0, 0, 0, 0, 0);
	return CAME_THROUGH;
}

static int
open_handle(struct place *p)
{
	(void)p;
	(void)syscall(SYS_open_by_handle_at, -1, NULL, 0);
	return CAME_THROUGH;
}

static int
new_mount(struct place *p)
{
	(void)p;
	(void)syscall(SYS_mount, NULL, NULL, NULL, 0, NULL);
	return CAME_THROUGH;
}

static int
become_root(struct place *p)
{
	(void)p;
	(void)syscall(SYS_setuid, getuid());
	return CAME_THROUGH;
}

static int
signal_parent(struct place *p)
{
	(void)p;
	return came(kill(getppid(), 0) == 0, 0);
}

static int
dump_again(struct place *p)
{
	(void)p;
	return came(prctl(PR_SET_DUMPABLE, 1) == 0, 0);
}

static int
change_limit(struct place *p)
{
	struct rlimit l;

	(void)p;
	return came(
	    getrlimit(RLIMIT_CORE, &l) == 0 && setrlimit(RLIMIT_CORE, &l) == 0,
	    0);
}

static int
many_files(struct place *p)
{
	int i;

	for (i = 0; i <= LIMIT_FETCH_FILES; i++) {
		if (dup(p->cache) == -1)
			return came(false, EMFILE);
	}
	return CAME_THROUGH;
}

static int
large_file(struct place *p)
{
	int fd = openat(p->cache, "large", O_RDWR | O_CREAT | O_TRUNC, 0600);

	return came(pwrite(fd, "x", 1, LIMIT_SNAPSHOT) == 1, EFBIG);
}

static int
much_memory(struct place *p)
{
	(void)p;
	return came(mmap(NULL, LIMIT_FETCH_MEMORY, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1,
			0) != MAP_FAILED,
	    ENOMEM);
}

static void
test_calls(void **state)
{
	static const struct attack attacks[] = {
	    {"execve", execute, BY_CALLS, false},
	    {"execveat", execute_at, BY_CALLS, false},
	    {"ptrace", trace, BY_CALLS, false},
	    {"process_vm_readv", read_process, BY_CALLS, false},
	    {"clone", fork_plain, BY_CALLS, false},
	    {"fork", fork_libc, BY_CALLS, false},
	    {"clone3", fork_new, BY_CALLS_SOFT, false},
	    {"unshare", new_namespace, BY_CALLS, false},
	    {"keyctl", use_keyring, BY_CALLS, false},
	    {"open_by_handle_at", open_handle, BY_CALLS, false},
	    {"mount", new_mount, BY_CALLS, false},
	    {"setuid", become_root, BY_CALLS, false},
	    {"signal to another process", signal_parent, BY_CALLS_WHOLE, false},
	    {"be dumpable again", dump_again, BY_CALLS_WHOLE, false},
	    {"change a limit", change_limit, BY_CALLS_WHOLE, false},
	    {"many descriptors", many_files, BY_LIMIT, false},
	    {"a large file", large_file, BY_LIMIT, false},
	    {"much memory", much_memory, BY_LIMIT_WHOLE, false},
	};

	attack_all(state, attacks, sizeof(attacks) / sizeof(attacks[0]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    scratch_test(test_calls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
