/*
 * encode: writes replies to a bounded buffer, in the protocol version of the connection.
 * Makes error lines safe: an error is always one line of printable ASCII of at most 256 octets.
 * Records a failure when it writes only a part of a value, so that no other reply follows.
 */
#include "api/encode.h"

#include "base/decimal.h"

#include <string.h>

static void put(struct api_encoder *e, const char *bytes, size_t len)
{
	if (e->out && !e->err)
		e->err = buf_append(e->out, bytes, len);
}

static void put_head(struct api_encoder *e, char type, size_t n)
{
	char head[1 + DECIMAL_CAP + 2] = { type };
	size_t len = 1 + decimal_put(head + 1, n);

	head[len++] = '\r';
	head[len++] = '\n';
	put(e, head, len);
}

void api_encode_bulk(struct api_encoder *e, const char *text, size_t len)
{
	put_head(e, '$', len);
	put(e, text, len);
	put(e, "\r\n", 2);
}

void api_encode_text(struct api_encoder *e, const char *text)
{
	api_encode_bulk(e, text, strlen(text));
}

void api_encode_status(struct api_encoder *e, const char *text)
{
	put(e, "+", 1);
	put(e, text, strlen(text));
	put(e, "\r\n", 2);
}

void api_encode_integer(struct api_encoder *e, int64_t value)
{
	char text[1 + DECIMAL_CAP + 2] = ":";
	size_t len = 1 + decimal_put_signed(text + 1, value);

	text[len++] = '\r';
	text[len++] = '\n';
	put(e, text, len);
}

void api_encode_array(struct api_encoder *e, size_t n)
{
	put_head(e, '*', n);
}

void api_encode_set(struct api_encoder *e, size_t n)
{
	put_head(e, e->resp == 3 ? '~' : '*', n);
}

void api_encode_map(struct api_encoder *e, size_t n)
{
	if (e->resp == 3)
		put_head(e, '%', n);
	else
		put_head(e, '*', 2 * n);
}

void api_encode_null(struct api_encoder *e)
{
	if (e->resp == 3)
		put(e, "_\r\n", 3);
	else
		put(e, "$-1\r\n", 5);
}

void api_encode_null_array(struct api_encoder *e)
{
	if (e->resp == 3)
		put(e, "_\r\n", 3);
	else
		put(e, "*-1\r\n", 5);
}

struct line {
	char text[API_ENCODE_ERROR_LEN_MAX - 2]; /* less CRLF */
	size_t len;
};

/* Adds text. An octet that could end the line, control a terminal or look like a field is replaced by stand_in. */
static void line_add(struct line *line, const char *text, char stand_in)
{
	for (; *text && line->len < sizeof(line->text); text++) {
		bool plain = (*text > ' ' && *text < 0x7f) || (*text == ' ' && stand_in == '?');

		line->text[line->len++] = plain ? *text : stand_in;
	}
}

/* Adds UTF-8 as it is, but for control characters. What is cut off ends before a character. */
static void line_add_utf8(struct line *line, const char *text)
{
	size_t len = strlen(text), room = sizeof(line->text) - line->len;

	if (len > room) {
		len = room;
		while (len && ((unsigned char)text[len] & 0xc0u) == 0x80)
			len--;
	}
	for (size_t i = 0; i < len; i++)
		line->text[line->len++] = (unsigned char)text[i] < ' ' || text[i] == 0x7f ? '?' : text[i];
}

void api_encode_error(struct api_encoder *e, const struct api_error *error)
{
	struct line line = { .len = 0 };

	line_add(&line, "-", '_');
	line_add(&line, error->code, '_');
	for (size_t i = 0; i < error->n; i++) {
		line_add(&line, " ", '?');
		line_add(&line, error->fields[i].key, '_');
		line_add(&line, "=", '_');
		line_add(&line, error->fields[i].value, '_');
	}
	if (error->text && *error->text) {
		line_add(&line, " ", '?');
		if (error->is_utf8)
			line_add_utf8(&line, error->text);
		else
			line_add(&line, error->text, '?');
	}
	put(e, line.text, line.len);
	put(e, "\r\n", 2);
}
