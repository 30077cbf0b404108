/*
 * uniform: the errors of a tenant with uniform = true, whose front end passes them on to whoever asks: they do not tell
 * how a verification ended, whose it is, or how many guesses are left.
 */
#ifndef FLOW_ASK_UNIFORM_H
#define FLOW_ASK_UNIFORM_H

#include "api.h"

/* Makes the error like all others that must not be told apart from it. What is new is in room or static. */
void uniform_error(struct api_error *error, struct api_error_room *room);

#endif
