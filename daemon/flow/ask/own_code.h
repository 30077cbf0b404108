/*
 * own_code: reads the code that a caller gives with OTP.SEND CODE.
 */
#ifndef FLOW_ASK_OWN_CODE_H
#define FLOW_ASK_OWN_CODE_H

#include "options.h"
#include "otp/policy.h"

/*
 * Puts the code of the request into *out, if the request has one. Logs once per tenant that it gives weak codes. False:
 * the tenant may not, or the code has not the length and characters of the terms; the call has been answered.
 */
bool own_code_read(struct api_call *call, const struct options *a, const struct policy_terms *terms, struct code *out);

#endif
