/*
 * choice: selects one SMSC of a route. A message waits for the first fit SMSC that will have room soon. Where all are
 * slow, the first one with room takes it. An unfit SMSC is chosen only if none is fit. Changes nothing.
 */
#include "smpp/choice.h"

#define WAIT_MAX_MS 3000 /* a longer wait sends a message to the next SMSC */

/* How well an SMSC suits a message, best first. */
enum grade { GRADE_GOOD, GRADE_SLOW, GRADE_UNFIT, GRADES, GRADE_NONE = GRADES };

/* True if an SMSC outside the set is bound and fit, whether or not it has room. */
static bool any_usable(const struct smpp_candidates *c, const struct smsc_set *avoid)
{
	for (size_t i = 0; i < c->route->count; i++) {
		unsigned smsc = c->route->shares[i].smsc;
		const struct smpp_binds *all = c->binds[smsc];
		if (all && !smsc_set_has(avoid, smsc) && smpp_binds_can_send(all) &&
		    smpp_health_open(&all->smsc.health, c->now_ms))
			return true;
	}
	return false;
}

/* Returns the SMSCs that the message must not use: none if that would exclude the whole route. */
static struct smsc_set left_out(const struct smpp_candidates *c, const struct smpp_ask *ask)
{
	struct smsc_set avoid = { 0 };

	if (ask->excluded)
		avoid = *ask->excluded;
	if (ask->avoid_soft && !smsc_set_is_empty(ask->avoid_soft)) {
		struct smsc_set both = avoid;

		smsc_set_join(&both, ask->avoid_soft);
		if (any_usable(c, &both))
			avoid = both;
	}
	return smsc_set_within(&c->route->set, &avoid) ? (struct smsc_set){ 0 } : avoid;
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

/* Keeps in *best the place that is to be tried first. -1: none yet. */
static void keep_first(const struct smpp_route *r, int *best, size_t place)
{
	if (*best < 0 || smpp_routes_before(r, place, (size_t)*best))
		*best = (int)place;
}

enum err smpp_choice_make(const struct smpp_candidates *c, const struct smpp_ask *ask, struct smpp_choice *out)
{
	const struct smpp_route *r = c->route;
	const struct smsc_set avoid = left_out(c, ask);
	int first[GRADES], roomy[GRADES];      /* places in the route; -1: none */
	struct smsc_set alike[GRADES] = { 0 }; /* the SMSCs with room, if they have weights */

	for (int i = 0; i < GRADES; i++)
		first[i] = roomy[i] = -1;
	for (size_t i = 0; i < r->count; i++) {
		unsigned smsc = r->shares[i].smsc;
		enum grade mark = smsc_set_has(&avoid, smsc) ? GRADE_NONE : grade(c, ask, smsc);
		if (mark == GRADE_NONE)
			continue;
		keep_first(r, &first[mark], i);
		if (smpp_binds_room(c->binds[smsc], c->now_ms)) {
			keep_first(r, &roomy[mark], i);
			if (r->weighted)
				smsc_set_add(&alike[mark], smsc);
		}
		if (mark == GRADE_GOOD && !r->weighted)
			break;
	}
	int best = GRADE_GOOD;
	while (best < GRADE_UNFIT && first[best] < 0)
		best++;
	if (first[best] < 0)
		return ERR_UNAVAILABLE;
	out->smsc = r->shares[roomy[best] >= 0 ? roomy[best] : first[best]].smsc;
	out->alike = alike[best];
	out->fit = best < GRADE_UNFIT;
	return roomy[best] >= 0 ? ERR_OK : ERR_BUSY;
}

struct smpp_pace smpp_choice_pace(const struct smpp_candidates *c, size_t most)
{
	const struct smpp_route *r = c->route;
	struct smpp_pace pace = { .pause_ms = INT64_MAX };

	for (size_t i = 0, summed = 0; i < r->count && summed < most; i++) {
		const struct smpp_binds *all = c->binds[r->shares[i].smsc];
		if (!all || !smpp_binds_can_send(all) || smpp_health_out_ms(&all->smsc.health, c->now_ms) > 0)
			continue;
		int64_t pause_ms = smpp_throttle_pause_left_ms(&all->smsc.throttle, c->now_ms);
		pace.per_s += smpp_binds_pace(all);
		summed++;
		pace.pause_ms = pause_ms < pace.pause_ms ? pause_ms : pace.pause_ms;
	}
	if (pace.per_s > 0)
		return pace;
	const struct smpp_binds *first = c->binds[r->shares[0].smsc];
	return (struct smpp_pace){ .per_s = first ? first->smsc.o.rate : 1 };
}
