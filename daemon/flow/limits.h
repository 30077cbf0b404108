/*
 * limits: a purpose's knobs as the store takes them.
 */
#ifndef FLOW_LIMITS_H
#define FLOW_LIMITS_H

#include "otp/policy.h"
#include "store.h"

/* Of one verification; a known device has limits of its own for SMS. */
struct store_limits limits_of(const struct policy_purpose *p, bool known);

/* What holds whatever the purpose. */
struct store_numbers limits_numbers(const struct policy_opts *o);

/* The purpose of that name, or the default one if the configuration dropped it. */
const struct policy_purpose *limits_purpose(const struct policy_opts *o, const char *name);

#endif
