/*
 * send: the commands OTP.SEND and OTP.RESEND. Each sends one more SMS, of a new verification or of a live one. Both
 * answer their call once, now or later.
 */
#ifndef FLOW_ASK_SEND_H
#define FLOW_ASK_SEND_H

#include "ask_uses.h"

/* OTP.SEND: opens a verification, or resends the live one that the tuple has. */
void send_start(const struct ask_uses *u, struct api_call *call);

/* OTP.RESEND: sends a further SMS of a live verification, with the same code. */
void send_resend(const struct ask_uses *u, struct api_call *call);

#endif
