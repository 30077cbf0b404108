/*
 * attempts: counts the attempts of a message, and says which SMSCs may have it next. A message waits for an SMSC that
 * is away only if no other can take it. Owns nothing; must never allow a third SMSC, or a fourth attempt that counts.
 */
#include "attempts.h"

#define ATTEMPTS_MAX 3
#define SMSCS_MAX 2
#define SESSIONS_MAX 4 /* "not bound" or generic_nack so often; the next one counts as a refusal */

static uint32_t barred(const struct attempts *a)
{
	return __builtin_popcount(a->charged) < SMSCS_MAX ? 0 : ~a->charged;
}

static void count(struct attempts *a, const struct smpp_result *r)
{
	a->count++;
	a->charged |= UINT32_C(1) << r->smsc;
}

bool attempts_unanswered(struct attempts *a, const struct smpp_result *r)
{
	count(a, r);
	a->excluded |= barred(a);
	return a->count < ATTEMPTS_MAX;
}

/* Returns true if an SMSC of the route that did not refuse the message is bound and fit, with room or without. */
static bool another_usable(const struct attempts *a, const struct attempts_ask *ask)
{
	const struct smpp_ask other = { .excluded = a->excluded, .left_ms = INT64_MAX };
	struct smpp_choice choice;
	enum err err = smpp_choose(ask->smpp, ask->route, &other, &choice);

	return (err == ERR_OK || err == ERR_BUSY) && choice.fit;
}

/* Returns true if the answer costs no attempt and excludes no SMSC. */
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
	a->excluded |= UINT32_C(1) << r->smsc | barred(a);
	if (a->count >= ATTEMPTS_MAX)
		return ATTEMPTS_OVER;
	bool other = (smpp_route_mask(ask->smpp, ask->route) & ~a->excluded) != 0;
	bool may_again = r->again_ms && !a->again && r->again_ms < ask->left_ms;
	if (!may_again || (other && another_usable(a, ask)))
		return other ? ATTEMPTS_OTHER : ATTEMPTS_OVER;
	a->again = true;
	a->excluded = a->undelivered | barred(a);
	return ATTEMPTS_AGAIN;
}
