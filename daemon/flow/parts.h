/*
 * parts: what the flows share: the doors below them and one another. Private to flow; only flow.c fills it.
 */
#ifndef FLOW_PARTS_H
#define FLOW_PARTS_H

#include "flow.h"

/* What a request asks of Redis; each kind has its own part of what Redis takes at once. */
enum gate_kind {
	GATE_SENDING,   /* SEND, RESEND */
	GATE_VERIFYING, /* VERIFY */
	GATE_ASKING,    /* STATUS, CANCEL, and the map of REPLY FULL */
	GATE_KINDS
};

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
