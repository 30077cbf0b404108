/*
 * path: at level debug, one line of the log for each step of a verification, found by its id.
 */
#ifndef FLOW_NEWS_PATH_H
#define FLOW_NEWS_PATH_H

#include "base/log.h"
#include "otp/ident.h"
#include "smpp.h"

/* "path: <step> id=<first 8 characters of the generation> <fmt>"; see ident_short. Use path_step. */
void path_write(const struct ident *id, const char *step, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Costs nothing at other levels. fmt: key=value, never a code, a number or a text. */
#define path_step(id, step, ...)                                                                                       \
	do {                                                                                                           \
		if (log_get_level() >= LOG_LEVEL_DEBUG)                                                                \
			path_write(id, step, __VA_ARGS__);                                                             \
	} while (0)

/* What an SMSC made of a submit. */
void path_result(const struct ident *id, const char *smsc, const struct smpp_result *r);

#endif
