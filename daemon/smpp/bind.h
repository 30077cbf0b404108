/*
 * bind: one bind of an SMSC: its state, what it waits for, and what session, keepalive, refusal and inbound keep of it.
 * A bind outlives its sessions: it is made with the SMSC and opens one session after another.
 */
#ifndef SMPP_BIND_H
#define SMPP_BIND_H

#include "base/backoff.h"
#include "smpp/notifier.h"
#include "smpp/codec/receipt.h"
#include "smpp/submits.h"

enum smpp_bind_state {
	SMPP_STATE_CLOSED, /* waits for its next try, or for ever */
	SMPP_STATE_CONNECTING,
	SMPP_STATE_BINDING,
	SMPP_STATE_BOUND,
	SMPP_STATE_UNBINDING,
	SMPP_STATE_MAX
};
const char *smpp_bind_state_name(enum smpp_bind_state s);

enum smpp_bind_kind { SMPP_KIND_TRANSCEIVER, SMPP_KIND_TRANSMITTER, SMPP_KIND_RECEIVER };
const char *smpp_bind_kind_name(enum smpp_bind_kind k); /* "transceiver" ...; static */

struct smpp_bind;

/* What all sessions of the daemon share; outlives them. */
struct smpp_bind_env {
	struct loop *loop;
	struct resolver *resolver;
	struct smpp_notifier *notifier;
	uint32_t *epochs; /* sessions ever begun: each has a number of its own */
};

struct smpp_bind_hooks {
	void *arg;
	/* False: another bind of the SMSC tries first; asked again in a while. */
	bool (*may_open)(void *arg, const struct smpp_bind *session);
	void (*on_data)(void *session, struct buf *in); /* smpp_inbound_data */
};

struct smpp_bind {
	const struct smpp_bind_env *env;
	struct smpp_smsc *smsc;
	struct smpp_bind_hooks hooks;
	enum smpp_bind_kind kind;
	unsigned number; /* of the bind at its SMSC, from 0 */
	struct smpp_submits submits;
	struct smpp_link *link;
	enum smpp_bind_state state;
	const char *reason; /* of the last close; static; "" if none */
	bool stopping, opened_once, held;
	unsigned misses;      /* connections in a row that were never bound: the next host */
	unsigned failures;    /* tries in a row that ended before any traffic */
	int64_t told_ms;      /* when the log told of them */
	size_t host;          /* index of the host tried last */
	int64_t tls_expiry_s; /* Unix time; 0: no TLS */
	uint32_t epoch;       /* which session: tokens of earlier ones are dead */
	struct backoff backoff;
	unsigned bind_refusals; /* in a row, of the same policy; of credentials: smsc.refusals */
	enum smpp_bind_policy refusal;
	int64_t refused_ms; /* when its bind was refused; 0: not since it was taken */
	bool limited;       /* refused while another bind of the SMSC was bound: that bind alone waits */
	struct buf early;   /* PDUs that came ahead of the answer to the bind */
	int64_t since_wall_ms, bound_ms, next_try_ms;
	struct loop_timer *timer;                                 /* the state's own */
	struct loop_timer *watch;                                 /* silence, enquire_link, half PDUs */
	uint32_t bind_sequence, enquire_sequence;                 /* 0: none is out */
	int64_t enquire_due_ms, heard_ms, partial_ms, drained_ms; /* 0: not so */
	uint32_t enquire_answer_ms; /* so long is its answer waited for, from the last PDU heard */
	const char *drain_reason;   /* why the session ends after its last answers */
	bool unbind_asked;          /* by the peer, with this sequence */
	uint32_t unbind_sequence;
};

struct smpp_bind_opts {
	const struct smpp_bind_env *env;
	struct smpp_smsc *smsc;
	enum smpp_bind_kind kind;
	unsigned number;
	struct smpp_bind_hooks hooks;
};

uint32_t smpp_bind_command(const struct smpp_bind *b); /* bind_transceiver ... */

/* The one mover: to must be a legal next state. Starts the timer of the state, or stops it. */
void smpp_bind_enter(struct smpp_bind *b, enum smpp_bind_state to);
const char *smpp_bind_late(const struct smpp_bind *b); /* why it ends when the time of its state is over; NULL: none */

/* Ends the session, if there is one: what is in flight is ambiguous. The next try comes after delay_ms. reason: static.
 */
void smpp_bind_close(struct smpp_bind *b, const char *reason, uint32_t delay_ms);

/* The same after a fault: the next try comes by the back-off, or at once after a session that carried traffic. */
void smpp_bind_fail(struct smpp_bind *b, const char *reason);

/* Writes a PDU without a body. False: the session has ended by it, or there is none. */
bool smpp_bind_send(struct smpp_bind *b, uint32_t command, uint32_t status, uint32_t sequence);
const char *smpp_bind_write_reason(enum err err); /* of smpp_link_write's errors; static */

#endif
