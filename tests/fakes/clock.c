/*
 * clock: time that moves only when the fake loop moves it. Owns the time; must never ask the machine for it.
 */
#include "base/clock.h"

#include "loop.h"

#define START_MS INT64_C(1000000)
#define WALL_MS INT64_C(1700000000000)

static int64_t now_ms = START_MS;

int64_t clock_mono_ms(void)
{
	return now_ms;
}

int64_t clock_mono_us(void)
{
	return now_ms * 1000;
}

int64_t clock_wall_ms(void)
{
	return WALL_MS + now_ms - START_MS;
}

void fake_clock_set(int64_t at_ms)
{
	if (at_ms > now_ms)
		now_ms = at_ms;
}
