/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/log.h"
#include "base/text.h"
#include "cache/logstate.h"
#include "cmd/tell.h"

/* No pointers: a plain hit would pay for relocating them. */
static const char codes[TELL_CODES][sizeof(((struct throttle_slot *)0)->code)] =
    {
	[TELL_LEFT_OUT] = "left-out",
	[TELL_ANSWERS_AGAIN] = "answers-again",
	[TELL_MASS_REMOVAL] = "mass-removal",
	[TELL_DENY_LINE] = "deny-line",
	[TELL_NOTHING_NEW] = "nothing-new",
	[TELL_AUDIT] = "audit-incomplete",
	[TELL_WORKER] = "worker",
	[TELL_NO_SERVICE] = "no-service",
	[TELL_BAD_DENY_LIST] = "bad-deny-list",
	[TELL_BAD_POLICY] = "bad-policy",
	[TELL_NO_GROUPS] = "no-groups",
	[TELL_BAD_SNAPSHOT] = "bad-snapshot",
	[TELL_FAILED_SOURCE] = "failed-source",
	[TELL_OLD_SNAPSHOT] = "old-snapshot",
	[TELL_REFUSED] = "refused",
	[TELL_DENIED] = "denied",
	[TELL_NEVER_ANSWERED] = "never-answered",
	[TELL_NOT_RENEWED] = "not-renewed",
	[TELL_NO_SNAPSHOT] = "no-snapshot",
	[TELL_NO_OUTPUT] = "no-output",
	[TELL_NO_FOLDER] = "no-folder",
	[TELL_NO_CONFIG] = "no-config",
	[TELL_SET_ID] = "set-id",
};

static struct {
	int dirfd;
	uid_t owner;
} where = {-1, (uid_t)-1};

const char *
tell_code(enum tell_code code)
{
	return codes[code];
}

void
tell_begin(int dirfd, uid_t owner)
{
	where.dirfd = dirfd;
	where.owner = owner;
}

void
tell_end(void)
{
	where.dirfd = -1;
}

uint64_t
tell_key(const char *text)
{
	return digest_add(DIGEST_INIT, text, strlen(text));
}

/* " (and 812 more like it in 2 min)", or "". */
static const char *
more(const struct throttle_slot *s, int64_t now, char *dst, size_t size)
{
	char span[32];

	dst[0] = '\0';
	if (s->held != 0)
		(void)snprintf(dst, size, " (and %lu more like it in %s)",
		    (unsigned long)s->held,
		    text_span(span, sizeof(span), throttle_span(s, now)));
	return dst;
}

/* Of lines that will not be told one by one. */
static void
tell_held(const struct throttle_slot *s, int64_t now)
{
	char span[32];

	log_line(LOG_WARNING, "[%s] %lu more in %s, the last: %s…", s->code,
	    (unsigned long)s->held,
	    text_span(span, sizeof(span), throttle_span(s, now)), s->text);
}

/*
 * Told first and written down after: who is killed in between has told a
 * line too many, not too few.
 */
static void
tell_limited(struct logstate *state, const struct tell *t, const char *text)
{
	int64_t now = clock_wall_ms();
	uint64_t key =
	    digest_add(t->key, codes[t->code], strlen(codes[t->code]));
	struct throttle_slot gone, before, *s;
	char rest[64];

	s = throttle_find(&state->table, t->part, key, now, &gone);
	if (!t->always && !throttle_may(s, now)) {
		before = *s;
		throttle_hold(s, codes[t->code], text, now);
		if (logstate_save(state, s) == 0) {
			log_aside("[%s] %s", codes[t->code], text);
			return;
		}
		*s = before;
	}
	if (gone.held != 0)
		tell_held(&gone, now);
	log_line(t->priority, "[%s] %s%s", codes[t->code], text,
	    more(s, now, rest, sizeof(rest)));
	throttle_told(s, codes[t->code], now);
	(void)logstate_save(state, s);
}

static void __attribute__((format(printf, 2, 0)))
tell_text(const struct tell *t, const char *fmt, va_list ap)
{
	char raw[LIMIT_LOG_TEXT + 1], text[LIMIT_LOG_TEXT];
	struct logstate state;

	(void)vsnprintf(raw, sizeof(raw), fmt, ap);
	(void)text_clean(text, sizeof(text), raw, strlen(raw));
	if (logstate_open(&state, where.dirfd, where.owner) == -1) {
		log_line(t->priority, "[%s] %s", codes[t->code], text);
		return;
	}
	tell_limited(&state, t, text);
	logstate_close(&state);
}

void
tell_line(const struct tell *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	tell_text(t, fmt, ap);
	va_end(ap);
}

void
tell(enum tell_code code, int priority, uint64_t key, const char *fmt, ...)
{
	const struct tell t = {.code = code, .priority = priority, .key = key};
	va_list ap;

	va_start(ap, fmt);
	tell_text(&t, fmt, ap);
	va_end(ap);
}

void
tell_rest(void)
{
	int64_t now = clock_wall_ms();
	char code[sizeof(((struct throttle_slot *)0)->code)];
	struct logstate state;
	struct throttle_slot *s;
	size_t i;

	if (logstate_open(&state, where.dirfd, where.owner) == -1)
		return;
	for (i = 0; i < THROTTLE_SLOTS; i++) {
		s = &state.table.slot[i];
		if (!throttle_sound(s) || s->held == 0 || !throttle_may(s, now))
			continue;
		tell_held(s, now);
		throttle_told(s, text_copy(code, sizeof(code), s->code), now);
		(void)logstate_save(&state, s);
	}
	logstate_close(&state);
}
