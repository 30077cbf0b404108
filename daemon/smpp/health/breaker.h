/*
 * breaker: a circuit breaker. Opens after 5 failures in a row or more than 10 in the last 20. After 10 s one probe may
 * go. Each failed probe doubles the wait, up to 120 s. A missing response counts as a failure. A breaker that missing
 * responses opened is closed by the first response that is not a failure. Pure.
 */
#ifndef SMPP_HEALTH_BREAKER_H
#define SMPP_HEALTH_BREAKER_H

#include <stdbool.h>
#include <stdint.h>

struct smpp_breaker {
	uint32_t last;       /* one bit per result, newest lowest; 1: failed */
	unsigned count, row; /* results in last, at most 20; failures in a row */
	bool open, silent;   /* silent: opened by a missing response */
	int64_t wait_ms;     /* wait of the present opening */
	int64_t half_ms;     /* time when one probe may go */
	int64_t probe_ms;    /* time when the probe was written; -1: none in flight */
};

void smpp_breaker_init(struct smpp_breaker *b);
bool smpp_breaker_takes(const struct smpp_breaker *b, int64_t now_ms);
void smpp_breaker_sent(struct smpp_breaker *b, int64_t now_ms);

/* Takes the response to a submit written at sent_ms. True: this response opened the breaker. */
bool smpp_breaker_note(struct smpp_breaker *b, bool failed, int64_t sent_ms, int64_t now_ms);

/* Takes the missing response of a submit written at sent_ms. True: this opened the breaker; false for
 * a failed probe. */
bool smpp_breaker_unanswered(struct smpp_breaker *b, int64_t sent_ms, int64_t now_ms);

/* Takes a response that is neither success nor failure (throttled, not bound). The next submit is the probe again; a
 * silent breaker closes. */
void smpp_breaker_void(struct smpp_breaker *b, int64_t sent_ms);
int64_t smpp_breaker_left_ms(const struct smpp_breaker *b, int64_t now_ms);

#endif
