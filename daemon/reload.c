/*
 * reload: the metrics of the last reload. Owns nothing but them; never reads a configuration.
 */
#include "reload.h"

#include "base/clock.h"
#include "base/stats.h"

void reload_told(bool good)
{
	stats_set(stats_gauge("otpgwd_config_last_reload_successful",
	                      "1 if the last reload, or the start, took the configuration.", NULL),
	          good ? 1 : 0);
	stats_set(
	    stats_gauge("otpgwd_config_last_reload_timestamp_seconds", "When that was, in seconds since 1970.", NULL),
	    (double)(clock_wall_ms() / 1000));
}
