/*
 * guesses: watches the verdicts of each tenant and of all tenants together. It warns when wrong codes are far more than
 * usual. With limits.guessing = slow it then delays the answer to each wrong code of such a tenant by a second. A right
 * code is never refused. It waits only behind a wrong one of its own connection, because replies keep their order. The
 * attempts of one verification are counted and limited in store/lua/verify.lua, not here.
 */
#ifndef FLOW_GUARD_GUESSES_H
#define FLOW_GUARD_GUESSES_H

#include "flow.h"

#include <sys/queue.h>

struct guesses;
struct tenants;
struct tenant;

/* loop, opts and tenants must outlive it. NULL: no memory. */
struct guesses *guesses_new(struct loop *loop, const struct flow_opts *opts, const struct tenants *tenants);
void guesses_free(struct guesses *g);

/* Counts one judged code of the tenant. */
void guesses_note(struct guesses *g, struct tenant *t, bool wrong);

/*
 * An answer that is delayed; embedded in its owner. fn is called once. answer is true when the delay is over. It is
 * false when guesses_free ends the wait, and then the call must not be answered any more.
 */
struct guesses_later {
	STAILQ_ENTRY(guesses_later) in_order;
	void (*fn)(void *arg, bool answer);
	void *arg;
	int64_t at_ms;
};

/*
 * Delays the answer to a wrong code if limits.guessing is slow and the tenant's wrong codes are unusual. True:
 * later->fn is called a second from now. False: the caller answers at once.
 */
bool guesses_delay(struct guesses *g, const struct tenant *t, struct guesses_later *later);

void guesses_status(const struct guesses *g, struct json *j); /* adds "guessing" to an open object */

#endif
