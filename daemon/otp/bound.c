/*
 * bound: computes the bound from the limits. Where purposes differ, it takes the largest count and the shortest window,
 * because all purposes read the same counters and a guesser may open verifications of any purpose. Owns nothing.
 */
#include "otp/bound.h"

#define DAY_S 86400U
#define RETURNED_MOST 3U /* sends given back in one short window: lua/lib/returned.lua */

/* The largest count and the shortest window of one limit over all purposes. */
struct reach {
	uint64_t count, window_s;
};

static void widen(struct reach *r, const struct policy_rate *rate)
{
	if (rate->count > r->count)
		r->count = rate->count;
	if (!r->window_s || rate->window_s < r->window_s)
		r->window_s = rate->window_s;
}

static uint64_t times(uint64_t span_s, const struct reach *r)
{
	return r->window_s ? (span_s + r->window_s - 1) / r->window_s : 0;
}

static uint64_t less(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

struct reaches {
	struct reach sends_short, sends_long, sends_known, fails_short, fails_long;
	uint64_t life_s, guesses;
};

/* The limits under which verifications are opened. */
struct opening {
	struct reach sends_short, sends_long; /* sends_long.window_s 0: no long limit */
	uint64_t returned;                    /* sends given back per short window, on top of the limits */
};

static uint64_t opened(const struct opening *o, uint64_t span_s)
{
	uint64_t times_short = times(span_s, &o->sends_short), most = times_short * o->sends_short.count;

	if (o->sends_long.window_s)
		most = less(most, times(span_s, &o->sends_long) * o->sends_long.count);
	return most + times_short * o->returned;
}

/*
 * Returns the most wrong codes that are judged in a day. It is the least of three bounds: the short and the long limit
 * of wrong codes, and all guesses of all verifications that can be opened.
 */
static uint64_t judged(const struct reaches *r, const struct opening *o)
{
	uint64_t after = opened(o, r->life_s) * r->guesses;
	uint64_t by_fails = less(times(DAY_S, &r->fails_short) * (r->fails_short.count - 1 + after),
	                         times(DAY_S, &r->fails_long) * (r->fails_long.count - 1 + after));

	return less(by_fails, opened(o, DAY_S) * r->guesses + after);
}

/* How many codes of one verification may be valid at a time. A submit without an answer adds one, and is seldom. */
static unsigned valid_of(const struct policy_purpose *p)
{
	const unsigned most = p->resend == POLICY_RESEND_OVERLAP ? 4 : p->resend == POLICY_RESEND_REPLACE ? 2 : 1;

	return most < p->resends + 1U ? most : p->resends + 1U;
}

/* How many codes there are for each that is valid. */
static double codes_of(const struct policy_purpose *p)
{
	double n = 1;

	for (unsigned i = 0; i < p->code_len; i++)
		n *= p->alphabet == CODE_LETTERS ? CODE_LETTERS_COUNT : 10;
	return n / valid_of(p);
}

static const char *worst_key(const struct reaches *r, const struct bound *b, const struct opening *o)
{
	if (b->weakest->code_len < 6)
		return "purposes.length";
	if (times(DAY_S, &r->fails_long) > 1)
		return "purposes.fails_long";
	if (b->known > b->guesses - b->known)
		return "purposes.sends_known";
	if (opened(o, r->life_s) * r->guesses < r->fails_long.count)
		return "purposes.fails_long";
	return r->guesses > 3 ? "purposes.guesses" : "purposes.sends_short";
}

struct bound bound_of(const struct policy_opts *o)
{
	struct reaches r = { .life_s = 1 };
	struct bound b = { .weakest = &o->purposes[0] };
	bool known = false;

	for (size_t i = 0; i < o->purpose_count; i++) {
		const struct policy_purpose *p = &o->purposes[i];

		widen(&r.sends_short, &p->number_sends_short);
		widen(&r.sends_long, &p->number_sends_long);
		widen(&r.sends_known, &p->number_sends_known);
		widen(&r.fails_short, &p->number_fails_short);
		widen(&r.fails_long, &p->number_fails_long);
		r.life_s = p->hard_s > r.life_s ? p->hard_s : r.life_s;
		r.guesses = p->guesses > r.guesses ? p->guesses : r.guesses;
		if (codes_of(p) < codes_of(b.weakest))
			b.weakest = p;
	}
	for (size_t i = 0; i < o->tenant_count; i++)
		known = known || o->tenants[i].known;
	const struct opening plain = { r.sends_short, r.sends_long, 0 };
	const struct opening all = { r.sends_short, r.sends_long, RETURNED_MOST };
	const struct opening by_known = { r.sends_known, { 0, 0 }, RETURNED_MOST };
	b.guesses = judged(&r, &all);
	b.returned = b.guesses - judged(&r, &plain);
	b.known = known ? judged(&r, &by_known) : 0;
	b.guesses += b.known;
	b.odds = (double)b.guesses / codes_of(b.weakest);
	b.key = worst_key(&r, &b, &all);
	return b;
}
