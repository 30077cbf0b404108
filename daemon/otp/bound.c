/*
 * bound: arithmetic over the limits. Where purposes differ, the largest count is taken with the shortest window: each of
 * them reads the same counters, and a chain of openings may use any of them.
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

/* Wrong codes in a day, with so many verifications open at once. */
static uint64_t judged(const struct reaches *r, uint64_t open)
{
	uint64_t after = open * r->guesses;

	return less(times(DAY_S, &r->fails_short) * (r->fails_short.count - 1 + after),
	            times(DAY_S, &r->fails_long) * (r->fails_long.count - 1 + after));
}

static double codes_of(const struct policy_purpose *p)
{
	double n = 1;

	for (unsigned i = 0; i < p->code_len; i++)
		n *= p->alphabet == CODE_LETTERS ? CODE_LETTERS_COUNT : 10;
	return n;
}

static const char *worst_key(const struct reaches *r, const struct bound *b, uint64_t open)
{
	if (b->weakest->code_len < 6)
		return "purposes.length";
	if (times(DAY_S, &r->fails_long) > 1)
		return "purposes.fails_long";
	if (b->known > b->guesses - b->known)
		return "purposes.sends_known";
	if (open * r->guesses < r->fails_long.count)
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
	uint64_t more = RETURNED_MOST * times(r.life_s, &r.sends_short);
	uint64_t open = less(r.sends_short.count * times(r.life_s, &r.sends_short),
	                     r.sends_long.count * times(r.life_s, &r.sends_long));
	uint64_t open_known = (r.sends_known.count + RETURNED_MOST) * times(r.life_s, &r.sends_known);
	b.guesses = judged(&r, open + more);
	b.returned = b.guesses - judged(&r, open);
	b.known = known ? judged(&r, open_known) : 0;
	b.guesses += b.known;
	b.odds = (double)b.guesses / codes_of(b.weakest);
	b.key = worst_key(&r, &b, open + more);
	return b;
}
