/* SPDX-License-Identifier: ISC */
#include "base/calls.h"
#include "base/fence.h"
#include "base/rights.h"

static const struct {
	int abi; /* the first that has it */
	const char *words;
} landlock[] = {
    {1,
	"no Landlock (Linux 5.13; CONFIG_SECURITY_LANDLOCK, lsm=): the "
	"fetcher may open what its account may, and connect to any port; the "
	"lookup may start other programs"},
    {3,
	"no Landlock for truncate (Linux 6.2): the fetcher may empty what its "
	"account may write to"},
    {4, "no Landlock for TCP (Linux 6.7): the fetcher may connect to any port"},
    {6,
	"no Landlock scopes (Linux 6.12): the fetcher may connect to abstract "
	"sockets"},
};

size_t
rights_missing(const char *words[RIGHTS_MISSING_MAX])
{
	int abi = fence_abi();
	size_t i, n = 0;

	if (!calls_can_filter())
		words[n++] = "no seccomp filter (CONFIG_SECCOMP_FILTER): the "
			     "fetcher may make any system call";
	for (i = 0; i < sizeof(landlock) / sizeof(landlock[0]); i++) {
		/* Without the first there is no need to name the others. */
		if (abi < landlock[i].abi && (abi > 0 || i == 0))
			words[n++] = landlock[i].words;
	}
	return n;
}
