/*
 * faults: every fault by name, as data: what it sets in the fate of one submit; and the destinations that ask for one.
 */
#ifndef SMSC_FAULTS_H
#define SMSC_FAULTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum response {
	RESP_NONE = 1,
	RESP_TAKEN = 2, /* accepted, though the response is lost */
	RESP_NACK = 4,
	RESP_TWICE = 8,
	RESP_STRAY_FIRST = 16,
	RESP_WRONG_SEQUENCE = 32,
	RESP_WRONG_COMMAND = 64
};

/* BODY_USUAL: an id when accepted, nothing else. */
enum body { BODY_USUAL, BODY_NONE, BODY_NUL, BODY_ID, BODY_TLVS, BODY_BAD_TLV, BODY_NO_NUL };

enum link_act {
	LINK_NONE,
	LINK_DROP,
	LINK_RESET,
	LINK_DROP_ALL,
	LINK_FIN,
	LINK_STALL,
	LINK_MUTE,
	LINK_UNBIND,
	LINK_UNBIND_MUTE,
	LINK_NACK_ZERO,
	LINK_UNKNOWN,
	LINK_LENGTH,
	LINK_HALF,
	LINK_ENQUIRE,
	LINK_ALERT,
	LINK_OUTBIND,
	LINK_MO,
	LINK_MO_DATA
};

enum receipt_bits {
	RCPT_NONE = 1,
	RCPT_EARLY = 2,
	RCPT_TWICE = 4,
	RCPT_UNKNOWN = 8, /* one more, of an id that was never given */
	RCPT_DATA_SM = 16,
	RCPT_NO_ESM = 32,          /* esm_class does not say that it is one */
	RCPT_INTERMEDIATE = 64,    /* ENROUTE first, as an intermediate notification */
	RCPT_TLVS = 128,           /* 400 TLVs ahead of those that matter */
	RCPT_ERROR = 256,          /* network_error_code */
	RCPT_PADDED = 512,         /* the TLV's id ends in spaces, without a NUL */
	RCPT_PAYLOAD = 1024,       /* the text as message_payload */
	RCPT_BAD_TLV = 2048,       /* the last TLV is longer than the PDU */
	RCPT_VENDOR = 4096,        /* TLVs of vendors */
	RCPT_TURNS = 8192,         /* the opposite final state after it */
	RCPT_UCS2 = 1 << 14,       /* the text in UCS-2, data_coding 8 */
	RCPT_LATIN1 = 1 << 15,     /* data_coding 3 */
	RCPT_UDH = 1 << 16,        /* the text behind a user data header */
	RCPT_STATE_ZERO = 1 << 17, /* message_state 0, whatever the text says */
	RCPT_TLV_WRONG = 1 << 18,  /* the TLV's id is none that was given; the text's is right */
	RCPT_TEXT_WRONG = 1 << 19, /* the other way round */
	RCPT_NO_ID = 1 << 20       /* neither text nor TLV has an id */
};

/* What becomes of one submit. All members alike, so that a row can name one by its offset. */
struct fate {
	uint32_t status, resp, body, late_ms, congestion; /* congestion: 1 + its value; 0: none */
	uint32_t link, link_value;
	uint32_t rcpt, rcpt_unknowns, state_octets; /* receipts of nothing before it; octets of message_state, 0: 1 */
	uint32_t state, form, dialect, id_style, to, rcpt_late_ms;
};

/* A fault that is to be applied. */
struct fault {
	const struct fault_row *row;
	uint32_t value;
};

/* "name" or "name:value" of len octets; false: no such thing. */
bool fault_parse(const char *text, size_t len, struct fault *fault);

/* Adds it to a fate and counts it in made[]. */
void fault_apply(const struct fault *fault, struct fate *fate, uint64_t *made);

/* The fault that the destination's last digits ask for, if any; *once: only the first time. */
bool fault_of_destination(const char *destination, struct fault *fault, bool *once);

const char *fault_row_name(size_t row); /* NULL beyond the last */
void faults_help(void);

#endif
