/*
 * limits: from the configuration's purposes to the store's numbers. Pure.
 */
#include "limits.h"

#include <string.h>

struct store_limits limits_of(const struct policy_purpose *p, bool known)
{
	const struct policy_rate none = { 0, 0 };

	return (struct store_limits){ .sends_short = known ? p->number_sends_known : p->number_sends_short,
		                      .sends_long = known ? none : p->number_sends_long,
		                      .fails_short = p->number_fails_short,
		                      .fails_long = p->number_fails_long };
}

struct store_numbers limits_numbers(const struct policy_opts *o)
{
	return (struct store_numbers){ .keep_s = policy_longest_window_s(o),
		                       .tombstone_ms = o->tombstone_s * 1000U,
		                       .sends = o->number_sends };
}

const struct policy_purpose *limits_purpose(const struct policy_opts *o, const char *name)
{
	const struct policy_purpose *fallback = &o->purposes[0];

	for (size_t i = 0; i < o->purpose_count; i++) {
		if (strcmp(o->purposes[i].name, name) == 0)
			return &o->purposes[i];
		if (strcmp(o->purposes[i].name, o->default_purpose) == 0)
			fallback = &o->purposes[i];
	}
	return fallback;
}
