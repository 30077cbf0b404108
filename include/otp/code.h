/*
 * code: the one-time password itself: made uniformly, checked for form, wiped. Pure but for randomness.
 */
#ifndef OTP_CODE_H
#define OTP_CODE_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

#define CODE_LEN_MIN 4
#define CODE_LEN_MAX 10

enum code_alphabet {
	CODE_DIGITS = 0,
	CODE_LETTERS /* digits and capital letters without look-alikes: no 0 O 1 I L B 8 S 5 Z 2 */
};

struct code {
	char text[CODE_LEN_MAX + 1];
};

/* A uniform code of length 4..10 (randombytes_uniform for each place). ERR_INVALID for another length. */
enum err code_make(enum code_alphabet alphabet, size_t len, struct code *out) ERR_CHECKED;

/*
 * Reads a guess as people type it: spaces and "-" between are dropped, letters become capital. True if what is left
 * is 4..10 characters of the digits or of the letters' alphabet; then *out holds it.
 */
bool code_parse(const char *text, size_t len, struct code *out);

void code_wipe(struct code *c);

#endif
