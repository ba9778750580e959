/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "base/source.h"

static const char *const names[SOURCE_COUNT] = {
    [SOURCE_DEVICE] = "device",
    [SOURCE_PROJECT] = "project",
    [SOURCE_PERSONAL] = "personal",
    [SOURCE_METADATA] = "metadata",
    [SOURCE_MEMBERS] = "members",
    [SOURCE_FLEET] = "fleet",
};

const char *
source_name(enum source s)
{
	return (unsigned)s < SOURCE_COUNT ? names[s] : "unknown";
}

const char *
source_what(enum source s)
{
	if (s == SOURCE_FLEET)
		return "document";
	return s == SOURCE_MEMBERS ? "members" : "keys";
}

enum source
source_by_name(const char *name, size_t len)
{
	unsigned s;

	for (s = 0; s < SOURCE_KEYS; s++) {
		if (strlen(names[s]) == len && memcmp(names[s], name, len) == 0)
			return (enum source)s;
	}
	return SOURCE_COUNT;
}
