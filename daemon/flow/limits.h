/*
 * limits: a purpose's knobs as the store takes them.
 */
#ifndef FLOW_LIMITS_H
#define FLOW_LIMITS_H

#include "parts.h"

struct store_limits limits_of(const struct flow *f, const struct policy_purpose *p);

/* The purpose of that name, or the default one if the configuration dropped it. */
const struct policy_purpose *limits_purpose(const struct flow *f, const char *name);

#endif
