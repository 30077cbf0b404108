/*
 * breaker: a circuit breaker over the last 20 results. While it is open, only the response to the probe counts.
 * Exception: a breaker that missing responses opened is closed by the first response that is not a failure. Pure.
 */
#include "smpp/health/breaker.h"

#define ROW_MAX 5
#define LAST_MAX 20
#define WAIT_MS 10000
#define WAIT_MAX_MS 120000

void smpp_breaker_init(struct smpp_breaker *b)
{
	*b = (struct smpp_breaker){ .wait_ms = WAIT_MS, .probe_ms = -1 };
}

bool smpp_breaker_takes(const struct smpp_breaker *b, int64_t now_ms)
{
	return !b->open || (now_ms >= b->half_ms && b->probe_ms < 0);
}

void smpp_breaker_sent(struct smpp_breaker *b, int64_t now_ms)
{
	if (b->open && b->probe_ms < 0)
		b->probe_ms = now_ms;
}

static bool is_probe(const struct smpp_breaker *b, int64_t sent_ms)
{
	return b->open && b->probe_ms >= 0 && sent_ms >= b->probe_ms;
}

static void open_for(struct smpp_breaker *b, int64_t wait_ms, int64_t now_ms)
{
	b->open = true;
	b->wait_ms = wait_ms < WAIT_MAX_MS ? wait_ms : WAIT_MAX_MS;
	b->half_ms = now_ms + b->wait_ms;
	b->probe_ms = -1;
	b->silent = false;
}

static void keep(struct smpp_breaker *b, bool failed)
{
	b->last = (b->last << 1 | failed) & ((UINT32_C(1) << LAST_MAX) - 1);
	b->count += b->count < LAST_MAX;
	b->row = failed ? b->row + 1 : 0;
}

static bool too_many(const struct smpp_breaker *b)
{
	unsigned failures = 0;
	for (uint32_t bits = b->last; bits; bits &= bits - 1)
		failures++;
	return b->row >= ROW_MAX || (b->count == LAST_MAX && failures * 2 > LAST_MAX);
}

bool smpp_breaker_note(struct smpp_breaker *b, bool failed, int64_t sent_ms, int64_t now_ms)
{
	if (is_probe(b, sent_ms)) {
		if (failed)
			open_for(b, b->wait_ms * 2, now_ms);
		else
			smpp_breaker_init(b);
		return failed;
	}
	if (b->open) {
		if (b->silent && !failed)
			smpp_breaker_init(b);
		return false;
	}
	keep(b, failed);
	if (!failed || !too_many(b))
		return false;
	open_for(b, WAIT_MS, now_ms);
	return true;
}

bool smpp_breaker_unanswered(struct smpp_breaker *b, int64_t sent_ms, int64_t now_ms)
{
	bool was_open = b->open;
	bool noted = smpp_breaker_note(b, true, sent_ms, now_ms);
	b->silent = b->silent || noted;
	return noted && !was_open;
}

void smpp_breaker_void(struct smpp_breaker *b, int64_t sent_ms)
{
	if (b->open && b->silent)
		smpp_breaker_init(b);
	else if (is_probe(b, sent_ms))
		b->probe_ms = -1;
}

int64_t smpp_breaker_left_ms(const struct smpp_breaker *b, int64_t now_ms)
{
	return b->open && b->half_ms > now_ms ? b->half_ms - now_ms : 0;
}
