/*
 * health: decides from the responses of an SMSC whether it is fit to take messages, with a circuit breaker, streaks of
 * refusals, and full queues. Pure. The caller passes the time and carries out the verdict (pause, close, log).
 */
#ifndef SMPP_HEALTH_HEALTH_H
#define SMPP_HEALTH_HEALTH_H

#include "smpp/health/breaker.h"
#include "smpp/health/queue_full.h"
#include "smpp/codec/status.h"
#include "smpp/health/streak.h"

/* One per SMSC, for all its binds. */
struct smpp_health {
	struct smpp_breaker breaker;
	struct smpp_queue_full full;
	struct smpp_streak streak;
	bool bare; /* validity_period was refused and is left out until reload */
};

void smpp_health_init(struct smpp_health *h);

/* To be called on reload. Clears what the operator may have fixed: the refused validity and the streaks. The breaker
 * keeps its state. */
void smpp_health_reload(struct smpp_health *h);

/*
 * True if the SMSC takes a message now, because it is in service and the breaker is closed, or half-open with no probe
 * in flight.
 */
bool smpp_health_open(const struct smpp_health *h, int64_t now_ms);

/* True if the mailbox of this destination was full and its cool-down is not over. Another SMSC should take its
 * messages. */
bool smpp_health_cooling(const struct smpp_health *h, uint32_t destination, int64_t now_ms);

/* Records a written message. If the breaker is half-open, the message is the probe. */
void smpp_health_sent(struct smpp_health *h, int64_t now_ms);

struct smpp_answer {
	const struct smpp_action *action; /* smpp_status_action() */
	uint32_t destination;             /* smpp_queue_full_hash() */
	int64_t sent_ms, now_ms;          /* monotonic times of the write and of the response */
};
struct smpp_verdict {
	const struct smpp_action
	    *action;       /* for the message: the given one, or that of THROTTLE instead of QUEUE_FULL */
	const char *alarm; /* NULL, or a reason to log once: one of smpp_health_reason, or "validity_refused"; static */
};
struct smpp_verdict smpp_health_note(struct smpp_health *h, const struct smpp_answer *a);

/* Counts a submit without a response as a failure. Call once per submit. True: this opened the breaker. */
bool smpp_health_unanswered(struct smpp_health *h, int64_t sent_ms, int64_t now_ms);

/* The session of a submit ended before its response was due. Only a probe counts, as a failure. */
void smpp_health_lost(struct smpp_health *h, int64_t sent_ms, int64_t now_ms);

/*
 * Returns "", "breaker_open", "breaker_half_open", "profile_fault", "forbidden" or "credit"; static. "": the SMSC is
 * fit.
 */
const char *smpp_health_reason(const struct smpp_health *h, int64_t now_ms);

/*
 * Returns the ms until the SMSC takes messages again. 0: it takes them now, or it waits for the response to its probe.
 */
int64_t smpp_health_out_ms(const struct smpp_health *h, int64_t now_ms);

#endif
