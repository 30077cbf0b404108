/*
 * entry: lets a request in, or answers OVERLOADED: what guard decides, in the words of the protocol.
 */
#ifndef FLOW_ASK_ENTRY_H
#define FLOW_ASK_ENTRY_H

#include "ask_uses.h"
#include "flow/guard/gate.h"

/*
 * Whether a request of this kind would be let in now; false: the call has been answered with OVERLOADED. For asking
 * before the request is read, so that refusing costs little.
 */
bool entry_open(const struct ask_uses *u, struct api_call *call, enum gate_kind kind);

/* False: the call has been answered with OVERLOADED. The pass is given back with gate_leave, whatever becomes of it. */
bool entry_enter(const struct ask_uses *u, struct api_call *call, enum gate_kind kind, struct gate_pass *pass);

/* Counts the refusal and answers OVERLOADED; retry_ms: when to try again. */
void entry_refuse(const struct ask_uses *u, struct api_call *call, enum gate_kind kind,
                  const struct gate_refusal *refusal);

/* The store took no question of this kind: answers that it is away, or has enough to do. */
void entry_unasked(const struct ask_uses *u, struct api_call *call, enum gate_kind kind, enum err err);

#endif
