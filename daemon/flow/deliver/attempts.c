/*
 * attempts: counts the attempts of a message, and decides which SMSCs may get it next. A message waits for an SMSC that
 * is not bound only if no other can take it. Owns nothing. It must never allow a third SMSC or a fourth attempt that
 * counts.
 */
#include "attempts.h"

#define ATTEMPTS_MAX 3
#define SMSCS_MAX 2
#define SESSIONS_MAX 4        /* answers about the session; the next one counts as a refusal */
#define SESSION_WAIT_MS 1000U /* wait after the second such answer; doubled after each further one */

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

/* The answer concerns the session and not the message. The session is opened again meanwhile. */
static enum attempts_next session_lost(struct attempts *a)
{
	if (a->sessions++ == 0)
		return ATTEMPTS_OTHER;
	a->wait_ms = SESSION_WAIT_MS << (a->sessions - 2U);
	return ATTEMPTS_AGAIN;
}

enum attempts_next attempts_refused(struct attempts *a, const struct attempts_ask *ask, const struct smpp_result *r)
{
	if (r->outcome == SMPP_LATER && !r->session)
		return ATTEMPTS_OTHER;
	if (r->session && a->sessions < SESSIONS_MAX)
		return session_lost(a);
	a->sessions = 0;
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
	a->wait_ms = r->again_ms;
	a->excluded = a->undelivered | barred(a);
	return ATTEMPTS_AGAIN;
}
