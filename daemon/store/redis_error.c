/*
 * redis_error: the first words of error replies. Owns the times when each was last logged. Must never log more than
 * the first word, nor a line per request when one cause refuses many.
 */
#include "redis_error.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/stats.h"

#include <string.h>

#define TOPIC "redis"
#define SAY_EVERY_MS 1000

bool redis_error_is(const char *text, const char *word)
{
	size_t n = strlen(word);

	return strncmp(text, word, n) == 0 && (text[n] == ' ' || !text[n]);
}

static bool begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

bool redis_error_is_no_function(const char *text)
{
	return begins(text, "ERR Function not found");
}

/* Redis 7.0 says NOPERM of a command that a client sent, and this of one that a function called. */
bool redis_error_is_no_right(const char *text)
{
	return redis_error_is(text, "NOPERM") || begins(text, "ERR The user executing the script can't ");
}

bool redis_error_is_loaded(const char *text)
{
	return begins(text, "ERR Library '") && strstr(text, "already exists");
}

bool redis_error_is_no_library(const char *text)
{
	return begins(text, "ERR Library not found");
}

bool redis_error_is_unknown_command(const char *text)
{
	return begins(text, "ERR unknown command");
}

const char *redis_error_away(const char *text)
{
	static const char *const words[] = { "READONLY", "LOADING", "MASTERDOWN", "MISCONF", "BUSY", "NOREPLICAS" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (redis_error_is(text, words[i]))
			return words[i];
	}
	return NULL;
}

/* Only known words get a series, so that a hostile Redis cannot make new ones. The last stands for all other words. */
static const char *const kinds[] = { "ERR",  "OOM",      "READONLY",   "LOADING",     "MASTERDOWN", "MISCONF",
	                             "BUSY", "NOPERM",   "NOAUTH",     "WRONGTYPE",   "WRONGPASS",  "MOVED",
	                             "ASK",  "TRYAGAIN", "NOREPLICAS", "CLUSTERDOWN", "other" };
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static void say(size_t kind)
{
	static int64_t next_ms[KINDS];
	int64_t now_ms = clock_mono_ms();

	if (now_ms < next_ms[kind])
		return;
	next_ms[kind] = now_ms + SAY_EVERY_MS;
	log_warn(TOPIC, "error kind=%s", kinds[kind]);
}

static struct stats_family errors;

void redis_error_start(void)
{
	errors = stats_family("otpgwd_redis_errors_total", "Error replies of Redis by their first word.", "kind", kinds,
	                      KINDS);
}

void redis_error_count(const char *text, bool followed)
{
	size_t kind = 0;

	while (kind < KINDS - 1 && !redis_error_is(text, kinds[kind]))
		kind++;
	stats_inc(errors.of[kind]);
	if (followed)
		log_debug(TOPIC, "redirected or retried kind=%s", kinds[kind]);
	else
		say(kind);
}
