/* SPDX-License-Identifier: ISC */
#include <limits.h>
#include <time.h>

#include "base/clock.h"

static int64_t
read_ms(clockid_t id)
{
	struct timespec ts = {0, 0};

	/* Fails only for a clock that the kernel lacks; both are in POSIX. */
	(void)clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t
clock_wall_ms(void)
{
	return read_ms(CLOCK_REALTIME);
}

int64_t
clock_mono_ms(void)
{
	return read_ms(CLOCK_MONOTONIC);
}

int
clock_left_ms(int64_t deadline)
{
	int64_t left = deadline - clock_mono_ms();

	if (left < 0)
		return 0;
	return left > INT_MAX ? INT_MAX : (int)left;
}
