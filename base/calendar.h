/*
 * Reading the digits of a date, and the calendar behind them.  Pure.
 */
#ifndef BASE_CALENDAR_H
#define BASE_CALENDAR_H

#include <stdbool.h>
#include <stdint.h>

/* A text that is read from its front; bad once it was not as wanted. */
struct calendar_text {
	const char *p, *end;
	bool bad;
};

/* Exactly n digits; 0 and bad set where they are not. */
int calendar_digits(struct calendar_text *t, int n);
/* Takes the character a (or b) if it is next. */
bool calendar_next(struct calendar_text *t, char a, char b);
/* The same; bad if it is not. */
void calendar_need(struct calendar_text *t, char a, char b);
/* RFC 3339's "Z" or "+02:00", as minutes east. */
int calendar_offset(struct calendar_text *t);

/* Of the Gregorian calendar; month from 1 to 12. */
int calendar_month_days(int year, int month);
/* Days from 1970-01-01; years from 0 on. */
int64_t calendar_days(int year, int month, int day);

#endif
