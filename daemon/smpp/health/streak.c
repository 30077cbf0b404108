/*
 * streak: counts refusals in a row that concern the SMSC as a whole, not one message. Responses that say nothing about
 * the SMSC (throttled, not bound, a full queue) neither count nor end a streak. Pure.
 */
#include "smpp/health/streak.h"
#include "smpp/health/rule.h"

void smpp_streak_init(struct smpp_streak *s)
{
	*s = (struct smpp_streak){ .kind = SMPP_EFFECT_NONE, .out = SMPP_EFFECT_NONE };
}

bool smpp_streak_note(struct smpp_streak *s, const struct smpp_action *a, int64_t now_ms)
{
	const struct smpp_rule *rule = smpp_rule_of(a->effect);

	if (rule->mute)
		return false;
	s->row = a->effect == s->kind ? s->row + 1 : 1;
	s->kind = a->effect;
	if (!rule->row || s->row < rule->row || smpp_streak_left_ms(s, now_ms) > 0)
		return false;
	s->out = a->effect;
	s->until_ms = now_ms + rule->out_ms;
	return true;
}

int64_t smpp_streak_left_ms(const struct smpp_streak *s, int64_t now_ms)
{
	return s->out != SMPP_EFFECT_NONE && s->until_ms > now_ms ? s->until_ms - now_ms : 0;
}
