/*
 * entry: answers the requests that guard refuses for load or a rate, and counts the others. Owns nothing. Must never
 * decide by itself: flow/guard/overload judges.
 */
#include "entry.h"

#include "answer.h"
#include "flow/guard/tenants.h"
#include "ops/funnel.h"

void entry_refuse(const struct ask_uses *u, struct api_call *call, enum overload_kind kind,
                  const struct overload_refusal *refusal)
{
	const struct answer_limit limit = { .code = "OVERLOADED",
		                            .retry_ms = refusal->retry_ms,
		                            .text = overload_refused(u->overload, kind, refusal->reason) };

	answer_limited(call, &limit);
}

bool entry_open(const struct ask_uses *u, struct api_call *call, enum overload_kind kind)
{
	const struct overload_refusal refusal = { overload_judge(u->overload, call, kind), OVERLOAD_RETRY_MS };

	if (refusal.reason == OVERLOAD_NONE)
		return true;
	entry_refuse(u, call, kind, &refusal);
	return false;
}

bool entry_enter(const struct ask_uses *u, struct api_call *call, enum overload_kind kind, struct overload_pass *pass)
{
	if (!entry_open(u, call, kind))
		return false;
	overload_follow(u->overload, call, kind, pass);
	return true;
}

bool entry_rate(const struct ask_uses *u, struct api_call *call, struct tenant *tenant)
{
	struct answer_limit limit = { .code = "RATELIMITED", .text = "too many requests" };

	if (tenants_admit(u->tenants, tenant, &limit.scope, &limit.retry_ms))
		return true;
	funnel_count(FUNNEL_LIMITED);
	answer_limited(call, &limit);
	return false;
}

void entry_unasked(const struct ask_uses *u, struct api_call *call, enum overload_kind kind, enum err err)
{
	const struct overload_refusal refusal = { OVERLOAD_REDIS, OVERLOAD_RETRY_MS };

	if (err == ERR_BUSY)
		entry_refuse(u, call, kind, &refusal);
	else
		answer_unavailable(u, call);
}
