/*
 * app: the whole daemon as one call of main. It creates all parts in order, reloads the configuration, drains, and
 * frees the parts in reverse order.
 */
#ifndef DAEMON_APP_H
#define DAEMON_APP_H

#include "base/err.h"

/* Exit statuses other than 0. */
#define APP_EXIT_FAILED 1  /* it could not do what was asked */
#define APP_EXIT_USAGE 2   /* wrong arguments */
#define APP_EXIT_CONFIG 78 /* EX_CONFIG: a file must be changed first, so the unit does not start it again */

/*
 * Runs the daemon with the configuration at path until SIGTERM or SIGINT, then drains. A second of these signals stops
 * it at once. SIGHUP reloads path.
 * Returns the exit status: 0 after a stop; APP_EXIT_CONFIG if the configuration, or a file that it names, is not valid;
 * APP_EXIT_FAILED if it could not start for another reason. The reason has been logged.
 */
int app_run(const char *path);

/*
 * Checks the configuration and every file that it names. Faults go to stderr, one per line. A report of what a valid
 * configuration means goes to stdout, with warnings of check_machine.
 */
enum err app_check(const char *path) ERR_CHECKED;

#endif
