/*
 * rule: says what each effect of a response means for the SMSC. The breaker and the streaks of refusals use the same
 * table.
 */
#ifndef SMPP_HEALTH_RULE_H
#define SMPP_HEALTH_RULE_H

#include "smpp/codec/status.h"

struct smpp_rule {
	const char *name; /* the reason when a streak of these takes the SMSC out of service; NULL: it never does */
	bool mute;        /* says nothing about the SMSC: the breaker ignores it, and a streak neither grows nor ends */
	bool failure;     /* counts as a failure for the breaker */
	unsigned row;     /* this many in a row take the SMSC out of service; 0: never */
	int64_t out_ms;   /* time out of service */
};

const struct smpp_rule *smpp_rule_of(enum smpp_effect effect); /* static */

#endif
