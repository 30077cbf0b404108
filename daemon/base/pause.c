/*
 * pause: counts how often the point named in the environment is passed, and stops the process when the count is
 * reached. Owns that name and count. Must never be in a build that is shipped.
 */
#include "base/pause.h"

#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#ifdef OTPGWD_PAUSE_POINTS

static bool is_read;
static char wanted[8];
static long left;

static void read_environment(void)
{
	const char *text = getenv("OTPGWD_PAUSE"), *colon = text ? strchr(text, ':') : NULL;

	is_read = true;
	if (!colon || (size_t)(colon - text) >= sizeof(wanted))
		return;
	memcpy(wanted, text, (size_t)(colon - text));
	left = strtol(colon + 1, NULL, 10);
}

void pause_point(const char *name)
{
	if (!is_read)
		read_environment();
	if (left > 0 && strcmp(name, wanted) == 0 && --left == 0)
		raise(SIGSTOP);
}

#endif
