/* SPDX-License-Identifier: ISC */
/*
 * Calls that fail one time in N, for a program that is loaded with this in
 * front (LD_PRELOAD) and told by its environment:
 *
 *	UNLUCKY="SEED N KINDS LOG"
 *
 * Which calls fail hangs on SEED and on the order of the calls alone.  Those
 * that did are added to the file LOG, a line each.  Nothing fails before main
 * begins, nor what the C library calls of itself: but for memory, that does
 * not come by here.  KINDS are letters:
 *
 *	m  memory                     l  libseccomp's too
 *	o  open
 *	r  read                       w  write, standard output too
 *	s  fsync                      n  rename
 *	p  mmap                       f  fork, threads, pipes
 *	c  close                      t  truncate, fallocate
 *	a  stat                       k  flock
 *	h  fsync, which never returns
 *	g  reads and writes that are cut short or interrupted: no failure, and
 *	   the program must not take them for one
 *
 * A packet-keysd that the program starts is unlucky too.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define HIGH_FD 900 /* out of the way of a program that counts on 3 */

void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);

typedef int main_fn(int, char **, char **);

static main_fn *real_main;
static bool armed;
static uint64_t seed;
static uint64_t one_in = UINT64_MAX;
static char kinds[32];
static int log_fd = -1;
static atomic_uint_fast64_t calls;

static uint64_t
mix(uint64_t x)
{
	x += UINT64_C(0x9e3779b97f4a7c15);
	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	return x ^ (x >> 31);
}

static void
tell(const char *name, int error)
{
	char line[80];
	int len = snprintf(line, sizeof(line), "%s %s %d\n",
	    program_invocation_short_name, name, error);

	if (log_fd != -1 && len > 0)
		(void)syscall(SYS_write, log_fd, line, (size_t)len);
}

/* 0: this call goes well; else the number that it drew. */
static uint64_t
draw(char kind)
{
	uint64_t n;

	if (!armed || strchr(kinds, kind) == NULL)
		return 0;
	n = mix(seed ^ mix(atomic_fetch_add(&calls, 1)));
	return n % one_in == 0 ? mix(n) | 1 : 0;
}

/* As draw, and errno is set: to one or the other. */
static bool
fails(char kind, const char *name, int one, int other)
{
	uint64_t n = draw(kind);

	if (n == 0)
		return false;
	errno = n & 2 ? one : other;
	tell(name, errno);
	return true;
}

/*
 * For reads and writes: true if the call fails.  *len is what it may be
 * about; less now and then.
 */
static bool
cut(char kind, const char *name, int one, int other, size_t *len)
{
	uint64_t n;

	if (fails(kind, name, one, other))
		return true;
	if ((n = draw('g')) == 0)
		return false;
	if ((n & 2) != 0) {
		errno = EINTR;
		tell(name, EINTR);
		return true;
	}
	if (*len > 1) {
		*len = 1 + (size_t)((n >> 2) % (*len - 1));
		tell(name, 0);
	}
	return false;
}

