/* SPDX-License-Identifier: ISC */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fence.h"
#include "base/fence_kernel.h"
#include "base/limits.h"

/* What can be allowed for something that is no folder. */
#define OF_FILE                                                                \
	(FENCE_EXECUTE | FENCE_WRITE_FILE | FENCE_READ_FILE | FENCE_TRUNCATE | \
	    FENCE_IOCTL_DEV)

int
fence_abi(void)
{
	return landlock_abi();
}

static void
fail(struct fence *f)
{
	if (f->failed == 0)
		f->failed = errno == 0 ? EIO : errno;
}

void
fence_open(struct fence *f)
{
	struct fence_ruleset r = {.files = FENCE_FILES_1};

	*f = (struct fence){.fd = -1, .abi = landlock_abi()};
	if (f->abi == 0)
		return;
	if (f->abi >= 2)
		r.files |= FENCE_REFER;
	if (f->abi >= 3)
		r.files |= FENCE_TRUNCATE;
	if (f->abi >= 4)
		r.net = FENCE_BIND_TCP | FENCE_CONNECT_TCP;
	if (f->abi >= 5)
		r.files |= FENCE_IOCTL_DEV;
	if (f->abi >= 6)
		r.scoped = FENCE_ABSTRACT_SOCKET | FENCE_SIGNAL;
	f->files = r.files;
	/* An older kernel takes the larger struct as long as what it doesn't
	 * know is zero. */
	if ((f->fd = landlock_create(&r, sizeof(r), 0)) == -1)
		fail(f);
}

static void
allow_fd(struct fence *f, int fd, uint64_t rights)
{
	struct fence_path_rule rule = {rights & f->files, fd};

	if (f->fd != -1 && landlock_add(f->fd, FENCE_RULE_PATH, &rule) == -1)
		fail(f);
}

/* What isn't there, or not for us, can't be opened later either. */
static void
allow_at(
    struct fence *f, int dirfd, const char *name, uint64_t rights, bool folders)
{
	struct stat st;
	int fd;

	if (f->fd == -1)
		return;
	if ((fd = openat(dirfd, name, O_PATH | O_CLOEXEC)) == -1) {
		if (errno == ENOMEM || errno == EMFILE || errno == ENFILE)
			fail(f);
		return;
	}
	if (fstat(fd, &st) == -1)
		fail(f);
	else if (!S_ISDIR(st.st_mode))
		allow_fd(f, fd, rights & OF_FILE);
	else if (folders)
		allow_fd(f, fd, rights);
	(void)close(fd);
}

void
fence_read(struct fence *f, const char *path)
{
	allow_at(f, AT_FDCWD, path, FENCE_READ_FILE | FENCE_READ_DIR, true);
}

void
fence_write(struct fence *f, const char *path)
{
	allow_at(f, AT_FDCWD, path,
	    FENCE_READ_FILE | FENCE_WRITE_FILE | FENCE_TRUNCATE, false);
}

/* Whether a link leads out of the folders that may be read.  (To ask costs a
 * fifth of a rule, and a trust store has hundreds.) */
static bool
leads_out(int dirfd, const char *name, const char *const *known, size_t n)
{
	char to[LIMIT_CONFIG_VALUE];
	ssize_t len = readlinkat(dirfd, name, to, sizeof(to) - 1);
	size_t i, k;

	if (len == -1)
		return errno != EINVAL;
	to[len] = '\0';
	if (strchr(to, '/') == NULL)
		return false;
	for (i = 0; i < n && strstr(to, "/../") == NULL; i++) {
		k = strlen(known[i]);
		if (strncmp(to, known[i], k) == 0 && to[k] == '/')
			return false;
	}
	return true;
}

void
fence_read_links(
    struct fence *f, const char *folder, const char *const *known, size_t n)
{
	const struct dirent *e;
	unsigned out = 0;
	DIR *d;

	if (f->fd == -1 || (d = opendir(folder)) == NULL)
		return;
	while ((e = readdir(d)) != NULL && out < LIMIT_TRUST_LINKS) {
		if ((e->d_type != DT_LNK && e->d_type != DT_UNKNOWN) ||
		    !leads_out(dirfd(d), e->d_name, known, n))
			continue;
		out++;
		allow_at(f, dirfd(d), e->d_name, FENCE_READ_FILE, false);
	}
	(void)closedir(d);
}

void
fence_folder(struct fence *f, int dirfd)
{
	/* Folders too: where one stands in a file's place, the kernel's own
	 * reason ("Is a directory") is the one to be told. */
	allow_fd(f, dirfd,
	    FENCE_READ_FILE | FENCE_READ_DIR | FENCE_WRITE_FILE |
		FENCE_TRUNCATE | FENCE_MAKE_REG | FENCE_REMOVE_FILE |
		FENCE_REMOVE_DIR);
}

void
fence_port(struct fence *f, uint16_t port)
{
	struct fence_port_rule rule = {FENCE_CONNECT_TCP, port};

	if (f->fd != -1 && f->abi >= 4 &&
	    landlock_add(f->fd, FENCE_RULE_PORT, &rule) == -1)
		fail(f);
}

int
fence_enter(struct fence *f, struct error *err)
{
	/* E2BIG: we are within sixteen fences of others already. */
	if (f->failed == 0 && f->fd != -1 && landlock_restrict(f->fd) == -1 &&
	    errno != E2BIG)
		fail(f);
	if (f->fd != -1)
		(void)close(f->fd);
	f->fd = -1;
	if (f->failed == 0)
		return 0;
	errno = f->failed;
	return error_errno(err, "cannot give up rights to files");
}
