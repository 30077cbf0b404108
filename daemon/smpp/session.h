/*
 * session: the state machine of one transceiver bind: connect, bind, keep alive, answer, unbind, try again.
 * Owns its link and its traffic. Lives as long as the account.
 */
#ifndef SMPP_SESSION_H
#define SMPP_SESSION_H

#include "base/backoff.h"
#include "smpp/receipt.h"
#include "smpp/traffic.h"

enum smpp_state {
	SMPP_STATE_CLOSED, /* waits for its next try, or for ever */
	SMPP_STATE_CONNECTING,
	SMPP_STATE_BINDING,
	SMPP_STATE_BOUND,
	SMPP_STATE_UNBINDING,
	SMPP_STATE_MAX
};
const char *smpp_state_name(enum smpp_state s);

struct smpp_session_hooks {
	void *arg;
	void (*on_room)(void *arg);
	void (*on_state)(void *arg); /* bound, no longer bound, or closed for good */
	void (*on_receipt)(void *arg, const struct smpp_receipt *receipt);
	void (*on_data)(void *session, struct buf *in); /* smpp_inbound_data */
};

struct smpp_session {
	struct loop *loop;
	struct resolver *resolver;
	struct smpp_account *account;
	struct smpp_session_hooks hooks;
	struct smpp_traffic traffic;
	struct smpp_link *link;
	enum smpp_state state;
	const char *reason;          /* of the last close; static; "" if none */
	bool stopping, opened_once;
	uint32_t epoch;              /* which session: tokens of earlier ones are dead */
	struct backoff backoff;
	unsigned bind_refusals;      /* in a row, of the same policy */
	enum smpp_bind_policy refusal;
	int64_t since_wall_ms, bound_ms, next_try_ms;
	struct loop_timer *timer;    /* the state's own */
	struct loop_timer *watch;    /* silence, enquire_link, half PDUs */
	uint32_t bind_sequence, enquire_sequence; /* 0: none is out */
	int64_t enquire_due_ms, heard_ms, partial_ms, condemned_ms; /* 0: not so */
};

enum err smpp_session_init(struct smpp_session *s, struct loop *loop, struct resolver *resolver,
                           struct smpp_account *account, const struct smpp_session_hooks *hooks) ERR_CHECKED;
void smpp_session_clear(struct smpp_session *s);
void smpp_session_start(struct smpp_session *s);

/* No more submits; unbinds when nothing is in flight or at once if now; then CLOSED for good. */
void smpp_session_stop(struct smpp_session *s, bool now);
void smpp_session_reload(struct smpp_session *s);

/* For inbound: the session ends with a reason; a PDU without body goes out; the bind was answered; what is waited for
 * changed. */
void smpp_session_fail(struct smpp_session *s, const char *reason);
bool smpp_session_send(struct smpp_session *s, uint32_t command, uint32_t status, uint32_t sequence);
void smpp_session_bound(struct smpp_session *s);
void smpp_session_refused(struct smpp_session *s, uint32_t status);
void smpp_session_rearm(struct smpp_session *s);

#endif
