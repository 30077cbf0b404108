/*
 * path: writes the steps of a verification to the log. Owns nothing. Must never be handed what a person or telco wrote.
 */
#include "path.h"

#include <stdarg.h>
#include <stdio.h>

void path_write(const struct ident *id, const char *step, const char *fmt, ...)
{
	char shown[IDENT_SHORT_LEN + 1], rest[128];
	va_list args;

	ident_short(id, shown);
	va_start(args, fmt);
	vsnprintf(rest, sizeof(rest), fmt, args);
	va_end(args);
	log_write(LOG_LEVEL_DEBUG, "path", "%s id=%s %s", step, shown, rest);
}
