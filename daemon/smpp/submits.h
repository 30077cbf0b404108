/*
 * submits: the submits in flight on one bind, with their window and response timeout. Reports results to the throttle
 * and health of the SMSC. The function of every submit taken is called exactly once. Lives as long as the bind, over
 * many sessions.
 */
#ifndef SMPP_SUBMITS_H
#define SMPP_SUBMITS_H

#include "base/loop.h"
#include "smpp/smsc.h"
#include "smpp/codec/frame.h"
#include "smpp/wire/link.h"
#include "smpp/health/throttle.h"
#include "smpp/wire/width.h"
#include "smpp/wire/window.h"

#define SMPP_SUBMITS_LAST_FACTOR 3 /* a submit is given up this many response_timeouts after its write */

struct smpp_submits_hooks {
	void *arg;
	void (*on_room)(void *arg);                      /* a submit may be written again, or one has ended */
	void (*on_silent)(void *arg);                    /* three submits in a row had no response in time */
	void (*on_fault)(void *arg, const char *reason); /* the session must end */
};

struct smpp_submits {
	struct loop *loop;
	struct smpp_smsc *smsc;
	struct smpp_submits_hooks hooks;
	struct smpp_link *link; /* NULL: no session */
	struct smpp_window *window;
	struct loop_timer *answers, *room;
	int64_t answers_ms; /* when answers comes due, if armed */
	unsigned bind;      /* number of the bind, for the log; set by session */
	struct smpp_width width;
	unsigned silent;          /* submits in a row without a response in time */
	unsigned held;            /* submits given up that stay in the window (keep) */
	int64_t answered_us;      /* when the last response arrived */
	int64_t youngest_us;      /* write time of the youngest answered submit */
	bool carried;             /* the session accepted a message or brought a receipt */
	int64_t nacks_ms[2];      /* arrival of the last two generic_nacks to our submits */
	bool stopped;             /* nothing more is written */
	bool doubted;             /* an enquire_link checks a silent peer; no submit is written until any PDU arrives */
	struct stats_hist *times; /* from write to response; set by session */
	double answer_us;         /* smoothed time from write to response; 0: no response yet */
	unsigned measured;        /* samples in answer_us, at most ANSWERS_SMOOTHED */
	int64_t sent_sum_us;      /* sum of the write times in the window, to compute the mean age without a walk */
};

enum err smpp_submits_init(struct smpp_submits *t, struct loop *loop, struct smpp_smsc *smsc,
                           const struct smpp_submits_hooks *hooks) ERR_CHECKED;
void smpp_submits_clear(struct smpp_submits *t);

void smpp_submits_start(struct smpp_submits *t, struct smpp_link *link); /* bound */
void smpp_submits_halt(struct smpp_submits *t); /* writes no more submits; still takes responses */
void smpp_submits_end(struct smpp_submits *t);  /* submits in flight end as ambiguous */

/* Applies a changed response_timeout: no submit in flight waits longer than that from now. */
void smpp_submits_reload(struct smpp_submits *t);

/* True if window, session and peer allow one more submit. Does not look at the rate of the SMSC. */
bool smpp_submits_open(const struct smpp_submits *t);

/* Measured messages per second: the window size divided by the response time; 0: not known yet. */
double smpp_submits_pace(const struct smpp_submits *t);

/* ERR_BUSY: not open, or the throttle of the SMSC requires a wait; on_room is called when it may go. ERR_INVALID: the
 * message cannot be packed. */
enum err smpp_submits_write(struct smpp_submits *t, const struct smpp_message *m, smpp_result_fn fn,
                            void *arg) ERR_CHECKED;

/* For response.c. finish ends a submit and calls its function. measure records how long a slot was held. arm_room calls
 * on_room when the throttle allows the next submit. */
void smpp_submits_finish(struct smpp_submits *t, struct smpp_slot *s, struct smpp_result *r);
void smpp_submits_measure(struct smpp_submits *t, int64_t held_us);
void smpp_submits_arm_room(struct smpp_submits *t, int64_t now_ms);

#endif
