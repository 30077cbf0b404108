/*
 * gauges: sets the metrics of the nodes, and logs changes of the class of durability.
 */
#include "gauges.h"

#include "base/log.h"
#include "base/stats.h"

#define TOPIC "redis"

void gauges_init(struct gauges *g)
{
	g->up = stats_gauge("otpgwd_redis_up", "1 while Redis is connected and usable.", NULL);
	g->serving = stats_gauge("otpgwd_redis_nodes", "Nodes of Redis that serve partitions.", NULL);
	g->serving_up = stats_gauge("otpgwd_redis_nodes_up", "Those of them that are connected and usable.", NULL);
	g->in_flight = stats_gauge("otpgwd_redis_in_flight", "Commands sent to Redis and not yet answered.", NULL);
	for (int i = 0; i < GAUGES_CLASSES; i++) {
		const struct stats_labels l =
		    stats_label(NULL, "class", store_durability_name((enum store_durability)i));

		g->durability[i] = stats_gauge("otpgwd_redis_durability", "1 for the class of loss found.", l.text);
	}
}

void gauges_set(struct gauges *g, const struct gauges_now *now)
{
	stats_set(g->up, now->serving_up > 0);
	stats_set(g->serving, (double)now->serving);
	stats_set(g->serving_up, (double)now->serving_up);
	stats_set(g->in_flight, (double)now->in_flight);
	for (int i = 0; i < GAUGES_CLASSES; i++)
		stats_set(g->durability[i], now->durability == (enum store_durability)i);
	if (now->durability == g->shown)
		return;
	if (now->serving_up && now->durability < g->shown)
		log_warn(TOPIC, "durability falls class=%s was=%s", store_durability_name(now->durability),
		         store_durability_name(g->shown));
	else if (now->serving_up)
		log_info(TOPIC, "durability class=%s", store_durability_name(now->durability));
	g->shown = now->durability;
}
