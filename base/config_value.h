/*
 * The settings of packet-keys.conf(5), one by one.  Pure; private to
 * config.c and its tests.
 */
#ifndef BASE_CONFIG_VALUE_H
#define BASE_CONFIG_VALUE_H

#include <stddef.h>

#include "base/config.h"

/*
 * Checks value and puts it into cfg.  Returns the number of the setting
 * (0 to 63), or -1 with the reason: unknown section or name, bad value.
 */
int config_value_set(struct config *cfg, const char *section, const char *name,
    const char *value, struct error *err);

/* Whether there is a section of that name. */
bool config_value_section(const char *name, size_t len);

/*
 * A span such as "500ms", "5s", "10m", "12h", "7d" in milliseconds; -1 for
 * anything else, a missing unit included.
 */
int64_t config_value_span(const char *value);

#endif
