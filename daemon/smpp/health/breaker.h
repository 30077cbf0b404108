/*
 * breaker: opens after 5 failures in a row or more than half of the last 20; after 10 s one probe goes; each probe that
 * fails doubles the wait, to 120 s. Silence counts as failure; what silence opened any answer closes. Pure.
 */
#ifndef SMPP_HEALTH_BREAKER_H
#define SMPP_HEALTH_BREAKER_H

#include <stdbool.h>
#include <stdint.h>

struct smpp_breaker {
	uint32_t last;       /* bit a result, newest lowest; 1: failed */
	unsigned count, row; /* results in last, at most 20; failures in a row */
	bool open, silent;   /* silent: opened by submits without an answer */
	int64_t wait_ms;     /* of the present opening */
	int64_t half_ms;     /* when one probe may go */
	int64_t probe_ms;    /* when the probe was written; -1: none is out */
};

void smpp_breaker_init(struct smpp_breaker *b);
bool smpp_breaker_takes(const struct smpp_breaker *b, int64_t now_ms);
void smpp_breaker_sent(struct smpp_breaker *b, int64_t now_ms);

/* An answer to what was written at sent_ms. While open only the probe's counts. True: it opened, by this. */
bool smpp_breaker_note(struct smpp_breaker *b, bool failed, int64_t sent_ms, int64_t now_ms);

/* A submit written at sent_ms has no answer. True: it opened, by this. */
bool smpp_breaker_unanswered(struct smpp_breaker *b, int64_t sent_ms, int64_t now_ms);

/* An answer that tells neither (throttled, not bound): a probe may go again. */
void smpp_breaker_void(struct smpp_breaker *b, int64_t sent_ms);
int64_t smpp_breaker_left_ms(const struct smpp_breaker *b, int64_t now_ms);

#endif
