/* SPDX-License-Identifier: ISC */
/*
 * For the program that sshd calls: a file of its own, and without libseccomp.
 */
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdbool.h>
#include <sys/prctl.h>

#include "base/fence.h"
#include "base/fence_kernel.h"

/* The first object is the program itself. */
static int
find_interpreter(struct dl_phdr_info *info, size_t size, void *arg)
{
	const char **path = arg;
	ElfW(Half) i;

	(void)size;
	for (i = 0; i < info->dlpi_phnum; i++) {
		if (info->dlpi_phdr[i].p_type == PT_INTERP)
			*path = (const char *)(info->dlpi_addr +
			    info->dlpi_phdr[i].p_vaddr);
	}
	return 1;
}

static int
allow(int ruleset, const char *path)
{
	struct fence_path_rule rule = {FENCE_EXECUTE, -1};
	int r;

	if ((rule.fd = open(path, O_PATH | O_CLOEXEC)) == -1)
		/* Then its execution will fail, with better words. */
		return 0;
	r = landlock_add(ruleset, FENCE_RULE_PATH, &rule);
	(void)close(rule.fd);
	return r;
}

int
fence_execute_only(const char *program, struct error *err)
{
	const struct fence_ruleset r = {.files = FENCE_EXECUTE};
	const char *interpreter = NULL;
	bool bad;
	int fd;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		return error_errno(err, "cannot give up new privileges");
	(void)dl_iterate_phdr(find_interpreter, &interpreter);
	if (program != NULL && interpreter == NULL)
		return 0;
	/* Each login comes by here, so the version isn't asked for first. */
	if ((fd = landlock_create(&r, sizeof(r), 0)) == -1)
		return landlock_abi() == 0
		    ? 0
		    : error_errno(err, "cannot give up execution");
	bad = program != NULL &&
	    (allow(fd, program) == -1 || allow(fd, interpreter) == -1);
	/* E2BIG: we are within sixteen fences of others already. */
	bad = bad || (landlock_restrict(fd) == -1 && errno != E2BIG);
	(void)close(fd);
	return bad ? error_errno(err, "cannot give up execution") : 0;
}
