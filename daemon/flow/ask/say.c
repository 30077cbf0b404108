/*
 * say: puts what happened into the words of the person who waits. Every error reply to an OTP command passes say_error,
 * so that none can be forgotten; a request without SAY of a tenant that is not uniform is left as it is. Owns nothing;
 * the sentences are the configuration's. Must never decide anything, and never say a code or a number.
 */
#include "say.h"

#include "answer.h"
#include "base/invariant.h"
#include "flow/guard/tenants.h"
#include "uniform.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

_Static_assert(SENTENCES_LANG_LEN_MAX == sizeof(uint64_t), "the name of a language is the note of a call");
_Static_assert(sizeof(((struct api_error_room *)0)->text) >= SENTENCES_CAP, "a sentence has room");

/* The value of SAY. len 0: it is not there. Each option is a pair behind the arguments. */
static struct api_arg asked_lang(const struct api_call *call)
{
	size_t n = api_call_argc(call);

	for (size_t i = (size_t)api_call_command(call)->args_min; i + 1 < n; i += 2)
		if (api_arg_is(api_call_arg(call, i), "SAY"))
			return api_call_arg(call, i + 1);
	return (struct api_arg){ "", 0 };
}

static const struct sentences_lang *find(const struct ask_uses *u, const char *name, size_t len)
{
	const struct policy_opts *o = &u->opts->policy;

	for (size_t i = 0; i < o->lang_count; i++)
		if (strlen(o->langs[i].name) == len && memcmp(o->langs[i].name, name, len) == 0)
			return &o->langs[i];
	return NULL;
}

static void answer_unknown(const struct ask_uses *u, struct api_call *call)
{
	const struct policy_opts *o = &u->opts->policy;
	char text[160];
	size_t len = (size_t)snprintf(text, sizeof(text), "must be a language that has sentences:");

	for (size_t i = 0; i < o->lang_count && len < sizeof(text); i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, " %s", o->langs[i].name);
	answer_badarg(call, "SAY", text);
}

bool say_read(const struct ask_uses *u, struct api_call *call)
{
	const struct api_arg asked = asked_lang(call);
	uint64_t note = 0;

	if (!asked.len)
		return true;
	if (!find(u, asked.ptr, asked.len)) {
		answer_unknown(u, call);
		return false;
	}
	memcpy(&note, asked.ptr, asked.len);
	api_call_note(call, note);
	return true;
}

const struct sentences_lang *say_lang(const struct ask_uses *u, const struct api_call *call)
{
	uint64_t note = api_call_noted(call);
	char name[SENTENCES_LANG_LEN_MAX + 1] = "";

	if (!note)
		return NULL;
	memcpy(name, &note, sizeof(note));
	return find(u, name, strlen(name));
}

bool say_fill(const struct sentences_lang *lang, const char *code, const struct sentences_field *fields, size_t n,
              char out[SENTENCES_CAP])
{
	size_t which = sentences_match(code, fields, n);

	out[0] = '\0';
	return invariant(which < sentences_count()) && invariant(sentences_fill(lang, which, fields, n, out));
}

/* --- errors --- */

/* An error that was answered before say_read, as in a transaction, has the request still. */
static const struct sentences_lang *error_lang(const struct ask_uses *u, const struct api_call *call)
{
	const struct sentences_lang *lang = say_lang(u, call);
	struct api_arg asked;

	if (lang || api_call_noted(call))
		return lang;
	asked = asked_lang(call);
	return find(u, asked.ptr, asked.len);
}

void say_error(void *arg, const struct api_call *call, struct api_error *error, struct api_error_room *room)
{
	const struct policy_tenant *rights = tenants_of(call)->rights;
	struct sentences_field fields[API_ERROR_FIELDS_MAX];
	const struct sentences_lang *lang;

	if (rights && rights->uniform)
		uniform_error(error, room);
	lang = error_lang(arg, call);
	if (!lang || !invariant(error->n <= API_ERROR_FIELDS_MAX))
		return;
	for (size_t i = 0; i < error->n; i++)
		fields[i] = (struct sentences_field){ error->fields[i].key, error->fields[i].value };
	if (!say_fill(lang, error->code, fields, error->n, room->text))
		return;
	error->text = room->text;
	error->is_utf8 = true;
}

/* --- OTP.STATUS --- */

/* The reason is told of a delivery that failed, or of one that goes out once more. It may stay behind in others. */
static bool say_what(const struct sentences_lang *lang, const struct store_record *r, enum lifecycle_state state,
                     char out[SENTENCES_CAP])
{
	struct sentences_field fields[3] = { { "state", lifecycle_state_name(state) } };
	size_t n = 1;

	if (r->reverse) {
		fields[n++] = (struct sentences_field){ "reverse", "1" };
	} else if (state == LIFECYCLE_PENDING) {
		fields[n++] = (struct sentences_field){ "delivery", lifecycle_delivery_name(r->delivery) };
		if (r->reason != REASON_NONE && (r->delivery == DELIVERY_FAILED || r->delivery == DELIVERY_QUEUED))
			fields[n++] = (struct sentences_field){ "reason", lifecycle_reason_name(r->reason) };
	}
	return say_fill(lang, "STATUS", fields, n, out);
}

/*
 * Time until the person may ask for another SMS: of this verification, or of a new one once this one has ended, as far
 * as the record tells.
 */
static int64_t next_ms(const struct store_record *r, enum lifecycle_state state, int64_t now_ms)
{
	int64_t wait_ms = store_pause_ms(r, now_ms);

	if (state == LIFECYCLE_PENDING && r->sends >= r->sends_max && r->expires_ms - now_ms > wait_ms)
		wait_ms = r->expires_ms - now_ms;
	return wait_ms;
}

void say_status(const struct sentences_lang *lang, const struct store_record *r, int64_t now_ms,
                char out[SAY_STATUS_CAP])
{
	enum lifecycle_state state = store_effective_state(r, now_ms);
	char what[SENTENCES_CAP], next[SENTENCES_CAP] = "", seconds[24];
	const struct sentences_field wait = { "resend_after", seconds };

	snprintf(seconds, sizeof(seconds), "%" PRId64, answer_seconds(next_ms(r, state, now_ms)));
	say_what(lang, r, state, what);
	if (state != LIFECYCLE_VERIFIED && !r->reverse)
		say_fill(lang, "RESEND", &wait, 1, next);
	snprintf(out, SAY_STATUS_CAP, "%s%s%s", what, what[0] && next[0] ? " " : "", next);
}
