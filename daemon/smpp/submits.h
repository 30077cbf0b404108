/*
 * submits: submits in flight on one bind: window, response timeout; tells throttle and health of the SMSC.
 * Every submit taken ends in exactly one call of its function. Lives as long as the bind, over many sessions.
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

#define SMPP_SUBMITS_LAST_FACTOR 3 /* so many times response_timeout after the write a submit is given up */

struct smpp_submits_hooks {
	void *arg;
	void (*on_room)(void *arg);                      /* a submit may go again, or the window shrank */
	void (*on_silent)(void *arg);                    /* three submits in a row have no answer in time */
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
	unsigned bind;      /* its number, for the log; set by the session */
	struct smpp_width width;
	unsigned silent;          /* submits without an answer in time, no answer to any between */
	unsigned held;            /* given up for good, but kept in the window */
	int64_t answered_us;      /* when the last answer to a submit came */
	int64_t youngest_us;      /* when the youngest submit that was answered was written */
	bool carried;             /* the session took a message, or brought a receipt */
	int64_t nacks_ms[2];      /* when the last two generic_nacks of ours came */
	bool stopped;             /* nothing more is written */
	bool doubted;             /* silence though submits wait: nothing more is written until the peer shows life */
	struct stats_hist *times; /* from write to response; set by the session */
	double answer_us;         /* smoothed time from write to response; 0: none came yet */
	unsigned measured;        /* how many made it, up to ANSWERS_SMOOTHED */
	int64_t sent_sum_us;      /* of the times of writing of all in the window: their mean age costs no walk */
};

enum err smpp_submits_init(struct smpp_submits *t, struct loop *loop, struct smpp_smsc *smsc,
                           const struct smpp_submits_hooks *hooks) ERR_CHECKED;
void smpp_submits_clear(struct smpp_submits *t);

void smpp_submits_start(struct smpp_submits *t, struct smpp_link *link); /* bound */
void smpp_submits_halt(struct smpp_submits *t);                          /* responses only, from now on */
void smpp_submits_end(struct smpp_submits *t);                           /* what is in flight is ambiguous */

/* response_timeout may be another: none in flight waits for longer than that from now on. */
void smpp_submits_reload(struct smpp_submits *t);

/* Window, session and peer would take one more; the SMSC's rate is another matter. */
bool smpp_submits_open(const struct smpp_submits *t);

/* Messages per second that the window allows, as measured: its size over the time to answer; 0: not known yet. */
double smpp_submits_pace(const struct smpp_submits *t);

/* ERR_BUSY: not open, or the SMSC's throttle says wait; on_room comes when it may. ERR_INVALID: cannot be packed. */
enum err smpp_submits_write(struct smpp_submits *t, const struct smpp_message *m, smpp_result_fn fn,
                            void *arg) ERR_CHECKED;

/* For response: ends a submit, its function is called; one slot was held so long; on_room comes when the throttle lets.
 */
void smpp_submits_finish(struct smpp_submits *t, struct smpp_slot *s, struct smpp_result *r);
void smpp_submits_measure(struct smpp_submits *t, int64_t held_us);
void smpp_submits_arm_room(struct smpp_submits *t, int64_t now_ms);

#endif
