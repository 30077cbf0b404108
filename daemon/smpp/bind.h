/*
 * bind: one bind of an SMSC. Holds its state, its timers, and the fields that session, keepalive, refusal and inbound
 * use. A bind outlives its sessions: it is made with the SMSC and opens one session after another. binds.c owns and
 * frees it, at the end of a turn of the loop, never from inside one of its callbacks.
 */
#ifndef SMPP_BIND_H
#define SMPP_BIND_H

#include "base/backoff.h"
#include "smpp/notifier.h"
#include "smpp/codec/receipt.h"
#include "smpp/submits.h"

enum smpp_bind_state {
	SMPP_STATE_CLOSED, /* waits for its next try, or is stopped for good */
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
	uint32_t *epochs; /* counts the sessions begun since the start; each session takes its number from here */
};

struct smpp_bind_hooks {
	void *arg;
	/* False: another bind of the SMSC must try first. The bind asks again later. */
	bool (*may_open)(void *arg, const struct smpp_bind *b);
	void (*on_data)(void *bind, struct buf *in); /* smpp_inbound_data */
};

struct smpp_bind {
	const struct smpp_bind_env *env;
	struct smpp_smsc *smsc;
	struct smpp_bind_hooks hooks;
	enum smpp_bind_kind kind;
	unsigned number; /* counts the binds of one SMSC, from 0 */
	struct smpp_submits submits;
	struct smpp_link *link;
	enum smpp_bind_state state;
	const char *reason; /* of the last close; static; "" if none */
	bool stopping, opened_once, held;
	unsigned misses;      /* connections in a row that were never bound; selects the next host */
	unsigned failures;    /* tries in a row that ended before any traffic */
	int64_t told_ms;      /* monotonic time of the last log line about failures */
	size_t host;          /* index of the host tried last */
	int64_t tls_expiry_s; /* Unix time; 0: no TLS */
	uint32_t epoch;       /* number of the session; tokens of earlier sessions are invalid */
	struct backoff backoff;
	unsigned bind_refusals; /* in a row, of the same policy; CREDENTIALS are counted in smsc.refusals */
	enum smpp_bind_policy refusal;
	int64_t refused_ms; /* monotonic time of the last refusal; 0: none since the bind was accepted */
	bool limited;       /* refused while another bind of the SMSC was bound; only this bind waits */
	struct buf early;   /* PDUs that arrived before the bind response */
	int64_t since_wall_ms, bound_ms, next_try_ms;
	struct loop_timer *timer;                 /* ends a state that lasts too long, or starts the next try */
	struct loop_timer *watch;                 /* silence, enquire_link, incomplete PDUs */
	uint32_t bind_sequence, enquire_sequence; /* 0: none is outstanding */
	int64_t enquire_due_ms, heard_ms, partial_ms, drained_ms; /* monotonic; 0: not set */
	uint32_t enquire_answer_ms; /* time allowed for its response, counted from the last PDU received */
	const char *drain_reason;   /* why the session ends once its submits are answered */
	bool unbind_asked;          /* the peer sent unbind, with the sequence below */
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

/* The only function that changes the state. `to` must be a legal next state. Starts or stops the state's timer. */
void smpp_bind_enter(struct smpp_bind *b, enum smpp_bind_state to);
const char *smpp_bind_late(const struct smpp_bind *b); /* reason when its state lasts too long; NULL: no limit */

/* Ends the session, if there is one. Submits in flight become ambiguous. The next try is after delay_ms. reason:
 * static. */
void smpp_bind_close(struct smpp_bind *b, const char *reason, uint32_t delay_ms);

/* As smpp_bind_close, after a fault. The next try follows the back-off, or comes at once if the session carried
 * traffic. */
void smpp_bind_fail(struct smpp_bind *b, const char *reason);

/* Writes a PDU without a body. False: there is no session, or the failed write ended it. */
bool smpp_bind_send(struct smpp_bind *b, uint32_t command, uint32_t status, uint32_t sequence);
const char *smpp_bind_write_reason(enum err err); /* the reason for an error of smpp_link_write; static */

#endif
