/*
 * clock: the source of time. Tests link tests/fakes/clock.c in its place, which lets them set the time.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

/* Milliseconds since an arbitrary start; never goes back. Use it for all deadlines. */
int64_t clock_mono_ms(void);

/* Microseconds of the same clock, for measuring durations. */
int64_t clock_mono_us(void);

/* Unix time in milliseconds. It may jump, so it must not decide when something is due in this process. */
int64_t clock_wall_ms(void);

#endif
