/*
 * testing: finds the number of a request in the tenant's test numbers. Owns nothing. It must never give the code of a
 * test number to a request for another number.
 */
#include "testing.h"

#include "answer.h"
#include "flow/guard/tenants.h"

#include <stdio.h>
#include <string.h>

static const struct testnumber_group *group_of(const struct ask_uses *u, const struct tenant *tenant,
                                               const struct msisdn *number)
{
	const struct policy_tenant *rights = tenant->rights;

	if (!rights || rights->test_count == 0)
		return NULL;
	return testnumber_find(rights->tests, rights->test_count, number, store_now_ms(u->store));
}

bool testing_read(const struct ask_uses *u, struct api_call *call, const struct options *a,
                  const struct policy_terms *terms, struct message_payload *payload)
{
	const struct testnumber_group *group = group_of(u, tenants_of(call), &payload->number);
	char text[200];

	if (!group)
		return true;
	if (testnumber_code_fits(group->code, terms->purpose->alphabet, terms->code_len)) {
		snprintf(payload->code.text, sizeof(payload->code.text), "%s", group->code);
		payload->play = group->play;
		return true;
	}
	snprintf(
	    text, sizeof(text),
	    "the code of this test number has %zu characters and cannot be one of %u %s: use another PURPOSE or LENGTH",
	    strlen(group->code), (unsigned)terms->code_len,
	    terms->purpose->alphabet == CODE_LETTERS ? "letters" : "digits");
	answer_badarg(call, a->length >= 0 ? "LENGTH" : "PURPOSE", text);
	return false;
}

void testing_keep(const struct message_payload *live, struct message_payload *payload)
{
	if (payload->play.outcome == TESTNUMBER_NONE)
		payload->play = live->play;
}

bool testing_resend(const struct ask_uses *u, const struct tenant *tenant, const struct store_record *record,
                    struct message_payload *payload, struct keyring_sealed *out)
{
	const struct testnumber_group *group = group_of(u, tenant, &payload->number);
	const bool ordinary = payload->play.outcome == TESTNUMBER_NONE;

	out->len = 0;
	if (record->test && ordinary)
		payload->play.outcome = TESTNUMBER_OK;
	if (!group)
		return true;
	payload->play = group->play;
	return !ordinary || message_seal_again(u->keys, &record->id, record->hard_end_ms, payload, out) == ERR_OK;
}

bool testing_redirect(const struct ask_uses *u, struct api_call *call, const struct store_record *record,
                      struct message_payload *payload)
{
	const struct testnumber_group *group = group_of(u, tenants_of(call), &payload->number);

	payload->play = (struct testnumber_play){ TESTNUMBER_NONE, 0 };
	if (!group)
		return true;
	if (!testnumber_code_fits(group->code, record->alphabet, record->code_len)) {
		answer_badarg(call, "number",
		              "is a test number whose code has another length than that of the verification");
		return false;
	}
	snprintf(payload->code.text, sizeof(payload->code.text), "%s", group->code);
	payload->play = group->play;
	return true;
}

void testing_unlimited(struct store_limits *limits)
{
	limits->sends_short.count = limits->sends_long.count = 0;
	limits->fails_short.count = limits->fails_long.count = 0;
}
