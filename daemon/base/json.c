/*
 * json: a JSON writer. Owns nothing; the buffer is the caller's. Must never write anything more after the first
 * failure.
 */
#include "base/json.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

void json_init(struct json *j, struct buf *out)
{
	*j = (struct json){ .out = out };
}

static void put(struct json *j, const char *text, size_t len)
{
	if (!j->err)
		j->err = buf_append(j->out, text, len);
}

/* utf8: octets above ASCII are written as they are. Otherwise as Latin-1, so that any input gives valid JSON. */
static void quoted(struct json *j, const char *value, bool utf8)
{
	char esc[8];

	put(j, "\"", 1);
	for (const char *p = value; *p; p++) {
		unsigned char c = (unsigned char)*p;

		if (c == '"' || c == '\\') {
			esc[0] = '\\';
			esc[1] = (char)c;
			put(j, esc, 2);
		} else if (c < 0x20 || c == 0x7f || (c > 0x7f && !utf8)) {
			snprintf(esc, sizeof(esc), "\\u%04x", c);
			put(j, esc, 6);
		} else {
			put(j, p, 1);
		}
	}
	put(j, "\"", 1);
}

static void member(struct json *j, const char *key)
{
	if (j->comma)
		put(j, ",", 1);
	j->comma = true;
	if (!key)
		return;
	quoted(j, key, false);
	put(j, ":", 1);
}

void json_open(struct json *j, const char *key, char bracket)
{
	member(j, key);
	put(j, &bracket, 1);
	j->comma = false;
}

void json_close(struct json *j, char bracket)
{
	put(j, &bracket, 1);
	j->comma = true;
}

void json_str(struct json *j, const char *key, const char *value)
{
	member(j, key);
	quoted(j, value, false);
}

void json_text(struct json *j, const char *key, const char *value)
{
	member(j, key);
	quoted(j, value, true);
}

static void plain(struct json *j, const char *key, const char *text)
{
	member(j, key);
	put(j, text, strlen(text));
}

void json_int(struct json *j, const char *key, int64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRId64, value);
	plain(j, key, text);
}

void json_num(struct json *j, const char *key, double value)
{
	char text[32];

	/* Six digits, but never an exponent as in "1e+06", because people read the output too. */
	snprintf(text, sizeof(text), fabs(value) >= 100000 && fabs(value) < 1e15 ? "%.0f" : "%.6g", value);
	plain(j, key, isfinite(value) ? text : "null");
}

void json_bool(struct json *j, const char *key, bool value)
{
	plain(j, key, value ? "true" : "false");
}

enum err json_end(struct json *j)
{
	return j->err;
}
