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

/* Excludes all other SMSCs if as many as may be had an attempt that counts. */
static void exclude_a_third(struct attempts *a)
{
	if (smsc_set_count(&a->charged) >= SMSCS_MAX)
		smsc_set_join_others(&a->excluded, &a->charged);
}

static void count(struct attempts *a, const struct smpp_result *r)
{
	a->count++;
	smsc_set_add(&a->charged, r->smsc);
}

bool attempts_unanswered(struct attempts *a, const struct smpp_result *r)
{
	count(a, r);
	exclude_a_third(a);
	return a->count < ATTEMPTS_MAX;
}

/* Returns true if an SMSC of the route that did not refuse the message is bound and fit, with room or without. */
static bool another_usable(const struct attempts *a, const struct attempts_ask *ask)
{
	const struct smpp_ask other = { .excluded = &a->excluded, .left_ms = INT64_MAX };
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
	smsc_set_add(&a->excluded, r->smsc);
	exclude_a_third(a);
	if (a->count >= ATTEMPTS_MAX)
		return ATTEMPTS_OVER;
	bool other = smpp_route_beyond(ask->smpp, ask->route, &a->excluded);
	bool may_again = r->again_ms && !a->again && r->again_ms < ask->left_ms;
	if (!may_again || (other && another_usable(a, ask)))
		return other ? ATTEMPTS_OTHER : ATTEMPTS_OVER;
	a->again = true;
	a->wait_ms = r->again_ms;
	a->excluded = a->undelivered;
	exclude_a_third(a);
	return ATTEMPTS_AGAIN;
}
