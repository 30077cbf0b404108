/*
 * refusal: the evidence of the other binds, in the account that all of them share.
 * Owns nothing; must never stop a whole account while one of its binds is bound.
 */
#include "smpp/refusal.h"
#include "base/clock.h"
#include "base/secret.h"

/* All binds of an account have the same credentials: one tries for all. */
static struct smpp_bind_action account_refused(struct smpp_session *s)
{
	struct smpp_account *a = s->account;
	int64_t now_ms = clock_mono_ms();
	bool told = now_ms < a->refused_until_ms; /* by a bind that was sent before this answer: no further offence */
	struct smpp_bind_action action = smpp_status_refused(SMPP_BIND_CREDENTIALS, told ? a->refusals : ++a->refusals);

	a->proven = false;
	/* Not the back-off of this bind, which may have grown for other reasons: all others wait for it. */
	if (!told && action.delay_ms == 0)
		action.delay_ms = a->o.reconnect_min_ms * a->refusals;
	if (!told)
		a->refused_until_ms = now_ms + action.delay_ms;
	action.delay_ms = (uint32_t)(a->refused_until_ms - now_ms);
	return action;
}

static struct smpp_bind_action judge(struct smpp_session *s, enum smpp_bind_policy policy)
{
	s->limited = s->account->standing > 0 && policy != SMPP_BIND_BACKOFF;
	if (s->limited && policy == SMPP_BIND_CREDENTIALS)
		policy = SMPP_BIND_LIMIT;
	s->bind_refusals = policy == s->refusal ? s->bind_refusals + 1 : 1;
	s->refusal = policy;
	if (policy == SMPP_BIND_CREDENTIALS)
		return account_refused(s);
	if (!s->account->standing)
		s->account->refusals = 0; /* a row of refusals is broken by any other answer */
	return smpp_status_refused(policy, s->bind_refusals);
}

struct smpp_bind_action smpp_refusal_note(struct smpp_session *s, uint32_t status)
{
	struct smpp_bind_action action = judge(s, smpp_status_bind(status));

	s->refused_ms = clock_mono_ms();
	if (action.delay_ms == 0)
		action.delay_ms = backoff_next_ms(&s->backoff, secret_random_u32());
	return action;
}

void smpp_refusal_forget(struct smpp_session *s)
{
	s->refused_ms = 0;
	s->bind_refusals = 0;
	s->limited = false;
	s->account->refusals = 0;
	s->account->refused_until_ms = 0;
	s->account->proven = true;
}

int64_t smpp_refusal_left_ms(const struct smpp_account *a)
{
	int64_t left_ms = a->proven ? 0 : a->refused_until_ms - clock_mono_ms();

	return left_ms > 0 ? left_ms : 0;
}

bool smpp_refusal_yields(const struct smpp_session *s, const struct smpp_session *other)
{
	return other->held && !other->stopping && other->state == SMPP_STATE_CLOSED &&
	       other->refused_ms < s->refused_ms;
}

bool smpp_refusal_lifted(struct smpp_session *s)
{
	if (!s->limited || s->account->standing)
		return false;
	s->limited = false;
	s->bind_refusals = 0;
	return true;
}
