/*
 * streak: counts refusals in a row that concern the SMSC as a whole, not one message. 5 PROFILE in a row take the SMSC
 * out of service for 60 s, 5 FORBIDDEN for 300 s, one CREDIT for 300 s. After that time one more of the same kind is
 * enough, unless a response of another kind came between. Pure.
 */
#ifndef SMPP_HEALTH_STREAK_H
#define SMPP_HEALTH_STREAK_H

#include "smpp/codec/status.h"

struct smpp_streak {
	enum smpp_effect kind; /* kind of the refusals in a row */
	unsigned row;
	enum smpp_effect out; /* the kind that took it out of service last; NONE: none yet */
	int64_t until_ms;
};

void smpp_streak_init(struct smpp_streak *s);

/* True: this response took the SMSC out of service. */
bool smpp_streak_note(struct smpp_streak *s, const struct smpp_action *a, int64_t now_ms);
int64_t smpp_streak_left_ms(const struct smpp_streak *s, int64_t now_ms);

#endif
