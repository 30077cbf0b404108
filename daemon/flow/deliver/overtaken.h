/*
 * overtaken: the rules for two sends of one verification at the same time: with which of them the record goes on, and
 * what happens to the other.
 */
#ifndef FLOW_DELIVER_OVERTAKEN_H
#define FLOW_DELIVER_OVERTAKEN_H

#include "deliver_lease.h"

/*
 * Ends an item because another send of the verification goes on. If certainly no SMS of this item's send was sent, the
 * send is given back.
 */
void overtaken_end(const struct deliver_uses *u, const struct deliver_item *item);

/* Called when item ends and left stays. left gets the later of their two sends, with which the record goes on. */
void overtaken_leave(struct deliver_item *item, struct deliver_item *left);

/* True if other is a later send of the same verification, so that item need not be sent. other may be NULL. */
bool overtaken_by(const struct deliver_item *item, const struct deliver_item *other);

/*
 * Called when the item ends and an SMS of its send may have arrived. Returns true if another message of the
 * verification is left.
 */
bool overtaken_charged(const struct deliver_leases *l, struct deliver_item *item);

#endif
