/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "base/source.h"

static const char *const names[SOURCE_COUNT] = {
    [SOURCE_DEVICE] = "device",
    [SOURCE_PROJECT] = "project",
    [SOURCE_PERSONAL] = "personal",
    [SOURCE_METADATA] = "metadata",
};

const char *
source_name(enum source s)
{
	return (unsigned)s < SOURCE_COUNT ? names[s] : "unknown";
}

enum source
source_by_name(const char *name, size_t len)
{
	unsigned s;

	for (s = 0; s < SOURCE_COUNT; s++) {
		if (strlen(names[s]) == len && memcmp(names[s], name, len) == 0)
			break;
	}
	return (enum source)s;
}
