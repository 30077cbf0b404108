/*
 * choice: selects one SMSC of a route. A message waits for the first fit SMSC that will have room soon. Where all are
 * slow, the first one with room takes it. An unfit SMSC is chosen only if none is fit. Changes nothing.
 */
#include "smpp/choice.h"

#define WAIT_MAX_MS 3000 /* a longer wait sends a message to the next SMSC */

/* How well an SMSC suits a message, best first. */
enum grade { GRADE_GOOD, GRADE_SLOW, GRADE_UNFIT, GRADES, GRADE_NONE = GRADES };

/* True if an SMSC outside the mask is bound and fit, whether or not it has room. */
static bool any_usable(const struct smpp_candidates *c, uint32_t avoid)
{
	for (size_t i = 0; i < c->route->count; i++) {
		const struct smpp_binds *all = c->binds[c->route->smscs[i]];
		if (all && !(avoid >> c->route->smscs[i] & 1) && smpp_binds_can_send(all) &&
		    smpp_health_open(&all->smsc.health, c->now_ms))
			return true;
	}
	return false;
}

/* Returns the mask of SMSCs that the message must not use, or 0 if it would exclude the whole route. */
static uint32_t left_out(const struct smpp_candidates *c, const struct smpp_ask *ask)
{
	uint32_t both = ask->excluded | ask->avoid_soft;
	uint32_t avoid = ask->avoid_soft && any_usable(c, both) ? both : ask->excluded;

	return c->route->mask & ~avoid ? avoid : 0;
}

/* True if the last of all waiting messages would wait too long here, or if a pause lasts beyond this message's
 * deadline. */
static bool slow(const struct smpp_candidates *c, const struct smpp_ask *ask, const struct smpp_binds *all)
{
	double pace = smpp_binds_pace(all);
	int64_t pause_ms = smpp_throttle_pause_left_ms(&all->smsc.throttle, c->now_ms);

	return pace <= 0 || pause_ms >= ask->left_ms ||
	       (double)pause_ms + (double)ask->waiting * 1000 / pace > WAIT_MAX_MS;
}

static enum grade grade(const struct smpp_candidates *c, const struct smpp_ask *ask, unsigned smsc)
{
	const struct smpp_binds *all = c->binds[smsc];

	if (!all || !smpp_binds_can_send(all))
		return GRADE_NONE;
	if (!smpp_health_open(&all->smsc.health, c->now_ms) ||
	    (ask->to && smpp_health_cooling(&all->smsc.health, smpp_queue_full_hash(ask->to->digits), c->now_ms)))
		return GRADE_UNFIT;
	return c->route->count > 1 && slow(c, ask, all) ? GRADE_SLOW : GRADE_GOOD;
}

enum err smpp_choice_make(const struct smpp_candidates *c, const struct smpp_ask *ask, struct smpp_choice *out)
{
	const struct smpp_route *r = c->route;
	uint32_t avoid = left_out(c, ask);
	unsigned char order[SMPP_SMSC_MAX];
	int first[GRADES], roomy[GRADES];
	uint32_t masks[GRADES] = { 0 }; /* mask of the SMSCs with room, per grade */

	for (int i = 0; i < GRADES; i++)
		first[i] = roomy[i] = -1;
	smpp_routes_order(r, order);
	for (size_t i = 0; i < r->count; i++) {
		unsigned smsc = r->smscs[order[i]];
		enum grade mark = avoid >> smsc & 1 ? GRADE_NONE : grade(c, ask, smsc);
		if (mark == GRADE_NONE)
			continue;
		if (first[mark] < 0)
			first[mark] = (int)smsc;
		if (smpp_binds_room(c->binds[smsc], c->now_ms)) {
			roomy[mark] = roomy[mark] < 0 ? (int)smsc : roomy[mark];
			masks[mark] |= UINT32_C(1) << smsc;
		}
		if (mark == GRADE_GOOD && !r->weighted)
			break;
	}
	int best = GRADE_GOOD;
	while (best < GRADE_UNFIT && first[best] < 0)
		best++;
	if (first[best] < 0)
		return ERR_UNAVAILABLE;
	out->smsc = (unsigned)(roomy[best] >= 0 ? roomy[best] : first[best]);
	out->alike = masks[best];
	out->fit = best < GRADE_UNFIT;
	return roomy[best] >= 0 ? ERR_OK : ERR_BUSY;
}

struct smpp_pace smpp_choice_pace(const struct smpp_candidates *c)
{
	const struct smpp_route *r = c->route;
	struct smpp_pace pace = { .pause_ms = INT64_MAX };

	for (size_t i = 0; i < r->count; i++) {
		const struct smpp_binds *all = c->binds[r->smscs[i]];
		if (!all || !smpp_binds_can_send(all) || smpp_health_out_ms(&all->smsc.health, c->now_ms) > 0)
			continue;
		int64_t pause_ms = smpp_throttle_pause_left_ms(&all->smsc.throttle, c->now_ms);
		pace.per_s += smpp_binds_pace(all);
		pace.pause_ms = pause_ms < pace.pause_ms ? pause_ms : pace.pause_ms;
	}
	if (pace.per_s > 0)
		return pace;
	const struct smpp_binds *first = c->binds[r->smscs[0]];
	return (struct smpp_pace){ .per_s = first ? first->smsc.o.rate : 1 };
}