#define NEXT(name)                       \
	static __typeof__(&(name)) next; \
	if (next == NULL)                \
	*(void **)&next = dlsym(RTLD_NEXT, #name)

static ssize_t
write_out(void *ctx, const char *data, size_t len)
{
	size_t done = 0;
	ssize_t n;

	(void)ctx;
	if (fails('w', "stdout", ENOSPC, EIO))
		return 0;
	while (done < len) {
		n = syscall(SYS_write, STDOUT_FILENO, data + done, len - done);
		if (n <= 0)
			return 0;
		done += (size_t)n;
	}
	return (ssize_t)len;
}

/* Standard output is written within the C library, out of our sight: a
 * stream of ours takes its place. */
static void
watch_stdout(void)
{
	FILE *f =
	    fopencookie(NULL, "w", (cookie_io_functions_t){.write = write_out});

	if (f != NULL)
		stdout = f;
}

static void
be_told(const char *text)
{
	char log[4096];
	int fd;

	if (text == NULL ||
	    sscanf(text, "%lu %lu %31s %4095s", &seed, &one_in, kinds, log) !=
		4 ||
	    one_in == 0) {
		(void)fputs("UNLUCKY is missing or wrong\n", stderr);
		_exit(99);
	}
	for (const char *p = program_invocation_short_name; *p != '\0'; p++)
		seed = mix(seed ^ (unsigned char)*p);
	fd = (int)syscall(
	    SYS_openat, AT_FDCWD, log, O_WRONLY | O_APPEND | O_CLOEXEC, 0);
	log_fd = fcntl(fd, F_DUPFD_CLOEXEC, HIGH_FD);
	if (log_fd == -1)
		_exit(99);
	(void)syscall(SYS_close, fd);
}

static int
unlucky_main(int argc, char **argv, char **env)
{
	be_told(getenv("UNLUCKY"));
	if (strcmp(program_invocation_short_name, "packet-keys") == 0)
		watch_stdout();
	armed = true;
	return real_main(argc, argv, env);
}

int
__libc_start_main(main_fn *fn, int argc, char **argv, void (*init)(void),
    void (*fini)(void), void (*ldfini)(void), void *stack)
{
	int (*next)(main_fn *, int, char **, void (*)(void), void (*)(void),
	    void (*)(void), void *);

	*(void **)&next = dlsym(RTLD_NEXT, "__libc_start_main");
	real_main = fn;
	return next(unlucky_main, argc, argv, init, fini, ldfini, stack);
}

/*
 * Memory.  What the C library takes for strdup and the like comes by too.
 * libseccomp 2.5 out of memory crashes, hangs or makes another filter than it
 * was asked for, so it fails by the letter l alone.
 */
static bool
starves(const char *name, const void *caller)
{
	Dl_info info;
	uint64_t n = draw('m');

	if (n == 0)
		return false;
	if (strchr(kinds, 'l') == NULL && dladdr(caller, &info) != 0 &&
	    info.dli_fname != NULL &&
	    strstr(info.dli_fname, "libseccomp") != NULL)
		return false;
	errno = ENOMEM;
	tell(name, ENOMEM);
	return true;
}

void *
malloc(size_t n)
{
	return starves("malloc", __builtin_return_address(0))
	    ? NULL
	    : __libc_malloc(n);
}

void *
calloc(size_t n, size_t size)
{
	return starves("calloc", __builtin_return_address(0))
	    ? NULL
	    : __libc_calloc(n, size);
}

void *
realloc(void *p, size_t n)
{
	return starves("realloc", __builtin_return_address(0))
	    ? NULL
	    : __libc_realloc(p, n);
}

/* Files. */

#define MODE(flags, mode)                                                      \
	do {                                                                   \
		va_list ap;                                                    \
		va_start(ap, flags);                                           \
		mode =                                                         \
		    ((flags)&O_CREAT) != 0 || ((flags)&O_TMPFILE) == O_TMPFILE \
		    ? va_arg(ap, mode_t)                                       \
		    : 0;                                                       \
		va_end(ap);                                                    \
	} while (0)

int
open(const char *path, int flags, ...)
{
	mode_t mode;

	NEXT(open);
	MODE(flags, mode);
	return fails('o', "open", EMFILE, ENOMEM) ? -1
						  : next(path, flags, mode);
}

int
open64(const char *path, int flags, ...)
{
	mode_t mode;

	NEXT(open64);
	MODE(flags, mode);
	return fails('o', "open", EMFILE, ENOMEM) ? -1
						  : next(path, flags, mode);
}

int
openat(int fd, const char *path, int flags, ...)
{
	mode_t mode;

	NEXT(openat);
	MODE(flags, mode);
	return fails('o', "openat", EMFILE, ENOMEM)
	    ? -1
	    : next(fd, path, flags, mode);
}

int
openat64(int fd, const char *path, int flags, ...)
{
	mode_t mode;

	NEXT(openat64);
	MODE(flags, mode);
	return fails('o', "openat", EMFILE, ENOMEM)
	    ? -1
	    : next(fd, path, flags, mode);
}

FILE *
fopen(const char *path, const char *mode)
{
	NEXT(fopen);
	return fails('o', "fopen", EMFILE, ENOMEM) ? NULL : next(path, mode);
}

FILE *
fopen64(const char *path, const char *mode)
{
	NEXT(fopen64);
	return fails('o', "fopen", EMFILE, ENOMEM) ? NULL : next(path, mode);
}

DIR *
opendir(const char *path)
{
	NEXT(opendir);
	return fails('o', "opendir", EMFILE, ENOMEM) ? NULL : next(path);
}

ssize_t
read(int fd, void *data, size_t len)
{
	NEXT(read);
	return cut('r', "read", EIO, EIO, &len) ? -1 : next(fd, data, len);
}

ssize_t
pread(int fd, void *data, size_t len, off_t at)
{
	NEXT(pread);
	return cut('r', "pread", EIO, EIO, &len) ? -1 : next(fd, data, len, at);
}

ssize_t
pread64(int fd, void *data, size_t len, off64_t at)
{
	NEXT(pread64);
	return cut('r', "pread", EIO, EIO, &len) ? -1 : next(fd, data, len, at);
}

ssize_t
write(int fd, const void *data, size_t len)
{
	const char *name = fd == STDOUT_FILENO ? "stdout" : "write";

	NEXT(write);
	return cut('w', name, ENOSPC, EIO, &len) ? -1 : next(fd, data, len);
}

ssize_t
pwrite(int fd, const void *data, size_t len, off_t at)
{
	NEXT(pwrite);
	return cut('w', "pwrite", ENOSPC, EIO, &len) ? -1
						     : next(fd, data, len, at);
}

ssize_t
pwrite64(int fd, const void *data, size_t len, off64_t at)
{
	NEXT(pwrite64);
	return cut('w', "pwrite", ENOSPC, EIO, &len) ? -1
						     : next(fd, data, len, at);
}

ssize_t
writev(int fd, const struct iovec *v, int n)
{
	NEXT(writev);
	return fails('w', "writev", ENOSPC, EIO) ? -1 : next(fd, v, n);
}

int
fsync(int fd)
{
	NEXT(fsync);
	if (fails('h', "fsync", ETIME, ETIME)) {
		for (;;)
			(void)sleep(1);
	}
	return fails('s', "fsync", EIO, ENOSPC) ? -1 : next(fd);
}

int
fdatasync(int fd)
{
	NEXT(fdatasync);
	return fails('s', "fdatasync", EIO, ENOSPC) ? -1 : next(fd);
}

int
rename(const char *from, const char *to)
{
	NEXT(rename);
	return fails('n', "rename", EIO, ENOSPC) ? -1 : next(from, to);
}

int
renameat(int fd, const char *from, int tofd, const char *to)
{
	NEXT(renameat);
	return fails('n', "renameat", EIO, ENOSPC) ? -1
						   : next(fd, from, tofd, to);
}

int
ftruncate(int fd, off_t len)
{
	NEXT(ftruncate);
	return fails('t', "ftruncate", EIO, EINTR) ? -1 : next(fd, len);
}

int
ftruncate64(int fd, off64_t len)
{
	NEXT(ftruncate64);
	return fails('t', "ftruncate", EIO, EINTR) ? -1 : next(fd, len);
}

int
fallocate(int fd, int mode, off_t at, off_t len)
{
	NEXT(fallocate);
	return fails('t', "fallocate", ENOSPC, EOPNOTSUPP)
	    ? -1
	    : next(fd, mode, at, len);
}

int
fallocate64(int fd, int mode, off64_t at, off64_t len)
{
	NEXT(fallocate64);
	return fails('t', "fallocate", ENOSPC, EOPNOTSUPP)
	    ? -1
	    : next(fd, mode, at, len);
}

/* It is closed all the same, as on Linux. */
int
close(int fd)
{
	NEXT(close);
	if (!fails('c', "close", EIO, EINTR))
		return next(fd);
	(void)syscall(SYS_close, fd);
	return -1;
}

int
stat(const char *path, struct stat *st)
{
	NEXT(stat);
	return fails('a', "stat", ENOMEM, ENOMEM) ? -1 : next(path, st);
}

int
lstat(const char *path, struct stat *st)
{
	NEXT(lstat);
	return fails('a', "lstat", ENOMEM, ENOMEM) ? -1 : next(path, st);
}

int
fstat(int fd, struct stat *st)
{
	NEXT(fstat);
	return fails('a', "fstat", ENOMEM, ENOMEM) ? -1 : next(fd, st);
}

int
fstatat(int fd, const char *path, struct stat *st, int flags)
{
	NEXT(fstatat);
	return fails('a', "fstatat", ENOMEM, ENOMEM)
	    ? -1
	    : next(fd, path, st, flags);
}

int
stat64(const char *path, struct stat64 *st)
{
	NEXT(stat64);
	return fails('a', "stat", ENOMEM, ENOMEM) ? -1 : next(path, st);
}

int
lstat64(const char *path, struct stat64 *st)
{
	NEXT(lstat64);
	return fails('a', "lstat", ENOMEM, ENOMEM) ? -1 : next(path, st);
}

int
fstat64(int fd, struct stat64 *st)
{
	NEXT(fstat64);
	return fails('a', "fstat", ENOMEM, ENOMEM) ? -1 : next(fd, st);
}

int
fstatat64(int fd, const char *path, struct stat64 *st, int flags)
{
	NEXT(fstatat64);
	return fails('a', "fstatat", ENOMEM, ENOMEM)
	    ? -1
	    : next(fd, path, st, flags);
}

int
flock(int fd, int operation)
{
	NEXT(flock);
	return fails('k', "flock", ENOLCK, EINTR) ? -1 : next(fd, operation);
}

/* What else a process asks for. */

void *
mmap(void *at, size_t len, int prot, int flags, int fd, off_t offset)
{
	NEXT(mmap);
	return fails('p', "mmap", ENOMEM, ENOMEM)
	    ? MAP_FAILED
	    : next(at, len, prot, flags, fd, offset);
}

void *
mmap64(void *at, size_t len, int prot, int flags, int fd, off64_t offset)
{
	NEXT(mmap64);
	return fails('p', "mmap", ENOMEM, ENOMEM)
	    ? MAP_FAILED
	    : next(at, len, prot, flags, fd, offset);
}

pid_t
fork(void)
{
	NEXT(fork);
	return fails('f', "fork", EAGAIN, ENOMEM) ? -1 : next();
}

int
pipe2(int fd[2], int flags)
{
	NEXT(pipe2);
	return fails('f', "pipe2", EMFILE, ENFILE) ? -1 : next(fd, flags);
}

int
pthread_create(pthread_t *thread, const pthread_attr_t *attr,
    void *(*fn)(void *), void *ctx)
{
	NEXT(pthread_create);
	return fails('f', "pthread_create", EAGAIN, EAGAIN)
	    ? EAGAIN
	    : next(thread, attr, fn, ctx);
}

/* Between fork and exec: the stack is all the memory that there is. */
int
execve(const char *path, char *const argv[], char *const env[])
{
	static const char *const passed[] = {"LD_PRELOAD=", "UNLUCKY="};
	const char *base = strrchr(path, '/');
	char *with[64];
	size_t n = 0, i;
	char **e;

	NEXT(execve);
	if (base == NULL || strcmp(base, "/packet-keysd") != 0)
		return next(path, argv, env);
	while (env[n] != NULL && n < 60) {
		with[n] = env[n];
		n++;
	}
	for (e = environ; *e != NULL; e++) {
		for (i = 0; i < 2; i++) {
			if (strncmp(*e, passed[i], strlen(passed[i])) == 0 &&
			    n < 63)
				with[n++] = *e;
		}
	}
	with[n] = NULL;
	return next(path, argv, with);
}
