/* SPDX-License-Identifier: ISC */
/*
 * Linked into the programs of a sanitizer build: sshd gives them no
 * environment, and the leak checker would have to trace a process that
 * forbids it.  Unit tests and valgrind look for leaks.
 */
const char *__asan_default_options(void);

const char *
__asan_default_options(void)
{
	return "detect_leaks=0:abort_on_error=1";
}
