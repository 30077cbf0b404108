/*
 * mo: a message of a phone, from its arrival to its answer. Its source is counted first, then each word that may be a
 * token is looked up, then the record is verified. Owns one struct message for each that is under way. Must never
 * verify by anything but the source address of a trusted SMSC, and never keep the text.
 */
#include "mo.h"

#include "base/clock.h"
#include "base/invariant.h"
#include "base/secret.h"
#include "base/stats.h"
#include "ops/funnel.h"
#include "otp/reverse.h"
#include "path.h"

#include <stdlib.h>
#include <string.h>

/* Beyond it the SMSC is told to send a message again, so that a flood leaves Redis to others. */
#define UNDER_WAY_MAX 1024

enum result { VERIFIED, REPEATED, OTHER_NUMBER, ENDED, WRONG, LIMITED, SENDER, STORE, RESULTS };

static const char *const results[RESULTS] = {
	[VERIFIED] = "verified", [REPEATED] = "repeated", [OTHER_NUMBER] = "other_number",
	[ENDED] = "ended",       [WRONG] = "wrong",       [LIMITED] = "limited",
	[SENDER] = "sender",     [STORE] = "store",
};

struct mo {
	const struct news_uses *u;
	struct stats_family counted;
	struct stats_hist *took;
	size_t under_way;
};

struct message {
	struct mo *mo;
	uint64_t token; /* of smpp, by which it is answered */
	uint16_t smsc_tag;
	int64_t came_us;
	struct msisdn from;
	struct ident source; /* of from */
	struct reverse_tokens tokens;
	size_t looked; /* tokens that were looked up */
	bool counted;  /* its source has a place in the count of tokens */
	struct ident id;
	uint8_t sealed[KEYRING_NUMBER_SEALED_LEN];
};

struct mo *mo_new(const struct news_uses *u)
{
	struct mo *m = calloc(1, sizeof(*m));

	if (!m)
		return NULL;
	m->u = u;
	m->counted = stats_family("otpgwd_reverse_total", "Messages of phones with a token, by what became of them.",
	                          "result", results, RESULTS);
	m->took = stats_hist("otpgwd_reverse_seconds", "Time from a message of a phone to its verification.", NULL);
	return m;
}

void mo_free(struct mo *m)
{
	free(m);
}

/*
 * Only what may be an attempt to guess keeps its place in the count: a token that there is not, and one that another
 * number must send.
 */
static bool keeps_place(enum result result)
{
	return result == WRONG || result == OTHER_NUMBER;
}

static void end(struct message *w, enum result result)
{
	struct mo *m = w->mo;
	const struct news_uses *u = m->u;

	stats_inc(m->counted.of[result]);
	smpp_receipt_done(u->smpp, w->token, result != STORE);
	if (w->counted && !keeps_place(result))
		store_source_right(u->store, &w->source, &u->opts->policy.mo_wrong);
	m->under_way -= invariant(m->under_way > 0);
	secret_wipe(w, sizeof(*w));
	free(w);
}

static void on_confirmed(void *arg, enum err err, enum store_confirmed confirmed)
{
	static const enum result of[] = { [STORE_CONFIRM_VERIFIED] = VERIFIED,
		                          [STORE_CONFIRM_REPEATED] = REPEATED,
		                          [STORE_CONFIRM_NUMBER] = OTHER_NUMBER,
		                          [STORE_CONFIRM_ENDED] = ENDED };
	struct message *w = arg;

	if (!err && confirmed == STORE_CONFIRM_VERIFIED) {
		funnel_count(FUNNEL_APPROVED);
		stats_observe_us(w->mo->took, clock_mono_us() - w->came_us);
		path_step(&w->id, "verified", "by=reverse smsc_tag=%u", w->smsc_tag);
	}
	end(w, err ? STORE : of[confirmed]);
}

static void confirm(struct message *w, const struct store_record *record)
{
	const struct news_uses *u = w->mo->u;
	struct store_confirm_req req = { .id = record->id, .number = w->sealed, .smsc_tag = w->smsc_tag };

	w->id = record->id;
	if (keyring_seal_number(u->keys, &record->id, &w->from, w->sealed) != ERR_OK) {
		store_unreadable(u->store, "number", &record->id);
		end(w, ENDED);
		return;
	}
	if (store_confirm(u->store, &req, on_confirmed, w) != ERR_OK)
		end(w, STORE);
}

static void look_up(struct message *w);

static void on_token(void *arg, enum err err, const struct store_query_rep *rep)
{
	struct message *w = arg;

	if (err)
		end(w, STORE);
	else if (rep->gone == STORE_LIVE)
		confirm(w, rep->record);
	else
		look_up(w);
}

/* Looks the next token up. */
static void look_up(struct message *w)
{
	const struct news_uses *u = w->mo->u;
	struct ident token;

	if (w->looked == w->tokens.count) {
		end(w, WRONG);
		return;
	}
	keyring_reverse_find(u->keys, w->tokens.at[w->looked++].text, &token);
	if (store_token(u->store, &token, on_token, w) != ERR_OK)
		end(w, STORE);
}

static void on_source(void *arg, enum err err, bool granted)
{
	struct message *w = arg;

	w->counted = !err && granted;
	if (err)
		end(w, STORE);
	else if (!granted)
		end(w, LIMITED);
	else
		look_up(w);
}

/* Counts and answers a message that is not looked up. */
static void turn_away(const struct mo *m, const struct smpp_mo *message, enum result result)
{
	stats_inc(m->counted.of[result]);
	smpp_receipt_done(m->u->smpp, message->token, result != STORE);
}

static void begin(struct mo *m, const struct smpp_mo *message, const struct reverse_tokens *tokens)
{
	const struct news_uses *u = m->u;
	struct msisdn from;

	if (!msisdn_of_source(&u->opts->plan, message->from, message->from_ton, &from)) {
		turn_away(m, message, SENDER);
		return;
	}
	struct message *w = m->under_way < UNDER_WAY_MAX ? calloc(1, sizeof(*w)) : NULL;
	if (!w) {
		msisdn_wipe(&from);
		turn_away(m, message, STORE);
		return;
	}
	*w = (struct message){ .mo = m,
		               .token = message->token,
		               .smsc_tag = smpp_smsc_tag(u->smpp, message->smsc),
		               .came_us = clock_mono_us(),
		               .from = from,
		               .tokens = *tokens };
	m->under_way++;
	keyring_number(u->keys, &from, &w->source);
	msisdn_wipe(&from);
	if (store_source(u->store, &w->source, &u->opts->policy.mo_wrong, on_source, w) != ERR_OK)
		end(w, STORE);
}

void mo_take(struct mo *m, const struct smpp_mo *message)
{
	struct reverse_tokens tokens;

	reverse_read(message->text, message->len, &tokens);
	if (tokens.count)
		begin(m, message, &tokens);
	else
		smpp_receipt_done(m->u->smpp, message->token, true);
	secret_wipe(&tokens, sizeof(tokens));
}
