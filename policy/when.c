/* SPDX-License-Identifier: ISC */
#include <stdio.h>

#include "base/calendar.h"
#include "policy/when.h"

#define DAY (86400 * INT64_C(1000))
#define FIRST (365 * DAY) /* 1971-01-01 */
#define LAST (INT64_C(253402300799) * 1000) /* 9999-12-31T23:59:59 */

struct civil {
	int year, month, day, hour, minute, second;
};

/* A leap second is refused: sshd would make it the next minute's first. */
static int64_t
civil_ms(const struct civil *t)
{
	int64_t days;

	if (t->year < 1971 || t->month < 1 || t->month > 12 || t->day < 1 ||
	    t->day > calendar_month_days(t->year, t->month) || t->hour > 23 ||
	    t->minute > 59 || t->second > 59)
		return WHEN_NONE;
	days = calendar_days(t->year, t->month, t->day);
	return ((days * 24 + t->hour) * 60 + t->minute) * 60000 +
	    t->second * INT64_C(1000);
}

int64_t
when_expiry(const char *s, size_t len, bool *utc)
{
	struct calendar_text c = {.p = s, .end = s + len};
	struct civil t = {0};

	*utc = len > 0 && s[len - 1] == 'Z';
	if (*utc)
		len--;
	if (len != 8 && len != 12 && len != 14)
		return WHEN_NONE;
	c.end = s + len;
	t.year = calendar_digits(&c, 4);
	t.month = calendar_digits(&c, 2);
	t.day = calendar_digits(&c, 2);
	if (len >= 12) {
		t.hour = calendar_digits(&c, 2);
		t.minute = calendar_digits(&c, 2);
	}
	if (len == 14)
		t.second = calendar_digits(&c, 2);
	return c.bad ? WHEN_NONE : civil_ms(&t);
}

int64_t
when_tag(const char *s, size_t len)
{
	struct calendar_text c = {.p = s, .end = s + len};
	struct civil t = {0};
	int64_t ms, east = 0;

	t.year = calendar_digits(&c, 4);
	calendar_need(&c, '-', '-');
	t.month = calendar_digits(&c, 2);
	calendar_need(&c, '-', '-');
	t.day = calendar_digits(&c, 2);
	if (c.p != c.end) {
		calendar_need(&c, 'T', 't');
		t.hour = calendar_digits(&c, 2);
		calendar_need(&c, ':', ':');
		t.minute = calendar_digits(&c, 2);
		calendar_need(&c, ':', ':');
		t.second = calendar_digits(&c, 2);
		if (calendar_next(&c, '.', '.'))
			(void)calendar_digits(&c, 1);
		while (c.p != c.end && *c.p >= '0' && *c.p <= '9')
			c.p++;
		east = calendar_offset(&c);
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
	while (t.year < 9999 && calendar_days(t.year + 1, 1, 1) <= days)
		t.year++;
	days -= calendar_days(t.year, 1, 1);
	for (; days >= calendar_month_days(t.year, t.month); t.month++)
		days -= calendar_month_days(t.year, t.month);
	/* The remainders only tell the compiler how long the text can get. */
	(void)snprintf(dst, WHEN_TEXT_SIZE, "%04u%02u%02u%02u%02u%02u%s",
	    (unsigned)t.year % 10000, (unsigned)t.month % 100,
	    (unsigned)(days + 1) % 100, second / 3600 % 100, second / 60 % 60,
	    second % 60, utc ? "Z" : "");
	return dst;
}
