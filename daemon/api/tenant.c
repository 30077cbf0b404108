/*
 * tenant: the list of tenants that have a connection. Owns its entries. Connections with the same peer pointer belong
 * to the same tenant. Must never look at what the pointer points to.
 */
#include "api/tenant.h"

#include "base/invariant.h"

#include <stdlib.h>

struct api_tenant *api_tenant_join(struct api_tenants *all, const void *peer)
{
	struct api_tenant *t = LIST_FIRST(all);

	while (t && t->peer != peer)
		t = LIST_NEXT(t, in_all);
	if (!t) {
		t = calloc(1, sizeof(*t));
		if (!t)
			return NULL;
		t->peer = peer;
		TAILQ_INIT(&t->waiting);
		LIST_INSERT_HEAD(all, t, in_all);
	}
	t->clients++;
	return t;
}

void api_tenant_leave(struct api_tenant *t)
{
	t->clients -= invariant(t->clients > 0);
	if (t->clients || !invariant(TAILQ_EMPTY(&t->waiting) && t->bytes == 0))
		return;
	LIST_REMOVE(t, in_all);
	free(t);
}
