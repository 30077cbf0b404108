/*
 * token: the number by which a receipt is answered: which SMSC and session it came on, which PDU it was. The one place
 * that knows how it is laid out.
 */
#ifndef SMPP_CODEC_TOKEN_H
#define SMPP_CODEC_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

#define SMPP_TOKEN_EPOCH_BITS 26

struct smpp_token {
	unsigned smsc;     /* index, below 32 */
	bool data_sm;      /* it came in a data_sm, else in a deliver_sm */
	uint32_t epoch;    /* of the session; only its last SMPP_TOKEN_EPOCH_BITS bits are kept */
	uint32_t sequence; /* of the PDU */
};

uint64_t smpp_token_pack(const struct smpp_token *t);
struct smpp_token smpp_token_unpack(uint64_t token);

/* True if the token is of a session of this epoch. */
bool smpp_token_of(const struct smpp_token *t, uint32_t epoch);

#endif
