/*
 * typo: the numbers that are one slip of the finger away from another. Pure. Holds no table of prefixes.
 */
#ifndef OTP_TYPO_H
#define OTP_TYPO_H

#include "otp/msisdn.h"

#include <stdbool.h>

/*
 * True if one edit makes b of a: a digit dropped, added, or replaced by another, or two neighbours swapped. It is the
 * same in both directions. False if they are equal.
 */
bool typo_one_edit(const struct msisdn *a, const struct msisdn *b);

#endif
