/*
 * The two clocks, in milliseconds.  Deadlines use the monotonic one, stamps
 * that outlive a process the wall clock.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

int64_t clock_wall_ms(void);
int64_t clock_mono_ms(void);
/* What is left until a monotonic deadline, never negative, capped to int. */
int clock_left_ms(int64_t deadline);
/*
 * The time that a clock on this machine's wall shows at utc_ms, as if it were
 * UTC.  (Reads the time zone's file when first called: tzset(3).)
 */
int64_t clock_local_ms(int64_t utc_ms);

#endif
