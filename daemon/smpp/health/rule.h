/*
 * rule: what each kind of answer means for the SMSC: one table for the breaker, the rows of refusals and full queues.
 */
#ifndef SMPP_HEALTH_RULE_H
#define SMPP_HEALTH_RULE_H

#include "smpp/codec/status.h"

struct smpp_rule {
	const char *name; /* why the SMSC is out by a row of these; NULL: it never is */
	bool mute;      /* it tells nothing about the SMSC: no result of the breaker, and no row is counted or ended */
	bool failure;   /* it counts as a failure for the breaker */
	unsigned row;   /* after so many in a row the SMSC is out of service; 0: never */
	int64_t out_ms; /* for so long */
};

const struct smpp_rule *smpp_rule_of(enum smpp_effect effect); /* static */

#endif
