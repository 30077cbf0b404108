/*
 * throttle: the rate of submits to one SMSC: token bucket, pause after status 0x58, slow recovery. Pure; the caller
 * passes the time.
 */
#ifndef SMPP_HEALTH_THROTTLE_H
#define SMPP_HEALTH_THROTTLE_H

#include "base/bucket.h"

struct smpp_throttle {
	struct bucket bucket;
	double rate; /* the configured rate, submits per second */
	double low;  /* the rate right after the last event; equals rate if there was none */
	double now;  /* the present rate of the bucket */
	uint32_t base_pause_ms, pause_ms;
	int64_t event_ms, paused_until_ms, eased_ms;
	int64_t began_ms; /* start of the last pause */
};

void smpp_throttle_init(struct smpp_throttle *t, double rate, uint32_t pause_ms, int64_t now_ms);
void smpp_throttle_set(struct smpp_throttle *t, double rate, uint32_t pause_ms, int64_t now_ms);

/* The SMSC answered 0x58 to a submit written at sent_ms. True: a pause begins. False: the submit was written before the
 * present pause began, so its answer belongs to the same event. */
bool smpp_throttle_event(struct smpp_throttle *t, int64_t sent_ms, int64_t now_ms);

/* The SMSC accepted a submit written at sent_ms. If that was after the last pause began, the next pause
 * is short again. */
void smpp_throttle_accepted(struct smpp_throttle *t, int64_t sent_ms);

/* Takes congestion_state of a response. From 90 the rate falls, at most once per second; from 80 it does not recover.
 * -1: not present. */
void smpp_throttle_congestion(struct smpp_throttle *t, int state, int64_t now_ms);

/* Returns the ms until one more submit may be written; 0: now. */
int64_t smpp_throttle_wait_ms(struct smpp_throttle *t, int64_t now_ms);
bool smpp_throttle_take(struct smpp_throttle *t, int64_t now_ms);
int64_t smpp_throttle_pause_left_ms(const struct smpp_throttle *t, int64_t now_ms);

#endif
