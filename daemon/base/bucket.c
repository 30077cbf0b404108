/*
 * bucket: a token bucket. Pure; the caller passes the time. Owns nothing. Must never hold more tokens than its depth.
 */
#include "base/bucket.h"

static void refill(struct bucket *b, int64_t now_ms)
{
	if (now_ms <= b->at_ms)
		return;
	b->tokens += (double)(now_ms - b->at_ms) * b->rate / 1000.0;
	if (b->tokens > b->depth)
		b->tokens = b->depth;
	b->at_ms = now_ms;
}

void bucket_init(struct bucket *b, double rate, double depth, int64_t now_ms)
{
	b->rate = rate;
	b->depth = depth < 1 ? 1 : depth;
	b->tokens = b->depth;
	b->at_ms = now_ms;
}

void bucket_set(struct bucket *b, double rate, double depth, int64_t now_ms)
{
	refill(b, now_ms);
	b->rate = rate;
	b->depth = depth < 1 ? 1 : depth;
	if (b->tokens > b->depth)
		b->tokens = b->depth;
}

bool bucket_take(struct bucket *b, double n, int64_t now_ms)
{
	if (b->rate <= 0)
		return true;
	refill(b, now_ms);
	if (b->tokens < n)
		return false;
	b->tokens -= n;
	return true;
}

int64_t bucket_wait_ms(struct bucket *b, double n, int64_t now_ms)
{
	if (b->rate <= 0)
		return 0;
	refill(b, now_ms);
	if (b->tokens >= n)
		return 0;
	return (int64_t)((n - b->tokens) * 1000.0 / b->rate) + 1;
}
