/*
 * reload: what became of the last reading of the configuration, for monitoring and for whoever asked for it.
 * Who asks and the daemon share the folder $RUNTIME_DIRECTORY, which the service manager gives to both.
 */
#ifndef DAEMON_RELOAD_H
#define DAEMON_RELOAD_H

#include <stdbool.h>
#include <sys/types.h>

/* Sets otpgwd_config_last_reload_successful and otpgwd_config_last_reload_timestamp_seconds to now. A start counts. */
void reload_told(bool good);

/* Leaves the verdict of a reload where reload_ask waits for it; does nothing without $RUNTIME_DIRECTORY. */
void reload_answer(bool good);

/*
 * Asks the daemon with this pid for a reload and waits for its verdict, at most 30 s. True if the new configuration is
 * in force; false if it was refused, or nobody answered: the reason has been logged.
 */
bool reload_ask(pid_t pid);

#endif
