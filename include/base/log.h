/*
 * log: one line an event to stderr, in journal form: "<6>topic: event key=value"; on a terminal without "<6>", with
 * "error: " or "warning: " before the lines of these levels.
 * error = wake someone, warning = look tomorrow, info = life of daemon and sessions, debug = one request's path.
 * What is not visible text (base/visible.h) is written as \xNN per octet, so that no argument forges a line. Keeps
 * errno.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>
#include <stdint.h>

/* syslog's numbers */
enum log_level { LOG_LEVEL_ERROR = 3, LOG_LEVEL_WARN = 4, LOG_LEVEL_INFO = 6, LOG_LEVEL_DEBUG = 7 };

void log_set_level(enum log_level level);
enum log_level log_get_level(void);

/* Lines dropped because stderr would not take them (it is never waited for). */
uint64_t log_dropped(void);

void log_write(enum log_level level, const char *topic, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* For what repeats: WARN the first time, with *quiet_ms 0, then once in 10 s; DEBUG in between. It keeps *quiet_ms. */
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
