/*
 * What the fetcher asks of the kernel.  Found by strace under TLS, HTTP/2,
 * proxies, name lookups in threads, full disks and time-outs; beside these
 * stand what other versions and architectures of glibc, libcurl, OpenSSL and
 * the kernel use for the same.  For calls.c alone.
 */
#ifndef BASE_CALLS_TABLE_H
#define BASE_CALLS_TABLE_H

#include <stdint.h>

/* Names, ended by NULL, as seccomp_syscall_resolve_name(3) takes them; one
 * that it doesn't know is passed over. */
extern const char *const calls_allowed[];

/*
 * Allowed only where the arguments are so: argument `number` & mask == value,
 * for each with a mask.  Not to be had: fork (a thread alone may be made),
 * sockets of other kinds, a limit that is raised, an end to "not dumpable".
 */
struct calls_rule {
	const char *name; /* NULL: the end */
	struct {
		unsigned number; /* from 0 */
		uint64_t mask, value;
	} is[2];
};
extern const struct calls_rule calls_rules[];

/*
 * From this number on (Linux 5.1) the calls are numbered alike everywhere,
 * and who finds one missing takes an older one instead: what is not allowed
 * fails so, lest a newer library's try ends the fetch.
 */
#define CALLS_NEW 424
#define CALLS_NEWEST 511

#endif
