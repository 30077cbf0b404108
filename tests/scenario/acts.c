/*
 * acts: from the words of a line to what is done. Owns nothing. Who acts is the first word: conf, daemon, wait, store,
 * a client, or an SMSC.
 */
#include "acts.h"

#include "client.h"
#include "story.h"
#include "world.h"
#include "../fakes/fake_smpp.h"
#include "../fakes/fake_store.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORDS_MAX 24

struct words {
	char *at[WORDS_MAX];
	size_t n;
};

static bool is(const char *word, const char *other)
{
	return strcmp(word, other) == 0;
}

static int64_t duration(const char *word)
{
	int64_t ms = fake_duration_ms(word);

	if (ms < 0)
		story_fail("\"%s\" is no time; write 3s or 250ms", word);
	return ms;
}

static const struct store_record *record(const char *name)
{
	const struct store_record *r = fake_store_record(world_store(), name);

	if (!r)
		story_fail("there is no verification %s", name);
	return r;
}

/* The words from the i-th on, with a space between them. */
static void join(const struct words *w, size_t i, char *out, size_t cap)
{
	size_t n = 0;

	out[0] = '\0';
	for (; i < w->n && n < cap; i++)
		n += (size_t)snprintf(out + n, cap - n, "%s%s", n ? " " : "", w->at[i]);
}

/* --- clients --- */

/* The code in the text of the last SMS, or one of the same length that is not it. */
static void guess(const char *of, bool right, char out[32])
{
	const char *text = fake_smpp_text(world_smpp(), &record(of)->id);
	size_t len = 0;

	for (; *text && len < 4; text += *text ? 1 : 0) {
		len = strspn(text, "0123456789");
		if (len >= 4)
			break;
	}
	if (len < 4)
		story_fail("no SMS of %s has a code", of);
	snprintf(out, 32, "%.*s", (int)len, text);
	if (!right)
		out[0] = out[0] == '9' ? '0' : (char)(out[0] + 1);
}

