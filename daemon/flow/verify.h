/*
 * verify: OTP.VERIFY: one guess, judged once.
 */
#ifndef FLOW_VERIFY_H
#define FLOW_VERIFY_H

#include "parts.h"

void verify_start(struct flow *f, struct api_call *call);

#endif
