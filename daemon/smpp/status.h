/*
 * status: what a command_status means for a submit and for a bind: const tables, pure.
 * The policy of smpp.md lives here and nowhere else: a new rule is a row.
 */
#ifndef SMPP_STATUS_H
#define SMPP_STATUS_H

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

enum smpp_class smpp_status_class(uint32_t status);
const char *smpp_class_name(enum smpp_class c); /* "accepted" ...; static */
enum smpp_outcome smpp_class_outcome(enum smpp_class c);
uint32_t smpp_class_again_ms(enum smpp_class c); /* 0: not on the same SMSC */

enum smpp_bind_policy {
	SMPP_BIND_BOUND,
	SMPP_BIND_ALREADY,    /* 0x05: the telco keeps the old session; 30, 60, 120 s */
	SMPP_BIND_FAILED,     /* 0x0D: back-off, credentials from the third in a row */
	SMPP_BIND_CREDENTIALS, /* 60, 300, then every 900 s for ever */
	SMPP_BIND_BACKOFF
};
enum smpp_bind_policy smpp_status_bind(uint32_t status);

/* The delay before try number n (from 0) after ALREADY or CREDENTIALS. */
uint32_t smpp_status_bind_delay_ms(enum smpp_bind_policy policy, unsigned n);

#endif
