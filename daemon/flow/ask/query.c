/*
 * query: OTP.STATUS tells the state of a verification, OTP.CANCEL ends one, OTP.CHECK tells what is known of a number.
 * Owns one struct query per STATUS or CANCEL under way. Must never send an SMS, and never show a code or a whole number
 * of a stored verification.
 */
#include "query.h"

#include "answer.h"
#include "entry.h"
#include "options.h"
#include "flow/deliver/deliver.h"
#include "flow/deliver/successor.h"
#include "ops/funnel.h"
#include "otp/message.h"
#include "say.h"
#include "otp/tag.h"
#include "otp/typo.h"
#include "flow/guard/tenants.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define VALUE_CAP 64
#define FIELDS_MAX 24

struct query {
	const struct ask_uses *u;
	struct api_call *call;
	struct ident id;
	struct overload_pass pass;
	struct successor find;
	enum lifecycle_cancel why; /* CANCEL */
	bool follows;              /* a SEND or RESEND was done before, and this is its REPLY FULL */
	char field[TEXT_NAME_CAP]; /* the one field that was asked for; "": the whole map */
};

/* The map while it is built. Keys are static strings; values are copied into the struct. */
struct map {
	struct api_pair pairs[FIELDS_MAX];
	char values[FIELDS_MAX][VALUE_CAP];
	char say[SAY_STATUS_CAP];
	size_t n;
};

static void put(struct map *m, const char *key, const char *value)
{
	snprintf(m->values[m->n], VALUE_CAP, "%s", value);
	m->pairs[m->n] = (struct api_pair){ key, m->values[m->n] };
	m->n++;
}

/* Puts what is in m->say. */
static void put_say(struct map *m)
{
	m->pairs[m->n++] = (struct api_pair){ "say", m->say };
}

static void put_int(struct map *m, const char *key, int64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRId64, value);
	put(m, key, text);
}

/* Puts Unix seconds, or "" if it has not happened (ms 0). */
static void put_time(struct map *m, const char *key, int64_t ms)
{
	if (ms > 0)
		put_int(m, key, ms / 1000);
	else
		put(m, key, "");
}

static void put_number(const struct ask_uses *u, const struct store_record *r, struct map *m)
{
	struct msisdn number;
	char mask[MSISDN_MASK_CAP] = "";

	if (r->numberless) {
		put(m, "number", "");
		return;
	}
	if (message_number(u->keys, &r->id, &r->sealed, &number) == ERR_OK) {
		msisdn_mask(&number, mask);
		msisdn_wipe(&number);
	} else {
		store_unreadable(u->store, "number", &r->id);
	}
	put(m, "number", mask);
}

/* Puts the name, or "#1234" if the configuration has none with this tag. name may be NULL. */
static void put_name(struct map *m, const char *key, const char *name, uint16_t tag)
{
	char text[TAG_TEXT_CAP];

	tag_text(tag, text);
	put(m, key, name ? name : text);
}

static void put_smsc(const struct ask_uses *u, const struct store_record *r, struct map *m)
{
	int smsc = smpp_smsc_of_tag(u->smpp, r->smsc_tag);
	const char *name = smsc < 0 ? NULL : smpp_smsc_name(u->smpp, (unsigned)smsc);

	if (r->smsc_tag == TESTNUMBER_SMSC_TAG)
		name = TESTNUMBER_SMSC_NAME;
	put_name(m, "smsc", r->smsc_tag ? name : "", r->smsc_tag);
}

static void put_purpose(const struct ask_uses *u, const struct store_record *r, struct map *m)
{
	const struct policy_purpose *p = policy_purpose_of_tag(&u->opts->policy, r->purpose_tag);

	put_name(m, "purpose", p ? p->name : NULL, r->purpose_tag);
}

static bool is_uniform(const struct api_call *call)
{
	const struct policy_tenant *rights = tenants_of(call)->rights;

	return rights && rights->uniform;
}

/*
 * True if a uniform tenant must not see more of this verification than that it is over. That a person has sent the SMS
 * of OTP.REVERSE is told by STATUS alone, as VERIFY tells that a code is right.
 */
static bool is_hidden(const struct query *q, const struct store_record *r)
{
	enum lifecycle_state state = store_effective_state(r, store_now_ms(q->u->store));

	return is_uniform(q->call) && state != LIFECYCLE_PENDING && !(r->reverse && state == LIFECYCLE_VERIFIED);
}

static void put_attempts(const struct query *q, const struct store_record *r, enum lifecycle_state state, struct map *m)
{
	if (is_uniform(q->call))
		put(m, "attempts_left", "");
	else
		put_int(m, "attempts_left",
		        state == LIFECYCLE_PENDING && r->guesses > r->wrong ? r->guesses - r->wrong : 0);
}

