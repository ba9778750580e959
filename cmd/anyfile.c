/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "cmd/anyfile.h"

#define STEP 4096

static int
read_all(int fd, struct buf *out)
{
	size_t room;
	ssize_t n;

	for (;;) {
		room = out->cap - out->len < STEP ? out->cap - out->len : STEP;
		if (room == 0 || buf_reserve(out, room) == -1) {
			errno = room == 0 ? EFBIG : ENOMEM;
			return -1;
		}
		n = read(fd, out->data + out->len, room);
		if (n == 0)
			return 0;
		if (n == -1 && errno != EINTR)
			return -1;
		if (n > 0)
			out->len += (size_t)n;
	}
}

int
anyfile_read(const char *path, struct buf *out, struct error *err)
{
	int fd, r;

	if ((fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)) == -1)
		return error_errno(err, "%s", path);
	if ((r = read_all(fd, out)) == -1)
		(void)error_errno(err, "%s", path);
	(void)close(fd);
	return r;
}
