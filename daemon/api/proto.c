/*
 * proto: parses one request, which is a RESP array of bulk strings, or words on a line as people type them. Refuses
 * what the grammar does not allow as soon as it is read, and checks every length against its limit before use. Never
 * allocates, never reads past len, never changes its input.
 */
#include "api/proto.h"

#include "base/hex.h"

#include <string.h>
#include <strings.h>

enum { DIGITS_MAX = 5 }; /* digits of the largest length that the limits allow, 65536 */

struct cursor {
	const char *data;
	size_t len, pos;
	const char **why;
};

static enum api_proto_verdict bad(const char **why, const char *text)
{
	*why = text;
	return API_PROTO_BAD;
}

/* Reads a number and its CRLF behind the octet of the type. Returns API_PROTO_REQUEST if it is good. */
static enum api_proto_verdict read_number(struct cursor *c, size_t max, size_t *out, const char *text)
{
	size_t at = c->pos, value = 0, digits = 0;

	for (; at < c->len && c->data[at] >= '0' && c->data[at] <= '9'; at++) {
		if (++digits > DIGITS_MAX || (digits == 2 && value == 0))
			return bad(c->why, text);
		value = value * 10 + (size_t)(c->data[at] - '0');
	}
	if (at == c->len)
		return API_PROTO_MORE;
	if (!digits || value > max || c->data[at] != '\r')
		return bad(c->why, text);
	if (++at == c->len)
		return API_PROTO_MORE;
	if (c->data[at] != '\n')
		return bad(c->why, text);
	c->pos = at + 1;
	*out = value;
	return API_PROTO_REQUEST;
}

static enum api_proto_verdict read_bulk(struct cursor *c, struct api_arg *arg)
{
	size_t len = 0;
	enum api_proto_verdict v;

	if (c->pos == c->len)
		return API_PROTO_MORE;
	if (c->data[c->pos] != '$')
		return bad(c->why, "expected '$'");
	c->pos++;
	v = read_number(c, API_PROTO_ARG_LEN_MAX, &len, "invalid bulk length");
	if (v != API_PROTO_REQUEST)
		return v;
	if (c->pos + len + 2 > API_PROTO_REQUEST_LEN_MAX)
		return bad(c->why, "too big request");
	if (c->len - c->pos > len && c->data[c->pos + len] != '\r')
		return bad(c->why, "expected CRLF after bulk");
	if (c->len - c->pos < len + 2)
		return API_PROTO_MORE;
	if (c->data[c->pos + len + 1] != '\n')
		return bad(c->why, "expected CRLF after bulk");
	arg->ptr = c->data + c->pos;
	arg->len = len;
	c->pos += len + 2;
	return API_PROTO_REQUEST;
}

static enum api_proto_verdict parse_array(const char *data, size_t len, struct api_request *out, const char **why)
{
	struct cursor c = { data, len, 1, why };
	size_t count = 0;
	enum api_proto_verdict v = read_number(&c, API_PROTO_ARGS_MAX, &count, "invalid multibulk length");

	if (v != API_PROTO_REQUEST)
		return v;
	for (size_t i = 0; i < count; i++) {
		v = read_bulk(&c, &out->argv[i]);
		if (v != API_PROTO_REQUEST)
			return v;
	}
	out->argc = count;
	out->used = c.pos;
	return count ? API_PROTO_REQUEST : API_PROTO_NOTHING;
}

static bool is_blank(char ch)
{
	return ch == ' ' || ch == '\t';
}

/* Reads what follows a backslash within "...", as redis-cli does. Moves *pos past it. */
static char read_escape(const char *line, size_t len, size_t *pos)
{
	char ch = line[(*pos)++];

	switch (ch) {
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 't':
		return '\t';
	case 'b':
		return '\b';
	case 'a':
		return '\a';
	case 'x':
		if (len - *pos >= 2 && hex_digit(line[*pos]) >= 0 && hex_digit(line[*pos + 1]) >= 0) {
			ch = (char)(hex_digit(line[*pos]) * 16 + hex_digit(line[*pos + 1]));
			*pos += 2;
		}
		return ch;
	default:
		return ch;
	}
}

/* Reads a quoted part, with *pos behind its opening quote. False: it has no end. */
static bool read_quoted(const char *line, size_t len, size_t *pos, char **to)
{
	char quote = line[*pos - 1];

	while (*pos < len) {
		char ch = line[(*pos)++];

		if (ch == quote)
			return *pos == len || is_blank(line[*pos]);
		if (ch == '\\' && *pos < len && quote == '"')
			ch = read_escape(line, len, pos);
		else if (ch == '\\' && *pos < len && line[*pos] == '\'')
			ch = line[(*pos)++];
		*(*to)++ = ch;
	}
	return false;
}

static enum api_proto_verdict split_words(const char *line, size_t len, struct api_request *out, const char **why)
{
	char *to = out->words;
	size_t pos = 0;

	out->argc = 0;
	out->is_inline = true;
	for (;;) {
		char *start = to;

		while (pos < len && is_blank(line[pos]))
			pos++;
		if (pos == len)
			break;
		if (out->argc == API_PROTO_ARGS_MAX)
			return bad(why, "too many arguments");
		while (pos < len && !is_blank(line[pos])) {
			char ch = line[pos++];

			if (ch != '"' && ch != '\'')
				*to++ = ch;
			else if (!read_quoted(line, len, &pos, &to))
				return bad(why, "unbalanced quotes in request");
		}
		out->argv[out->argc].ptr = start;
		out->argv[out->argc++].len = (size_t)(to - start);
	}
	return out->argc ? API_PROTO_REQUEST : API_PROTO_NOTHING;
}

/* An HTTP request must be refused, so that a browser that is tricked cannot send a command in its body. */
static bool is_foreign(const char *data, size_t len)
{
	static const char *const starts[] = { "POST ", "GET /", "Host:" };

	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
		if (len >= strlen(starts[i]) && !strncasecmp(data, starts[i], strlen(starts[i])))
			return true;
	}
	return false;
}

static enum api_proto_verdict parse_inline(const char *data, size_t len, struct api_request *out, const char **why)
{
	size_t end = 0, line_len;

	if (is_foreign(data, len))
		return API_PROTO_FOREIGN;
	for (; end < len && data[end] != '\n'; end++) {
		unsigned char ch = (unsigned char)data[end];

		/* A carriage return here must be the end of the line, which is checked below. */
		if (end == API_PROTO_INLINE_LEN_MAX && ch != '\r')
			return bad(why, "too big inline request");
		if (ch == '\r' && end + 1 < len && data[end + 1] != '\n')
			return bad(why, "control character in inline request");
		if ((ch < 0x20 && ch != '\t' && ch != '\r') || ch == 0x7f)
			return bad(why, "control character in inline request");
	}
	if (end == len)
		return API_PROTO_MORE;
	line_len = end && data[end - 1] == '\r' ? end - 1 : end;
	out->used = end + 1;
	return split_words(data, line_len, out, why);
}

enum api_proto_verdict api_proto_parse(const char *data, size_t len, struct api_request *out, const char **why)
{
	out->argc = out->used = 0;
	out->is_inline = false;
	if (!len)
		return API_PROTO_MORE;
	return data[0] == '*' ? parse_array(data, len, out, why) : parse_inline(data, len, out, why);
}