static void build(const struct query *q, const struct store_record *r, struct map *m)
{
	const struct ask_uses *u = q->u;
	const struct sentences_lang *lang = say_lang(u, q->call);
	int64_t now = store_now_ms(u->store);
	enum lifecycle_state state = store_effective_state(r, now);
	int64_t wait_ms = state == LIFECYCLE_PENDING ? store_resend_wait_ms(r, now) : -1;
	char id[IDENT_TEXT_LEN + 1];

	m->n = 0;
	ident_format(&q->id, id); /* that of the client, of which r may be a successor */
	put(m, "id", id);
	put(m, "state", lifecycle_state_name(state));
	/* The person sends the SMS of a reverse verification, so there is no delivery. */
	put(m, "delivery", r->reverse ? "" : lifecycle_delivery_name(r->delivery));
	put(m, "reason", lifecycle_reason_name(r->reason));
	put(m, "error", r->error);
	put_smsc(u, r, m);
	put_number(u, r, m);
	put_purpose(u, r, m);
	put_attempts(q, r, state, m);
	put_int(m, "sends", r->sends);
	put_int(m, "sends_left", state == LIFECYCLE_PENDING && r->sends_max > r->sends ? r->sends_max - r->sends : 0);
	if (wait_ms >= 0)
		put_int(m, "resend_after", answer_seconds(wait_ms));
	else
		put(m, "resend_after", "");
	put(m, "possible_duplicate", r->unanswered ? "1" : "0");
	put_time(m, "created_at", r->created_ms);
	put_time(m, "accepted_at", r->accepted_ms);
	put_time(m, "expires_at", r->expires_ms);
	put_time(m, "ended_at", r->ended_ms);
	put(m, "ref", r->ref);
	put(m, "cancel_reason", lifecycle_cancel_name(r->cancel));
	put(m, "similar", r->similar ? "1" : "0");
	if (lang) {
		say_status(lang, r, now, m->say);
		put_say(m);
	}
}

static void answer_field(struct query *q, const struct map *m)
{
	for (size_t i = 0; i < m->n; i++) {
		if (strcasecmp(m->pairs[i].key, q->field) == 0) {
			api_reply_bulk(q->call, m->pairs[i].value, strlen(m->pairs[i].value));
			return;
		}
	}
	answer_badarg(q->call, "FIELD", "must be a field that OTP.STATUS lists");
}

static void on_found(void *arg, enum err err, const struct successor_rep *rep)
{
	struct query *q = arg;
	struct map m;

	overload_done(q->u->overload, &q->pass, err);
	if (err) {
		answer_unavailable(q->u, q->call);
	} else if (rep->gone != STORE_LIVE) {
		answer_gone(q->call, rep->gone, rep->gone_ms);
	} else if (is_hidden(q, rep->record)) {
		answer_gone(q->call, STORE_EXPIRED, 0);
	} else {
		build(q, rep->record, &m);
		if (q->field[0])
			answer_field(q, &m);
		else
			api_reply_map(q->call, m.pairs, m.n);
	}
	free(q);
}

static struct query *query_new(const struct ask_uses *u, struct api_call *call, const struct ident *id)
{
	struct query *q = calloc(1, sizeof(*q));

	if (!q) {
		answer_internal(call, "no_memory");
		return NULL;
	}
	q->u = u;
	q->call = call;
	q->id = *id;
	overload_follow(u->overload, call, OVERLOAD_ASKING, &q->pass);
	return q;
}

static void not_asked(struct query *q, enum err err)
{
	const struct answer_limit done = { .code = "OVERLOADED",
		                           .id = &q->id,
		                           .retry_ms = 1000,
		                           .text = "the request was done; OTP.STATUS shows the result" };

	overload_leave(q->u->overload, &q->pass);
	if (q->follows && err == ERR_BUSY)
		answer_limited(q->call, &done);
	else
		entry_unasked(q->u, q->call, OVERLOAD_ASKING, err);
	free(q);
}

/* Looks for the verification that goes on under the id. */
static enum err find(struct query *q, successor_fn fn)
{
	q->find = (struct successor){ .fn = fn, .arg = q };
	return successor_find(&q->find, q->u->store, q->u->keys, tenants_of(q->call)->tag, &q->id);
}

static void ask_store(struct query *q)
{
	enum err err = find(q, on_found);

	if (err)
		not_asked(q, err);
}

void query_full(const struct ask_uses *u, struct api_call *call, const struct ident *id)
{
	answer_tag(call, id);
	struct query *q = query_new(u, call, id);

	if (!q)
		return;
	q->follows = true;
	ask_store(q);
}

