/*
 * receipt: a delivered message -> is it a receipt, of which id, in which state. Pure. SMPP 3.4 appendix B and what
 * SMSCs make of it. Must never let text of a message past: out come an id, a state, an error code.
 */
#ifndef SMPP_RECEIPT_H
#define SMPP_RECEIPT_H

#include "smpp.h"
#include "smpp/decode.h"

enum smpp_receipt_kind {
	SMPP_RECEIPT_NONE,  /* a message of a mobile */
	SMPP_RECEIPT_VAGUE, /* a receipt, but of no id */
	SMPP_RECEIPT_OK
};

struct smpp_receipt_text {
	char id[SMPP_MESSAGE_ID_CAP]; /* normalised */
	enum smpp_receipt_state state;
	char error[SMPP_ERROR_CAP];
	uint32_t anomalies;
};

enum smpp_receipt_kind smpp_receipt_parse(const struct smpp_deliver *d, struct smpp_receipt_text *out);
const char *smpp_receipt_state_name(enum smpp_receipt_state s); /* "delivered" ...; static */

#endif
