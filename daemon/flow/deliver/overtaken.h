/*
 * overtaken: two sends of one verification at once: which of them the record goes on with, and what becomes of the
 * other.
 */
#ifndef FLOW_DELIVER_OVERTAKEN_H
#define FLOW_DELIVER_OVERTAKEN_H

#include "deliver_lease.h"

/* Another send of the verification goes on. If certainly no SMS came of the item's own, it is given back. */
void overtaken_end(const struct deliver_uses *u, const struct deliver_item *item);

/* item ends: the message that is left carries the later of their two sends, which the record goes on with. */
void overtaken_leave(struct deliver_item *item, struct deliver_item *left);

/* The other is a younger send of the same verification, and one SMS is enough. other may be NULL. */
bool overtaken_by(const struct deliver_item *item, const struct deliver_item *other);

/* The item ends, and an SMS of its send may have arrived. True: another message of the verification is left. */
bool overtaken_charged(const struct deliver_leases *l, struct deliver_item *item);

#endif
