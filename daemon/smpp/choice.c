/*
 * choice: one SMSC of a route. The first of its order that is fit and soon has a place is waited for; where all are
 * slow, whoever takes the message now gets it; those that are unfit get none while another is fit. Changes nothing.
 */
#include "smpp/choice.h"

#define WAIT_MAX_MS 3000 /* a longer wait sends a message to the next SMSC */

/* Best first. */
enum grade { GRADE_GOOD, GRADE_SLOW, GRADE_UNFIT, GRADES, GRADE_NONE = GRADES };

static uint32_t avoided(const struct smpp_choice *c)
{
	return c->route->mask & ~c->avoid ? c->avoid : 0;
}

/* If all that wait for the route went here, the last would wait too long, or the next beyond its deadline. */
static bool slow(const struct smpp_choice *c, const struct smpp_group *g)
{
	double pace = smpp_group_pace(g);
	int64_t pause_ms = smpp_throttle_pause_left_ms(&g->account.throttle, c->now_ms);

	return pace <= 0 || pause_ms >= c->route->left_ms ||
	       (double)pause_ms + (double)c->route->waiting * 1000 / pace > WAIT_MAX_MS;
}

static enum grade grade(const struct smpp_choice *c, unsigned smsc)
{
	const struct smpp_group *g = c->groups[smsc];

	if (!g || avoided(c) >> smsc & 1 || !smpp_group_can_send(g))
		return GRADE_NONE;
	if (!smpp_health_open(&g->account.health, c->now_ms) ||
	    (c->destination && smpp_health_cooling(&g->account.health, c->destination, c->now_ms)))
		return GRADE_UNFIT;
	return c->route->count > 1 && slow(c, g) ? GRADE_SLOW : GRADE_GOOD;
}

int smpp_choice_make(const struct smpp_choice *c, uint32_t *usable)
{
	const struct smpp_route *r = c->route;
	unsigned char order[SMPP_SMSC_MAX];
	int first[GRADES], roomy[GRADES];
	uint32_t masks[GRADES] = { 0 }; /* of those with room */

	for (int i = 0; i < GRADES; i++)
		first[i] = roomy[i] = -1;
	smpp_routes_order(r, order);
	for (size_t i = 0; i < r->count; i++) {
		unsigned smsc = r->smscs[order[i]];
		enum grade mark = grade(c, smsc);
		if (mark == GRADE_NONE)
			continue;
		if (first[mark] < 0)
			first[mark] = (int)smsc;
		if (smpp_group_room(c->groups[smsc], c->now_ms)) {
			roomy[mark] = roomy[mark] < 0 ? (int)smsc : roomy[mark];
			masks[mark] |= UINT32_C(1) << smsc;
		}
		if (mark == GRADE_GOOD && !r->weighted)
			break;
	}
	int best = GRADE_GOOD;
	while (best < GRADE_UNFIT && first[best] < 0)
		best++;
	*usable = masks[best];
	return roomy[best] >= 0 ? roomy[best] : first[best];
}

bool smpp_choice_any(const struct smpp_choice *c)
{
	for (size_t i = 0; i < c->route->count; i++) {
		const struct smpp_group *g = c->groups[c->route->smscs[i]];
		if (g && !(c->avoid >> c->route->smscs[i] & 1) && smpp_group_can_send(g) &&
		    smpp_health_open(&g->account.health, c->now_ms))
			return true;
	}
	return false;
}

struct smpp_pace smpp_choice_pace(const struct smpp_choice *c)
{
	const struct smpp_route *r = c->route;
	struct smpp_pace pace = { .pause_ms = INT64_MAX };

	for (size_t i = 0; i < r->count; i++) {
		const struct smpp_group *g = c->groups[r->smscs[i]];
		if (!g || !smpp_group_can_send(g) || smpp_health_out_ms(&g->account.health, c->now_ms) > 0)
			continue;
		int64_t pause_ms = smpp_throttle_pause_left_ms(&g->account.throttle, c->now_ms);
		pace.per_s += smpp_group_pace(g);
		pace.pause_ms = pause_ms < pace.pause_ms ? pause_ms : pace.pause_ms;
	}
	if (pace.per_s > 0)
		return pace;
	const struct smpp_group *first = c->groups[r->smscs[0]];
	return (struct smpp_pace){ .per_s = first ? first->account.o.rate : 1 };
}
