/*
 * smscs: looks up SMSCs and routes. Changes nothing.
 */
#include "smpp/smscs.h"

#include <string.h>

struct smpp_binds *smpp_smscs_at(const struct smpp *p, unsigned smsc)
{
	struct smpp_binds *all = p->binds[smsc];

	return all && !all->leaving ? all : NULL;
}

struct smpp_route *smpp_smscs_route(const struct smpp *p, int route)
{
	return route >= 0 && (size_t)route < p->routes.count ? &p->routes.all[route] : NULL;
}

int smpp_route(const struct smpp *p, const struct msisdn *to)
{
	return smpp_routes_find(&p->routes, to);
}

size_t smpp_routes(const struct smpp *p)
{
	return p->routes.count;
}

bool smpp_route_beyond(const struct smpp *p, int route, const struct smsc_set *smscs)
{
	const struct smpp_route *r = smpp_smscs_route(p, route);

	return r && !smsc_set_within(&r->set, smscs);
}

unsigned smpp_bound(const struct smpp *p)
{
	unsigned n = 0;

	for (size_t i = 0; i < p->configured_count; i++)
		n += smpp_binds_can_send(p->binds[p->configured[i]]);
	return n;
}

size_t smpp_smscs(const struct smpp *p)
{
	return p->configured_count;
}

int smpp_smsc_find(const struct smpp *p, const char *name)
{
	for (size_t i = 0; i < p->configured_count; i++)
		if (strcmp(p->binds[p->configured[i]]->smsc.name, name) == 0)
			return p->configured[i];
	return -1;
}

const char *smpp_smsc_name(const struct smpp *p, unsigned smsc)
{
	return smsc < SMPP_SMSC_MAX && p->binds[smsc] ? p->binds[smsc]->smsc.name : "";
}

uint16_t smpp_smsc_tag(const struct smpp *p, unsigned smsc)
{
	return smsc < SMPP_SMSC_MAX && p->binds[smsc] ? p->binds[smsc]->smsc.o.tag : 0;
}

int smpp_smsc_of_tag(const struct smpp *p, uint16_t tag)
{
	return smpp_tags_find(&p->tags, tag);
}

bool smpp_unanswered(const struct smpp *p, unsigned smsc)
{
	return smsc < SMPP_SMSC_MAX && p->binds[smsc] && p->binds[smsc]->smsc.in_flight > 0;
}

void smpp_receipt_count(const struct smpp *p, unsigned smsc, const char *name, enum smpp_fate fate)
{
	const struct smpp_binds *all = smsc < SMPP_SMSC_MAX ? p->binds[smsc] : NULL;

	if (all && strcmp(all->smsc.name, name) == 0)
		stats_inc(all->smsc.fates.of[fate]);
	else
		stats_inc(smpp_smsc_fates(name).of[fate]);
}
