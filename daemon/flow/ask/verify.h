/*
 * verify: the command OTP.VERIFY, which judges one guess. A repeated request with the same REQID is not judged again.
 */
#ifndef FLOW_ASK_VERIFY_H
#define FLOW_ASK_VERIFY_H

#include "ask_uses.h"

/* Answers the call once, now or later. The guess is not kept. */
void verify_start(const struct ask_uses *u, struct api_call *call);

#endif
