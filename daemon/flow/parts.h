/*
 * parts: what the flows share: the doors below them and one another. Private to flow; only flow.c fills it.
 */
#ifndef FLOW_PARTS_H
#define FLOW_PARTS_H

#include "flow.h"

struct service;
struct gate;
struct guesses;
struct deliver;
struct track;
struct recover;

struct flow {
	struct loop *loop;
	struct flow_opts opts;
	const struct keyring *keys;
	struct store *store;
	struct smpp *smpp;
	struct service *service;
	struct gate *gate;
	struct guesses *guesses;
	struct deliver *deliver;
	struct track *track;
	struct recover *recover;
};

#endif
