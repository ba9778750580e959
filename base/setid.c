/* SPDX-License-Identifier: ISC */
#include <sys/auxv.h>

#include "base/rights.h"

/* A file of its own: the program that sshd calls must not need libseccomp. */
bool
rights_set_id(void)
{
	return getauxval(AT_SECURE) != 0;
}
