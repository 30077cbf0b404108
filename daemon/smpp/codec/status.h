/*
 * status: what a command_status means for a submit and for a bind, in const tables. Pure. A new rule is a new row. Only
 * full queues of two numbers (health/queue_full) and the fifth answer about the session (flow/deliver/attempts) change
 * what a row says.
 */
#ifndef SMPP_CODEC_STATUS_H
#define SMPP_CODEC_STATUS_H

#include "smpp.h"

#include <stdint.h>

enum smpp_class {
	SMPP_CLASS_ACCEPTED,
	SMPP_CLASS_THROTTLE,
	SMPP_CLASS_QUEUE_FULL,
	SMPP_CLASS_TRANSIENT,
	SMPP_CLASS_VAGUE,
	SMPP_CLASS_SESSION,
	SMPP_CLASS_DESTINATION,
	SMPP_CLASS_PROFILE,
	SMPP_CLASS_EXPIRY,
	SMPP_CLASS_FORBIDDEN,
	SMPP_CLASS_ACCOUNT,
	SMPP_CLASS_DUPLICATE,
	SMPP_CLASS_PROTOCOL,
	SMPP_CLASS_VENDOR,
	SMPP_CLASS_MAX
};

/* Whether the message may go to the same SMSC again. */
enum smpp_same {
	SMPP_SAME_NEVER,
	SMPP_SAME_HEAD, /* as soon as the SMSC takes a message, at the head of the queue */
	SMPP_SAME_ONCE, /* once, after same_ms, if there is no other SMSC */
	SMPP_SAME_BARE  /* as SMPP_SAME_ONCE, without validity_period */
};

/* What a class means for the SMSC. smpp_health_note applies it, except THROTTLE and CLOSE, which its caller applies. */
enum smpp_effect {
	SMPP_EFFECT_NONE,
	SMPP_EFFECT_THROTTLE,   /* all binds of the SMSC pause, and the rate is halved; applied by the caller */
	SMPP_EFFECT_QUEUE_FULL, /* the destination gets a cool-down; two destinations have the effect of THROTTLE */
	SMPP_EFFECT_BREAKER,
	SMPP_EFFECT_CLOSE,     /* this bind is closed and opened again; applied by the caller */
	SMPP_EFFECT_PROFILE,   /* 5 in a row: out of service for 60 s */
	SMPP_EFFECT_EXPIRY,    /* no validity_period until reload */
	SMPP_EFFECT_FORBIDDEN, /* 5 in a row: out of service for 300 s */
	SMPP_EFFECT_CREDIT     /* out of service for 300 s */
};

/*
 * What a class means for the message. outcome says whether another SMSC may be tried. ACCEPTED, REFUSED: none. OTHER:
 * another SMSC at once. A message has attempts at two SMSCs at most. LATER: the message goes back to its place in the
 * queue. It goes to another SMSC if the wait would exceed 3 s or its deadline, or if the session ended.
 */
struct smpp_action {
	enum smpp_class class;
	const char *name;          /* "accepted" ...; static */
	enum smpp_outcome outcome; /* LATER costs no attempt */
	enum smpp_same same;
	uint32_t same_ms; /* the wait of SAME_ONCE and SAME_BARE */
	bool cost;        /* counts as an attempt */
	enum smpp_effect effect;
};

/* The classes that the configuration gives to status codes of an SMSC. */
struct smpp_overrides {
	struct {
		uint32_t status;
		enum smpp_class class;
	} rows[SMPP_OVERRIDES_MAX];
	size_t count;
};
/* ERR_INVALID: too many, an unknown class, or status 0; *o is unchanged. */
enum err smpp_overrides_set(struct smpp_overrides *o, const struct smpp_override *rows, size_t count) ERR_CHECKED;

/* Returns the action for a status, never NULL. o may be NULL. An unknown status has the class VENDOR. */
const struct smpp_action *smpp_status_action(const struct smpp_overrides *o, uint32_t status);
const struct smpp_action *smpp_class_action(enum smpp_class c);
const char *smpp_class_name(enum smpp_class c); /* "accepted" ...; static */

enum smpp_bind_policy {
	SMPP_BIND_BOUND,
	SMPP_BIND_ALREADY,     /* 0x05: the SMSC still has the old session; 30, 60, 120 s */
	SMPP_BIND_LIMIT,       /* another bind of the SMSC is bound: only this bind waits 30, 60, 120 s */
	SMPP_BIND_CREDENTIALS, /* 0x0D, 0x0E, 0x0F, 0x53: back-off twice, then 60 s, 300 s and 900 s again and again */
	SMPP_BIND_BACKOFF
};

/* What follows from a refused bind, the n-th refusal in a row of the same policy. n counts from 1. */
struct smpp_bind_action {
	enum smpp_bind_policy policy; /* BACKOFF for the first two refusals of CREDENTIALS */
	const char *reason;           /* "auth_failed", "already_bound", "bind_limit", "bind_refused"; static */
	uint32_t delay_ms;            /* wait before the next try; 0: the usual back-off */
	bool alarm;                   /* the operator must act, so it is logged as an error */
};
enum smpp_bind_policy smpp_status_bind(uint32_t status);
struct smpp_bind_action smpp_status_refused(enum smpp_bind_policy policy, unsigned n);

#endif
