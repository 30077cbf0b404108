/*
 * own_code: checks a code that the caller made. Owns nothing. Must never log or answer the code.
 */
#include "own_code.h"

#include "answer.h"
#include "base/log.h"
#include "flow/guard/tenants.h"

#include <stdio.h>

#define TOPIC "send"

static void warn_weak(struct tenant *tenant)
{
	if (tenant->weak_told)
		return;
	tenant->weak_told = true;
	log_warn(TOPIC, "weak_code tenant=%s: all its characters are equal or in a row; further ones are not logged",
	         tenant->name);
}

bool own_code_read(struct api_call *call, const struct options *a, const struct policy_terms *terms, struct code *out)
{
	const struct api_arg given = a->value[OPTION_CODE];
	const enum code_alphabet alphabet = terms->purpose->alphabet;
	const size_t len = (size_t)(terms->code_len - terms->purpose->check_digit);
	struct tenant *tenant = tenants_of(call);
	char text[96];

	if (!a->given[OPTION_CODE])
		return true;
	if (!tenant->rights->own_codes) {
		answer_reason(call, "DENIED", "right", "tenants.own_codes does not allow this tenant CODE");
		return false;
	}
	if (!code_take(given.ptr, given.len, alphabet, len, out)) {
		snprintf(text, sizeof(text), "must be %zu %s", len,
		         alphabet == CODE_LETTERS ? "of the characters " CODE_LETTERS_SET : "digits");
		answer_badarg(call, "CODE", text);
		return false;
	}
	if (code_is_weak(out))
		warn_weak(tenant);
	return true;
}
