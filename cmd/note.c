/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>

#include "base/digest.h"
#include "base/text.h"
#include "cmd/note.h"

void
note_begin(struct note *n, const char *user)
{
	n->user = user;
	n->any = false;
	n->code = 0;
	n->priority = LOG_DEBUG;
	n->key = DIGEST_INIT;
	n->lead[0] = n->rest[0] = '\0';
	n->len = 0;
}

static void
weigh(struct note *n, enum tell_code code, int priority, uint64_t gist)
{
	if (!n->any || code > n->code)
		n->code = code;
	/* The graver, the smaller. */
	if (priority < n->priority)
		n->priority = priority;
	n->key = digest_add(n->key, &gist, sizeof(gist));
	n->any = true;
}

/* Appends what fits. */
static void __attribute__((format(printf, 2, 0)))
append(struct note *n, const char *fmt, va_list ap)
{
	size_t size = sizeof(n->rest) - n->len;
	int len;

	if (size <= 2)
		return;
	memcpy(n->rest + n->len, "; ", 3);
	len = vsnprintf(n->rest + n->len + 2, size - 2, fmt, ap);
	if (len > 0)
		n->len += strlen(n->rest + n->len);
}

void
note_add(struct note *n, enum tell_code code, int priority, uint64_t gist,
    const char *fmt, ...)
{
	va_list ap;

	weigh(n, code, priority, gist);
	va_start(ap, fmt);
	append(n, fmt, ap);
	va_end(ap);
}

void
note_lead(struct note *n, enum tell_code code, int priority, uint64_t gist,
    const char *fmt, ...)
{
	va_list ap;

	weigh(n, code, priority, gist);
	va_start(ap, fmt);
	(void)vsnprintf(n->lead, sizeof(n->lead), fmt, ap);
	va_end(ap);
}

/* One line for each account and key, or who floods the log with one hides
 * another. */
void
note_refused(struct note *n, const char *fp, const char *why)
{
	enum tell_code code =
	    strcmp(why, SNAPSHOT_DENIED) == 0 ? TELL_DENIED : TELL_REFUSED;
	uint64_t gist = tell_key(n->user);

	gist = digest_add(gist, fp, strlen(fp));
	gist = digest_add(gist, why, strlen(why));
	note_lead(n, code, LOG_NOTICE, gist, "key %s refused: %s", fp, why);
}

/* "device: its keys of 3 min ago serve: cannot reach …" */
static void
add_source(struct note *n, enum source src, const struct source_state *st,
    int64_t now, int64_t stale_ms)
{
	int64_t age = now - st->checked_ms;
	bool never = st->checked_ms == 0, stale = age >= stale_ms;
	const unsigned char kind[] = {(unsigned char)src, never, stale};
	uint64_t gist = digest_add(DIGEST_INIT, kind, sizeof(kind));
	char span[32];

	gist = throttle_gist(gist, st->reason);
	if (never) {
		note_add(n, TELL_FAILED_SOURCE, LOG_WARNING, gist,
		    "%s has never answered: %s", source_name(src), st->reason);
		return;
	}
	note_add(n, TELL_FAILED_SOURCE, LOG_WARNING, gist,
	    "%s: its %s of %s ago %s: %s", source_name(src), source_what(src),
	    text_span(span, sizeof(span), age),
	    stale                     ? "are stale"
		: src == SOURCE_FLEET ? "serves"
				      : "serve",
	    st->reason);
}

void
note_old(struct note *n, const char *why, int64_t made_ms, int64_t now)
{
	char span[32];

	if (why == NULL)
		note_add(n, TELL_FAILED_SOURCE, LOG_WARNING, 0, "old keys");
	else
		note_add(n, TELL_OLD_SNAPSHOT, LOG_WARNING,
		    throttle_gist(DIGEST_INIT, why),
		    "old keys; the snapshot of %s ago serves: %s",
		    text_span(span, sizeof(span), now - made_ms), why);
}

void
note_sources(struct note *n, struct snapshot *s, int64_t now, int64_t stale_ms)
{
	struct source_state st;
	unsigned i;

	for (i = 0; i < SOURCE_COUNT; i++) {
		/* What isn't wanted has no outcome in the snapshot. */
		if (snapshot_source_state(s, i, &st) == SNAPSHOT_FOUND &&
		    st.outcome == OUTCOME_FAILED)
			add_source(n, i, &st, now, stale_ms);
	}
}

void
note_tell(const struct note *n)
{
	const struct tell t = {.code = n->code,
	    .priority = n->priority,
	    .key = n->key,
	    .part = n->code == TELL_REFUSED || n->code == TELL_DENIED
		? THROTTLE_REFUSAL
		: THROTTLE_STATE};

	if (n->any)
		tell_line(&t, "user %.256s: %s%s", n->user, n->lead,
		    n->lead[0] == '\0' && n->len != 0 ? n->rest + 2 : n->rest);
}
