/*
 * send: OTP.SEND and OTP.RESEND: one SMS more, of a new verification or of a live one.
 */
#ifndef FLOW_ASK_SEND_H
#define FLOW_ASK_SEND_H

#include "ask_uses.h"

/* OTP.SEND: opens a verification; if the tuple has a live one, goes on as a resend of it. Answers the call once. */
void send_start(const struct ask_uses *u, struct api_call *call);

/* OTP.RESEND: a further SMS of a live verification, with the same code. Answers the call once. */
void send_resend(const struct ask_uses *u, struct api_call *call);

#endif
