/*
 * throttle: how fast we may submit to one SMSC: token bucket, pause after 0x58, slow recovery. Pure; the caller tells
 * the time.
 */
#ifndef SMPP_HEALTH_THROTTLE_H
#define SMPP_HEALTH_THROTTLE_H

#include "base/bucket.h"

struct smpp_throttle {
	struct bucket bucket;
	double rate; /* configured */
	double low;  /* right after the last event; rate if there was none */
	double now;  /* the bucket's */
	uint32_t base_pause_ms, pause_ms;
	int64_t event_ms, paused_until_ms, eased_ms;
	int64_t began_ms; /* the last pause */
};

void smpp_throttle_init(struct smpp_throttle *t, double rate, uint32_t pause_ms, int64_t now_ms);
void smpp_throttle_set(struct smpp_throttle *t, double rate, uint32_t pause_ms, int64_t now_ms);

/*
 * The SMSC said 0x58 to what was written at sent_ms. True: a pause begins. What was in flight before the last one gets
 * the same answer: it is the same event still, however late.
 */
bool smpp_throttle_event(struct smpp_throttle *t, int64_t sent_ms, int64_t now_ms);

/* What was written at sent_ms was taken: if that was after the last pause, the next one is short again. */
void smpp_throttle_accepted(struct smpp_throttle *t, int64_t sent_ms);

/* congestion_state of a response: from 90 on less, at most once a second; from 80 on no recovery; -1: not told. */
void smpp_throttle_congestion(struct smpp_throttle *t, int state, int64_t now_ms);

/* Milliseconds until one more may go; 0: now. */
int64_t smpp_throttle_wait_ms(struct smpp_throttle *t, int64_t now_ms);
bool smpp_throttle_take(struct smpp_throttle *t, int64_t now_ms);
int64_t smpp_throttle_pause_left_ms(const struct smpp_throttle *t, int64_t now_ms);

#endif
