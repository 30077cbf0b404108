/*
 * path: writes the steps of a verification to the log. Owns nothing. Must never be given text that a person or an SMSC
 * wrote, and never a code or a whole number.
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

void path_result(const struct ident *id, const char *smsc, const struct smpp_result *r)
{
	static const char *const words[] = { [SMPP_ACCEPTED] = "accepted",
		                             [SMPP_LATER] = "put_off",
		                             [SMPP_OTHER] = "refused",
		                             [SMPP_REFUSED] = "rejected",
		                             [SMPP_AMBIGUOUS] = "unanswered" };

	path_step(id, words[r->outcome], "smsc=%s status=0x%08X", smsc, (unsigned)r->status);
}
