/* SPDX-License-Identifier: ISC */
/*
 * Any bytes as the table of log.state: whatever is in it, a new reason of
 * this machine is told, a bucket is never empty for longer than it takes to
 * fill, and texts end.  The first 8 bytes are the clock; bit 0 of the first
 * byte of a slot says that its digest is made right, which chance would not.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/throttle.h"

#define CHECK(x)                 \
	do {                     \
		if (!(x))        \
			abort(); \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static struct throttle table;

/* Sealed as by its own program, but with any numbers in it. */
static void
seal(struct throttle_slot *s)
{
	struct throttle_slot in = *s;

	if ((in.digest & 1) == 0)
		return;
	in.code[sizeof(in.code) - 1] = in.text[sizeof(in.text) - 1] = '\0';
	/* One held line fewer, then one more. */
	*s = in;
	s->held = in.held == 0 ? 0 : in.held - 1;
	throttle_hold(s, in.code, in.text, in.since_ms);
	CHECK(throttle_sound(s));
}

static void
check_slot(const struct throttle_slot *s, int64_t now)
{
	if (!throttle_sound(s))
		return;
	CHECK(strlen(s->code) < sizeof(s->code));
	CHECK(strlen(s->text) < sizeof(s->text));
	CHECK(throttle_span(s, now) >= 0);
	CHECK(throttle_may(s, now + LIMIT_LOG_BURST * LIMIT_LOG_REFILL_MS) ||
	    throttle_may(s, now));
}

/* As cmd/tell.c does; whether it is told. */
static int
line(enum throttle_part part, uint64_t key, int64_t now)
{
	struct throttle_slot gone, *s;

	s = throttle_find(&table, part, key, now, &gone);
	CHECK(s >= table.slot && s < table.slot + THROTTLE_SLOTS);
	if (gone.held != 0)
		CHECK(throttle_sound(&gone));
	if (throttle_may(s, now)) {
		throttle_told(s, "code", now);
		CHECK(throttle_sound(s) && s->held == 0);
		return 1;
	}
	throttle_hold(s, "code", "text", now);
	CHECK(throttle_sound(s) && s->held != 0);
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	unsigned i, told = 0;
	int64_t now;

	if (len < sizeof(now))
		return 0;
	memcpy(&now, data, sizeof(now));
	/* Any time of which the sums are times. */
	now &= INT64_MAX >> 2;
	data += sizeof(now);
	len -= sizeof(now);
	memset(&table, 0, sizeof(table));
	memcpy(&table, data, len < sizeof(table) ? len : sizeof(table));
	for (i = 0; i < THROTTLE_SLOTS; i++) {
		seal(&table.slot[i]);
		check_slot(&table.slot[i], now);
	}
	/* By chance a key may be there; not this many. */
	for (i = 0; i < LIMIT_LOG_STATES; i++)
		told += line(THROTTLE_STATE, 0x5555 + i, now) == 1;
	CHECK(told >= LIMIT_LOG_STATES / 2);
	for (i = 0; i < 10; i++) {
		(void)line(THROTTLE_REFUSAL, i, now);
		(void)line(THROTTLE_LEFT_OUT, i, now);
	}
	told = 0;
	for (i = 0; i < 100; i++)
		told += line(THROTTLE_STATE, 1, now) == 1;
	CHECK(told <= LIMIT_LOG_BURST);
	return 0;
}
