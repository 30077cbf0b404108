/*
 * redirect: the command OTP.REDIRECT: the person sees that the number is wrong and corrects it. The verification and
 * its id stay for the client; the code that was sent to the wrong number is dead, and a new one goes to the corrected
 * number.
 */
#ifndef FLOW_ASK_REDIRECT_H
#define FLOW_ASK_REDIRECT_H

#include "ask_uses.h"

/* Answers the call once, now or later. */
void redirect_start(const struct ask_uses *u, struct api_call *call);

#endif
