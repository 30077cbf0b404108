/*
 * reverse_text: checks and fills the templates of reverse verifications, and makes the link of a text. Owns the grammar
 * of these templates, which have {brand} and {token} alone. It must never let a text pass that two SMS would carry,
 * because the parts of a message of a phone are not joined.
 */
#include "otp/reverse.h"

#include "base/secret.h"
#include "text_piece.h"

#include <string.h>

struct filling {
	char *out;
	size_t len;
	unsigned tokens;
};

static bool append(struct filling *f, const char *text, size_t len)
{
	if (len >= REVERSE_TEXT_CAP - f->len)
		return false;
	memcpy(f->out + f->len, text, len);
	f->len += len;
	f->out[f->len] = '\0';
	return true;
}

static enum reverse_fault fill_piece(struct filling *f, const struct text_piece *p, const char *brand,
                                     const struct reverse_token *token)
{
	const char *value = p->at;
	size_t len = p->len;

	if (text_piece_is(p, "token", 5)) {
		value = token->text;
		len = REVERSE_TOKEN_LEN;
		f->tokens++;
	} else if (p->kind == TEXT_PIECE_BRAND) {
		value = brand;
		len = strlen(brand);
	} else if (p->kind != TEXT_PIECE_LITERAL) {
		return REVERSE_BAD_NAME;
	}
	return append(f, value, len) ? REVERSE_OK : REVERSE_TOO_LONG;
}

static enum reverse_fault fill(const char *text, const char *brand, const struct reverse_token *token, char *out)
{
	struct filling f = { .out = out };
	enum reverse_fault fault = REVERSE_OK;
	struct text_piece p;

	out[0] = '\0';
	while (*text && !fault) {
		if (!text_piece_next(&text, &p))
			return REVERSE_BAD_BRACE;
		fault = fill_piece(&f, &p, brand, token);
	}
	if (fault)
		return fault;
	return f.tokens == 1 ? REVERSE_OK : REVERSE_NO_TOKEN;
}

static enum reverse_fault measure(const char *text)
{
	enum charset set;
	size_t units;

	if (charset_measure(text, strlen(text), &set, &units) != ERR_OK)
		return REVERSE_NOT_ENCODABLE;
	return units > (set == CHARSET_GSM ? CHARSET_GSM_SEGMENT : CHARSET_UCS2_SEGMENT) ? REVERSE_TOO_LONG
	                                                                                 : REVERSE_OK;
}

enum reverse_fault reverse_check(const char *text, const char *brand)
{
	static const struct reverse_token sample = { "K7F2QDXM" };
	char out[REVERSE_TEXT_CAP];
	struct reverse_tokens found;
	enum reverse_fault fault = fill(text, brand, &sample, out);

	if (!fault)
		fault = measure(out);
	if (fault)
		return fault;
	reverse_read(out, strlen(out), &found);
	return found.count && strcmp(found.at[0].text, sample.text) == 0 ? REVERSE_OK : REVERSE_AMBIGUOUS;
}

const char *reverse_fault_text(enum reverse_fault fault)
{
	switch (fault) {
	case REVERSE_NO_TOKEN:
		return "found {token} missing or twice, allowed {token} once: it is what the person sends";
	case REVERSE_BAD_NAME:
		return "found a name that is not filled here, allowed {brand} and {token}";
	case REVERSE_BAD_BRACE:
		return "found a brace that opens no name, allowed {name}, or {{ for a brace";
	case REVERSE_NOT_ENCODABLE:
		return "found what no SMS can carry, allowed UTF-8 without control characters";
	case REVERSE_TOO_LONG:
		return "found more than one SMS with brand and token, allowed 160 characters of GSM 03.38, or 70 "
		       "others";
	case REVERSE_AMBIGUOUS:
		return "found another word that is read as the token, allowed {token} as the only word of 8 with "
		       "digits, "
		       "with spaces around it";
	case REVERSE_OK:
		break;
	}
	return "";
}

enum err reverse_fill(const char *text, const char *brand, const struct reverse_token *token,
                      char out[REVERSE_TEXT_CAP])
{
	if (fill(text, brand, token, out) == REVERSE_OK)
		return ERR_OK;
	secret_wipe(out, REVERSE_TEXT_CAP);
	return ERR_INVALID;
}

/* The characters that RFC 3986 never encodes. */
static bool is_unreserved(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c && strchr("-._~", c));
}

enum err reverse_uri(const char *address, const char *text, char out[REVERSE_URI_CAP])
{
	static const char hex[] = "0123456789ABCDEF", scheme[] = "sms:", body[] = "?&body=";
	const char *const heads[] = { scheme, address, body };
	size_t n = 0;

	for (size_t i = 0; i < 3; i++) {
		size_t len = strlen(heads[i]);

		if (len >= REVERSE_URI_CAP - n)
			return ERR_TOOBIG;
		memcpy(out + n, heads[i], len);
		n += len;
	}
	for (; *text; text++) {
		if (REVERSE_URI_CAP - n < 4)
			return ERR_TOOBIG;
		if (is_unreserved(*text)) {
			out[n++] = *text;
			continue;
		}
		out[n++] = '%';
		out[n++] = hex[(unsigned char)*text >> 4];
		out[n++] = hex[(unsigned char)*text & 15];
	}
	out[n] = '\0';
	return ERR_OK;
}
