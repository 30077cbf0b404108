/*
 * sentence_cases: the list of all cases for which the person is told something. Private to otp.
 */
#ifndef OTP_SENTENCE_CASES_H
#define OTP_SENTENCE_CASES_H

#include "otp/sentences.h"

/* The list; *n gets its length. */
const struct sentences_case *sentence_cases_all(size_t *n);

#endif
