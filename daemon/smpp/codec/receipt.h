/*
 * receipt: a delivered message -> is it a receipt, of which id, in which state. Pure. SMPP 3.4 appendix B and what
 * SMSCs make of it. Must never let text of a message past: out come an id, a state, an error code.
 */
#ifndef SMPP_CODEC_RECEIPT_H
#define SMPP_CODEC_RECEIPT_H

#include "smpp.h"
#include "smpp/codec/decode.h"

enum smpp_receipt_kind {
	SMPP_RECEIPT_NONE,  /* a message of a mobile */
	SMPP_RECEIPT_VAGUE, /* it looks like a receipt, but no id or no state can be read in it */
	SMPP_RECEIPT_OK
};

/*
 * TLVs and text are two witnesses. Where they name two ids, only the store tells which of them is a message of ours:
 * both are kept, each with the state that it tells of its message.
 */
struct smpp_receipt_text {
	char id[SMPP_MESSAGE_ID_CAP]; /* of the TLV if there is one, else of the text; normalised */
	enum smpp_receipt_state state;
	char text_id[SMPP_MESSAGE_ID_CAP]; /* of the text, if the TLV has another; else "" */
	enum smpp_receipt_state text_state;
	char error[SMPP_ERROR_CAP];
	uint32_t anomalies;
};

enum smpp_receipt_kind smpp_receipt_parse(const struct smpp_deliver *d, struct smpp_receipt_text *out);
const char *smpp_receipt_state_name(enum smpp_receipt_state s); /* "delivered" ...; static */

#endif
