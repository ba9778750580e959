/* SPDX-License-Identifier: ISC */
#include <stdio.h>
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

char *
source_list(unsigned sources, char *dst, size_t size)
{
	size_t len = 0;
	unsigned s;

	dst[0] = '\0';
	for (s = 0; s < SOURCE_KEYS && len + 1 < size; s++) {
		if ((sources & SOURCE_BIT(s)) == 0)
			continue;
		(void)snprintf(dst + len, size - len, "%s%s",
		    len == 0 ? "" : ",", names[s]);
		len = strlen(dst);
	}
	return dst;
}
