/*
 * autofill: recognises the last line of an SMS from which a phone fills in the code by itself. Pure.
 */
#ifndef OTP_AUTOFILL_H
#define OTP_AUTOFILL_H

#include <stdbool.h>

/*
 * True if the template, before it is filled, ends in the line "@host #{code}" of origin-bound one-time codes. host is a
 * DNS name with a dot. The 11 characters by which Google Play services recognise an app may follow, behind a space or
 * on a line of their own.
 */
bool autofill_ends(const char *text);

#endif
