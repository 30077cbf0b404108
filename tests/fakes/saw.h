/*
 * What the fakes of the store and of the SMSCs tell of themselves. The test that links them defines these functions.
 */
#ifndef TESTS_FAKES_SAW_H
#define TESTS_FAKES_SAW_H

#include "otp/ident.h"

#include <stdbool.h>

/* Something happened, told as a sentence. must: the test has to expect it; else it may. */
void fake_saw(bool must, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The test's name of a verification; never NULL. */
const char *fake_name(const struct ident *id);

/* The name of the SMSC that has this tag; never NULL. */
const char *fake_smsc(uint16_t tag);

#endif