/* Reads the id and the options of a call. NULL: the call has been answered. */
static struct query *read_call(const struct ask_uses *u, struct api_call *call, struct options *a)
{
	struct ident id;

	return answer_read_id(u, call, &id) && options_read(call, a) ? query_new(u, call, &id) : NULL;
}

void query_status(const struct ask_uses *u, struct api_call *call)
{
	struct options a;
	struct query *q = read_call(u, call, &a);

	if (!q)
		return;
	if (a.given[OPTION_FIELD])
		snprintf(q->field, sizeof(q->field), "%.*s", (int)a.value[OPTION_FIELD].len, a.value[OPTION_FIELD].ptr);
	ask_store(q);
}

static void on_cancelled(void *arg, enum err err, const struct store_cancel_rep *rep);

static void cancel(struct query *q)
{
	const struct store_cancel_req req = { q->id, tenants_of(q->call)->tag, q->why };
	enum err err = store_cancel(q->u->store, &req, on_cancelled, q);

	if (err)
		not_asked(q, err);
}

/* The number of the verification was corrected, so its successor is cancelled. */
static void on_successor(void *arg, enum err err, const struct successor_rep *rep)
{
	struct query *q = arg;

	if (!err && rep->gone == STORE_LIVE) {
		q->id = *successor_last(rep);
		cancel(q);
		return;
	}
	overload_done(q->u->overload, &q->pass, err);
	if (err)
		answer_unavailable(q->u, q->call);
	else
		answer_gone(q->call, rep->gone, rep->gone_ms);
	free(q);
}

static void on_cancelled(void *arg, enum err err, const struct store_cancel_rep *rep)
{
	struct query *q = arg;

	if (!err && rep->gone == STORE_REDIRECTED) {
		err = find(q, on_successor);
		if (err)
			not_asked(q, err);
		return;
	}
	overload_done(q->u->overload, &q->pass, err);
	if (err) {
		answer_unavailable(q->u, q->call);
	} else if (rep->gone != STORE_LIVE) {
		answer_gone(q->call, rep->gone, rep->gone_ms);
	} else if (rep->before && is_uniform(q->call)) {
		answer_gone(q->call, STORE_EXPIRED, 0);
	} else {
		if (!rep->before)
			funnel_cancelled(q->why);
		deliver_forget(q->u->deliver, &q->id);
		api_reply_ok(q->call);
	}
	free(q);
}

void query_cancel(const struct ask_uses *u, struct api_call *call)
{
	struct options a;
	struct query *q = read_call(u, call, &a);

	if (!q)
		return;
	q->why = a.cancel;
	cancel(q);
}

/* Puts the numbers that the person may have meant, with a blank between them. */
static void put_similar(const struct ask_uses *u, const struct api_arg *arg, struct map *m)
{
	struct msisdn similar[TYPO_MOST];
	size_t n = typo_similar(&u->opts->plan, arg->ptr, arg->len, similar), len = 0;
	char text[VALUE_CAP] = "";

	for (size_t i = 0; i < n; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s", i ? " " : "", similar[i].digits);
	put(m, "similar", text);
	secret_wipe(text, sizeof(text));
	secret_wipe(similar, sizeof(similar));
}

void query_check(const struct ask_uses *u, struct api_call *call)
{
	struct options a;

	if (!options_read(call, &a))
		return;
	struct api_arg arg = api_call_arg(call, 0);
	struct msisdn_info info = { NULL, "", "" };
	struct msisdn to = { "" };
	enum msisdn_reason reason = msisdn_parse(&u->opts->plan, arg.ptr, arg.len, &to, &info);
	bool valid = reason == MSISDN_OK;
	char display[MSISDN_DISPLAY_CAP] = "";
	const struct sentences_lang *lang = say_lang(u, call);
	const struct sentences_field why = { "reason", msisdn_reason_name(reason) };
	struct map m;

	m.n = 0;
	if (valid)
		msisdn_display(info.country, &to, display);
	put(&m, "number", valid ? to.digits : "");
	put(&m, "display", display);
	put(&m, "region", info.country ? info.country->region : "");
	put(&m, "operator", info.brand);
	put(&m, "network", info.network);
	put(&m, "type", valid ? "mobile" : "");
	put(&m, "valid", valid ? "1" : "0");
	put(&m, "reason", valid ? "" : msisdn_reason_name(reason));
	put_similar(u, &arg, &m);
	m.say[0] = '\0';
	if (lang && !valid)
		say_fill(lang, "BADNUMBER", &why, 1, m.say);
	if (lang)
		put_say(&m);
	api_reply_map(call, m.pairs, m.n);
	secret_wipe(&m, sizeof(m));
	secret_wipe(display, sizeof(display));
	msisdn_wipe(&to);
}
