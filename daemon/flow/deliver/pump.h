/*
 * pump: submits messages from the queues to the SMSCs, and handles the results.
 */
#ifndef FLOW_DELIVER_PUMP_H
#define FLOW_DELIVER_PUMP_H

#include "item.h"

/* Submits every message of the route that can be sent now. Does nothing for route -1. */
void pump_route(struct deliver *d, int route);

#endif
