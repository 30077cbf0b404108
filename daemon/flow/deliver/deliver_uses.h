/*
 * deliver_uses: the modules that delivery uses. flow fills the struct once.
 */
#ifndef FLOW_DELIVER_DELIVER_USES_H
#define FLOW_DELIVER_DELIVER_USES_H

#include "flow.h"

struct marks;
struct texts;

struct deliver_uses {
	struct loop *loop;
	const struct flow_opts *opts; /* its values change at a reload */
	const struct keyring *keys;
	const struct texts *texts;
	struct store *store;
	struct smpp *smpp;
	struct marks *marks;
};

#endif
