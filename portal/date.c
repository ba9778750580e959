/* SPDX-License-Identifier: ISC */
#include <stdbool.h>

#include "base/keyset.h"
#include "portal/date.h"

struct cursor {
	const char *p, *end;
	bool bad;
};

/* Exactly n digits; 0 and bad set where they are not. */
static int
digits(struct cursor *c, int n)
{
	int v = 0;

	for (; n > 0; n--) {
		if (c->bad || c->p == c->end || *c->p < '0' || *c->p > '9') {
			c->bad = true;
			return 0;
		}
		v = v * 10 + (*c->p++ - '0');
	}
	return v;
}

/* One of the two characters a and b. */
static void
mark(struct cursor *c, char a, char b)
{
	if (c->bad || c->p == c->end || (*c->p != a && *c->p != b)) {
		c->bad = true;
		return;
	}
	c->p++;
}

/* ".123456" as milliseconds, the rest of the digits read and dropped. */
static int
fraction(struct cursor *c)
{
	int ms = 0, scale = 100;

	if (c->bad || c->p == c->end || *c->p != '.')
		return 0;
	c->p++;
	ms = digits(c, 1) * scale;
	while (!c->bad && c->p < c->end && *c->p >= '0' && *c->p <= '9') {
		scale /= 10;
		ms += (*c->p++ - '0') * scale;
	}
	return ms;
}

/* "Z" or "+02:00", as minutes east. */
static int
offset(struct cursor *c)
{
	int sign, h, m;

	if (c->bad || c->p == c->end) {
		c->bad = true;
		return 0;
	}
	if (*c->p == 'Z' || *c->p == 'z') {
		c->p++;
		return 0;
	}
	sign = *c->p == '-' ? -1 : 1;
	mark(c, '+', '-');
	h = digits(c, 2);
	mark(c, ':', ':');
	m = digits(c, 2);
	if (h > 23 || m > 59)
		c->bad = true;
	return sign * (h * 60 + m);
}

static int
month_days(int y, int m)
{
	static const int days[] = {
	    31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;

	return m == 2 && leap ? 29 : days[m - 1];
}

/* Days from 1970-01-01 in the Gregorian calendar, years from March on. */
static int64_t
days_since_1970(int y, int m, int d)
{
	int64_t year = m > 2 ? y : y - 1;
	int64_t month = m > 2 ? m - 3 : m + 9;
	int64_t leaps;

	/* Shifted by one cycle of 400 years, so that nothing is negative. */
	year += 400;
	leaps = year / 4 - year / 100 + year / 400;
	return year * 365 + leaps + (153 * month + 2) / 5 + d - 1 - 719468 -
	    146097;
}

int64_t
date_rfc3339(const char *s, size_t len)
{
	struct cursor c = {.p = s, .end = s + len};
	int y, mon, d, h, min, sec, ms, east;
	int64_t minutes;

	y = digits(&c, 4);
	mark(&c, '-', '-');
	mon = digits(&c, 2);
	mark(&c, '-', '-');
	d = digits(&c, 2);
	mark(&c, 'T', 't');
	h = digits(&c, 2);
	mark(&c, ':', ':');
	min = digits(&c, 2);
	mark(&c, ':', ':');
	sec = digits(&c, 2);
	ms = fraction(&c);
	east = offset(&c);
	/* 60 is a leap second. */
	if (c.bad || c.p != c.end || mon < 1 || mon > 12 || d < 1 ||
	    d > month_days(y, mon) || h > 23 || min > 59 || sec > 60)
		return KEYREC_NO_DATE;
	minutes = days_since_1970(y, mon, d) * 1440 + h * 60 + min - east;
	return (minutes * 60 + sec) * 1000 + ms;
}
