/*
 * log: writes each line with one call that never blocks. Owns the level and the count of dropped lines. The octets of
 * an argument must never start a line, move the cursor of a terminal or reverse the direction of text.
 */
#include "base/log.h"

#include "base/clock.h"
#include "base/visible.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LINE_CAP 2048
#define SELDOM_MS 10000
#define ESCAPE_LEN 4 /* \xNN */
#define CUT_LEN 3    /* ... */

static enum log_level current = LOG_LEVEL_INFO;
static uint64_t dropped;

void log_set_level(enum log_level level)
{
	current = level;
}

enum log_level log_get_level(void)
{
	return current;
}

uint64_t log_dropped(void)
{
	return dropped;
}

enum log_level log_seldom(int64_t *quiet_ms)
{
	int64_t now_ms = clock_mono_ms();

	if (now_ms < *quiet_ms)
		return LOG_LEVEL_DEBUG;
	*quiet_ms = now_ms + SELDOM_MS;
	return LOG_LEVEL_WARN;
}

/*
 * Copies text to `to`. Writes each octet that is not visible text as \xNN, and cuts a text that does not fit. Returns
 * the length, without a NUL.
 */
static size_t sanitise(const char *from, char *to, size_t cap)
{
	static const char hex[] = "0123456789abcdef";
	size_t n = 0;

	while (*from) {
		unsigned char c = (unsigned char)*from;
		size_t len = visible_len(from);

		if (n + (len ? len : ESCAPE_LEN) + CUT_LEN > cap) {
			memcpy(to + n, "...", CUT_LEN);
			return n + CUT_LEN;
		}
		if (len) {
			memcpy(to + n, from, len);
			from += len;
			n += len;
			continue;
		}
		to[n++] = '\\';
		to[n++] = 'x';
		to[n++] = hex[c >> 4];
		to[n++] = hex[c & 15];
		from++;
	}
	return n;
}

/* Writes the prefix of the line: the priority for the journal, or on a terminal "error: " or "warning: ". */
static int put_level(enum log_level level, char *line, size_t cap)
{
	const char *word = level == LOG_LEVEL_ERROR ? "error: " : level == LOG_LEVEL_WARN ? "warning: " : "";

	if (!isatty(STDERR_FILENO))
		return snprintf(line, cap, "<%d>", (int)level);
	return snprintf(line, cap, "%s", word);
}

void log_write(enum log_level level, const char *topic, const char *fmt, ...)
{
	char text[LINE_CAP], line[LINE_CAP];
	int saved = errno;
	struct pollfd p = { .fd = STDERR_FILENO, .events = POLLOUT };
	va_list ap;

	if (level > current)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	size_t n = (size_t)put_level(level, line, sizeof(line));
	n += (size_t)snprintf(line + n, sizeof(line) - n, "%s: ", topic);
	n += sanitise(text, line + n, sizeof(line) - n - 1);
	line[n++] = '\n';
	if (poll(&p, 1, 0) != 1 || !(p.revents & POLLOUT) || write(STDERR_FILENO, line, n) != (ssize_t)n)
		dropped++;
	errno = saved;
}
