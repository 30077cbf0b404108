/*
 * ready: reports per route whether SMS can be sent now, in lines for the operator. It must never change an SMSC.
 * smpp_look changes only the record of what was logged.
 */
#include "base/clock.h"
#include "smpp/smscs.h"

#define LINE_CAP 2048
#define SMSCS_SAID 8 /* of a route; the others are counted */
#define ROUTES_SAID 16
#define WARNINGS_SAID 32

void smpp_look(struct smpp *p)
{
	for (unsigned i = 0; i < SMPP_SMSC_MAX; i++)
		if (smpp_smscs_at(p, i))
			smpp_fitness_look(&smpp_smscs_at(p, i)->smsc, clock_mono_ms());
}

/* Appends why each of these SMSCs takes no SMS: "main: breaker_open; second: not bound: connection refused". */
static enum err say_smscs(const struct smpp *p, const struct smpp_route *r, struct buf *line)
{
	enum err err = ERR_OK;
	size_t said = 0;

	for (size_t i = 0; i < r->count && said < SMSCS_SAID && !err; i++) {
		const struct smpp_binds *all = smpp_smscs_at(p, r->shares[i].smsc);
		char reason[SMPP_FITNESS_CAP];

		if (!all)
			continue;
		smpp_fitness_reason(all, clock_mono_ms(), reason);
		err = buf_printf(line, "%s%s: %s", said++ ? "; " : "", all->smsc.name, reason);
	}
	if (!err && r->count > SMSCS_SAID)
		err = buf_printf(line, "; and %zu more", r->count - SMSCS_SAID);
	return err ? err : buf_printf(line, "\n");
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
	struct buf line;

	buf_init(&line, LINE_CAP);
	enum err err = buf_printf(&line, "smpp: ");
	if (!err && r->prefix[0])
		err = buf_printf(&line, "route %s: ", r->prefix);
	if (!err)
		err = buf_printf(&line, smpp_bound(p) ? "no SMSC takes an SMS: " : "no SMSC is bound: ");
	if (!err)
		err = say_smscs(p, r, &line);
	if (!err)
		err = buf_append(lines, buf_data(&line), buf_len(&line));
	buf_clear(&line);
	return err;
}

bool smpp_ready(const struct smpp *p, struct buf *lines)
{
	const struct smpp_routes *routes = &p->routes;
	size_t unready = 0, said = 0;

	for (size_t i = 0; i < routes->count; i++) {
		if (route_ready(p, &routes->all[i]))
			continue;
		/* A line that does not fit is left out. The result is right all the same. */
		unready++;
		if (said < ROUTES_SAID && say_route(p, &routes->all[i], lines) == ERR_OK)
			said++;
	}
	if (unready > said)
		(void)!buf_printf(lines, "smpp: %zu more routes\n", unready - said);
	return unready == 0;
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
	size_t unfit = 0;

	if (!all_ready(p))
		return;
	for (unsigned i = 0; i < SMPP_SMSC_MAX; i++) {
		const struct smpp_binds *all = smpp_smscs_at(p, i);
		char reason[SMPP_FITNESS_CAP];

		if (!all)
			continue;
		smpp_fitness_reason(all, clock_mono_ms(), reason);
		if (reason[0] && unfit++ < WARNINGS_SAID)
			(void)!buf_printf(lines, "warning: smsc %s: %s\n", all->smsc.name, reason);
	}
	if (unfit > WARNINGS_SAID)
		(void)!buf_printf(lines, "warning: %zu more SMSCs\n", unfit - WARNINGS_SAID);
}
