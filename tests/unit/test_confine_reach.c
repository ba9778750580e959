/* SPDX-License-Identifier: ISC */
/* The fetcher, taken over: what it can't reach.  Each attack works outside. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/socket.h>

#include "confine_fixture.h"

static int
read_shadow(struct place *p)
{
	(void)p;
	return came(open("/etc/shadow", O_RDONLY) != -1, EACCES);
}

static int
read_secret(struct place *p)
{
	return came(open(p->secret, O_RDONLY) != -1, EACCES);
}

static int
list_outside(struct place *p)
{
	return came(open(p->outside, O_RDONLY | O_DIRECTORY) != -1, EACCES);
}

static int
write_outside(struct place *p)
{
	char path[SCRATCH_PATH + 8];

	(void)snprintf(path, sizeof(path), "%s/new", p->outside);
	return came(open(path, O_WRONLY | O_CREAT, 0600) != -1, EACCES);
}

static int
write_token(struct place *p)
{
	return came(open(p->cfg.token_file, O_WRONLY) != -1, EACCES);
}

static int
move_outside(struct place *p)
{
	char path[SCRATCH_PATH + 8];
	int fd = openat(p->cache, "x", O_WRONLY | O_CREAT, 0600);

	(void)snprintf(path, sizeof(path), "%s/moved", p->outside);
	if (fd == -1)
		return BROKEN;
	if (renameat(p->cache, "x", AT_FDCWD, path) == 0)
		return CAME_THROUGH;
	return errno == EACCES || errno == EXDEV ? HELD_OFF : BROKEN;
}

static int
truncate_secret(struct place *p)
{
	return came(open(p->secret, O_RDONLY | O_TRUNC) != -1, EACCES);
}

static int
remove_secret(struct place *p)
{
	return came(unlink(p->secret) == 0, EACCES);
}

static int
connect_elsewhere(struct place *p)
{
	return place_connect(p->other_port);
}

static int
bind_port(struct place *p)
{
	struct sockaddr_in a = {.sin_family = AF_INET};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	(void)p;
	return came(bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0, EACCES);
}

static int
connect_abstract(struct place *p)
{
	struct sockaddr_un a;
	socklen_t len = place_abstract(p, &a);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	return came(connect(fd, (struct sockaddr *)&a, len) == 0, EPERM);
}

static int
listen_unix(struct place *p)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	struct sockaddr_un a = {.sun_family = AF_UNIX};

	(void)p;
	if (bind(fd, (struct sockaddr *)&a, sizeof(a.sun_family)) == -1)
		return BROKEN;
	return came(listen(fd, 1) == 0, 0);
}

static int
raw_socket(struct place *p)
{
	(void)p;
	return came(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP) != -1, 0);
}

static int
kernel_crypto_socket(struct place *p)
{
	(void)p;
	/* Not in every kernel: any answer but a signal comes through. */
	(void)socket(AF_ALG, SOCK_SEQPACKET, 0);
	return CAME_THROUGH;
}

static void
test_reach(void **state)
{
	static const struct attack attacks[] = {
	    {"read /etc/shadow", read_shadow, BY_FILES, true},
	    {"read a file elsewhere", read_secret, BY_FILES, false},
	    {"list a folder elsewhere", list_outside, BY_FILES, false},
	    {"write elsewhere", write_outside, BY_FILES, false},
	    {"write the token", write_token, BY_FILES, false},
	    {"move a file out of the cache", move_outside, BY_FILES, false},
	    {"empty a file elsewhere", truncate_secret, BY_TRUNCATE, false},
	    {"remove a file elsewhere", remove_secret, BY_FILES, false},
	    {"connect to another port", connect_elsewhere, BY_PORTS, false},
	    {"take a port", bind_port, BY_PORTS, false},
	    {"connect to an abstract socket", connect_abstract, BY_SCOPE,
		false},
	    {"listen", listen_unix, BY_CALLS, false},
	    {"raw socket", raw_socket, BY_CALLS, true},
	    {"socket of another family", kernel_crypto_socket, BY_CALLS, false},
	};

	attack_all(state, attacks, sizeof(attacks) / sizeof(attacks[0]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    scratch_test(test_reach),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
