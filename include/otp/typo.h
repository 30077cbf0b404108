/*
 * typo: the numbers that are one slip of the finger away from another. Pure. Holds no table of prefixes.
 */
#ifndef OTP_TYPO_H
#define OTP_TYPO_H

#include "otp/msisdn.h"

#include <stdbool.h>
#include <stddef.h>

#define TYPO_MOST 3 /* numbers that are told */

/*
 * True if one edit makes b of a: a digit dropped, added, or replaced by another, or two neighbours swapped. It is the
 * same in both directions. False if they are equal.
 */
bool typo_one_edit(const struct msisdn *a, const struct msisdn *b);

/*
 * Finds the numbers that the person may have meant with a text that is refused: each that is accepted after one edit of
 * the typed digits, or with the home country's code in place of another. Returns how many are in out. 0: there is none,
 * there are more than TYPO_MOST, the text is not written like a number, or it is accepted. So what is told is all there
 * is: a number that one edit spoiled is among what is told of it.
 */
size_t typo_similar(const struct msisdn_plan *plan, const char *text, size_t len, struct msisdn out[TYPO_MOST]);

#endif
