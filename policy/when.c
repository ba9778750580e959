/* SPDX-License-Identifier: ISC */
#include <stdio.h>

#include "policy/when.h"

#define DAY (86400 * INT64_C(1000))
#define FIRST (365 * DAY) /* 1971-01-01 */
#define LAST (INT64_C(253402300799) * 1000) /* 9999-12-31T23:59:59 */

struct cursor {
	const char *p, *end;
	bool bad;
};

struct civil {
	int year, month, day, hour, minute, second;
};

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

/* Takes the character a (or b) if it is next. */
static bool
next_is(struct cursor *c, char a, char b)
{
	if (c->bad || c->p == c->end || (*c->p != a && *c->p != b))
		return false;
	c->p++;
	return true;
}

static void
need(struct cursor *c, char a, char b)
{
	if (!next_is(c, a, b))
		c->bad = true;
}

static int
month_days(int year, int month)
{
	static const int days[] = {
	    31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return month == 2 && leap ? 29 : days[month - 1];
}

/* Days from 1970-01-01 to the first of a year; 1971 and later. */
static int64_t
year_days(int year)
{
	int64_t y = year - 1;

	return y * 365 + y / 4 - y / 100 + y / 400 - 719162;
}

/* A leap second is refused: sshd would make it the next minute's first. */
static int64_t
civil_ms(const struct civil *t)
{
	int64_t days;
	int m;

	if (t->year < 1971 || t->month < 1 || t->month > 12 || t->day < 1 ||
	    t->day > month_days(t->year, t->month) || t->hour > 23 ||
	    t->minute > 59 || t->second > 59)
		return WHEN_NONE;
	days = year_days(t->year) + t->day - 1;
	for (m = 1; m < t->month; m++)
		days += month_days(t->year, m);
	return ((days * 24 + t->hour) * 60 + t->minute) * 60000 +
	    t->second * INT64_C(1000);
}

int64_t
when_expiry(const char *s, size_t len, bool *utc)
{
	struct cursor c = {.p = s, .end = s + len};
	struct civil t = {0};

	*utc = len > 0 && s[len - 1] == 'Z';
	if (*utc)
		len--;
	if (len != 8 && len != 12 && len != 14)
		return WHEN_NONE;
	c.end = s + len;
	t.year = digits(&c, 4);
	t.month = digits(&c, 2);
	t.day = digits(&c, 2);
	if (len >= 12) {
		t.hour = digits(&c, 2);
		t.minute = digits(&c, 2);
	}
	if (len == 14)
		t.second = digits(&c, 2);
	return c.bad ? WHEN_NONE : civil_ms(&t);
}

/* "Z" or "+02:00", in minutes east. */
static int
offset(struct cursor *c)
{
	int sign, hours, minutes;

	if (next_is(c, 'Z', 'z'))
		return 0;
	sign = c->p != c->end && *c->p == '-' ? -1 : 1;
	need(c, '+', '-');
	hours = digits(c, 2);
	need(c, ':', ':');
	minutes = digits(c, 2);
	if (hours > 23 || minutes > 59)
		c->bad = true;
	return sign * (hours * 60 + minutes);
}

int64_t
when_tag(const char *s, size_t len)
{
	struct cursor c = {.p = s, .end = s + len};
	struct civil t = {0};
	int64_t ms, east = 0;

	t.year = digits(&c, 4);
	need(&c, '-', '-');
	t.month = digits(&c, 2);
	need(&c, '-', '-');
	t.day = digits(&c, 2);
	if (c.p != c.end) {
		need(&c, 'T', 't');
		t.hour = digits(&c, 2);
		need(&c, ':', ':');
		t.minute = digits(&c, 2);
		need(&c, ':', ':');
		t.second = digits(&c, 2);
		if (next_is(&c, '.', '.'))
			(void)digits(&c, 1);
		while (c.p != c.end && *c.p >= '0' && *c.p <= '9')
			c.p++;
		east = offset(&c);
	}
	if (c.bad || c.p != c.end || (ms = civil_ms(&t)) == WHEN_NONE)
		return WHEN_NONE;
	return ms - east * 60000;
}

char *
when_text(int64_t ms, bool utc, char dst[WHEN_TEXT_SIZE])
{
	struct civil t = {.year = 1971, .month = 1};
	unsigned second;
	int64_t days;

	ms = ms < FIRST ? FIRST : ms > LAST ? LAST : ms;
	days = ms / DAY;
	second = (unsigned)(ms % DAY / 1000);
	t.year = (int)(days / 366) + 1970;
	while (t.year < 9999 && year_days(t.year + 1) <= days)
		t.year++;
	days -= year_days(t.year);
	for (; days >= month_days(t.year, t.month); t.month++)
		days -= month_days(t.year, t.month);
	/* The remainders only tell the compiler how long the text can get. */
	(void)snprintf(dst, WHEN_TEXT_SIZE, "%04u%02u%02u%02u%02u%02u%s",
	    (unsigned)t.year % 10000, (unsigned)t.month % 100,
	    (unsigned)(days + 1) % 100, second / 3600 % 100, second / 60 % 60,
	    second % 60, utc ? "Z" : "");
	return dst;
}
