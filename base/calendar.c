/* SPDX-License-Identifier: ISC */
#include "base/calendar.h"

int
calendar_digits(struct calendar_text *t, int n)
{
	int v = 0;

	for (; n > 0; n--) {
		if (t->bad || t->p == t->end || *t->p < '0' || *t->p > '9') {
			t->bad = true;
			return 0;
		}
		v = v * 10 + (*t->p++ - '0');
	}
	return v;
}

bool
calendar_next(struct calendar_text *t, char a, char b)
{
	if (t->bad || t->p == t->end || (*t->p != a && *t->p != b))
		return false;
	t->p++;
	return true;
}

void
calendar_need(struct calendar_text *t, char a, char b)
{
	if (!calendar_next(t, a, b))
		t->bad = true;
}

int
calendar_offset(struct calendar_text *t)
{
	int sign, hours, minutes;

	if (calendar_next(t, 'Z', 'z'))
		return 0;
	sign = t->p != t->end && *t->p == '-' ? -1 : 1;
	calendar_need(t, '+', '-');
	hours = calendar_digits(t, 2);
	calendar_need(t, ':', ':');
	minutes = calendar_digits(t, 2);
	if (hours > 23 || minutes > 59)
		t->bad = true;
	return sign * (hours * 60 + minutes);
}

int
calendar_month_days(int year, int month)
{
	static const int days[] = {
	    31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return month == 2 && leap ? 29 : days[month - 1];
}

int64_t
calendar_days(int year, int month, int day)
{
	/* Years from March on, so that a leap day is the last of its year. */
	int64_t y = month > 2 ? year : year - 1;
	int64_t m = month > 2 ? month - 3 : month + 9;
	int64_t leaps;

	/* Shifted by one cycle of 400 years, so that nothing is negative. */
	y += 400;
	leaps = y / 4 - y / 100 + y / 400;
	return y * 365 + leaps + (153 * m + 2) / 5 + day - 1 - 719468 - 146097;
}
