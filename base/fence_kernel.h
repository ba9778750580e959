/*
 * Landlock as the kernel has it, whatever the headers that this is built
 * with know of it.  For the fence alone.
 */
#ifndef BASE_FENCE_KERNEL_H
#define BASE_FENCE_KERNEL_H

#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The same on every architecture that had not been numbered otherwise; there
 * a call of this number fails, as without Landlock. */
#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule 445
#define SYS_landlock_restrict_self 446
#endif

#define FENCE_ASK_VERSION 1u
#define FENCE_RULE_PATH 1
#define FENCE_RULE_PORT 2

enum {
	FENCE_EXECUTE = 1 << 0,
	FENCE_WRITE_FILE = 1 << 1,
	FENCE_READ_FILE = 1 << 2,
	FENCE_READ_DIR = 1 << 3,
	FENCE_REMOVE_DIR = 1 << 4,
	FENCE_REMOVE_FILE = 1 << 5,
	FENCE_MAKE_REG = 1 << 8,
	FENCE_FILES_1 = (1 << 13) - 1,
	FENCE_REFER = 1 << 13, /* from 2 on */
	FENCE_TRUNCATE = 1 << 14, /* from 3 on */
	FENCE_IOCTL_DEV = 1 << 15 /* from 5 on */
};

/* From 4 on. */
enum { FENCE_BIND_TCP = 1 << 0, FENCE_CONNECT_TCP = 1 << 1 };

/* From 6 on. */
enum { FENCE_ABSTRACT_SOCKET = 1 << 0, FENCE_SIGNAL = 1 << 1 };

struct fence_ruleset {
	uint64_t files, net, scoped;
};

struct fence_path_rule {
	uint64_t allowed;
	int32_t fd;
} __attribute__((packed));

struct fence_port_rule {
	uint64_t allowed, port;
};

/* As the calls of these names: -1 with errno. */
static inline int
landlock_create(const struct fence_ruleset *r, size_t size, unsigned flags)
{
	return (int)syscall(SYS_landlock_create_ruleset, r, size, flags);
}

/* The version; 0: none, or not in use. */
static inline int
landlock_abi(void)
{
	int abi = landlock_create(NULL, 0, FENCE_ASK_VERSION);

	return abi < 0 ? 0 : abi;
}

static inline int
landlock_add(int fd, int type, const void *rule)
{
	return (int)syscall(SYS_landlock_add_rule, fd, type, rule, 0);
}

static inline int
landlock_restrict(int fd)
{
	return (int)syscall(SYS_landlock_restrict_self, fd, 0);
}

#endif
