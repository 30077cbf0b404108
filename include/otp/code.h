/*
 * code: makes a one-time password uniformly, reads it from typed text, and wipes it. Pure except for randomness.
 */
#ifndef OTP_CODE_H
#define OTP_CODE_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CODE_LEN_MIN 4
#define CODE_LEN_MAX 10
#define CODE_LETTERS_COUNT 25 /* characters of CODE_LETTERS */
#define CODE_LETTERS_SET "34679ACDEFGHJKMNPQRTUVWXY"

enum code_alphabet {
	CODE_DIGITS = 0,
	CODE_LETTERS /* digits and capital letters without look-alikes: no 0 O 1 I L B 8 S 5 Z 2 */
};

struct code {
	char text[CODE_LEN_MAX + 1];
};

#define CODE_REF_CAP 3 /* two characters and a NUL */

/* Makes a uniform code of length 4..10 (randombytes_uniform for each place). ERR_INVALID: another length. */
enum err code_make(enum code_alphabet alphabet, size_t len, struct code *out) ERR_CHECKED;

/* Makes two random characters of CODE_LETTERS that name one SMS of a verification, for {ref} of its text. */
void code_ref(char out[CODE_REF_CAP]);

/*
 * Reads a code that a caller gives: len characters of the alphabet, as they are. True: it is in *out. False: it has
 * another length or other characters, and *out is zeros.
 */
bool code_take(const char *text, size_t text_len, enum code_alphabet alphabet, size_t len, struct code *out);

/* True if a code is easily guessed: all its characters are equal, or each is the next, or the one before, in order. */
bool code_is_weak(const struct code *code);
/*
 * Makes a code of len digits of which the last is a check digit (otp/damm.h), so that it is as hard to guess as a code
 * of one digit less. ERR_INVALID: len is not 5..10.
 */
enum err code_make_checked(size_t len, struct code *out) ERR_CHECKED;

/* bits of struct code_candidate.alphabets */
enum { CODE_IS_DIGITS = 1 << CODE_DIGITS, CODE_IS_LETTERS = 1 << CODE_LETTERS };

#define CODE_SHAPES 14      /* 7 lengths times 2 alphabets */
#define CODE_TYPED_MAX 1024 /* longest text that is read, in octets */
#define CODE_LEN_UNKNOWN 255

struct code_candidate {
	struct code code;
	uint8_t alphabets; /* bits CODE_IS_...: alphabets in which it may be a code */
};

struct code_guess {
	uint8_t len;   /* characters typed without separators; CODE_LEN_UNKNOWN: so many or more, or unreadable */
	uint8_t count; /* of at[] */
	struct code_candidate at[CODE_SHAPES];
};

/*
 * Reads len octets that a person typed or pasted as a code. Digits of every script and full-width letters become ASCII,
 * letters capital; spaces, hyphens and dashes, tabs, line ends, parentheses and invisible characters are dropped.
 *
 * If 4 to 10 characters of one alphabet are left, they are the candidate for that length and alphabet. For every other
 * length and alphabet, as in a pasted SMS, the candidate is the one word of that form, if the text has exactly one. The
 * same word twice counts as one. So there is at most one candidate per length and alphabet.
 *
 * This never fails. A text without a candidate gets count 0 and its length. A text of more than CODE_TYPED_MAX octets,
 * or that is not UTF-8, gets count 0 and CODE_LEN_UNKNOWN. The caller calls code_guess_wipe after use.
 */
void code_read(const char *text, size_t len, struct code_guess *out);

void code_guess_wipe(struct code_guess *g);
void code_wipe(struct code *code);

#endif
