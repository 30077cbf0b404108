/*
 * code: makes one-time passwords and reads them from typed text. Owns the alphabets, the random draw, and the rule
 * which part of a pasted text may be a code. It must never print a code, and it wipes its own buffers.
 */
#include "otp/code.h"

#include "otp/damm.h"
#include "otp/typed.h"

#include <sodium.h>
#include <stdbool.h>
#include <string.h>

static const char digits[] = "0123456789";
static const char letters[] = CODE_LETTERS_SET;

_Static_assert(sizeof(letters) - 1 == CODE_LETTERS_COUNT, "what the odds are counted with");

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

void code_ref(char out[CODE_REF_CAP])
{
	memset(out, 0, CODE_REF_CAP);
	for (size_t i = 0; i < CODE_REF_CAP - 1; i++)
		out[i] = letters[randombytes_uniform(CODE_LETTERS_COUNT)];
}

bool code_take(const char *text, size_t text_len, enum code_alphabet alphabet, size_t len, struct code *out)
{
	const char *set = alphabet == CODE_LETTERS ? letters : digits;
	bool good = text_len == len && len >= CODE_LEN_MIN && len <= CODE_LEN_MAX;

	memset(out, 0, sizeof(*out));
	for (size_t i = 0; i < len && good; i++) {
		good = text[i] && strchr(set, text[i]);
		out->text[i] = text[i];
	}
	if (!good)
		sodium_memzero(out, sizeof(*out));
	return good;
}

/* The place of the second character behind the first in their alphabet, in which 0 follows 9. */
static int step_of(char first, char second, bool is_digits)
{
	if (is_digits)
		return (second - first + 10) % 10;
	return (int)(strchr(letters, second) - strchr(letters, first));
}

bool code_is_weak(const struct code *code)
{
	const bool is_digits = strspn(code->text, digits) == strlen(code->text);
	bool equal = true, up = true, down = true;

	for (const char *c = code->text; c[0] && c[1]; c++) {
		int step = step_of(c[0], c[1], is_digits);

		equal = equal && step == 0;
		up = up && step == 1;
		down = down && step == (is_digits ? 9 : -1);
	}
	return equal || up || down;
}

enum err code_make_checked(size_t len, struct code *out)
{
	if (len > CODE_LEN_MAX)
		return ERR_INVALID;
	enum err err = code_make(CODE_DIGITS, len - 1, out);
	if (!err)
		out->text[len - 1] = damm_digit(out->text);
	return err;
}

#define LENGTHS (CODE_LEN_MAX - CODE_LEN_MIN + 1)
#define ALPHABETS 2

enum found { FOUND_NONE, FOUND_ONE, FOUND_SEVERAL };

/* A run of characters: one word of the text, or the whole text without separators. */
struct run {
	struct code code; /* the first CODE_LEN_MAX characters */
	size_t len;
	uint8_t alphabets;
};

struct reader {
	struct run whole, word;
	struct {
		enum found found;
		struct code code;
	} words[ALPHABETS][LENGTHS];
};

/* Appends a character to the run. ascii 0 stands for a character that no alphabet has. */
static void extend(struct run *run, char ascii)
{
	if (run->len == 0)
		run->alphabets = CODE_IS_DIGITS | CODE_IS_LETTERS;
	if (!typed_is_digit(ascii))
		run->alphabets &= (uint8_t)~CODE_IS_DIGITS;
	if ((run->alphabets & CODE_IS_LETTERS) && (ascii == 0 || !strchr(letters, ascii)))
		run->alphabets &= (uint8_t)~CODE_IS_LETTERS;
	if (run->len < CODE_LEN_MAX)
		run->code.text[run->len] = ascii;
	run->len++;
}

static bool has_length(const struct run *run)
{
	return run->len >= CODE_LEN_MIN && run->len <= CODE_LEN_MAX;
}

