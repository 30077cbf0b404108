/*
 * guesses: watches the verdicts of each tenant and of all: wrong codes far above what is usual are told, and the wrong
 * ones of such a tenant may be answered a second later. A right code is never refused; it waits only behind a wrong one
 * of its own connection, since replies keep their order. The attempts of a verification are counted and limited in
 * store/lua/verify.lua, not here.
 */
#ifndef FLOW_GUARD_GUESSES_H
#define FLOW_GUARD_GUESSES_H

#include "flow.h"

#include <sys/queue.h>

struct guesses;
struct tenants;
struct tenant;

/* All three must outlive it. NULL: no memory. */
struct guesses *guesses_new(struct loop *loop, const struct flow_opts *opts, const struct tenants *tenants);
void guesses_free(struct guesses *g);

/* A code of the tenant was judged. */
void guesses_note(struct guesses *g, struct tenant *t, bool wrong);

/* An answer that waits; embedded in its owner. fn is called once: with answer when its time has come, or without one
 * when the flow ends: then the call is gone. */
struct guesses_later {
	STAILQ_ENTRY(guesses_later) in_order;
	void (*fn)(void *arg, bool answer);
	void *arg;
	int64_t at_ms;
};

/* False: the answer goes at once. True: fn and arg of later are called in a second. */
bool guesses_delay(struct guesses *g, const struct tenant *t, struct guesses_later *later);

void guesses_status(const struct guesses *g, struct json *j); /* a member of an open object */

#endif
