/*
 * What is asked of the portal: lists of keys, by the names of the `sources`
 * setting, and what a policy needs beside them.
 */
#ifndef BASE_SOURCE_H
#define BASE_SOURCE_H

#include <stddef.h>

enum source {
	SOURCE_DEVICE, /* GET /devices/{id}/ssh-keys */
	SOURCE_PROJECT, /* GET /projects/{id}/ssh-keys */
	SOURCE_PERSONAL, /* GET /ssh-keys, the token's user */
	SOURCE_METADATA, /* ssh_keys of the metadata service */
	SOURCE_KEYS, /* so many hold keys */
	SOURCE_MEMBERS = SOURCE_KEYS, /* GET /projects/{id}/memberships */
	SOURCE_FLEET, /* ssh_policy of the customdata that `fleet` names */
	SOURCE_COUNT
};

#define SOURCE_BIT(s) (1u << (unsigned)(s))

/* "device" and so on, "members", "fleet"; never NULL. */
const char *source_name(enum source s);
/* "keys", "members" or "document": what the source has. */
const char *source_what(enum source s);
/* The source of keys of that name, or SOURCE_COUNT if there is none. */
enum source source_by_name(const char *name, size_t len);

/* "device,project" for SOURCE_BIT()s of keys, cut to fit; returns dst. */
char *source_list(unsigned sources, char *dst, size_t size);

#endif
