/*
 * backoff: computes the delay before the next try of something that failed, such as a connect. The delay doubles from
 * base to cap, with jitter, so that many processes do not retry at the same moment. Pure; the caller passes the random
 * number.
 */
#ifndef BASE_BACKOFF_H
#define BASE_BACKOFF_H

#include <stdint.h>

struct backoff {
	uint32_t base_ms;
	uint32_t cap_ms;
	uint32_t step; /* how often the delay has doubled */
};

/* Starts without failures. base_ms 0 counts as 1; a cap below base counts as base. */
void backoff_init(struct backoff *b, uint32_t base_ms, uint32_t cap_ms);

/* Forgets the failures; the next delay is the shortest. */
void backoff_reset(struct backoff *b);

/*
 * Counts one failure and returns the delay before the next try, never 0. The delay is min(cap, base * 2^step), spread
 * over +-50 % by `random`. `random` is any uniform 32-bit value; the caller passes it so that the function stays pure.
 */
uint32_t backoff_next_ms(struct backoff *b, uint32_t random);

#endif
