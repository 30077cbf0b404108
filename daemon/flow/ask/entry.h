/*
 * entry: asks flow/guard/overload whether a request is let in. A request that is not gets the answer OVERLOADED. Owns
 * nothing; each command holds the pass of its own request.
 */
#ifndef FLOW_ASK_ENTRY_H
#define FLOW_ASK_ENTRY_H

#include "ask_uses.h"
#include "flow/guard/overload.h"

struct tenant;

/*
 * True if a request of this kind would be let in now. False: the call has been answered with OVERLOADED. Called before
 * the request is read, so that a refusal costs little.
 */
bool entry_open(const struct ask_uses *u, struct api_call *call, enum overload_kind kind);

/*
 * Lets a request in and counts it in *pass. The caller gives the pass back with overload_leave or overload_done,
 * whatever the outcome. False: the call has been answered with OVERLOADED, and the pass holds nothing.
 */
bool entry_enter(const struct ask_uses *u, struct api_call *call, enum overload_kind kind, struct overload_pass *pass);

/* Charges the tenant's rate and that of all tenants. False: the call has been answered with RATELIMITED. */
bool entry_rate(const struct ask_uses *u, struct api_call *call, struct tenant *tenant);

/* Counts a refusal and answers OVERLOADED with the refusal's retry_ms. */
void entry_refuse(const struct ask_uses *u, struct api_call *call, enum overload_kind kind,
                  const struct overload_refusal *refusal);

/*
 * Answers a request whose operation the store did not accept. err is the store's: ERR_BUSY is answered with OVERLOADED,
 * any other error with UNAVAILABLE.
 */
void entry_unasked(const struct ask_uses *u, struct api_call *call, enum overload_kind kind, enum err err);

#endif
