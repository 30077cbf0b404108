/*
 * backoff: the next delay of a retry, pure. Doubles from base to cap, with jitter.
 */
#ifndef BASE_BACKOFF_H
#define BASE_BACKOFF_H

#include <stdint.h>

struct backoff {
	uint32_t base_ms;
	uint32_t cap_ms;
	uint32_t step; /* failures so far */
};

void backoff_init(struct backoff *b, uint32_t base_ms, uint32_t cap_ms);

/* Forgets the failures. */
void backoff_reset(struct backoff *b);

/*
 * Counts one failure and returns the delay before the next try: min(cap, base * 2^step), spread over +-50 % by
 * `random` (any uniform 32-bit value, so that the function stays pure). Never 0.
 */
uint32_t backoff_next_ms(struct backoff *b, uint32_t random);

#endif
