/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd/packet-keys.h"
#include "policy/document.h"

static int
read_all(int fd, struct buf *out)
{
	ssize_t n;

	for (;;) {
		if (buf_reserve(out, 4096) == -1) {
			errno = EFBIG;
			return -1;
		}
		n = read(fd, out->data + out->len, out->size - out->len);
		if (n == 0)
			return 0;
		if (n == -1 && errno != EINTR)
			return -1;
		if (n > 0)
			out->len += (size_t)n;
	}
}

/*
 * Anybody's file: nothing is decided by it here, so it is not judged as the
 * policy of this machine would be.
 */
static int
check_document(const char *path)
{
	struct policy policy;
	struct error err = {""};
	struct buf text;
	int fd, code = 1;

	if ((fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)) == -1)
		return complain(1, "%s: %s", path, strerror(errno));
	buf_init(&text, LIMIT_POLICY_FILE + 4096);
	if (read_all(fd, &text) == -1) {
		(void)complain(1, "%s: %s", path, strerror(errno));
	} else if (policy_parse(&policy, (const char *)text.data, text.len,
		       &err) != POLICY_OK) {
		(void)complain(1, "%s: %s", path, err.text);
	} else {
		(void)printf("%s: valid: %zu rule%s for accounts, %zu for "
			     "groups\n",
		    path, policy.users.n, policy.users.n == 1 ? "" : "s",
		    policy.groups.n);
		policy_free(&policy);
		code = fflush(stdout) == EOF ? 1 : 0;
	}
	buf_free(&text);
	(void)close(fd);
	return code;
}

int
cmd_policy(const char *config, int argc, char **argv)
{
	(void)config;
	if (argc != 3 || strcmp(argv[1], "check") != 0)
		return complain(
		    EXIT_CMD_USAGE, "usage: packet-keys policy check FILE");
	return check_document(argv[2]);
}
