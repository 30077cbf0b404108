/*
 * ready: reports per route whether SMS can be sent now, in lines for the operator. It must never change an SMSC.
 * smpp_look changes only the record of what was logged.
 */
#include "base/clock.h"
#include "smpp/smscs.h"

void smpp_look(struct smpp *p)
{
	for (unsigned i = 0; i < SMPP_SMSC_MAX; i++)
		if (smpp_smscs_at(p, i))
			smpp_fitness_look(&smpp_smscs_at(p, i)->smsc, clock_mono_ms());
}

/* Appends the reason of each SMSC of the route: "main: breaker_open; second: not bound: connection refused". */
static enum err say_smscs(const struct smpp *p, const struct smpp_route *r, struct buf *lines)
{
	enum err err = ERR_OK;

	for (size_t i = 0; i < r->count && !err; i++) {
		const struct smpp_binds *all = smpp_smscs_at(p, r->shares[i].smsc);
		char reason[SMPP_FITNESS_CAP];

		if (!all)
			continue;
		smpp_fitness_reason(all, clock_mono_ms(), reason);
		err = buf_printf(lines, "%s%s: %s", i ? "; " : "", all->smsc.name, reason);
	}
	return err ? err : buf_printf(lines, "\n");
}

static bool is_fit(const struct smpp *p, unsigned smsc)
{
	const struct smpp_binds *all = smpp_smscs_at(p, smsc);
	char reason[SMPP_FITNESS_CAP] = "gone";

	if (all)
		smpp_fitness_reason(all, clock_mono_ms(), reason);
	return !reason[0];
}

static bool route_ready(const struct smpp *p, const struct smpp_route *r)
{
	for (size_t i = 0; i < r->count; i++)
		if (is_fit(p, r->shares[i].smsc))
			return true;
	return false;
}

static enum err say_route(const struct smpp *p, const struct smpp_route *r, struct buf *lines)
{
	enum err err = buf_printf(lines, "smpp: ");

	if (!err && r->prefix[0])
		err = buf_printf(lines, "route %s: ", r->prefix);
	if (!err)
		err = buf_printf(lines, smpp_bound(p) ? "no SMSC takes an SMS: " : "no SMSC is bound: ");
	return err ? err : say_smscs(p, r, lines);
}

bool smpp_ready(const struct smpp *p, struct buf *lines)
{
	const struct smpp_routes *routes = &p->routes;
	bool ready = true;

	for (size_t i = 0; i < routes->count; i++) {
		if (route_ready(p, &routes->all[i]))
			continue;
		ready = false;
		/* A line that does not fit is left out. The result is right all the same. */
		(void)!say_route(p, &routes->all[i], lines);
	}
	return ready;
}

static bool all_ready(const struct smpp *p)
{
	const struct smpp_routes *routes = &p->routes;

	for (size_t i = 0; i < routes->count; i++)
		if (!route_ready(p, &routes->all[i]))
			return false;
	return true;
}

void smpp_warn(const struct smpp *p, struct buf *lines)
{
	if (!all_ready(p))
		return;
	for (unsigned i = 0; i < SMPP_SMSC_MAX; i++) {
		const struct smpp_binds *all = smpp_smscs_at(p, i);
		char reason[SMPP_FITNESS_CAP];

		if (!all)
			continue;
		smpp_fitness_reason(all, clock_mono_ms(), reason);
		if (reason[0])
			(void)!buf_printf(lines, "warning: smsc %s: %s\n", all->smsc.name, reason);
	}
}
