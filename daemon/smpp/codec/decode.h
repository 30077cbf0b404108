/*
 * decode: reads the bodies of inbound PDUs. Pure. SMPP 3.4 sections 4.1 to 4.7. Never fails: a bad value is corrected
 * and reported as an anomaly bit. Strings are bounded copies, NUL-terminated. text points into the PDU.
 */
#ifndef SMPP_CODEC_DECODE_H
#define SMPP_CODEC_DECODE_H

#include "smpp.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum smpp_anomaly {
	SMPP_ANOMALY_LONG_STRING, /* a C-string longer than its field was cut */
	SMPP_ANOMALY_NO_NUL,      /* a C-string ends with the PDU, without a NUL */
	SMPP_ANOMALY_SHORT_BODY,  /* fields are missing */
	SMPP_ANOMALY_SM_LENGTH,   /* sm_length passes the end of the PDU */
	SMPP_ANOMALY_TLV,         /* the tail is no TLV, or a TLV has a wrong length */
	SMPP_ANOMALY_TLV_MANY,    /* more than SMPP_TLV_MAX TLVs; the rest is ignored */
	SMPP_ANOMALY_TLV_UNKNOWN, /* a tag of neither standard; skipped by its length */
	SMPP_ANOMALY_NO_ID,       /* a submit_sm_resp with ROK but without a message_id */
	SMPP_ANOMALY_ERROR_BODY,  /* an error response that has a body */
	SMPP_ANOMALY_CONFLICT,    /* the TLVs of a receipt contradict its text */
	SMPP_ANOMALY_STATE,       /* a receipt with an unknown state, as word or number */
	SMPP_ANOMALY_UNREADABLE,  /* looks like a receipt, but no id or no state can be read */
	SMPP_ANOMALY_BIND_ANSWER, /* a bind response with a wrong command or sequence */
	SMPP_ANOMALY_COMMAND,     /* an unknown command_id, or one not allowed in this state */
	SMPP_ANOMALY_MAX
};
/* Returns "long_string" ...; static. */
const char *smpp_anomaly_name(enum smpp_anomaly a);

#define SMPP_SYSTEM_ID_CAP 17
#define SMPP_ADDRESS_CAP 66 /* data_sm allows 65 octets */
#define SMPP_ERROR_CAP 9

/* bind_transceiver_resp and submit_sm_resp: one string, then TLVs. */
struct smpp_response {
	char id[SMPP_MESSAGE_ID_CAP]; /* system_id or message_id */
	int congestion;               /* congestion_state, 0..100; -1: not present */
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
