/*
 * played: plays what an SMSC and a telco would do with the SMS of a test number: accept it, refuse it or throttle it,
 * and send a receipt. It must never touch an SMSC.
 */
#ifndef FLOW_DELIVER_PLAYED_H
#define FLOW_DELIVER_PLAYED_H

#include "item.h"

struct played *played_new(const struct deliver_uses *u); /* NULL: no memory */
void played_free(struct played *p);                      /* NULL is fine */

/* Plays a message of a test number that was taken out of its queue. The item ends, or waits for its deadline. */
void played_item(struct deliver *d, struct deliver_item *item);

/* Marks the receipts that are due soon at once. Those of late numbers that are still to come are lost. */
void played_stop(struct played *p);

#endif
