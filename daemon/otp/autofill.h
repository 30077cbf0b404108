/*
 * autofill: the last line of an SMS from which phones fill a code in by themselves.
 */
#ifndef OTP_AUTOFILL_H
#define OTP_AUTOFILL_H

#include <stdbool.h>

/*
 * True if the template (before it is filled) ends in the line "@host #{code}" of origin-bound one-time codes, host a
 * name of DNS with a dot; behind it may stand, after a space or on a line of its own, the 11 characters by which Google
 * Play services know an app.
 */
bool autofill_ends(const char *text);

#endif
