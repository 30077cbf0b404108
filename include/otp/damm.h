/*
 * damm: the check digit behind the digits of a code (H. M. Damm, 2004). It tells every single wrong digit and every
 * swap of two neighbours. Pure.
 */
#ifndef OTP_DAMM_H
#define OTP_DAMM_H

#include <stdbool.h>

/* The check digit of a text of decimal digits, as a character. */
char damm_digit(const char *digits);

/* True if the text is one decimal digit or more, and the last is the check digit of those before it. */
bool damm_holds(const char *digits);

#endif
