/*
 * attempts: the counting of a message's attempts. An SMSC that is away is waited for only by what no other can take: a
 * refusal that passes is over before a telco is back.
 * Owns nothing; must never allow a third SMSC, or a fourth attempt that counts.
 */
#include "attempts.h"

#define ATTEMPTS_MAX 3
#define SMSCS_MAX 2
#define SESSIONS_MAX 4 /* answers that lay it to the session, before it is the message */

static uint32_t barred(const struct attempts *a)
{
	return __builtin_popcount(a->had) < SMSCS_MAX ? 0 : ~a->had;
}

static void count(struct attempts *a, const struct smpp_result *r)
{
	a->count++;
	a->had |= UINT32_C(1) << r->smsc;
}

bool attempts_unanswered(struct attempts *a, const struct smpp_result *r)
{
	count(a, r);
	a->avoid |= barred(a);
	return a->count < ATTEMPTS_MAX;
}

/* An SMSC of the route that did not refuse it is bound and fit, with room or without. */
static bool another_usable(const struct attempts *a, const struct attempts_ask *ask)
{
	const struct smpp_ask other = { .excluded = a->avoid, .left_ms = INT64_MAX };
	struct smpp_choice choice;
	enum err err = smpp_choose(ask->smpp, ask->route, &other, &choice);

	return (err == ERR_OK || err == ERR_BUSY) && choice.fit;
}

/* It costs no attempt, and any SMSC may take it next. */
static bool put_off(struct attempts *a, const struct smpp_result *r)
{
	return r->outcome == SMPP_LATER && !(r->session && a->sessions++ >= SESSIONS_MAX);
}

enum attempts_next attempts_refused(struct attempts *a, const struct attempts_ask *ask, const struct smpp_result *r)
{
	if (put_off(a, r))
		return ATTEMPTS_OTHER;
	if (r->costs || r->session)
		count(a, r);
	a->avoid |= UINT32_C(1) << r->smsc | barred(a);
	if (a->count >= ATTEMPTS_MAX)
		return ATTEMPTS_OVER;
	bool other = (smpp_route_mask(ask->smpp, ask->route) & ~a->avoid) != 0;
	bool may_again = r->again_ms && !a->again && r->again_ms < ask->left_ms;
	if (!may_again || (other && another_usable(a, ask)))
		return other ? ATTEMPTS_OTHER : ATTEMPTS_OVER;
	a->again = true;
	a->avoid = a->never | barred(a);
	return ATTEMPTS_AGAIN;
}
