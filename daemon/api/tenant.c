/*
 * tenant: the tenants that have a connection. Owns the list's entries. Must never know what a peer is: two connections
 * with the same pointer belong to the same tenant.
 */
#include "api/tenant.h"

#include "base/invariant.h"

#include <stdlib.h>

struct api_tenant *api_tenant_join(struct api_tenant **all, const void *peer)
{
	struct api_tenant *t = *all;

	while (t && t->peer != peer)
		t = t->next;
	if (!t) {
		t = calloc(1, sizeof(*t));
		if (!t)
			return NULL;
		t->peer = peer;
		t->next = *all;
		*all = t;
	}
	t->clients++;
	return t;
}

void api_tenant_leave(struct api_tenant **all, struct api_tenant *t)
{
	struct api_tenant **at = all;

	t->clients -= invariant(t->clients > 0);
	if (t->clients)
		return;
	while (*at && *at != t)
		at = &(*at)->next;
	if (!invariant(*at))
		return;
	*at = t->next;
	free(t);
}
