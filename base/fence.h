/*
 * Landlock: which files and ports a process may still reach.  It is raised
 * bit by bit, then entered for good, by the process, its later threads and
 * children.  On a kernel without it nothing of this does anything.
 */
#ifndef BASE_FENCE_H
#define BASE_FENCE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct fence {
	int fd; /* -1: no Landlock here */
	int abi;
	uint64_t files; /* rights to files that this kernel can take away */
	int failed; /* the first errno */
};

/* Landlock's version in this kernel (landlock(7)); 0: none, or not in use. */
int fence_abi(void);

/*
 * Starts with nothing allowed: no file, no TCP port, no bind, no device
 * ioctl, no signal to others and no abstract socket of theirs, as far as
 * the kernel knows of these.  What is open already, stat(2) and sockets with
 * a path stay as they are.  fence_enter, in either case.
 */
void fence_open(struct fence *f);

/*
 * Each allows something more.  What can't be opened now is passed over; any
 * other failure is kept until fence_enter.  A path may be a link, which is
 * followed now.
 */
/* To read a file, or a folder with all below it. */
void fence_read(struct fence *f, const char *path);
/* To read the files that links in the folder lead to, but for those to the
 * same folder or straight below one of n known ones, which may be read in any
 * case; at most LIMIT_TRUST_LINKS of them. */
void fence_read_links(
    struct fence *f, const char *folder, const char *const *known, size_t n);
/* To read and write a file that is there. */
void fence_write(struct fence *f, const char *path);
/* To read, write, make, rename and remove files in an open folder. */
void fence_folder(struct fence *f, int dirfd);
/* To connect to the port, wherever. */
void fence_port(struct fence *f, uint16_t port);

/*
 * Enters, which needs no_new_privs, and frees.  0, or -1: then the process
 * is as free as it was, and must end.
 */
int fence_enter(struct fence *f, struct error *err);

/*
 * For a process that is about to start a program: no_new_privs, and from now
 * on it can execute that program alone, with the ELF interpreter that it
 * has itself; nothing at all where program is NULL.  Shared libraries are
 * only mapped, which is another right.  A program that is linked statically
 * doesn't know the interpreter of others and keeps to no_new_privs.  0, or -1.
 */
int fence_execute_only(const char *program, struct error *err);

#endif
