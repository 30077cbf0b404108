/*
 * prove: OTP.PROOF, which turns a verified id into a signed token for another service.
 */
#ifndef FLOW_ASK_PROVE_H
#define FLOW_ASK_PROVE_H

#include "ask_uses.h"

void prove_start(const struct ask_uses *u, struct api_call *call);

#endif
