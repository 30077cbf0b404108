/*
 * verify: OTP.VERIFY: one guess, judged once.
 */
#ifndef FLOW_ASK_VERIFY_H
#define FLOW_ASK_VERIFY_H

#include "ask_uses.h"

void verify_start(const struct ask_uses *u, struct api_call *call);

#endif
