/*
 * pump: the way from the queues to the SMSCs.
 */
#ifndef FLOW_DELIVER_PUMP_H
#define FLOW_DELIVER_PUMP_H

#include "item.h"

/* Sends what can be sent of a route; -1: none. */
void pump_route(struct deliver *d, int route);

#endif
