/*
 * issue: OTP.SEND: check, decide, store, answer.
 */
#ifndef FLOW_ISSUE_H
#define FLOW_ISSUE_H

#include "parts.h"

void issue_start(struct flow *f, struct api_call *call);

#endif
