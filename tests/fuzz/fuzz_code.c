/*
 * What a person typed as a code: every candidate is a code of its alphabets, no length and alphabet has two, and a
 * candidate read alone is found again.
 */
#include "otp/code.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int holds)
{
	if (!holds)
		abort();
}

static void check_candidate(const struct code_candidate *c)
{
	size_t len = strnlen(c->code.text, sizeof(c->code.text));
	struct code_guess again;

	check(len >= CODE_LEN_MIN && len <= CODE_LEN_MAX);
	check(c->alphabets && !(c->alphabets & ~(CODE_IS_DIGITS | CODE_IS_LETTERS)));
	if (c->alphabets & CODE_IS_DIGITS)
		check(strspn(c->code.text, "0123456789") == len);
	if (c->alphabets & CODE_IS_LETTERS)
		check(strspn(c->code.text, "34679ACDEFGHJKMNPQRTUVWXY") == len);
	code_read(c->code.text, len, &again);
	check(again.count == 1 && again.len == len);
	check(strcmp(again.at[0].code.text, c->code.text) == 0);
	check((again.at[0].alphabets & c->alphabets) == c->alphabets);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned seen[CODE_LEN_MAX + 1] = { 0 };
	struct code_guess g;

	code_read((const char *)data, size, &g);
	check(g.count <= CODE_SHAPES);
	check(size <= CODE_TYPED_MAX || (g.count == 0 && g.len == CODE_LEN_UNKNOWN));
	for (size_t i = 0; i < g.count; i++) {
		size_t len = strlen(g.at[i].code.text);

		check_candidate(&g.at[i]);
		check(!(seen[len] & g.at[i].alphabets));
		seen[len] |= g.at[i].alphabets;
		check(g.len >= len);
	}
	code_guess_wipe(&g);
	return 0;
}
