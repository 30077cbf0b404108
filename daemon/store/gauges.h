/*
 * gauges: the metrics of the nodes. Private to store.
 */
#ifndef STORE_GAUGES_H
#define STORE_GAUGES_H

#include "store.h"

#define GAUGES_CLASSES (STORE_DUR_FAILOVER + 1)

struct gauges {
	struct stats_gauge *up, *in_flight, *serving, *serving_up, *durability[GAUGES_CLASSES];
	enum store_durability shown;
};

struct gauges_now {
	size_t serving, serving_up, in_flight;
	enum store_durability durability;
};

void gauges_init(struct gauges *g);
void gauges_set(struct gauges *g, const struct gauges_now *now); /* logs a change of the class of durability */

#endif
