/*
 * acts: the lines of a story that do something.
 */
#ifndef SCENARIO_ACTS_H
#define SCENARIO_ACTS_H

#include <stdbool.h>

/* Does what the line says, and ends the turn of the loop. False: not understood. The line is cut into words. */
bool acts_do(char *line);

#endif
