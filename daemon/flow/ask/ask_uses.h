/*
 * ask_uses: what the commands are handed of the rooms and sub-rooms below. Filled once, by flow.
 */
#ifndef FLOW_ASK_ASK_USES_H
#define FLOW_ASK_ASK_USES_H

#include "flow.h"

struct tenants;
struct overload;
struct guesses;
struct deliver;
struct marks;

struct ask_uses {
	const struct flow_opts *opts; /* changes with a reload */
	const struct keyring *keys;
	struct store *store;
	struct smpp *smpp;
	struct tenants *tenants;
	struct overload *overload;
	struct guesses *guesses;
	struct deliver *deliver;
	const struct marks *marks; /* how many marks Redis is owed, for INFO */
};

#endif
