/*
 * entry: the answers to requests that guard does not let in. Decides nothing, and keeps nothing.
 */
#include "entry.h"

#include "answer.h"

void entry_refuse(const struct ask_uses *u, struct api_call *call, enum gate_kind kind,
                  const struct gate_refusal *refusal)
{
	const struct answer_limit limit = { .code = "OVERLOADED",
		                            .retry_ms = refusal->retry_ms,
		                            .text = gate_refused(u->gate, kind, refusal->reason) };

	answer_limited(call, &limit);
}

bool entry_open(const struct ask_uses *u, struct api_call *call, enum gate_kind kind)
{
	const struct gate_refusal refusal = { gate_judge(u->gate, call, kind), GATE_RETRY_MS };

	if (refusal.reason == GATE_OPEN)
		return true;
	entry_refuse(u, call, kind, &refusal);
	return false;
}

bool entry_enter(const struct ask_uses *u, struct api_call *call, enum gate_kind kind, struct gate_pass *pass)
{
	if (!entry_open(u, call, kind))
		return false;
	gate_follow(u->gate, call, kind, pass);
	return true;
}

void entry_unasked(const struct ask_uses *u, struct api_call *call, enum gate_kind kind, enum err err)
{
	const struct gate_refusal refusal = { GATE_REDIS, GATE_RETRY_MS };

	if (err == ERR_BUSY)
		entry_refuse(u, call, kind, &refusal);
	else
		answer_unavailable(u, call);
}
