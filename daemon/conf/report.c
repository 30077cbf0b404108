/*
 * report: writes the lines that --check shows for a configuration without faults. It shows figures and names of keys.
 * Owns nothing.
 */
#include "conf/report.h"

#include "base/clock.h"
#include "otp/bound.h"

#include <inttypes.h>
#include <string.h>

static enum err report_bound(const struct policy_opts *o, struct buf *out)
{
	const struct bound b = bound_of(o);
	const char *what = b.weakest->alphabet == CODE_LETTERS ? "letters" : "digits";
	enum err err = buf_printf(out,
	                          "guesses: at most %" PRIu64
	                          " wrong codes are judged per tenant, number and day, over all purposes "
	                          "(%" PRIu64 " of them after sends that were given back, %" PRIu64
	                          " by known devices); odds %.1e with the %u %s of %s\n",
	                          b.guesses, b.returned, b.known, b.odds, b.weakest->code_len, what, b.weakest->name);

	if (err || b.odds <= BOUND_ODDS_HIGH)
		return err;
	return buf_printf(out, "warning: these odds are above %.0e; change %s\n", BOUND_ODDS_HIGH, b.key);
}

static enum err report_tests(const struct policy_tenant *x, struct buf *out)
{
	const int64_t now = clock_wall_ms();
	enum err err = ERR_OK;

	for (size_t i = 0; i < x->test_count && !err; i++) {
		const struct testnumber_group *g = &x->tests[i];
		const char *more = g->number_count > 1 ? " and more" : "";

		if (now >= g->end_ms)
			err = buf_printf(
			    out,
			    "warning: tenant %s: the test numbers %s%s ended with %s; they are ordinary numbers "
			    "now, and SMS to them are sent and cost\n",
			    x->name, g->numbers[0], more, g->until);
		else
			err = buf_printf(out, "tests: tenant %s: %s%s are never sent an SMS until %s, %s is played\n",
			                 x->name, g->numbers[0], more, g->until, g->outcome);
	}
	return err;
}

/*
 * Warns of each purpose that guards an account and allows OTP.REVERSE, and tells if no phone can send to any SMSC.
 */
static enum err report_reverse(const struct conf *c, struct buf *out)
{
	const struct policy_opts *o = &c->flow.policy;
	enum err err = ERR_OK;
	bool lacks = false;

	for (size_t i = 0; i < o->purpose_count && !err; i++) {
		const struct policy_purpose *p = &o->purposes[i];

		lacks = lacks || p->reverse;
		if (p->reverse && policy_guards_account(p))
			err =
			    buf_printf(out,
			               "warning: purposes.reverse = \"allowed\" for purpose %s: whoever makes another "
			               "person send his text is let in; every OTP.REVERSE must give NUMBER there\n",
			               p->name);
	}
	for (size_t i = 0; i < c->smpp.smsc_count; i++)
		lacks = lacks && c->smpp.smscs[i].mo_count == 0;
	if (err || !lacks)
		return err;
	return buf_printf(out, "advice: smsc.mo for an SMSC: without an address to which phones send, OTP.REVERSE is "
	                       "refused (BLOCKED reason=no_mo)\n");
}

/* Whoever corrects the number of a login or payment binds another phone to somebody's account. */
static enum err report_redirect(const struct policy_purpose *p, struct buf *out)
{
	if (p->redirect == POLICY_REDIRECT_NEVER || !policy_guards_account(p))
		return ERR_OK;
	return buf_printf(
	    out,
	    "warning: purpose %s: redirect = \"until_verified\" lets an attacker at a %s point the code at "
	    "a phone of their own; redirect = \"never\" does not\n",
	    p->name, p->name);
}

enum err conf_report(const struct conf *c, struct buf *out)
{
	const struct policy_opts *o = &c->flow.policy;
	enum err err = report_bound(o, out);

	if (!err)
		err = report_reverse(c, out);
	for (size_t i = 0; i < o->purpose_count && !err; i++)
		err = report_redirect(&o->purposes[i], out);
	for (size_t i = 0; i < o->tenant_count && !err; i++) {
		if (!o->tenants[i].require_subject)
			err = buf_printf(
			    out,
			    "advice: tenants.require_subject = true for tenant %s: without SUBJECT, strangers "
			    "who type a number share its owner's verification and its guesses\n",
			    o->tenants[i].name);
		if (!err)
			err = report_tests(&o->tenants[i], out);
	}
	return err;
}
