/*
 * log: the daemon's log as a story sees it: errors and warnings must be expected, the rest may be. Nothing is written.
 */
#include "base/log.h"

#include "../fakes/saw.h"

#include "base/clock.h"

#include <stdarg.h>
#include <stdio.h>

#define SELDOM_MS 10000

void log_set_level(enum log_level level)
{
	(void)level;
}

enum log_level log_get_level(void)
{
	return LOG_LEVEL_INFO;
}

uint64_t log_dropped(void)
{
	return 0;
}

void log_write(enum log_level level, const char *topic, const char *fmt, ...)
{
	char text[512];
	const char *word = level == LOG_LEVEL_ERROR ? "error" : level == LOG_LEVEL_WARN ? "warning" : "info";
	va_list args;

	if (level > LOG_LEVEL_INFO)
		return;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	fake_saw(level <= LOG_LEVEL_WARN, "log %s %s: %s", word, topic, text);
}

enum log_level log_seldom(int64_t *quiet_ms)
{
	if (*quiet_ms && clock_mono_ms() < *quiet_ms)
		return LOG_LEVEL_DEBUG;
	*quiet_ms = clock_mono_ms() + SELDOM_MS;
	return LOG_LEVEL_WARN;
}
