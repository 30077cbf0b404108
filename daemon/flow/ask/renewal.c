/*
 * renewal: chooses the code of a further SMS. A code that the caller gave is sent again as it is. Owns nothing. Must
 * never leave a clear code anywhere but in the payload.
 */
#include "renewal.h"

#include "answer.h"

#include <stdio.h>
#include <string.h>

/* A code that the caller gives must have the form of those before it, because all of them are valid together. */
static bool fits(struct api_call *call, const struct store_record *record, const struct code *given)
{
	struct code code;
	char text[80];
	bool good = code_take(given->text, strlen(given->text), record->alphabet, record->code_len, &code);

	code_wipe(&code);
	if (good)
		return true;
	snprintf(text, sizeof(text), "the live verification has codes of %u %s", record->code_len,
	         record->alphabet == CODE_LETTERS ? "letters" : "digits");
	answer_badarg(call, "CODE", text);
	return false;
}

/*
 * True if the further SMS brings a new code of ours. Without its text here the payload cannot be sealed with one, and a
 * test number has always the same.
 */
static bool makes_code(const struct renewal_ask *ask, const struct message_payload *payload)
{
	return !ask->own_code && !ask->record->own_code && ask->record->resend != POLICY_RESEND_SAME &&
	       !ask->text_unknown && payload->play.outcome == TESTNUMBER_NONE;
}

/* Fills in what is added to the codes of the record, if there is anything. */
static enum err add(const struct keyring *keys, const struct renewal_ask *ask, const struct message_payload *payload,
                    struct renewal *out)
{
	const struct store_record *record = ask->record;
	bool had_ref = record->ref[0] != '\0', has_ref = ask->new_text ? text_has_ref(payload->text) : had_ref;

	out->added.has_code = ask->own_code || record->resend != POLICY_RESEND_SAME;
	out->added.own_code = ask->own_code;
	if (has_ref)
		code_ref(out->added.ref);
	out->adds = out->added.has_code || has_ref != had_ref;
	if (!out->added.has_code)
		return ERR_OK;
	return keyring_mac(keys, message_root(payload, &record->id), payload->code.text, strlen(payload->code.text),
	                   out->added.mac);
}

bool renewal_make(const struct ask_uses *u, struct api_call *call, const struct renewal_ask *ask,
                  struct message_payload *payload, struct renewal *out)
{
	const struct store_record *record = ask->record;
	bool makes = makes_code(ask, payload);
	enum err err = ERR_OK;

	*out = (struct renewal){ .sealed = makes || ask->new_text ? ask->room : NULL };
	if (ask->own_code && !fits(call, record, &payload->code))
		return false;
	if (makes)
		err = record->check_digit ? code_make_checked(record->code_len, &payload->code)
		                          : code_make(record->alphabet, record->code_len, &payload->code);
	if (!err)
		err = add(u->keys, ask, payload, out);
	if (!err && out->sealed)
		err = message_seal_again(u->keys, &record->id, record->hard_end_ms, payload, ask->room);
	if (err)
		answer_internal(call, err_name(err));
	return !err;
}

void renewal_first(bool own_code, struct message_payload *payload, struct store_issue_req *req)
{
	req->own_code = own_code;
	if (own_code) {
		req->resend = POLICY_RESEND_REPLACE;
		req->check_digit = false;
		req->code_len = (uint8_t)strlen(payload->code.text);
	}
	if (text_has_ref(payload->text))
		code_ref(req->ref);
	memcpy(payload->ref, req->ref, sizeof(req->ref));
}

void renewal_apply(const struct renewal *r, struct store_resend_req *req)
{
	req->added = r->adds ? &r->added : NULL;
	if (r->sealed)
		req->sealed = r->sealed;
}

uint64_t renewal_code(enum policy_resend resend, const uint8_t mac[KEYRING_MAC_LEN])
{
	return resend == POLICY_RESEND_SAME ? 0 : keyring_mac_tag(mac);
}
