/* SPDX-License-Identifier: ISC */
#include <stddef.h>
#include <string.h>

#include "base/digest.h"
#include "base/text.h"
#include "base/throttle.h"

/* Count up when a slot changes its form: then all are empty. */
#define FORM 1
#define FULL_MS (LIMIT_LOG_BURST * LIMIT_LOG_REFILL_MS)

_Static_assert(sizeof(struct throttle_slot) == 128,
    "no padding, whose bytes the digest would count");

static const struct {
	unsigned first, n;
	bool shares; /* the last one is for all that found none */
} parts[THROTTLE_PARTS] = {
    [THROTTLE_STATE] = {0, LIMIT_LOG_STATES, false},
    [THROTTLE_REFUSAL] = {LIMIT_LOG_STATES, LIMIT_LOG_REFUSALS, true},
    [THROTTLE_LEFT_OUT] = {LIMIT_LOG_STATES + LIMIT_LOG_REFUSALS,
	LIMIT_LOG_LEFT_OUT, true},
};

static uint64_t
digest_of(const struct throttle_slot *s)
{
	const size_t start = offsetof(struct throttle_slot, key);

	return digest_add(
	    DIGEST_INIT + FORM, (const char *)s + start, sizeof(*s) - start);
}

bool
throttle_sound(const struct throttle_slot *s)
{
	return s->digest != 0 && s->digest == digest_of(s) &&
	    s->code[sizeof(s->code) - 1] == '\0' &&
	    s->text[sizeof(s->text) - 1] == '\0';
}

/* Until the bucket is full. */
static int64_t
left(const struct throttle_slot *s, int64_t now)
{
	if (s->full_ms <= now || s->full_ms > now + FULL_MS)
		return 0;
	return s->full_ms - now;
}

bool
throttle_may(const struct throttle_slot *s, int64_t now)
{
	return left(s, now) <= FULL_MS - LIMIT_LOG_REFILL_MS;
}

/* All of code and text, so that the digest has nothing by chance in it. */
static void
seal(struct throttle_slot *s, const char *code, const char *text)
{
	memset(s->code, 0, sizeof(s->code));
	memset(s->text, 0, sizeof(s->text));
	(void)text_copy(s->code, sizeof(s->code), code);
	/* Cut at the end of a character. */
	(void)text_clean(s->text, sizeof(s->text), text, strlen(text));
	s->digest = digest_of(s);
}

void
throttle_told(struct throttle_slot *s, const char *code, int64_t now)
{
	int64_t wait = left(s, now) + LIMIT_LOG_REFILL_MS;

	s->full_ms = now + (wait < FULL_MS ? wait : FULL_MS);
	s->since_ms = 0;
	s->held = 0;
	seal(s, code, "");
}

void
throttle_hold(
    struct throttle_slot *s, const char *code, const char *text, int64_t now)
{
	if (s->held == 0)
		s->since_ms = now;
	if (s->held < UINT32_MAX)
		s->held++;
	seal(s, code, text);
}

int64_t
throttle_span(const struct throttle_slot *s, int64_t now)
{
	return s->since_ms <= 0 || s->since_ms > now ? 0 : now - s->since_ms;
}

/* The more, the better to go: empty, idle, idle with lines not told. */
static int
worth(const struct throttle_slot *s, int64_t now)
{
	if (!throttle_sound(s))
		return 3;
	if (left(s, now) != 0)
		return 0;
	return s->held == 0 ? 2 : 1;
}

static struct throttle_slot *
begin(struct throttle_slot *s, uint64_t key, bool shared, int64_t now)
{
	*s = (struct throttle_slot){
	    .key = key, .full_ms = now, .shared = shared};
	return s;
}

struct throttle_slot *
throttle_find(struct throttle *t, enum throttle_part part, uint64_t key,
    int64_t now, struct throttle_slot *gone)
{
	struct throttle_slot *first = t->slot + parts[part].first, *s, *best;
	const unsigned n = parts[part].n - parts[part].shares;
	int w, most = -1;

	*gone = (struct throttle_slot){0};
	for (s = first; s < first + n; s++) {
		if (s->key == key && !s->shared && throttle_sound(s))
			return s;
	}
	for (s = best = first; s < first + n; s++) {
		w = worth(s, now);
		if (w > most || (w == most && s->full_ms < best->full_ms)) {
			best = s;
			most = w;
		}
	}
	if (most == 0 && parts[part].shares) {
		s = first + n;
		return throttle_sound(s) ? s : begin(s, 0, true, now);
	}
	if (most < 2)
		*gone = *best;
	return begin(best, key, false, now);
}

uint64_t
throttle_gist(uint64_t h, const char *reason)
{
	static const char status[] = "answered ";
	const char *p = reason;
	size_t n;

	while (*p != '\0' && *p != '(') {
		n = strcspn(p, "0123456789(");
		h = digest_add(h, p, n);
		p += n;
		n = strspn(p, "0123456789");
		if ((size_t)(p - reason) >= sizeof(status) - 1 &&
		    memcmp(p - sizeof(status) + 1, status,
			sizeof(status) - 1) == 0)
			h = digest_add(h, p, n);
		p += n;
	}
	return h;
}
