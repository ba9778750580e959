/* SPDX-License-Identifier: ISC */
#include "base/rights.h"
#include "cmd/check.h"

void
check_rights(struct check *c)
{
	const char *words[RIGHTS_MISSING_MAX];
	size_t i, n = rights_missing(words);

	for (i = 0; i < n; i++)
		check_warn(c, "rights: this kernel has %s", words[i]);
	if (n == 0)
		check_ok(c,
		    "rights: this kernel can confine the fetcher and the "
		    "lookup");
}
