/*
 * reverse: the command OTP.REVERSE. It opens a verification that a message of the person's phone verifies, and tells
 * what the person is to send. flow/news/mo takes that message.
 */
#ifndef FLOW_ASK_REVERSE_H
#define FLOW_ASK_REVERSE_H

#include "ask_uses.h"

/* Answers the call once, now or later. */
void reverse_start(const struct ask_uses *u, struct api_call *call);

#endif
