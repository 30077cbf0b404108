/*
 * notifier: collects the events of the binds during a loop turn, so that the listener is called once. Owns the deferred
 * call.
 */
#include "smpp/notifier.h"

void smpp_notifier_init(struct smpp_notifier *n, struct loop *loop, const struct smpp_listener *listener,
                        loop_fn at_turn_end, void *arg)
{
	*n = (struct smpp_notifier){ .loop = loop, .listener = listener };
	loop_task_init(&n->turn_end, at_turn_end, arg);
}

void smpp_notifier_clear(struct smpp_notifier *n)
{
	loop_defer_cancel(n->loop, &n->turn_end);
}

void smpp_notifier_room(struct smpp_notifier *n)
{
	n->room = true;
	loop_defer(n->loop, &n->turn_end);
}

void smpp_notifier_state(struct smpp_notifier *n)
{
	n->state = true;
	loop_defer(n->loop, &n->turn_end);
}

void smpp_notifier_receipt(const struct smpp_notifier *n, const struct smpp_receipt *receipt)
{
	n->listener->on_receipt(n->listener->arg, receipt);
}

void smpp_notifier_mo(const struct smpp_notifier *n, const struct smpp_mo *mo)
{
	n->listener->on_mo(n->listener->arg, mo);
}

void smpp_notifier_take(struct smpp_notifier *n, bool *room, bool *state)
{
	*room = n->room;
	*state = n->state;
	n->room = n->state = false;
}
