/*
 * mo: finds the address to which a person sends a token. Changes nothing.
 */
#include "smpp/smscs.h"

/* An SMSC of a route that is not chosen: any of the configuration. */
#define ANY_ROUTE (-1)

static bool takes(const struct smpp_binds *all)
{
	return all && !all->leaving && all->smsc.o.mo_trusted && all->smsc.o.mo_count > 0;
}

/* True if a session is bound on which messages of phones come. */
static bool receives(const struct smpp_binds *all)
{
	for (size_t i = 0; i < all->count; i++)
		if (all->bind[i]->state == SMPP_STATE_BOUND && all->bind[i]->kind != SMPP_KIND_TRANSMITTER)
			return true;
	return false;
}

/* The first of the route that takes messages. bound: only one that is bound for them. NULL: none. */
static const struct smpp_binds *first(const struct smpp *p, int route, bool bound)
{
	const struct smpp_route *r = smpp_smscs_route(p, route);
	size_t count = route == ANY_ROUTE ? p->configured_count : r ? r->count : 0;

	for (size_t i = 0; i < count; i++) {
		const struct smpp_binds *all = p->binds[r ? r->shares[i].smsc : p->configured[i]];

		if (takes(all) && (!bound || receives(all)))
			return all;
	}
	return NULL;
}

const char *smpp_mo_address(const struct smpp *p, int route)
{
	const struct smpp_binds *all = first(p, route, true);

	if (!all)
		all = first(p, ANY_ROUTE, true);
	if (!all)
		all = first(p, route, false);
	if (!all)
		all = first(p, ANY_ROUTE, false);
	return all ? all->smsc.mo_to[0] : NULL;
}
