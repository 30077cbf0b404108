/*
 * path: writes one log line for each step of a verification, at level debug. The line has the short form of the id, so
 * an operator can find all steps of one verification.
 */
#ifndef FLOW_NEWS_PATH_H
#define FLOW_NEWS_PATH_H

#include "base/log.h"
#include "otp/ident.h"
#include "smpp.h"

/* "path: <step> id=<first 8 characters of the generation> <fmt>"; see ident_short. Use path_step. */
void path_write(const struct ident *id, const char *step, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Does nothing if the level is not debug. fmt: key=value pairs; never a code, a number or the text of an SMS. */
#define path_step(id, step, ...)                                                                                       \
	do {                                                                                                           \
		if (log_get_level() >= LOG_LEVEL_DEBUG)                                                                \
			path_write(id, step, __VA_ARGS__);                                                             \
	} while (0)

/* Writes the result of a submit as a step. */
void path_result(const struct ident *id, const char *smsc, const struct smpp_result *r);

#endif
