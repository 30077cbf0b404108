/*
 * notifier: passes the events of the binds to the one smpp_listener. Every bind holds a pointer to the notifier, so the
 * layers between forward nothing.
 */
#ifndef SMPP_NOTIFIER_H
#define SMPP_NOTIFIER_H

#include "smpp.h"

struct smpp_notifier {
	struct loop *loop;
	const struct smpp_listener *listener;
	struct loop_task turn_end; /* calls the owner at the end of the turn */
	bool room, state;          /* events since the last smpp_notifier_take */
};

/* at_turn_end is called once at the end of each loop turn in which room or state was notified. listener outlives *n. */
void smpp_notifier_init(struct smpp_notifier *n, struct loop *loop, const struct smpp_listener *listener,
                        loop_fn at_turn_end, void *arg);
void smpp_notifier_clear(struct smpp_notifier *n);

void smpp_notifier_room(struct smpp_notifier *n);  /* a bind may take another submit */
void smpp_notifier_state(struct smpp_notifier *n); /* a bind opened or closed */
void smpp_notifier_receipt(const struct smpp_notifier *n,
                           const struct smpp_receipt *receipt);                 /* calls the listener at once */
void smpp_notifier_mo(const struct smpp_notifier *n, const struct smpp_mo *mo); /* calls the listener at once */

/* Returns and clears the events since the last call. The owner passes them to the listener. */
void smpp_notifier_take(struct smpp_notifier *n, bool *room, bool *state);

#endif
