/* SPDX-License-Identifier: ISC */
#include <time.h>

#include "base/clock.h"

int64_t
clock_local_ms(int64_t utc_ms)
{
	time_t t = (time_t)(utc_ms / 1000), local;
	struct tm tm;

	if (localtime_r(&t, &tm) == NULL || (local = timegm(&tm)) == -1)
		return utc_ms;
	return (int64_t)local * 1000 + utc_ms % 1000;
}
