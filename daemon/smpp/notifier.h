/*
 * notifier: tells the one listener of the door what the binds have to tell. Every bind holds a pointer to it, so that
 * no layer between them forwards anything.
 */
#ifndef SMPP_NOTIFIER_H
#define SMPP_NOTIFIER_H

#include "smpp.h"

struct smpp_notifier {
	struct loop *loop;
	const struct smpp_listener *listener;
	struct loop_task turn_end; /* of the owner: it takes what was told during the turn */
	bool room, state;          /* told since the owner took them */
};

/* at_turn_end is called once at the end of each turn of the loop in which room or state was told. listener outlives *n.
 */
void smpp_notifier_init(struct smpp_notifier *n, struct loop *loop, const struct smpp_listener *listener,
                        loop_fn at_turn_end, void *arg);
void smpp_notifier_clear(struct smpp_notifier *n);

void smpp_notifier_room(struct smpp_notifier *n);  /* a submit may go again */
void smpp_notifier_state(struct smpp_notifier *n); /* a bind came or went */
void smpp_notifier_receipt(const struct smpp_notifier *n, const struct smpp_receipt *receipt); /* at once */

/* What was told since the last call, to be told to the listener by the owner. */
void smpp_notifier_take(struct smpp_notifier *n, bool *room, bool *state);

#endif
