/*
 * deliver_uses: what delivery is handed of the rooms and sub-rooms below. Filled once, by flow.
 */
#ifndef FLOW_DELIVER_DELIVER_USES_H
#define FLOW_DELIVER_DELIVER_USES_H

#include "flow.h"

struct marks;

struct deliver_uses {
	struct loop *loop;
	const struct flow_opts *opts; /* changes with a reload */
	const struct keyring *keys;
	struct store *store;
	struct smpp *smpp;
	struct marks *marks;
};

#endif
