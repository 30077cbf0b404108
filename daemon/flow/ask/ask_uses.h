/*
 * ask_uses: the modules and settings that the commands use. flow fills it once, owns all that it points to, and passes
 * it to every command. The commands must never keep or free any of it.
 */
#ifndef FLOW_ASK_ASK_USES_H
#define FLOW_ASK_ASK_USES_H

#include "flow.h"

struct tenants;
struct overload;
struct guesses;
struct deliver;
struct marks;
struct texts;

struct ask_uses {
	const struct flow_opts *opts; /* a reload overwrites them in place */
	const struct keyring *keys;
	const struct texts *texts;
	struct store *store;
	struct smpp *smpp;
	struct tenants *tenants;
	struct overload *overload;
	struct guesses *guesses;
	struct deliver *deliver;
	const struct marks *marks; /* only for the number of pending marks in INFO */
};

#endif
