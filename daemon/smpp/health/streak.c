/*
 * streak: refusals in a row that the account causes. Pure.
 * What tells nothing about the account (throttled, not bound, a full queue) neither counts nor ends a row.
 */
#include "smpp/health/streak.h"

#include <stddef.h>

static const struct {
	enum smpp_effect kind;
	unsigned row;
	int64_t out_ms;
} rules[] = {
	{ SMPP_EFFECT_PROFILE, 5, 60000 },
	{ SMPP_EFFECT_FORBIDDEN, 5, 300000 },
	{ SMPP_EFFECT_CREDIT, 1, 300000 },
};
#define RULES (sizeof rules / sizeof rules[0])

void smpp_streak_init(struct smpp_streak *s)
{
	*s = (struct smpp_streak){ .kind = SMPP_EFFECT_NONE, .out = SMPP_EFFECT_NONE };
}

static bool is_mute(enum smpp_effect e)
{
	return e == SMPP_EFFECT_THROTTLE || e == SMPP_EFFECT_CLOSE || e == SMPP_EFFECT_QUEUE_FULL;
}

bool smpp_streak_note(struct smpp_streak *s, const struct smpp_action *a, int64_t now_ms)
{
	size_t i = 0;
	if (is_mute(a->effect))
		return false;
	s->row = a->effect == s->kind ? s->row + 1 : 1;
	s->kind = a->effect;
	while (i < RULES && rules[i].kind != a->effect)
		i++;
	if (i == RULES || s->row < rules[i].row || smpp_streak_left_ms(s, now_ms) > 0)
		return false;
	s->out = a->effect;
	s->until_ms = now_ms + rules[i].out_ms;
	return true;
}

int64_t smpp_streak_left_ms(const struct smpp_streak *s, int64_t now_ms)
{
	return s->out != SMPP_EFFECT_NONE && s->until_ms > now_ms ? s->until_ms - now_ms : 0;
}
