/*
 * entry: lets a request in, or answers OVERLOADED: what guard decides, in the words of the protocol.
 */
#ifndef FLOW_ASK_ENTRY_H
#define FLOW_ASK_ENTRY_H

#include "ask_uses.h"
#include "flow/guard/overload.h"

/*
 * Whether a request of this kind would be let in now; false: the call has been answered with OVERLOADED. For asking
 * before the request is read, so that refusing costs little.
 */
bool entry_open(const struct ask_uses *u, struct api_call *call, enum overload_kind kind);

/* False: the call has been answered with OVERLOADED. The pass is given back with overload_leave, whatever becomes of
 * it. */
bool entry_enter(const struct ask_uses *u, struct api_call *call, enum overload_kind kind, struct overload_pass *pass);

/* Counts the refusal and answers OVERLOADED; retry_ms: when to try again. */
void entry_refuse(const struct ask_uses *u, struct api_call *call, enum overload_kind kind,
                  const struct overload_refusal *refusal);

/* The store took no question of this kind: answers that it is away, or has enough to do. */
void entry_unasked(const struct ask_uses *u, struct api_call *call, enum overload_kind kind, enum err err);

#endif
