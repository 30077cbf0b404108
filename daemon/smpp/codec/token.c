/*
 * token: packs the SMSC in 8 bits, data_sm in 1, the epoch in 23 and the sequence in 32. Pure.
 */
#include "smpp/codec/token.h"

#define SMSC_MASK 255u
#define EPOCH_MASK ((UINT32_C(1) << SMPP_TOKEN_EPOCH_BITS) - 1)

uint64_t smpp_token_pack(const struct smpp_token *t)
{
	return (uint64_t)(t->smsc & SMSC_MASK) << 56 | (uint64_t)t->data_sm << 55 |
	       (uint64_t)(t->epoch & EPOCH_MASK) << 32 | t->sequence;
}

struct smpp_token smpp_token_unpack(uint64_t token)
{
	return (struct smpp_token){ .smsc = (unsigned)(token >> 56) & SMSC_MASK,
		                    .data_sm = token >> 55 & 1,
		                    .epoch = (uint32_t)(token >> 32) & EPOCH_MASK,
		                    .sequence = (uint32_t)token };
}

bool smpp_token_of(const struct smpp_token *t, uint32_t epoch)
{
	return t->epoch == (epoch & EPOCH_MASK);
}
