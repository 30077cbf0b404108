/*
 * status: what a command_status means for a submit and for a bind: const tables, pure.
 * The policy of smpp.md lives here and nowhere else: a new rule is a row.
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

/* May the message go to the same SMSC again? */
enum smpp_same {
	SMPP_SAME_NEVER,
	SMPP_SAME_HEAD, /* as soon as it takes one, at the head of its queue */
	SMPP_SAME_ONCE, /* once, after same_ms, when there is no other SMSC */
	SMPP_SAME_BARE  /* as ONCE, without validity_period */
};

/* What it means for the SMSC; smpp_health_note does it, but for the two that are the caller's. */
enum smpp_effect {
	SMPP_EFFECT_NONE,
	SMPP_EFFECT_THROTTLE,   /* the caller: the SMSC's binds pause, half the rate */
	SMPP_EFFECT_QUEUE_FULL, /* cool-down of the destination; of two destinations: THROTTLE */
	SMPP_EFFECT_BREAKER,
	SMPP_EFFECT_CLOSE,     /* the caller: this bind is closed and opened again */
	SMPP_EFFECT_PROFILE,   /* 5 in a row: out for 60 s */
	SMPP_EFFECT_EXPIRY,    /* no validity_period until reload */
	SMPP_EFFECT_FORBIDDEN, /* 5 in a row: out for 300 s */
	SMPP_EFFECT_CREDIT     /* out for 300 s */
};

/*
 * What a class does to a message. Another SMSC follows from the outcome. ACCEPTED, REFUSED: none. OTHER: at once; if it
 * costs, to one other only, since the SMSCs that made it count are two at most. LATER: the message waits at the head of
 * its queue, and goes elsewhere if that takes longer than 3 s or its deadline, or if the session is over.
 */
struct smpp_action {
	enum smpp_class class;
	const char *name;          /* "accepted" ...; static */
	enum smpp_outcome outcome; /* LATER costs no attempt */
	enum smpp_same same;
	uint32_t same_ms; /* with SAME_ONCE and SAME_BARE: not before */
	bool cost;        /* counts as an attempt */
	enum smpp_effect effect;
};

/* What an SMSC means by its own codes: from the configuration. */
struct smpp_overrides {
	struct {
		uint32_t status;
		enum smpp_class class;
	} rows[SMPP_OVERRIDES_MAX];
	size_t count;
};
/* ERR_INVALID: too many, an unknown class, or status 0; *o is unchanged. */
enum err smpp_overrides_set(struct smpp_overrides *o, const struct smpp_override *rows, size_t count) ERR_CHECKED;

/* o may be NULL. An unknown status is VENDOR. Never NULL. */
const struct smpp_action *smpp_status_action(const struct smpp_overrides *o, uint32_t status);
const struct smpp_action *smpp_class_action(enum smpp_class c);
const char *smpp_class_name(enum smpp_class c); /* "accepted" ...; static */

enum smpp_bind_policy {
	SMPP_BIND_BOUND,
	SMPP_BIND_ALREADY,     /* 0x05: the telco keeps the old session; 30, 60, 120 s */
	SMPP_BIND_LIMIT,       /* refused while another bind of the SMSC is bound: 30, 60, 120 s, this bind alone */
	SMPP_BIND_CREDENTIALS, /* 0x0D, 0x0E, 0x0F, 0x53: back-off twice, then 60, 300 and every 900 s for ever */
	SMPP_BIND_BACKOFF
};

/* What a refused bind does: n refusals of the same policy came in a row, this one included (from 1). */
struct smpp_bind_action {
	enum smpp_bind_policy policy; /* BACKOFF for the first two refusals of CREDENTIALS */
	const char *reason;           /* "auth_failed", "already_bound", "bind_limit", "bind_refused"; static */
	uint32_t delay_ms;            /* before the next try; 0: the usual back-off */
	bool alarm;                   /* somebody must act: an error line */
};
enum smpp_bind_policy smpp_status_bind(uint32_t status);
struct smpp_bind_action smpp_status_refused(enum smpp_bind_policy policy, unsigned n);

#endif