static void end_word(struct reader *r)
{
	for (unsigned a = 0; a < ALPHABETS && has_length(&r->word); a++) {
		size_t i = r->word.len - CODE_LEN_MIN;

		if (!(r->word.alphabets >> a & 1))
			continue;
		if (r->words[a][i].found == FOUND_NONE) {
			r->words[a][i].found = FOUND_ONE;
			r->words[a][i].code = r->word.code;
		} else if (strcmp(r->words[a][i].code.text, r->word.code.text) != 0) {
			r->words[a][i].found = FOUND_SEVERAL;
		}
	}
	sodium_memzero(&r->word, sizeof(r->word));
}

static void read_character(struct reader *r, const struct typed *c)
{
	switch (c->kind) {
	case TYPED_INVISIBLE:
		return;
	case TYPED_SEPARATOR:
		end_word(r);
		return;
	case TYPED_DIGIT:
	case TYPED_LATIN:
	case TYPED_LETTER:
		extend(&r->word, c->ascii);
		break;
	case TYPED_MARK:
		/*
		 * A mark belongs to the letter before it. A letter of a script without capitals has ended the word, so
		 * there is no word that the mark could make invalid.
		 */
		if (r->word.len > 0)
			extend(&r->word, c->ascii);
		break;
	case TYPED_DOT:
	case TYPED_SLASH:
	case TYPED_PLUS:
	case TYPED_OTHER:
		end_word(r);
		break;
	}
	extend(&r->whole, c->ascii);
}

static void add(struct code_guess *out, const struct code *code, uint8_t alphabets)
{
	out->at[out->count].code = *code;
	out->at[out->count].alphabets = alphabets;
	out->count++;
}

static void add_words(const struct reader *r, size_t i, struct code_guess *out)
{
	uint8_t open = CODE_IS_DIGITS | CODE_IS_LETTERS, have = 0;
	const struct code *as_digits = &r->words[CODE_DIGITS][i].code, *as_letters = &r->words[CODE_LETTERS][i].code;

	if (r->whole.len == i + CODE_LEN_MIN)
		open &= (uint8_t)~r->whole.alphabets;
	for (unsigned a = 0; a < ALPHABETS; a++) {
		if ((open >> a & 1) && r->words[a][i].found == FOUND_ONE)
			have |= (uint8_t)(1 << a);
	}
	if (have == (CODE_IS_DIGITS | CODE_IS_LETTERS) && strcmp(as_digits->text, as_letters->text) == 0) {
		add(out, as_digits, have);
		return;
	}
	if (have & CODE_IS_DIGITS)
		add(out, as_digits, CODE_IS_DIGITS);
	if (have & CODE_IS_LETTERS)
		add(out, as_letters, CODE_IS_LETTERS);
}

void code_read(const char *text, size_t len, struct code_guess *out)
{
	struct reader r = { .whole = { .len = 0 } };
	struct typed c;
	size_t at = 0;

	memset(out, 0, sizeof(*out));
	out->len = CODE_LEN_UNKNOWN;
	while (len <= CODE_TYPED_MAX && at < len) {
		if (typed_is_digit(text[at]))
			c = (struct typed){ TYPED_DIGIT, text[at++] };
		else if (!typed_next(text, len, &at, &c))
			break;
		read_character(&r, &c);
	}
	if (at == len) {
		end_word(&r);
		out->len = (uint8_t)(r.whole.len < CODE_LEN_UNKNOWN ? r.whole.len : CODE_LEN_UNKNOWN);
		if (has_length(&r.whole) && r.whole.alphabets)
			add(out, &r.whole.code, r.whole.alphabets);
		for (size_t i = 0; i < LENGTHS; i++)
			add_words(&r, i, out);
	}
	sodium_memzero(&r, sizeof(r));
	sodium_memzero(&c, sizeof(c));
}

void code_guess_wipe(struct code_guess *g)
{
	sodium_memzero(g, sizeof(*g));
}

void code_wipe(struct code *code)
{
	sodium_memzero(code, sizeof(*code));
}
