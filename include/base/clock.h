/*
 * clock: the only source of time. Tests link tests/fakes/clock.c instead.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

/* Milliseconds since an arbitrary start; never goes back. Use it for all deadlines. */
int64_t clock_mono_ms(void);

/* Microseconds of the same clock, for measuring durations. */
int64_t clock_mono_us(void);

/* Unix time in milliseconds. It may jump, so use no wall time to decide when something is due in this process. */
int64_t clock_wall_ms(void);

#endif
