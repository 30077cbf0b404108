/*
 * limits: from the configuration's purposes to the store's numbers. Pure.
 */
#include "limits.h"

#include <string.h>

struct store_limits limits_of(const struct flow *f, const struct policy_purpose *p)
{
	return (struct store_limits){ .sends_short = p->number_sends_short,
		                      .sends_long = p->number_sends_long,
		                      .fails_short = p->number_fails_short,
		                      .fails_long = p->number_fails_long,
		                      .tombstone_ms = f->opts.policy.tombstone_s * 1000U };
}

const struct policy_purpose *limits_purpose(const struct flow *f, const char *name)
{
	const struct policy_opts *o = &f->opts.policy;
	const struct policy_purpose *fallback = &o->purposes[0];

	for (size_t i = 0; i < o->purpose_count; i++) {
		if (strcmp(o->purposes[i].name, name) == 0)
			return &o->purposes[i];
		if (strcmp(o->purposes[i].name, o->default_purpose) == 0)
			fallback = &o->purposes[i];
	}
	return fallback;
}
