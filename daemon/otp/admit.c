/*
 * admit: an adaptive limit on requests in progress. The limit never falls below its floor, and one slow answer alone
 * never lowers it, because a limit that refuses every request would learn nothing more.
 */
#include "otp/admit.h"

#include "base/invariant.h"

#include <stddef.h>

#define INTERVAL_US 100000 /* two intervals and their answers must end before an answer counts as lost */
#define GROUP_TIMES 4.0    /* a group may hold this many times what is free */
#define MEMBER_TIMES 2.0
/*
 * A member that already holds a place must leave this much of the group's share, which is one whole place for another
 * member even if the limit is small.
 */
#define NEWCOMER (GROUP_TIMES + 1)
#define BASE_TIMES 4     /* an answer within this many times the quickest one waited in no queue */
#define BASE_DRIFT 0.004 /* base_us grows by this part per calm interval: Redis may be slower now */
#define CUT_MOST 0.5
#define MODEST (1.0 / 16) /* part of the limit */
#define GROWTH (1.0 / 64)
#define GROWTH_AT_FIRST 0.25 /* growth until one interval was too slow, because the right limit is unknown */
#define USED 0.5             /* part of the limit; if less was used, the requests caused no queue */

static void keep_within(struct admit *a)
{
	if (a->limit > a->opts.ceiling)
		a->limit = a->opts.ceiling;
	if (a->limit < a->opts.floor)
		a->limit = a->opts.floor;
}

void admit_init(struct admit *a, const struct admit_opts *opts, int64_t now_us)
{
	*a = (struct admit){ .opts = *opts, .limit = opts->start, .interval_end_us = now_us + INTERVAL_US };
	keep_within(a);
}

void admit_set(struct admit *a, const struct admit_opts *opts)
{
	a->opts = *opts;
	keep_within(a);
}

void admit_enter(struct admit *a)
{
	a->open++;
	if (a->open > a->most_open)
		a->most_open = a->open;
}

void admit_leave(struct admit *a)
{
	a->open -= invariant(a->open > 0);
}

void admit_press(struct admit *a)
{
	a->refused = true;
}

static double bound_us(const struct admit *a)
{
	double target = a->opts.target_ms * 1000.0, several = (double)a->base_us * BASE_TIMES;

	return target > several ? target : several;
}

static void judge(struct admit *a)
{
	double bound = bound_us(a), quick = (double)a->quick_us;

	/* One slow interval may be a short delay of the machine. */
	if (quick > bound && a->over && a->most_open >= a->limit * USED) {
		a->limit *= bound / quick > CUT_MOST ? bound / quick : CUT_MOST;
	} else if (quick <= bound && a->refused) {
		double step = a->limit * (a->learnt ? GROWTH : GROWTH_AT_FIRST);

		a->limit += step > 1 ? step : 1;
	}
	a->over = quick > bound;
	a->learnt = a->learnt || a->over;
	/* While requests are refused, even the quickest answer waited in a queue, so base_us does not follow it. */
	if (!a->refused)
		a->base_us += (int64_t)((double)a->base_us * BASE_DRIFT) + 1;
	keep_within(a);
}

void admit_answered(struct admit *a, int64_t took_us, int64_t now_us)
{
	if (took_us < 1)
		took_us = 1;
	if (!a->base_us || took_us < a->base_us)
		a->base_us = took_us;
	if (now_us >= a->interval_end_us) {
		if (a->quick_us)
			judge(a);
		a->quick_us = 0;
		a->refused = false;
		a->most_open = a->open;
		a->interval_end_us = now_us + INTERVAL_US;
	}
	if (!a->quick_us || took_us < a->quick_us)
		a->quick_us = took_us;
}

uint32_t admit_limit(const struct admit *a)
{
	return (uint32_t)a->limit;
}

double admit_free(const struct admit *a)
{
	return a->limit > a->open ? a->limit - a->open : 0;
}

bool admit_fair(double free, double held_by_group, double held_by_member)
{
	double left = GROUP_TIMES * free - held_by_group;

	if (held_by_member > 0)
		left -= NEWCOMER;
	return left > 0 && held_by_member < MEMBER_TIMES * left;
}

bool admit_modest(const struct admit *a, double held_by_group)
{
	return held_by_group < a->limit * MODEST && a->open < a->opts.ceiling;
}
