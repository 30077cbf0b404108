/*
 * fault: the words with which Redis begins an error. Owns nothing. Must never log more than the first word.
 */
#include "fault.h"

#include "base/log.h"
#include "base/stats.h"

#include <stdio.h>
#include <string.h>

#define TOPIC "redis"

bool fault_is(const char *text, const char *word)
{
	size_t n = strlen(word);

	return strncmp(text, word, n) == 0 && (text[n] == ' ' || !text[n]);
}

const char *fault_away(const char *text)
{
	static const char *const words[] = { "READONLY", "LOADING", "MASTERDOWN", "MISCONF", "BUSY", "NOREPLICAS" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (fault_is(text, words[i]))
			return words[i];
	}
	return NULL;
}

/* A known word, so that a hostile Redis cannot make series without end. */
void fault_count(const char *text, bool followed)
{
	static const char *const known[] = { "ERR",      "OOM",        "READONLY", "LOADING",  "MASTERDOWN",
		                             "MISCONF",  "BUSY",       "NOPERM",   "NOAUTH",   "WRONGTYPE",
		                             "NOSCRIPT", "WRONGPASS",  "MOVED",    "ASK",      "TRYAGAIN",
		                             "NOREPLICAS", "CLUSTERDOWN" };
	const char *kind = "other";
	char labels[48];

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (fault_is(text, known[i]))
			kind = known[i];
	}
	snprintf(labels, sizeof(labels), "kind=\"%s\"", kind);
	stats_inc(stats_counter("otpgwd_redis_errors_total", "Error replies of Redis by their first word.", labels));
	if (followed)
		log_debug(TOPIC, "followed kind=%s", kind);
	else
		log_warn(TOPIC, "error kind=%s", kind);
}
