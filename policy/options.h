/*
 * The options of a line in authorized_keys(5): parsed from one text as
 * sshd(8) reads it and written again from what was understood, so that
 * nothing reaches sshd that was not.  Pure.
 *
 * Known, by any case: restrict, cert-authority, verify-required,
 * no-touch-required; agent-forwarding, port-forwarding, pty, user-rc,
 * X11-forwarding and their `no-` forms; and with ="value" behind them
 * command, expiry-time, from, principals, tunnel, and (as often as wanted)
 * environment, permitlisten, permitopen.
 *
 * Stricter than sshd: a flag stands once and without its opposite, an
 * environment name once, a value is never empty (but that of an environment
 * variable), principals needs cert-authority, dates exist, a port is a
 * number, and from-lists are as policy/from.h has them.
 */
#ifndef POLICY_OPTIONS_H
#define POLICY_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/limits.h"
#include "policy/from.h"
#include "policy/when.h"
#include "policy/words.h"

enum options_permit {
	OPTIONS_AGENT,
	OPTIONS_PORT,
	OPTIONS_PTY,
	OPTIONS_USER_RC,
	OPTIONS_X11,
	OPTIONS_PERMIT_COUNT
};

#define OPTIONS_NO_TUNNEL (-1)
#define OPTIONS_TUNNEL_ANY (-2)

/* Owned; begin with options_init. */
struct options {
	bool restricted;
	bool denied[OPTIONS_PERMIT_COUNT]; /* restrict's work included */
	bool cert_authority, verify_required, no_touch_required;
	char *command; /* NULL: none; so is principals */
	char *principals;
	struct from from; /* empty: from anywhere */
	/* The earliest of each kind, or WHEN_NONE.  Which of the two is the
	 * earlier only sshd can tell, who knows its time zone. */
	int64_t expiry_utc_ms, expiry_local_ms;
	int tunnel; /* the device, or one of the above */
	struct words environment; /* NAME=value */
	/* host:port; empty: anything */
	struct words permitopen, permitlisten;
};

/* No options at all: a key that may do anything. */
void options_init(struct options *o);
/* Frees what o holds; then it is as options_init leaves it. */
void options_free(struct options *o);

enum options_result {
	OPTIONS_OK = 0,
	OPTIONS_BAD, /* no such options; err has the reason */
	OPTIONS_NO_MEMORY /* nothing was decided */
};

/*
 * Parses text[len] into o, which options_init or options_free left.  An
 * empty text is no options.  On anything but OPTIONS_OK o holds no options
 * and must not be used, for that would let the key do anything.  The reason
 * is such as `character 10: onwer: unknown option`; over LIMIT_OPTIONS
 * bytes, read or to be written, is a reason too.
 */
enum options_result options_parse(
    struct options *o, const char *text, size_t len, struct error *err);

/*
 * Appends the options in their one canonical form, without a blank or line
 * end around them; nothing for no options.  Another options_parse gives the
 * same.  0, or -1 as buf.h: the whole text or nothing of it.
 *
 * Needs OpenSSH 9.1 where expiry_utc_ms is set (the Z), 8.2 for
 * no-touch-required and 8.4 for verify-required: an older one refuses the
 * line.
 */
int options_build(const struct options *o, struct buf *b);

/* A copy in out (as options_init left it).  0, or -1 out of memory; then out
 * holds no options and must not be used. */
int options_copy(struct options *out, const struct options *o);

bool options_equal(const struct options *a, const struct options *b);

/* The key is a CA: sshd asks for the fingerprint of the key that it has
 * signed, so that the line must be printed for every fingerprint. */
bool options_for_every_fingerprint(const struct options *o);

/* Whether the time has come, as far as that can be told without a zone. */
bool options_expired(const struct options *o, int64_t now_ms);

/* Why options can't be made stricter.  One stable code each. */
enum options_clash {
	OPTIONS_MERGED = 0,
	OPTIONS_CLASH_FROM_EMPTY, /* no address in common */
	OPTIONS_CLASH_FROM, /* what is in common can't be written */
	OPTIONS_CLASH_COMMAND, /* two commands */
	OPTIONS_CLASH_TUNNEL, /* two devices */
	OPTIONS_CLASH_CERT_AUTHORITY, /* a CA for one, a key for the other */
	OPTIONS_CLASH_PRINCIPALS, /* none in common, or only one has any */
	OPTIONS_CLASH_ENVIRONMENT, /* two values for a variable */
	OPTIONS_CLASH_TOO_LONG, /* together over LIMIT_OPTIONS */
	OPTIONS_CLASH_INTERNAL, /* no memory: says nothing of the options */
	OPTIONS_CLASH_COUNT
};

/* A short stable word such as "from-disjoint". */
const char *options_clash_code(enum options_clash c);
/* For a person: "the from lists have no address in common". */
const char *options_clash_text(enum options_clash c);

/*
 * What both a and b allow, in out (as options_init left it): a restriction
 * of either stands, a permission needs both, from, permitopen and
 * permitlisten are intersected, the earlier date counts, one command beside
 * none stands.  (Where permitopen or permitlisten have nothing in common,
 * no-port-forwarding stands instead.)  The order of a and b changes at most
 * the order within lists.  On anything but OPTIONS_MERGED the key must be
 * refused; out holds no options then and must not be used.
 */
enum options_clash options_merge_stricter(
    struct options *out, const struct options *a, const struct options *b);

/*
 * The same with a list of a tag, or a date, alone.  On a clash o is as it
 * was and the key must be refused.
 */
enum options_clash options_add_from(struct options *o, const struct from *f);
void options_add_expiry(struct options *o, int64_t utc_ms);

#endif
