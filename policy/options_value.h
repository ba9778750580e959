/*
 * Inside policy/options.h: what stands behind the = of an option, without
 * the quotes.  Pure.
 */
#ifndef POLICY_OPTIONS_VALUE_H
#define POLICY_OPTIONS_VALUE_H

#include "policy/options.h"
#include "policy/span.h"

/* Far more than options that were parsed or merged come to: room to tell no
 * memory from too long. */
#define OPTIONS_TEXT_MAX (1024 * 1024)

enum option_id {
	OPTION_RESTRICT,
	OPTION_CERT_AUTHORITY,
	OPTION_VERIFY_REQUIRED,
	OPTION_NO_TOUCH_REQUIRED,
	OPTION_PERMIT, /* + enum options_permit */
	OPTION_COMMAND = OPTION_PERMIT + OPTIONS_PERMIT_COUNT,
	OPTION_ENVIRONMENT,
	OPTION_EXPIRY_TIME,
	OPTION_FROM,
	OPTION_PERMITLISTEN,
	OPTION_PERMITOPEN,
	OPTION_PRINCIPALS,
	OPTION_TUNNEL,
	OPTION_COUNT
};

/* The name as sshd(8) writes it. */
const char *option_name(enum option_id id);
/* The option of that name, whatever its case, or OPTION_COUNT; *negated
 * where a no- stood in front of one that is a permission. */
enum option_id option_by_name(struct span name, bool *negated);
/* The nearest name, no- forms included, or NULL. */
const char *option_suggest(struct span name);

/* Checks the value (never empty) of an option from OPTION_COMMAND on and
 * puts it into o; o may hold part of it on failure. */
enum options_result option_set(
    struct options *o, enum option_id id, struct span value, struct error *err);

/* "[host]:port" and the like cut in two; false if it isn't that. */
bool option_host_port(struct span text, struct span *host, struct span *port);

#endif
