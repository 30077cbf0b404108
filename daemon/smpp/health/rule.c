/*
 * rule: the table of what each effect means for an SMSC. Pure. A new effect is a new row.
 */
#include "smpp/health/rule.h"

static const struct smpp_rule rules[] = {
	[SMPP_EFFECT_NONE] = { 0 },
	[SMPP_EFFECT_THROTTLE] = { .mute = true },
	[SMPP_EFFECT_QUEUE_FULL] = { .mute = true }, /* queue_full decides what it means */
	[SMPP_EFFECT_BREAKER] = { .failure = true },
	[SMPP_EFFECT_CLOSE] = { .mute = true },
	[SMPP_EFFECT_PROFILE] = { .name = "profile_fault", .row = 5, .out_ms = 60000 },
	[SMPP_EFFECT_EXPIRY] = { 0 },
	[SMPP_EFFECT_FORBIDDEN] = { .name = "forbidden", .row = 5, .out_ms = 300000 },
	[SMPP_EFFECT_CREDIT] = { .name = "credit", .row = 1, .out_ms = 300000 },
};

const struct smpp_rule *smpp_rule_of(enum smpp_effect effect)
{
	return &rules[effect];
}
