/*
 * response: answers to submits.
 */
#ifndef SMPP_RESPONSE_H
#define SMPP_RESPONSE_H

#include "smpp/submits.h"

/* A submit_sm_resp. */
void smpp_response_take(struct smpp_submits *t, const struct smpp_header *h, const uint8_t *body);

/* A generic_nack: true if it named a submit of ours, in flight or given up. */
bool smpp_response_nack(struct smpp_submits *t, const struct smpp_header *h);

#endif
