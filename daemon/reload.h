/*
 * reload: what became of the last reading of the configuration, for monitoring.
 */
#ifndef DAEMON_RELOAD_H
#define DAEMON_RELOAD_H

#include <stdbool.h>

/* Sets otpgwd_config_last_reload_successful and otpgwd_config_last_reload_timestamp_seconds to now. A start counts. */
void reload_told(bool good);

#endif
