/*
 * code: the one-time password. Owns the alphabets and the draw.
 * Must never print a code, nor leave one behind in a buffer of its own.
 */
#include "otp/code.h"

#include <sodium.h>
#include <stdint.h>
#include <string.h>

static const char digits[] = "0123456789";
static const char letters[] = "34679ACDEFGHJKMNPQRTUVWXY";

enum err code_make(enum code_alphabet alphabet, size_t len, struct code *out)
{
	const char *set = alphabet == CODE_LETTERS ? letters : digits;
	uint32_t count = (uint32_t)strlen(set);

	if (len < CODE_LEN_MIN || len > CODE_LEN_MAX)
		return ERR_INVALID;
	memset(out, 0, sizeof(*out));
	for (size_t i = 0; i < len; i++)
		out->text[i] = set[randombytes_uniform(count)];
	return ERR_OK;
}

bool code_parse(const char *text, size_t len, struct code *out)
{
	bool all_digits = true, all_letters = true;
	struct code c = { { 0 } };
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		char ch = text[i];

		if (ch == ' ' || ch == '-')
			continue;
		if (ch >= 'a' && ch <= 'z')
			ch = (char)(ch - 'a' + 'A');
		all_digits = all_digits && ch >= '0' && ch <= '9';
		all_letters = all_letters && ch != '\0' && strchr(letters, ch);
		if (n == CODE_LEN_MAX || (!all_digits && !all_letters)) {
			code_wipe(&c);
			return false;
		}
		c.text[n++] = ch;
	}
	if (n >= CODE_LEN_MIN)
		*out = c;
	code_wipe(&c);
	return n >= CODE_LEN_MIN;
}

void code_wipe(struct code *c)
{
	sodium_memzero(c, sizeof(*c));
}
