/*
 * app: the house: builds the rooms in order, tears them down in mirrored order, reloads, drains.
 */
#ifndef DAEMON_APP_H
#define DAEMON_APP_H

#include "base/err.h"

/*
 * Runs the daemon with the configuration at path until SIGTERM or SIGINT, then drains. SIGHUP reloads path.
 * Returns ERR_OK after a stop, or why it could not start; the reason has been logged.
 */
enum err app_run(const char *path) ERR_CHECKED;

/* Checks the configuration and every file it names: faults go to stderr, one a line; what a good one means to stdout.
 */
enum err app_check(const char *path) ERR_CHECKED;

#endif
