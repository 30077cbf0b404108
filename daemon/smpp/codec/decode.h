/*
 * decode: bodies of inbound PDUs. Pure. SMPP 3.4 sections 4.1 to 4.7.
 * Refuses nothing for a value: what it does not like it sets right and tells as an anomaly bit. Strings are bounded
 * copies, NUL-terminated; text points into the PDU.
 */
#ifndef SMPP_CODEC_DECODE_H
#define SMPP_CODEC_DECODE_H

#include "smpp.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum smpp_anomaly {
	SMPP_ANOMALY_LONG_STRING, /* a C-string over its field's size: cut */
	SMPP_ANOMALY_NO_NUL,      /* a C-string that the PDU's end ended */
	SMPP_ANOMALY_SHORT_BODY,  /* fields are missing */
	SMPP_ANOMALY_SM_LENGTH,   /* sm_length passes the end of the PDU */
	SMPP_ANOMALY_TLV,         /* a tail that is no TLV, or one of a length that it cannot have */
	SMPP_ANOMALY_TLV_MANY,    /* more TLVs than are walked */
	SMPP_ANOMALY_TLV_UNKNOWN, /* in no list of the standards: skipped by length */
	SMPP_ANOMALY_NO_ID,       /* accepted without an id */
	SMPP_ANOMALY_ERROR_BODY,  /* an error response that carries a body */
	SMPP_ANOMALY_CONFLICT,    /* a receipt's TLVs and its text tell different things */
	SMPP_ANOMALY_STATE,       /* a receipt's state is unknown to us: word or number */
	SMPP_ANOMALY_UNREADABLE,  /* it looks like a receipt, but has no id or no state that can be read */
	SMPP_ANOMALY_BIND_ANSWER, /* a bind answered with another command or sequence than its own */
	SMPP_ANOMALY_COMMAND,     /* a command id unknown to us, or out of place in this state */
	SMPP_ANOMALY_MAX
};
/* "long_string" ...; static. */
const char *smpp_anomaly_name(enum smpp_anomaly a);

#define SMPP_SYSTEM_ID_CAP 17
#define SMPP_ADDRESS_CAP 66 /* data_sm allows 65 octets */
#define SMPP_ERROR_CAP 9

/* bind_transceiver_resp and submit_sm_resp: one string, then TLVs. */
struct smpp_response {
	char id[SMPP_MESSAGE_ID_CAP]; /* system_id or message_id */
	int congestion;               /* 0..100; -1: not told */
	uint32_t anomalies;           /* bits 1 << enum smpp_anomaly */
};
void smpp_decode_bind_resp(const uint8_t *body, size_t len, struct smpp_response *out);
void smpp_decode_submit_resp(const uint8_t *body, size_t len, uint32_t status, struct smpp_response *out);

struct smpp_deliver {
	char source[SMPP_ADDRESS_CAP], destination[SMPP_ADDRESS_CAP];
	uint8_t source_ton, source_npi, destination_ton, destination_npi;
	uint8_t esm_class, data_coding;
	const uint8_t *text; /* short_message, or message_payload if there is one */
	size_t text_len;
	char receipted_id[SMPP_MESSAGE_ID_CAP]; /* TLV 0x001E, trimmed; "" if none */
	bool has_receipted_id;
	int message_state;          /* TLV 0x0427 of 1 to 4 octets; -1: none */
	char error[SMPP_ERROR_CAP]; /* TLV 0x0423 as "n3:258": network, code; "" if none */
	uint32_t anomalies;
};
void smpp_decode_deliver_sm(const uint8_t *body, size_t len, struct smpp_deliver *out);
void smpp_decode_data_sm(const uint8_t *body, size_t len, struct smpp_deliver *out);

#endif