static bool do_client(struct client *c, const struct words *w)
{
	static const struct {
		const char *verb, *command;
	} verbs[] = { { "send", "OTP.SEND" },        { "resend", "OTP.RESEND" }, { "verify", "OTP.VERIFY" },
		      { "status", "OTP.STATUS" },    { "cancel", "OTP.CANCEL" }, { "check", "OTP.CHECK" },
		      { "redirect", "OTP.REDIRECT" } };
	char id[IDENT_TEXT_LEN + 1], code[32];
	const char *argv[WORDS_MAX];
	size_t argc = 0;

	if (w->n == 3 && is(w->at[1], "lags")) {
		client_lags(c, duration(w->at[2]));
		return true;
	}
	for (size_t i = 0; w->n >= 4 && i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (is(w->at[1], verbs[i].verb))
			argv[argc++] = verbs[i].command;
	if (!argc)
		return false;
	for (size_t i = 3; i < w->n; i++)
		argv[argc++] = w->at[i];
	if (is(w->at[1], "send") || is(w->at[1], "redirect"))
		fake_store_calls(world_store(), w->at[2]);
	if (!is(w->at[1], "send") && !is(w->at[1], "check") && fake_store_record(world_store(), w->at[3])) {
		ident_format(&record(w->at[3])->id, id);
		argv[1] = id;
	}
	if (is(w->at[1], "verify") && argc > 2 && (is(w->at[4], "right") || is(w->at[4], "wrong"))) {
		/* After a redirect the code is that of another verification's SMS, which is named behind it. */
		bool named = w->n > 5 && fake_store_record(world_store(), w->at[5]);

		guess(w->at[named ? 5 : 3], is(w->at[4], "right"), code);
		argv[2] = code;
		argc -= named;
	}
	client_ask(c, w->at[2], argc, argv);
	return true;
}

/* --- the store --- */

static bool do_store_fault(const char *verb, enum fake_command command)
{
	static const struct {
		const char *verb;
		enum fake_fault fault;
	} faults[] = {
		{ "loses", FAKE_LOSE }, { "drops", FAKE_DROP }, { "busy", FAKE_BUSY }, { "refuses", FAKE_REFUSE }
	};

	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		if (is(verb, faults[i].verb)) {
			fake_store_next(world_store(), command, faults[i].fault);
			return true;
		}
	return false;
}

static bool do_store_command(const struct words *w)
{
	struct store *s = world_store();
	const char *verb = w->at[1];
	enum fake_command command;
	char outcome[80];

	if (w->n < 3 || !fake_store_command(w->at[2], &command))
		return false;
	if (is(verb, "holds")) {
		fake_store_hold(s, command);
	} else if (is(verb, "resumes")) {
		fake_store_go_on(s, command);
	} else if (is(verb, "delays") && w->n == 4) {
		fake_store_delay(s, command, duration(w->at[3]));
	} else if (is(verb, "answers") && w->n > 3) {
		join(w, 3, outcome, sizeof(outcome));
		return fake_store_answers(s, command, outcome);
	} else {
		return do_store_fault(verb, command);
	}
	return true;
}

static bool do_store(const struct words *w)
{
	struct store *s = world_store();

	if (w->n == 2 && is(w->at[1], "away"))
		fake_store_away(s);
	else if (w->n == 2 && is(w->at[1], "back"))
		fake_store_back(s);
	else if (w->n == 3 && is(w->at[1], "promises"))
		fake_store_durability(s, is(w->at[2], "power") ? STORE_DUR_POWER : STORE_DUR_NONE);
	else if (w->n == 3 && is(w->at[1], "spoils") && record(w->at[2]))
		fake_store_spoil(s, w->at[2]);
	else if (w->n == 3 && is(w->at[1], "lends") && record(w->at[2]))
		fake_store_steal(s, w->at[2]);
	else
		return do_store_command(w);
	return true;
}

/* --- SMSCs --- */

/* The word after this one; NULL: it is not there. */
static const char *after(const struct words *w, const char *word)
{
	for (size_t i = 2; i + 1 < w->n; i++)
		if (is(w->at[i], word))
			return w->at[i + 1];
	return NULL;
}

static uint32_t status_of(const struct words *w)
{
	for (size_t i = 3; i < w->n; i++)
		if (strncmp(w->at[i], "0x", 2) == 0)
			return (uint32_t)strtoul(w->at[i], NULL, 16);
	story_fail("a command_status is missing: 0x14");
}

static bool result_of(const struct words *w, struct smpp_result *r)
{
	const char *verb = w->at[1], *id = after(w, "as"), *again = after(w, "again");

	*r = (struct smpp_result){ .message_id = id ? id : "", .answer_us = 1000 };
	if (is(verb, "accepts") || (is(verb, "late") && id)) {
		r->outcome = SMPP_ACCEPTED;
	} else if (is(verb, "loses") || is(verb, "breaks")) {
		r->outcome = SMPP_AMBIGUOUS;
		r->ended = is(verb, "breaks");
		r->answer_us = -1;
	} else if (is(verb, "throttles")) {
		r->outcome = SMPP_LATER;
		r->status = 0x58;
	} else if (is(verb, "unbinds")) {
		r->outcome = SMPP_LATER;
		r->session = true;
		r->status = 0x04;
	} else if (is(verb, "refuses") || is(verb, "defers") || is(verb, "late")) {
		r->outcome = SMPP_OTHER;
		r->costs = !is(verb, "defers");
		r->status = status_of(w);
		r->again_ms = again ? (uint32_t)duration(again) : 0;
	} else if (is(verb, "rejects")) {
		r->outcome = SMPP_REFUSED;
		r->status = status_of(w);
	} else {
		return false;
	}
	return true;
}

static enum smpp_receipt_state state_of(const char *word)
{
	static const char *const words[] = {
		[SMPP_RECEIPT_INTERMEDIATE] = "intermediate",
		[SMPP_RECEIPT_DELIVERED] = "delivered",
		[SMPP_RECEIPT_UNDELIVERABLE] = "undeliverable",
		[SMPP_RECEIPT_EXPIRED] = "expired",
		[SMPP_RECEIPT_REJECTED] = "rejected",
		[SMPP_RECEIPT_DELETED] = "deleted",
		[SMPP_RECEIPT_UNKNOWN] = "unknown",
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (is(words[i], word))
			return (enum smpp_receipt_state)i;
	story_fail("\"%s\" is no state of a receipt", word);
}

/* main receipt R 77 delivered [or 78 undeliverable] [hint 79] [number 6281...] [error 011] */
static bool do_receipt(unsigned smsc, const struct words *w)
{
	const char *other = after(w, "or"), *hint = after(w, "hint"), *number = after(w, "number"),
		   *error = after(w, "error");
	struct smpp_receipt r = { .number = number ? number : "", .to = "Toko", .error = error ? error : "" };

	if (w->n < 5)
		return false;
	r.readings[r.reading_count++] = (struct smpp_reading){ .id = w->at[3], .state = state_of(w->at[4]) };
	for (size_t i = 5; other && i + 2 < w->n; i++)
		if (is(w->at[i], "or"))
			r.readings[r.reading_count++] =
			    (struct smpp_reading){ .id = other, .state = state_of(w->at[i + 2]) };
	r.ids[0] = w->at[3];
	r.ids[1] = other ? other : "";
	fake_smpp_receipt(world_smpp(), smsc, w->at[2], hint ? hint : "", &r);
	return true;
}

static bool do_smsc_state(unsigned smsc, const struct words *w)
{
	struct smpp *p = world_smpp();
	const char *verb = w->at[1];

	if (w->n == 2 && (is(verb, "goes") || is(verb, "comes")))
		fake_smpp_bound(p, smsc, is(verb, "comes"));
	else if (w->n == 2 && (is(verb, "full") || is(verb, "room")))
		fake_smpp_room(p, smsc, is(verb, "room"));
	else if (w->n == 3 && is(verb, "rate"))
		fake_smpp_rate(p, smsc, strtod(w->at[2], NULL));
	else if (w->n == 3 && is(verb, "pauses"))
		fake_smpp_pause(p, smsc, duration(w->at[2]));
	else
		return false;
	return true;
}

static bool do_smsc(unsigned smsc, const struct words *w)
{
	struct smpp_result r;

	if (is(w->at[1], "receipt"))
		return do_receipt(smsc, w);
	if (w->n < 3 || !result_of(w, &r))
		return do_smsc_state(smsc, w);
	const struct ident *id = &record(w->at[2])->id;
	if (is(w->at[1], "late") ? !fake_smpp_late(world_smpp(), smsc, id, &r)
	                         : !fake_smpp_answer(world_smpp(), smsc, id, &r))
		story_fail("%s has no submit of %s to answer", w->at[0], w->at[2]);
	return true;
}

/* --- the rest --- */

static bool do_daemon(const struct words *w)
{
	if (w->n == 2 && is(w->at[1], "starts"))
		world_start();
	else if (w->n == 2 && is(w->at[1], "dies"))
		world_die();
	else if (w->n == 2 && is(w->at[1], "reloads"))
		world_reload();
	else if (w->n == 3 && is(w->at[1], "drains"))
		world_drain(duration(w->at[2]));
	else
		return false;
	return true;
}

static bool dispatch(const struct words *w)
{
	const char *who = w->at[0];
	int smsc = smpp_smsc_find(world_smpp(), who);
	struct client *c = client_find(who);

	if (is(who, "conf"))
		return world_conf(w->at[1], w->n - 2, w->at + 2);
	if (is(who, "daemon"))
		return do_daemon(w);
	if (is(who, "wait") && w->n == 2) {
		world_wait(duration(w->at[1]));
		return true;
	}
	if (is(who, "store"))
		return do_store(w);
	if (smsc >= 0)
		return do_smsc((unsigned)smsc, w);
	return c && world_started() && do_client(c, w);
}

bool acts_do(char *line)
{
	struct words w = { .n = 0 };
	char *save = NULL;
	static bool before; /* the daemon starts by itself before the first line that needs it */

	for (char *p = strtok_r(line, " ", &save); p && w.n < WORDS_MAX; p = strtok_r(NULL, " ", &save))
		w.at[w.n++] = p;
	if (w.n < 2)
		return false;
	if (!before && !is(w.at[0], "conf")) {
		before = true;
		if (!is(w.at[0], "daemon") || !is(w.at[1], "starts"))
			world_start();
	}
	bool done = dispatch(&w);
	world_turn();
	return done;
}
