/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cache/logstate.h"

#define FLAGS \
	(O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY)

/* Nobody else may have had a say in it. */
static bool
is_ours(int fd, uid_t owner)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    st.st_uid == owner && (st.st_mode & 077) == 0 && st.st_nlink == 1 &&
	    st.st_size >= 0 && (size_t)st.st_size <= sizeof(struct throttle);
}

static int
open_file(int dirfd, uid_t owner)
{
	int fd = openat(dirfd, LOGSTATE_FILE, FLAGS, 0600);

	if (fd != -1 && is_ours(fd, owner))
		return fd;
	if (fd != -1)
		(void)close(fd);
	else if (errno != ELOOP && errno != EACCES && errno != ENXIO)
		return -1;
	/* A folder stays, and then there is no limit. */
	if (unlinkat(dirfd, LOGSTATE_FILE, 0) == -1)
		return -1;
	return openat(dirfd, LOGSTATE_FILE, FLAGS | O_EXCL, 0600);
}

/* Never waits for whoever holds it, who may have been stopped. */
static void
lock_file(int fd)
{
	const struct timespec pause = {0, LIMIT_LOG_PAUSE_NS};
	int i;

	for (i = 0; i < LIMIT_LOG_TRIES; i++) {
		if (flock(fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
			return;
		(void)nanosleep(&pause, NULL);
	}
}

int
logstate_open(struct logstate *s, int dirfd, uid_t owner)
{
	ssize_t n;

	s->fd = -1;
	/* Anyone else would leave a file that the owner can't open. */
	if (dirfd == -1 || geteuid() != owner ||
	    (s->fd = open_file(dirfd, owner)) == -1)
		return -1;
	lock_file(s->fd);
	n = pread(s->fd, &s->table, sizeof(s->table), 0);
	if (n == -1) {
		logstate_close(s);
		return -1;
	}
	/* What was never written, as a hole reads. */
	memset((char *)&s->table + n, 0, sizeof(s->table) - (size_t)n);
	return 0;
}

int
logstate_save(const struct logstate *s, const struct throttle_slot *slot)
{
	const off_t at = (const char *)slot - (const char *)&s->table;
	void (*old)(int);
	ssize_t n;

	/* Where files may not grow, that is no reason to die. */
	old = signal(SIGXFSZ, SIG_IGN);
	n = pwrite(s->fd, slot, sizeof(*slot), at);
	if (old != SIG_ERR)
		(void)signal(SIGXFSZ, old);
	return n == (ssize_t)sizeof(*slot) ? 0 : -1;
}

void
logstate_close(struct logstate *s)
{
	if (s->fd != -1)
		(void)close(s->fd);
	s->fd = -1;
}
