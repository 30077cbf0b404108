/*
 * traffic: submits and their responses on one session: window, response timeout; tells throttle and health of the
 * account.
 * Every submit taken ends in exactly one call of its function. Lives as long as the account, over many sessions.
 */
#ifndef SMPP_TRAFFIC_H
#define SMPP_TRAFFIC_H

#include "base/loop.h"
#include "smpp/account.h"
#include "smpp/codec/frame.h"
#include "smpp/wire/link.h"
#include "smpp/health/throttle.h"
#include "smpp/wire/width.h"
#include "smpp/wire/window.h"

struct smpp_traffic_hooks {
	void *arg;
	void (*on_room)(void *arg);                      /* a submit may go again, or the window shrank */
	void (*on_silent)(void *arg);                    /* three submits in a row have no answer in time */
	void (*on_fault)(void *arg, const char *reason); /* the session must end */
};

struct smpp_traffic {
	struct loop *loop;
	struct smpp_account *account;
	struct smpp_traffic_hooks hooks;
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

enum err smpp_traffic_init(struct smpp_traffic *t, struct loop *loop, struct smpp_account *account,
                           const struct smpp_traffic_hooks *hooks) ERR_CHECKED;
void smpp_traffic_clear(struct smpp_traffic *t);

void smpp_traffic_start(struct smpp_traffic *t, struct smpp_link *link); /* bound */
void smpp_traffic_halt(struct smpp_traffic *t);                          /* responses only, from now on */
void smpp_traffic_end(struct smpp_traffic *t);                           /* what is in flight is ambiguous */

/* response_timeout may be another: none in flight waits for longer than that from now on. */
void smpp_traffic_reload(struct smpp_traffic *t);

/* Window, session and peer would take one more; the account's rate is another matter. */
bool smpp_traffic_open(const struct smpp_traffic *t);

/* Messages a second that the window allows, as measured: its size over the time to answer; 0: not known yet. */
double smpp_traffic_pace(const struct smpp_traffic *t);

/* ERR_BUSY: not open, or the account's throttle says wait; on_room comes when it may. ERR_INVALID: cannot be packed. */
enum err smpp_traffic_submit(struct smpp_traffic *t, const struct smpp_message *m, smpp_result_fn fn,
                             void *arg) ERR_CHECKED;
void smpp_traffic_response(struct smpp_traffic *t, const struct smpp_header *h, const uint8_t *body);

/* A generic_nack: true if it named a submit of ours, in flight or given up. */
bool smpp_traffic_nack(struct smpp_traffic *t, const struct smpp_header *h);

#endif
