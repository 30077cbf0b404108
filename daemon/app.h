/*
 * app: the house: builds the rooms in order, tears them down in mirrored order, reloads, drains.
 */
#ifndef DAEMON_APP_H
#define DAEMON_APP_H

#include "base/err.h"

/* Exit statuses beside 0. */
#define APP_EXIT_FAILED 1
#define APP_EXIT_USAGE 2
#define APP_EXIT_CONFIG 78 /* EX_CONFIG: the unit is not started again before somebody has mended it */

/*
 * Runs the daemon with the configuration at path until SIGTERM or SIGINT, then drains. SIGHUP reloads path.
 * Returns the exit status: 0 after a stop; APP_EXIT_CONFIG if the configuration, or a file that it names, is not valid;
 * APP_EXIT_FAILED if it could not start for another reason. The reason has been logged.
 */
int app_run(const char *path);

/* Checks the configuration and every file it names: faults go to stderr, one a line; what a good one means to stdout.
 */
enum err app_check(const char *path) ERR_CHECKED;

#endif
