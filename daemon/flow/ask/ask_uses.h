/*
 * ask_uses: what the commands are handed of the rooms and sub-rooms below. Filled once, by flow.
 */
#ifndef FLOW_ASK_ASK_USES_H
#define FLOW_ASK_ASK_USES_H

#include "flow.h"

struct service;
struct gate;
struct guesses;
struct deliver;
struct track;

struct ask_uses {
	const struct flow_opts *opts; /* changes with a reload */
	const struct keyring *keys;
	struct store *store;
	struct smpp *smpp;
	struct service *service;
	struct gate *gate;
	struct guesses *guesses;
	struct deliver *deliver;
	const struct track *track; /* how many marks Redis is owed, for INFO */
};

#endif
