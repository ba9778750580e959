/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "cache/flight.h"

/* How often a waiting process looks: cheap, and short beside a fetch. */
#define POLL_NS (2 * 1000 * 1000)

static int
judge(int fd, struct error *err)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return error_errno(err, FLIGHT_FILE);
	if (!S_ISREG(st.st_mode) || (st.st_mode & 077) != 0)
		return error_set(err,
		    FLIGHT_FILE " must be a regular file "
				"with mode 0600; remove it");
	return 0;
}

int
flight_open(int dirfd, struct error *err)
{
	int fd = openat(dirfd, FLIGHT_FILE,
	    O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);

	if (fd == -1 && errno == EROFS) {
		fd = openat(dirfd, FLIGHT_FILE,
		    O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
		/* That there is none isn't what has to be mended. */
		if (fd == -1 && errno == ENOENT)
			errno = EROFS;
	}
	if (fd == -1)
		return error_errno(err, "cannot open " FLIGHT_FILE);
	if (judge(fd, err) == -1) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

enum flight
flight_try(int fd, struct error *err)
{
	while (flock(fd, LOCK_EX | LOCK_NB) == -1) {
		if (errno == EWOULDBLOCK)
			return FLIGHT_BUSY;
		if (errno != EINTR) {
			(void)error_errno(err, "cannot lock " FLIGHT_FILE);
			return FLIGHT_ERROR;
		}
	}
	return FLIGHT_LEADER;
}

enum flight
flight_wait(int fd, int64_t deadline, struct error *err)
{
	const struct timespec pause = {0, POLL_NS};
	enum flight r;

	while ((r = flight_try(fd, err)) == FLIGHT_BUSY) {
		if (clock_left_ms(deadline) == 0)
			break;
		(void)nanosleep(&pause, NULL);
	}
	return r;
}

int
flight_check(int fd, int dirfd, struct error *err)
{
	struct stat ours, theirs;

	if (fstat(fd, &ours) == -1)
		return error_errno(err, "the inherited lock");
	if (fstatat(dirfd, FLIGHT_FILE, &theirs, AT_SYMLINK_NOFOLLOW) == -1)
		return error_errno(err, FLIGHT_FILE);
	if (ours.st_dev != theirs.st_dev || ours.st_ino != theirs.st_ino)
		return error_set(
		    err, "the inherited descriptor is not " FLIGHT_FILE);
	if (fcntl(fd, F_SETFD, FD_CLOEXEC) == -1)
		return error_errno(err, "the inherited lock");
	return 0;
}
