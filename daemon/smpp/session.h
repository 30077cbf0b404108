/*
 * session: the state machine of one bind: connect, bind, keep alive, answer, unbind, try again.
 * Owns its link and its traffic. Lives as long as the account's group of binds.
 */
#ifndef SMPP_SESSION_H
#define SMPP_SESSION_H

#include "base/backoff.h"
#include "smpp/notifier.h"
#include "smpp/codec/receipt.h"
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

enum smpp_kind { SMPP_KIND_TRANSCEIVER, SMPP_KIND_TRANSMITTER, SMPP_KIND_RECEIVER };
const char *smpp_kind_name(enum smpp_kind k); /* "transceiver" ...; static */

struct smpp_session;

/* What all sessions of the daemon share; outlives them. */
struct smpp_session_env {
	struct loop *loop;
	struct resolver *resolver;
	struct smpp_notifier *notifier;
	uint32_t *epochs; /* sessions ever begun: each has a number of its own */
};

struct smpp_session_hooks {
	void *arg;
	/* False: another bind of the account tries first; asked again in a while. */
	bool (*may_open)(void *arg, const struct smpp_session *session);
	void (*on_data)(void *session, struct buf *in); /* smpp_inbound_data */
};

struct smpp_session {
	const struct smpp_session_env *env;
	struct smpp_account *account;
	struct smpp_session_hooks hooks;
	enum smpp_kind kind;
	unsigned number; /* of the bind in its account, from 0 */
	struct smpp_traffic traffic;
	struct smpp_link *link;
	enum smpp_state state;
	const char *reason; /* of the last close; static; "" if none */
	bool stopping, opened_once, held;
	unsigned misses;      /* connections in a row that were never bound: the next host */
	unsigned failures;    /* tries in a row that ended before any traffic */
	int64_t told_ms;      /* when the log told of them */
	size_t host;          /* index of the host tried last */
	int64_t tls_expiry_s; /* Unix time; 0: no TLS */
	uint32_t epoch;       /* which session: tokens of earlier ones are dead */
	struct backoff backoff;
	unsigned bind_refusals; /* in a row, of the same policy; of credentials: the account's */
	enum smpp_bind_policy refusal;
	int64_t refused_ms; /* when its bind was refused; 0: not since it was taken */
	bool limited;       /* refused while another bind of the account was bound: that bind alone waits */
	struct buf early;   /* PDUs that came ahead of the answer to the bind */
	int64_t since_wall_ms, bound_ms, next_try_ms;
	struct loop_timer *timer;                                   /* the state's own */
	struct loop_timer *watch;                                   /* silence, enquire_link, half PDUs */
	uint32_t bind_sequence, enquire_sequence;                   /* 0: none is out */
	int64_t enquire_due_ms, heard_ms, partial_ms, condemned_ms; /* 0: not so */
	uint32_t enquire_answer_ms; /* so long is its answer waited for, from the last PDU heard */
	const char *verdict;        /* why it is condemned: it waits for the last answers, then it ends */
	bool unbind_asked;          /* by the peer, with this sequence */
	uint32_t unbind_sequence;
};

struct smpp_session_opts {
	const struct smpp_session_env *env;
	struct smpp_account *account;
	enum smpp_kind kind;
	unsigned number;
	struct smpp_session_hooks hooks;
};
enum err smpp_session_init(struct smpp_session *s, const struct smpp_session_opts *opts) ERR_CHECKED;
void smpp_session_clear(struct smpp_session *s);
void smpp_session_start(struct smpp_session *s);

/* One that was held may try now. */
void smpp_session_kick(struct smpp_session *s);

/* No more submits; unbinds when no answer is due any more, or at once if now; then CLOSED for good. */
void smpp_session_stop(struct smpp_session *s, bool now);
/* Takes a stop back: one that is bound still sends again, one that unbinds or is closed binds anew. */
void smpp_session_resume(struct smpp_session *s);
void smpp_session_reload(struct smpp_session *s);

uint32_t smpp_session_bind_command(const struct smpp_session *s);

/* For inbound: the session ends with a reason; a PDU without body goes out; the bind was answered; what is waited for
 * changed. */
void smpp_session_fail(struct smpp_session *s, const char *reason);
void smpp_session_refused(struct smpp_session *s, uint32_t status);
bool smpp_session_send(struct smpp_session *s, uint32_t command, uint32_t status, uint32_t sequence);
void smpp_session_bound(struct smpp_session *s);
/* Nothing more is written; what is in flight has a moment to be answered, then the session ends with this reason. */
void smpp_session_condemn(struct smpp_session *s, const char *reason);
void smpp_session_heard(struct smpp_session *s, int64_t now_ms); /* a whole PDU came */
void smpp_session_rearm(struct smpp_session *s);

#endif
