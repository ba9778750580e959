/*
 * Where keys come from: the names of the `sources` setting.
 */
#ifndef BASE_SOURCE_H
#define BASE_SOURCE_H

#include <stddef.h>

enum source {
	SOURCE_DEVICE, /* GET /devices/{id}/ssh-keys */
	SOURCE_PROJECT, /* GET /projects/{id}/ssh-keys */
	SOURCE_PERSONAL, /* GET /ssh-keys, the token's user */
	SOURCE_METADATA, /* ssh_keys of the metadata service */
	SOURCE_COUNT
};

#define SOURCE_BIT(s) (1u << (unsigned)(s))

/* The word of the config file, "device" and so on; never NULL. */
const char *source_name(enum source s);
/* The source of that name, or SOURCE_COUNT if there is none. */
enum source source_by_name(const char *name, size_t len);

#endif
