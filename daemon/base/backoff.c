/*
 * backoff: doubling delays with jitter. Owns nothing; the state is in the caller's struct. Must never return 0, because
 * the caller would then try again without a pause.
 */
#include "base/backoff.h"

void backoff_init(struct backoff *b, uint32_t base_ms, uint32_t cap_ms)
{
	b->base_ms = base_ms ? base_ms : 1;
	b->cap_ms = cap_ms > b->base_ms ? cap_ms : b->base_ms;
	b->step = 0;
}

void backoff_reset(struct backoff *b)
{
	b->step = 0;
}

uint32_t backoff_next_ms(struct backoff *b, uint32_t random)
{
	uint64_t delay = b->base_ms;

	for (uint32_t i = 0; i < b->step && delay < b->cap_ms; i++)
		delay *= 2;
	if (delay >= b->cap_ms)
		delay = b->cap_ms;
	else
		b->step++;
	delay = delay / 2 + delay * random / UINT32_MAX;
	return delay ? (uint32_t)delay : 1;
}
