/*
 * clock: the only source of time. A seam: tests link tests/fakes/clock.c instead.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

/* Milliseconds since an arbitrary start; never goes back. Deadlines are made of this. */
int64_t clock_mono_ms(void);

/* Microseconds of the same clock, for measuring durations. */
int64_t clock_mono_us(void);

/* Unix time in milliseconds. For people and logs only: no decision may hang on it. */
int64_t clock_wall_ms(void);

#endif
