/*
 * receipt: decides whether a delivered message is a receipt and reads its id and state. Pure. SMPP 3.4 appendix B, and
 * the variants that SMSCs send. The result has an id, a state and an error code, never text of a message.
 */
#ifndef SMPP_CODEC_RECEIPT_H
#define SMPP_CODEC_RECEIPT_H

#include "smpp.h"
#include "smpp/codec/decode.h"

enum smpp_receipt_kind {
	SMPP_RECEIPT_NONE,  /* a message from a mobile */
	SMPP_RECEIPT_VAGUE, /* it looks like a receipt, but its id or its state cannot be read */
	SMPP_RECEIPT_OK
};

/* A receipt gives id and state in TLVs, in its text, or in both. If they name two different ids, both are returned,
 * each with its own state, because only the store knows which of them is one of our messages. */
struct smpp_receipt_text {
	char id[SMPP_MESSAGE_ID_CAP]; /* from the TLV if there is one, else from the text; normalised */
	enum smpp_receipt_state state;
	char text_id[SMPP_MESSAGE_ID_CAP]; /* from the text, if the TLV has another id; else "" */
	enum smpp_receipt_state text_state;
	char error[SMPP_ERROR_CAP];
	uint32_t anomalies;
};

enum smpp_receipt_kind smpp_receipt_parse(const struct smpp_deliver *d, struct smpp_receipt_text *out);
const char *smpp_receipt_state_name(enum smpp_receipt_state s); /* "delivered" ...; static */

#endif
