/*
 * token: a number that identifies the PDU of a receipt, so that it can be answered: SMSC, session and sequence number.
 * Only this file knows its layout.
 */
#ifndef SMPP_CODEC_TOKEN_H
#define SMPP_CODEC_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

#define SMPP_TOKEN_EPOCH_BITS 23

struct smpp_token {
	unsigned smsc;     /* index, below 256 */
	bool data_sm;      /* the PDU was a data_sm, else a deliver_sm */
	uint32_t epoch;    /* number of the session; only its low SMPP_TOKEN_EPOCH_BITS bits are kept */
	uint32_t sequence; /* sequence number of the PDU */
};

uint64_t smpp_token_pack(const struct smpp_token *t);
struct smpp_token smpp_token_unpack(uint64_t token);

/* True if the token belongs to the session with this epoch. */
bool smpp_token_of(const struct smpp_token *t, uint32_t epoch);

#endif
