/*
 * health: passes each response to the breaker, the streaks and the full queues that it concerns. Pure.
 */
#include "smpp/health/health.h"
#include "smpp/health/rule.h"

void smpp_health_init(struct smpp_health *h)
{
	h->bare = false;
	smpp_breaker_init(&h->breaker);
	smpp_queue_full_init(&h->full);
	smpp_streak_init(&h->streak);
}

void smpp_health_reload(struct smpp_health *h)
{
	h->bare = false;
	smpp_streak_init(&h->streak);
}

bool smpp_health_open(const struct smpp_health *h, int64_t now_ms)
{
	return smpp_streak_left_ms(&h->streak, now_ms) == 0 && smpp_breaker_takes(&h->breaker, now_ms);
}

bool smpp_health_cooling(const struct smpp_health *h, uint32_t destination, int64_t now_ms)
{
	return smpp_queue_full_cooling(&h->full, destination, now_ms);
}

void smpp_health_sent(struct smpp_health *h, int64_t now_ms)
{
	smpp_breaker_sent(&h->breaker, now_ms);
}

struct smpp_verdict smpp_health_note(struct smpp_health *h, const struct smpp_answer *a)
{
	struct smpp_verdict v = { .action = a->action };
	enum smpp_effect effect = a->action->effect;
	const struct smpp_rule *rule = smpp_rule_of(effect);

	if (rule->mute)
		smpp_breaker_void(&h->breaker, a->sent_ms);
	else if (smpp_breaker_note(&h->breaker, rule->failure, a->sent_ms, a->now_ms))
		v.alarm = "breaker_open";
	if (smpp_streak_note(&h->streak, a->action, a->now_ms))
		v.alarm = smpp_rule_of(h->streak.out)->name;
	if (effect == SMPP_EFFECT_QUEUE_FULL && smpp_queue_full_note(&h->full, a->destination, a->now_ms))
		v.action = smpp_class_action(SMPP_CLASS_THROTTLE);
	if (effect == SMPP_EFFECT_EXPIRY && !h->bare) {
		h->bare = true;
		v.alarm = "validity_refused";
	}
	return v;
}

bool smpp_health_unanswered(struct smpp_health *h, int64_t sent_ms, int64_t now_ms)
{
	return smpp_breaker_unanswered(&h->breaker, sent_ms, now_ms);
}

void smpp_health_lost(struct smpp_health *h, int64_t sent_ms, int64_t now_ms)
{
	if (h->breaker.open)
		(void)smpp_breaker_unanswered(&h->breaker, sent_ms, now_ms);
}

const char *smpp_health_reason(const struct smpp_health *h, int64_t now_ms)
{
	if (smpp_streak_left_ms(&h->streak, now_ms) > 0)
		return smpp_rule_of(h->streak.out)->name;
	if (!h->breaker.open)
		return "";
	return smpp_breaker_left_ms(&h->breaker, now_ms) > 0 ? "breaker_open" : "breaker_half_open";
}

int64_t smpp_health_out_ms(const struct smpp_health *h, int64_t now_ms)
{
	int64_t out = smpp_streak_left_ms(&h->streak, now_ms), open = smpp_breaker_left_ms(&h->breaker, now_ms);
	return out > open ? out : open;
}
