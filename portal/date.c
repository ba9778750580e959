/* SPDX-License-Identifier: ISC */
#include "base/calendar.h"
#include "base/keyset.h"
#include "portal/date.h"

/* ".123456" as milliseconds, the rest of the digits read and dropped. */
static int
fraction(struct calendar_text *c)
{
	int ms = 0, scale = 100;

	if (!calendar_next(c, '.', '.'))
		return 0;
	ms = calendar_digits(c, 1) * scale;
	while (!c->bad && c->p < c->end && *c->p >= '0' && *c->p <= '9') {
		scale /= 10;
		ms += (*c->p++ - '0') * scale;
	}
	return ms;
}

int64_t
date_rfc3339(const char *s, size_t len)
{
	struct calendar_text c = {.p = s, .end = s + len};
	int y, mon, d, h, min, sec, ms, east;
	int64_t minutes;

	y = calendar_digits(&c, 4);
	calendar_need(&c, '-', '-');
	mon = calendar_digits(&c, 2);
	calendar_need(&c, '-', '-');
	d = calendar_digits(&c, 2);
	calendar_need(&c, 'T', 't');
	h = calendar_digits(&c, 2);
	calendar_need(&c, ':', ':');
	min = calendar_digits(&c, 2);
	calendar_need(&c, ':', ':');
	sec = calendar_digits(&c, 2);
	ms = fraction(&c);
	east = calendar_offset(&c);
	/* 60 is a leap second. */
	if (c.bad || c.p != c.end || mon < 1 || mon > 12 || d < 1 ||
	    d > calendar_month_days(y, mon) || h > 23 || min > 59 || sec > 60)
		return KEYREC_NO_DATE;
	minutes = calendar_days(y, mon, d) * 1440 + h * 60 + min - east;
	return (minutes * 60 + sec) * 1000 + ms;
}
