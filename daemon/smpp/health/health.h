/*
 * health: whether an SMSC is fit to take messages, by what it answered: circuit breaker, streaks of refusals, full
 * queues. Pure; the caller tells the time and does what is left to do (pause, close, log).
 */
#ifndef SMPP_HEALTH_HEALTH_H
#define SMPP_HEALTH_HEALTH_H

#include "smpp/health/breaker.h"
#include "smpp/health/queue_full.h"
#include "smpp/codec/status.h"
#include "smpp/health/streak.h"

/* One an SMSC, of all its binds. */
struct smpp_health {
	struct smpp_breaker breaker;
	struct smpp_queue_full full;
	struct smpp_streak streak;
	bool bare; /* validity_period was refused: it is left out until reload */
};

void smpp_health_init(struct smpp_health *h);

/* A reload: what an operator may have set right counts anew (validity, out of service); the breaker stays. */
void smpp_health_reload(struct smpp_health *h);

/* True if it takes a message now: not out, breaker closed, or half-open with no probe out. */
bool smpp_health_open(const struct smpp_health *h, int64_t now_ms);

/* True if this destination's mailbox was full a moment ago: not before its cool-down is over, if another SMSC can. */
bool smpp_health_cooling(const struct smpp_health *h, uint32_t destination, int64_t now_ms);

/* A message was written: with the breaker half-open it is the probe. */
void smpp_health_sent(struct smpp_health *h, int64_t now_ms);

struct smpp_answer {
	const struct smpp_action *action; /* smpp_status_action() */
	uint32_t destination;             /* smpp_queue_full_hash(); 0 is as good as any */
	int64_t sent_ms, now_ms;          /* when it was written, when answered: monotonic */
};
struct smpp_verdict {
	const struct smpp_action *action; /* what to do with the message: as given, or THROTTLE's for QUEUE_FULL's */
	const char *alarm; /* NULL; or what somebody should know, once: a reason below, or "validity_refused"; static */
};
struct smpp_verdict smpp_health_note(struct smpp_health *h, const struct smpp_answer *a);

/* A submit has no answer and is counted as a failure, once. True: the breaker opened, by this. */
bool smpp_health_unanswered(struct smpp_health *h, int64_t sent_ms, int64_t now_ms);

/* The session of a submit ended before its answer was due. Only a probe matters: it failed. */
void smpp_health_lost(struct smpp_health *h, int64_t sent_ms, int64_t now_ms);

/* "" | "breaker_open" | "breaker_half_open" | "profile_fault" | "forbidden" | "credit"; static. */
const char *smpp_health_reason(const struct smpp_health *h, int64_t now_ms);

/* Until it takes messages again; 0: it takes them now, or waits for its probe. */
int64_t smpp_health_out_ms(const struct smpp_health *h, int64_t now_ms);

#endif
