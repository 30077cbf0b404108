/*
 * streak: refusals that mean the account, not the message. 5 PROFILE in a row: out for 60 s; 5 FORBIDDEN: 300 s;
 * ACCOUNT: 300 s at once. After that the next one like it, without an accept between, is enough. Pure.
 */
#ifndef SMPP_HEALTH_STREAK_H
#define SMPP_HEALTH_STREAK_H

#include "smpp/codec/status.h"

struct smpp_streak {
	enum smpp_effect kind; /* of the refusals in a row */
	unsigned row;
	enum smpp_effect out; /* why it is out; NONE: it is not, or was not yet */
	int64_t until_ms;
};

void smpp_streak_init(struct smpp_streak *s);

/* True: it went out by this. */
bool smpp_streak_note(struct smpp_streak *s, const struct smpp_action *a, int64_t now_ms);
int64_t smpp_streak_left_ms(const struct smpp_streak *s, int64_t now_ms);

#endif
