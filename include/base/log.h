/*
 * log: writes one line per event to stderr, in the form of the journal: "<6>topic: event key=value". A terminal gets
 * "error: ", "warning: " or nothing in place of "<6>". error: act at once. warning: look at it within a day. info:
 * state changes of the daemon and its sessions. debug: the steps of one request. Octets that are not visible text
 * (base/visible.h) are written as \xNN, so that no argument can forge a line. Keeps errno.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>
#include <stdint.h>

/* The numbers are those of syslog. */
enum log_level { LOG_LEVEL_ERROR = 3, LOG_LEVEL_WARN = 4, LOG_LEVEL_INFO = 6, LOG_LEVEL_DEBUG = 7 };

void log_set_level(enum log_level level);
enum log_level log_get_level(void);

/* Number of lines that were dropped, because a write to stderr would have blocked or was incomplete. */
uint64_t log_dropped(void);

void log_write(enum log_level level, const char *topic, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/*
 * The level for a line that repeats: WARN the first time, then once per 10 s, and DEBUG in between. *quiet_ms keeps the
 * state and starts at 0.
 */
enum log_level log_seldom(int64_t *quiet_ms);

#define log_error(topic, ...) log_write(LOG_LEVEL_ERROR, topic, __VA_ARGS__)
#define log_warn(topic, ...) log_write(LOG_LEVEL_WARN, topic, __VA_ARGS__)
#define log_info(topic, ...) log_write(LOG_LEVEL_INFO, topic, __VA_ARGS__)
#define log_debug(topic, ...)                                                                                          \
	do {                                                                                                           \
		if (log_get_level() >= LOG_LEVEL_DEBUG)                                                                \
			log_write(LOG_LEVEL_DEBUG, topic, __VA_ARGS__);                                                \
	} while (0)

#endif
