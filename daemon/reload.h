/*
 * reload: the result of the last time the configuration was read, for monitoring and for the process that asked for a
 * reload. That process and the daemon share the folder $RUNTIME_DIRECTORY, which the service manager gives to both.
 */
#ifndef DAEMON_RELOAD_H
#define DAEMON_RELOAD_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * Sets otpgwd_config_last_reload_successful to good, and otpgwd_config_last_reload_timestamp_seconds to now. A start
 * counts as a reload.
 */
void reload_told(bool good);

/* Writes the result of a reload to the file that reload_ask reads. Does nothing without $RUNTIME_DIRECTORY. */
void reload_answer(bool good);

/*
 * Asks the daemon with this pid for a reload and waits for the result, at most 30 s. True if the new configuration is
 * in force. False if it was refused, which the daemon has logged, or if there was no result, which this process has
 * logged.
 */
bool reload_ask(pid_t pid);

#endif
