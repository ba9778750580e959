/* SPDX-License-Identifier: ISC */
#include <linux/netlink.h>
#include <sched.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "base/calls_table.h"
#include "base/sanitized.h"

#define POINTER UINT64_MAX
#define INT UINT64_C(0xffffffff) /* what is above may be anything */
#define TYPE UINT64_C(0xf) /* beside it: SOCK_CLOEXEC, SOCK_NONBLOCK */
#define ASK_TERMINAL_NEW 0x802c542a /* TCGETS2: isatty(3) of newer glibc */
#ifndef PR_SET_VMA
#define PR_SET_VMA 0x53564d41
#endif
/* s390 has the stack first. */
#ifdef __s390__
#define CLONE_FLAGS 1
#else
#define CLONE_FLAGS 0
#endif

const char *const calls_allowed[] = {
    /* Files. */
    "read", "readv", "pread64", "preadv", "preadv2", "write", "writev",
    "pwrite64", "pwritev", "pwritev2", "lseek", "_llseek", "open", "openat",
    "openat2", "close", "close_range", "stat", "lstat", "fstat", "stat64",
    "lstat64", "fstat64", "newfstatat", "fstatat64", "statx", "statfs",
    "statfs64", "fstatfs", "fstatfs64", "access", "faccessat", "faccessat2",
    "readlink", "readlinkat", "getdents", "getdents64", "getcwd", "fcntl",
    "fcntl64", "flock", "dup", "dup2", "dup3", "umask", "fadvise64",
    "fadvise64_64", "arm_fadvise64_64",
    /* The snapshot. */
    "ftruncate", "ftruncate64", "fallocate", "fsync", "fdatasync", "fchmod",
    "unlink", "unlinkat", "rename", "renameat", "renameat2",
    /* Memory. */
    "brk", "mmap", "mmap2", "munmap", "mremap", "mprotect", "madvise",
    "mincore", "pkey_alloc", "pkey_free", "pkey_mprotect", "mlock", "mlock2",
    "munlock", "membarrier", "cacheflush", "riscv_flush_icache",
    "riscv_hwprobe",
    /* Threads: those of the resolver. */
    "futex", "futex_time64", "futex_waitv", "set_robust_list",
    "get_robust_list", "set_tid_address", "rseq", "sched_yield",
    "sched_getaffinity", "sched_getparam", "sched_getscheduler",
    "sched_get_priority_max", "sched_get_priority_min", "getcpu", "arch_prctl",
    "set_thread_area", "set_tls", "exit", "exit_group", "restart_syscall",
    /* Signals. */
    "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "rt_sigpending",
    "rt_sigtimedwait", "rt_sigtimedwait_time64", "sigaction", "sigprocmask",
    "sigreturn", "sigaltstack",
    /* Who and what am I. */
    "getpid", "gettid", "getppid", "getpgrp", "getuid", "geteuid", "getgid",
    "getegid", "getuid32", "geteuid32", "getgid32", "getegid32", "getresuid",
    "getresgid", "getresuid32", "getresgid32", "getgroups", "getgroups32",
    "uname", "sysinfo", "getrlimit", "ugetrlimit", "getrusage", "times",
    "getrandom",
    /* Time. */
    "clock_gettime", "clock_gettime64", "clock_getres", "clock_getres_time64",
    "clock_nanosleep", "clock_nanosleep_time64", "nanosleep", "gettimeofday",
    "time",
    /* Waiting. */
    "poll", "ppoll", "ppoll_time64", "select", "_newselect", "pselect6",
    "pselect6_time64", "epoll_create", "epoll_create1", "epoll_ctl",
    "epoll_wait", "epoll_pwait", "epoll_pwait2", "eventfd", "eventfd2", "pipe",
    "pipe2", "socketpair",
    /* A libcurl with c-ares watches resolv.conf. */
    "inotify_init1", "inotify_add_watch", "inotify_rm_watch",
    /* The service: whoever has connected, and its own time limit. */
    "accept4", "setitimer",
    /* The network; bind is for netlink, listen is not there. */
    "connect", "bind", "getsockname", "getpeername", "getsockopt", "setsockopt",
    "send", "sendto", "sendmsg", "sendmmsg", "recv", "recvfrom", "recvmsg",
    "recvmmsg", "recvmmsg_time64", "shutdown",
#if SANITIZED
    /* Their runtimes, to report what they find. */
    "getpgid", "kill", "prctl", "prlimit64", "sched_setaffinity", "setrlimit",
    "tkill",
#endif
    NULL};

const struct calls_rule calls_rules[] = {
    {"clone", {{CLONE_FLAGS, CLONE_THREAD, CLONE_THREAD}}},
    {"socket", {{0, INT, AF_UNIX}, {1, TYPE, SOCK_STREAM}}},
    {"socket", {{0, INT, AF_UNIX}, {1, TYPE, SOCK_DGRAM}}},
    {"socket", {{0, INT, AF_UNIX}, {1, TYPE, SOCK_SEQPACKET}}},
    {"socket", {{0, INT, AF_INET}, {1, TYPE, SOCK_STREAM}}},
    {"socket", {{0, INT, AF_INET}, {1, TYPE, SOCK_DGRAM}}},
    {"socket", {{0, INT, AF_INET6}, {1, TYPE, SOCK_STREAM}}},
    {"socket", {{0, INT, AF_INET6}, {1, TYPE, SOCK_DGRAM}}},
    /* getaddrinfo(3) asks for our own addresses. */
    {"socket", {{0, INT, AF_NETLINK}, {2, INT, NETLINK_ROUTE}}},
    {"ioctl", {{1, INT, FIONBIO}}}, {"ioctl", {{1, INT, FIONREAD}}},
    {"ioctl", {{1, INT, TCGETS}}}, {"ioctl", {{1, INT, ASK_TERMINAL_NEW}}},
    /* A name server's link-local address. */
    {"ioctl", {{1, INT, SIOCGIFINDEX}}}, {"ioctl", {{1, INT, SIOCGIFNAME}}},
#if !SANITIZED
    {"prctl", {{0, INT, PR_SET_NAME}}}, {"prctl", {{0, INT, PR_GET_NAME}}},
    {"prctl", {{0, INT, PR_SET_VMA}}}, {"prctl", {{0, INT, PR_GET_DUMPABLE}}},
    {"prctl", {{0, INT, PR_GET_NO_NEW_PRIVS}}},
    {"prctl", {{0, INT, PR_GET_SECCOMP}}},
    /* To read a limit: glibc, of a thread's stack. */
    {"prlimit64", {{2, POINTER, 0}}},
#endif
    {NULL, {{0, 0, 0}}}};
