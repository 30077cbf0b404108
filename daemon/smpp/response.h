/*
 * response: handles the responses to submits.
 */
#ifndef SMPP_RESPONSE_H
#define SMPP_RESPONSE_H

#include "smpp/submits.h"

/* Takes a submit_sm_resp. */
void smpp_response_take(struct smpp_submits *t, const struct smpp_header *h, const uint8_t *body);

/* Takes a generic_nack. Returns true if its sequence number is that of a submit in flight or given up. */
bool smpp_response_nack(struct smpp_submits *t, const struct smpp_header *h);

#endif
