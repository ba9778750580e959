/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "policy/options_value.h"
#include "policy/suggest.h"

/* Each in its place of enum option_id; then, for suggestions, the no- forms
 * in that of enum options_permit. */
static const char *const names[OPTION_COUNT + OPTIONS_PERMIT_COUNT] = {
    [OPTION_RESTRICT] = "restrict",
    [OPTION_CERT_AUTHORITY] = "cert-authority",
    [OPTION_VERIFY_REQUIRED] = "verify-required",
    [OPTION_NO_TOUCH_REQUIRED] = "no-touch-required",
    [OPTION_PERMIT + OPTIONS_AGENT] = "agent-forwarding",
    [OPTION_PERMIT + OPTIONS_PORT] = "port-forwarding",
    [OPTION_PERMIT + OPTIONS_PTY] = "pty",
    [OPTION_PERMIT + OPTIONS_USER_RC] = "user-rc",
    [OPTION_PERMIT + OPTIONS_X11] = "X11-forwarding",
    [OPTION_COMMAND] = "command",
    [OPTION_ENVIRONMENT] = "environment",
    [OPTION_EXPIRY_TIME] = "expiry-time",
    [OPTION_FROM] = "from",
    [OPTION_PERMITLISTEN] = "permitlisten",
    [OPTION_PERMITOPEN] = "permitopen",
    [OPTION_PRINCIPALS] = "principals",
    [OPTION_TUNNEL] = "tunnel",
    [OPTION_COUNT + OPTIONS_AGENT] = "no-agent-forwarding",
    [OPTION_COUNT + OPTIONS_PORT] = "no-port-forwarding",
    [OPTION_COUNT + OPTIONS_PTY] = "no-pty",
    [OPTION_COUNT + OPTIONS_USER_RC] = "no-user-rc",
    [OPTION_COUNT + OPTIONS_X11] = "no-X11-forwarding",
};

const char *
option_name(enum option_id id)
{
	return names[id];
}

enum option_id
option_by_name(struct span name, bool *negated)
{
	size_t i;

	*negated = false;
	for (i = 0; i < OPTION_COUNT + OPTIONS_PERMIT_COUNT; i++) {
		if (strlen(names[i]) != name.len ||
		    strncasecmp(names[i], name.p, name.len) != 0)
			continue;
		*negated = i >= OPTION_COUNT;
		return (enum option_id)(
		    *negated ? i - OPTION_COUNT + OPTION_PERMIT : i);
	}
	return OPTION_COUNT;
}

const char *
option_suggest(struct span name)
{
	return suggest(name, names, sizeof(names) / sizeof(names[0]));
}
