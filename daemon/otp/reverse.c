/*
 * reverse: makes tokens and finds them in the messages of phones. Owns the alphabet of the tokens and the rule which
 * words of a message are tokens. It must never print a token, and it wipes its own buffers.
 */
#include "otp/reverse.h"

#include "base/secret.h"

#include <string.h>

/* Digits and capital letters without look-alikes. */
static const char alphabet[] = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";

#define LETTERS (sizeof(alphabet) - 1)
#define LEAST 2 /* so many digits, and so many letters, has every token */

_Static_assert(LETTERS == 31, "reverse.h");

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* True if a word of the right length and alphabet has digits and letters enough. */
static bool is_token(const char *word)
{
	size_t digits = 0;

	for (size_t i = 0; i < REVERSE_TOKEN_LEN; i++)
		digits += is_digit(word[i]);
	return digits >= LEAST && digits <= REVERSE_TOKEN_LEN - LEAST;
}

void reverse_make(struct reverse_token *out)
{
	uint8_t octets[16];

	do {
		secret_random(octets, sizeof(octets));
	} while (!reverse_of_hash(octets, sizeof(octets), out));
	secret_wipe(octets, sizeof(octets));
}

bool reverse_of_hash(const uint8_t *octets, size_t len, struct reverse_token *out)
{
	size_t n = 0;

	memset(out, 0, sizeof(*out));
	/* The largest multiple of 31 in an octet is 248. What is above would come too often. */
	for (size_t i = 0; i < len && n < REVERSE_TOKEN_LEN; i++) {
		if (octets[i] < 256 / LETTERS * LETTERS)
			out->text[n++] = alphabet[octets[i] % LETTERS];
	}
	return n == REVERSE_TOKEN_LEN && is_token(out->text);
}

/* --- reading a message --- */

enum kind { BREAK, BLANK, LETTER };

/* One word of the message: letters and digits side by side. */
struct word {
	size_t at, len;
	bool good;   /* every character is of the alphabet */
	bool joined; /* only blanks stand between it and the word before it */
};

struct reading {
	char text[REVERSE_READ_MAX]; /* capital letters, digits, and a space for all else */
	struct word words[REVERSE_READ_MAX / 2 + 1];
	size_t count;
};

static enum kind kind_of(char c)
{
	if (is_digit(c) || (c >= 'A' && c <= 'Z'))
		return LETTER;
	/* A no-break space of Latin 1 and UCS-2 too. */
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '-' || c == '\xa0' ? BLANK : BREAK;
}

static void split(struct reading *r, const char *text, size_t len)
{
	bool inside = false, joined = false;

	for (size_t i = 0; i < len; i++) {
		char c = text[i] >= 'a' && text[i] <= 'z' ? (char)(text[i] - 'a' + 'A') : text[i];
		enum kind kind = kind_of(c);

		r->text[i] = c;
		if (kind == LETTER && !inside)
			r->words[r->count++] = (struct word){ .at = i, .good = true, .joined = joined };
		if (kind == LETTER) {
			struct word *w = &r->words[r->count - 1];

			w->len++;
			w->good = w->good && memchr(alphabet, c, LETTERS);
		}
		inside = kind == LETTER;
		joined = inside || (kind == BLANK && joined);
	}
}

static void add(struct reverse_tokens *out, const char *token)
{
	if (!is_token(token) || out->count == REVERSE_TOKENS_MAX)
		return;
	for (size_t i = 0; i < out->count; i++) {
		if (memcmp(out->at[i].text, token, REVERSE_TOKEN_LEN) == 0)
			return;
	}
	memcpy(out->at[out->count++].text, token, REVERSE_TOKEN_LEN);
}

/* Adds the words that end with this one and together are as long as a token. */
static void add_joined(const struct reading *r, size_t last, struct reverse_tokens *out)
{
	char token[REVERSE_TOKEN_LEN + 1] = "";
	size_t left = REVERSE_TOKEN_LEN;

	for (size_t i = last + 1; i > 0 && left > 0; i--) {
		const struct word *w = &r->words[i - 1];

		if (!w->good || w->len > left)
			break;
		left -= w->len;
		memcpy(token + left, r->text + w->at, w->len);
		if (!w->joined)
			break;
	}
	if (left == 0)
		add(out, token);
	secret_wipe(token, sizeof(token));
}

void reverse_read(const char *text, size_t len, struct reverse_tokens *out)
{
	struct reading r;

	memset(out, 0, sizeof(*out));
	r.count = 0;
	split(&r, text, len < REVERSE_READ_MAX ? len : REVERSE_READ_MAX);
	for (size_t i = r.count; i > 0; i--) {
		if (r.words[i - 1].good && r.words[i - 1].len == REVERSE_TOKEN_LEN)
			add(out, r.text + r.words[i - 1].at);
	}
	for (size_t i = r.count; i > 0; i--)
		add_joined(&r, i - 1, out);
	secret_wipe(&r, sizeof(r));
}
