/*
 * refusal: counts refused binds, in the bind or in the SMSC that the binds share. A refusal must never stop all binds
 * of an SMSC while one of them is bound.
 */
#include "smpp/refusal.h"
#include "base/clock.h"
#include "base/secret.h"

/* All binds of an SMSC use the same credentials, so one bind tries for all. */
static struct smpp_bind_action account_refused(struct smpp_bind *b)
{
	struct smpp_smsc *smsc = b->smsc;
	int64_t now_ms = clock_mono_ms();
	/* True if this bind request was sent before another one was refused. It counts as the same refusal. */
	bool told = now_ms < smsc->refused_until_ms;
	struct smpp_bind_action action =
	    smpp_status_refused(SMPP_BIND_CREDENTIALS, told ? smsc->refusals : ++smsc->refusals);

	smsc->proven = false;
	/* The back-off of this bind may have grown for other reasons. All binds wait this long, so it is not used. */
	if (!told && action.delay_ms == 0)
		action.delay_ms = smsc->o.reconnect_min_ms * smsc->refusals;
	if (!told)
		smsc->refused_until_ms = now_ms + action.delay_ms;
	action.delay_ms = (uint32_t)(smsc->refused_until_ms - now_ms);
	return action;
}

static struct smpp_bind_action judge(struct smpp_bind *b, enum smpp_bind_policy policy)
{
	b->limited = b->smsc->standing > 0 && policy != SMPP_BIND_BACKOFF;
	if (b->limited && policy == SMPP_BIND_CREDENTIALS)
		policy = SMPP_BIND_LIMIT;
	b->bind_refusals = policy == b->refusal ? b->bind_refusals + 1 : 1;
	b->refusal = policy;
	if (policy == SMPP_BIND_CREDENTIALS)
		return account_refused(b);
	if (!b->smsc->standing)
		b->smsc->refusals = 0; /* any other status ends the row of refused credentials */
	return smpp_status_refused(policy, b->bind_refusals);
}

struct smpp_bind_action smpp_refusal_note(struct smpp_bind *b, uint32_t status)
{
	struct smpp_bind_action action = judge(b, smpp_status_bind(status));

	b->refused_ms = clock_mono_ms();
	if (action.delay_ms == 0)
		action.delay_ms = backoff_next_ms(&b->backoff, secret_random_u32());
	return action;
}

void smpp_refusal_forget(struct smpp_bind *b)
{
	b->refused_ms = 0;
	b->bind_refusals = 0;
	b->limited = false;
	b->smsc->refusals = 0;
	b->smsc->refused_until_ms = 0;
	b->smsc->proven = true;
}

int64_t smpp_refusal_left_ms(const struct smpp_smsc *smsc)
{
	int64_t left_ms = smsc->proven ? 0 : smsc->refused_until_ms - clock_mono_ms();

	return left_ms > 0 ? left_ms : 0;
}

bool smpp_refusal_yields(const struct smpp_bind *b, const struct smpp_bind *other)
{
	return other->held && !other->stopping && other->state == SMPP_STATE_CLOSED &&
	       other->refused_ms < b->refused_ms;
}

bool smpp_refusal_lifted(struct smpp_bind *b)
{
	if (!b->limited || b->smsc->standing)
		return false;
	b->limited = false;
	b->bind_refusals = 0;
	return true;
}
