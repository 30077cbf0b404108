/*
 * smpp: SMSCs as a test wants them. Owns what was submitted and the receipts without an answer. Keeps the promise of
 * smpp.h: the result of a submit is told exactly once, after smpp_submit returned, and never to a process that died.
 * What an SMSC gets, and how a receipt is answered, is told by fake_saw.
 */
#include "smpp.h"

#include "fake_smpp.h"
#include "saw.h"

#include "base/clock.h"
#include "otp/tag.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SUBMITS_MAX 1024
#define RECEIPTS_MAX 256
#define NAME_CAP 33

enum submit_state { SUBMIT_OPEN, SUBMIT_UNANSWERED, SUBMIT_ENDED };

struct submit {
	enum submit_state state;
	unsigned smsc;
	struct ident id;
	char text[FAKE_TEXT_CAP];
	smpp_result_fn fn;
	void *arg;
	struct smpp_late late;
};

struct smpp {
	struct loop *loop;
	struct smpp_listener listener;
	struct {
		char name[NAME_CAP];
		bool bound, room;
		double per_s;
		char hint[SMPP_MESSAGE_ID_CAP]; /* the id of its last receipt, read by another mode; "": none */
		int64_t pause_ms;               /* monotonic: until then */
	} smscs[FAKE_SMSCS_MAX];
	size_t smsc_count;
	struct {
		char prefix[16];
		unsigned smscs[FAKE_SMSCS_MAX];
		size_t count;
	} routes[FAKE_ROUTES_MAX];
	size_t route_count;
	struct submit submits[SUBMITS_MAX];
	size_t submit_count;
	struct {
		char name[NAME_CAP];
		unsigned smsc;
	} receipts[RECEIPTS_MAX]; /* by token */
	size_t receipt_count;
	struct loop_timer *unpause;
};

/* --- which SMSC: all that depends on how smpp.h chooses stands here --- */

static bool can_send(const struct smpp *p, unsigned smsc)
{
	return p->smscs[smsc].bound;
}

static bool has_room(const struct smpp *p, unsigned smsc)
{
	return can_send(p, smsc) && p->smscs[smsc].room && p->smscs[smsc].pause_ms <= clock_mono_ms();
}

/* The first of the route that is bound and not one of these. -1: none. */
static int first_outside(const struct smpp *p, int route, const struct smsc_set *these)
{
	for (size_t i = 0; i < p->routes[route].count; i++) {
		unsigned smsc = p->routes[route].smscs[i];

		if (!smsc_set_has(these, smsc) && can_send(p, smsc))
			return (int)smsc;
	}
	return -1;
}

enum err smpp_choose(const struct smpp *p, int route, const struct smpp_ask *ask, struct smpp_choice *out)
{
	if (route < 0 || (size_t)route >= p->route_count)
		return ERR_NOTFOUND;
	static const struct smsc_set none;
	const struct smsc_set *excluded = ask->excluded ? ask->excluded : &none;
	struct smsc_set both = *excluded;

	if (ask->avoid_soft)
		smsc_set_join(&both, ask->avoid_soft);
	int smsc = first_outside(p, route, &both);

	if (smsc < 0)
		smsc = first_outside(p, route, smpp_route_beyond(p, route, excluded) ? excluded : &none);
	if (smsc < 0)
		return ERR_UNAVAILABLE;
	*out = (struct smpp_choice){ .route = route,
		                     .smsc = (unsigned)smsc,
		                     .fit = !smsc_set_has(excluded, (unsigned)smsc) };
	return has_room(p, out->smsc) ? ERR_OK : ERR_BUSY;
}

/* --- the door: smpp.h --- */

int smpp_route(const struct smpp *p, const struct msisdn *to)
{
	int best = -1;

	for (size_t i = 0; i < p->route_count; i++)
		if (msisdn_has_prefix(to, p->routes[i].prefix) &&
		    (best < 0 || strlen(p->routes[i].prefix) > strlen(p->routes[best].prefix)))
			best = (int)i;
	return best;
}

size_t smpp_routes(const struct smpp *p)
{
	return p->route_count;
}

bool smpp_route_beyond(const struct smpp *p, int route, const struct smsc_set *smscs)
{
	for (size_t i = 0; i < p->routes[route].count; i++)
		if (!smsc_set_has(smscs, p->routes[route].smscs[i]))
			return true;
	return false;
}

struct smpp_pace smpp_route_pace(const struct smpp *p, int route, size_t most)
{
	struct smpp_pace pace = { .pause_ms = INT64_MAX };

	if (route < 0 || (size_t)route >= p->route_count)
		return (struct smpp_pace){ 0 };
	for (size_t i = 0, summed = 0; i < p->routes[route].count && summed < most; i++) {
		unsigned smsc = p->routes[route].smscs[i];
		int64_t pause_ms = p->smscs[smsc].pause_ms - clock_mono_ms();

		if (!can_send(p, smsc))
			continue;
		pace.per_s += p->smscs[smsc].per_s;
		summed++;
		pause_ms = pause_ms > 0 ? pause_ms : 0;
		pace.pause_ms = pause_ms < pace.pause_ms ? pause_ms : pace.pause_ms;
	}
	if (pace.per_s > 0)
		return pace;
	return (struct smpp_pace){ .per_s = p->smscs[p->routes[route].smscs[0]].per_s };
}

enum err smpp_submit(struct smpp *p, const struct smpp_choice *choice, const struct smpp_message *m, smpp_result_fn fn,
                     void *arg)
{
	unsigned smsc = choice->smsc;

	if (!has_room(p, smsc))
		return ERR_BUSY;
	if (p->submit_count == SUBMITS_MAX)
		abort();
	struct submit *s = &p->submits[p->submit_count++];
	*s = (struct submit){ .smsc = smsc, .id = *m->id, .fn = fn, .arg = arg, .late = m->late };
	snprintf(s->text, sizeof(s->text), "%s", m->text);
	fake_saw(true, "%s gets %s", p->smscs[smsc].name, fake_name(m->id));
	fake_saw(false, "%s reads %s to=%s sender=%s validity=%us%s text=%s", p->smscs[smsc].name, fake_name(m->id),
	         m->to->digits, m->sender ? m->sender : "", (unsigned)m->validity_s, m->keep ? " keep" : "", m->text);
	return ERR_OK;
}

void smpp_receipt_done(struct smpp *p, uint64_t token, bool stored)
{
	fake_saw(true, "%s hears %s %s", p->smscs[p->receipts[token].smsc].name, p->receipts[token].name,
	         stored ? "ok" : "again");
}

void smpp_receipt_count(const struct smpp *p, unsigned smsc, const char *name, enum smpp_fate fate)
{
	static const char *const words[SMPP_FATE_MAX] = {
		[SMPP_FATE_MATCHED] = "matched",     [SMPP_FATE_EARLY] = "early",
		[SMPP_FATE_UNMATCHED] = "unmatched", [SMPP_FATE_INTERMEDIATE] = "intermediate",
		[SMPP_FATE_REPEATED] = "repeated",   [SMPP_FATE_REFUSED] = "refused",
	};

	(void)p;
	(void)smsc;
	fake_saw(false, "%s counts a receipt as %s", name, words[fate]);
}

void smpp_receipt_matched(struct smpp *p, unsigned smsc, enum smpp_msgid_mode mode)
{
	fake_saw(false, "%s learns mode %d", p->smscs[smsc].name, (int)mode);
}

/* Of the SMSC's last receipt, as the test said. */
void smpp_receipt_hints(const struct smpp *p, unsigned smsc, const char *id, struct smpp_hints *out)
{
	(void)id;
	*out = (struct smpp_hints){ .count = p->smscs[smsc].hint[0] != '\0', .mode = { SMPP_MSGID_HEX_RESP_DEC_DLR } };
	snprintf(out->id[0], sizeof(out->id[0]), "%s", p->smscs[smsc].hint);
}

void smpp_receipt_hint(struct smpp *p, unsigned smsc, enum smpp_msgid_mode mode)
{
	fake_saw(false, "%s is hinted at mode %d", p->smscs[smsc].name, (int)mode);
}

bool smpp_unanswered(const struct smpp *p, unsigned smsc)
{
	for (size_t i = 0; i < p->submit_count; i++)
		if (p->submits[i].smsc == smsc && p->submits[i].state == SUBMIT_OPEN)
			return true;
	return false;
}

unsigned smpp_bound(const struct smpp *p)
{
	unsigned n = 0;

	for (size_t i = 0; i < p->smsc_count; i++)
		n += p->smscs[i].bound;
	return n;
}

int smpp_smsc_find(const struct smpp *p, const char *name)
{
	for (size_t i = 0; i < p->smsc_count; i++)
		if (strcmp(p->smscs[i].name, name) == 0)
			return (int)i;
	return -1;
}

const char *smpp_smsc_name(const struct smpp *p, unsigned smsc)
{
	return p->smscs[smsc].name;
}

/* Two names of a test have two tags. */
uint16_t smpp_smsc_tag(const struct smpp *p, unsigned smsc)
{
	return tag_of_name(p->smscs[smsc].name);
}

int smpp_smsc_of_tag(const struct smpp *p, uint16_t tag)
{
	for (size_t i = 0; i < p->smsc_count; i++)
		if (smpp_smsc_tag(p, (unsigned)i) == tag)
			return (int)i;
	return -1;
}

/* --- what the test calls --- */

static void on_unpause(void *arg)
{
	const struct smpp *p = arg;

	if (p->listener.on_room)
		p->listener.on_room(p->listener.arg);
}

struct smpp *fake_smpp_new(struct loop *loop)
{
	struct smpp *p = calloc(1, sizeof(*p));

	if (!p)
		abort();
	p->loop = loop;
	p->unpause = loop_timer_new(loop, on_unpause, p);
	return p;
}

void fake_smpp_free(struct smpp *p)
{
	loop_timer_free(p->unpause);
	free(p);
}

void fake_smpp_listener(struct smpp *p, const struct smpp_listener *listener)
{
	p->listener = *listener;
}

void fake_smpp_add(struct smpp *p, const char *name)
{
	if (p->smsc_count == FAKE_SMSCS_MAX)
		abort();
	snprintf(p->smscs[p->smsc_count].name, NAME_CAP, "%s", name);
	p->smscs[p->smsc_count].bound = p->smscs[p->smsc_count].room = true;
	p->smscs[p->smsc_count++].per_s = 100;
}

void fake_smpp_clear_routes(struct smpp *p)
{
	p->route_count = 0;
}

bool fake_smpp_add_route(struct smpp *p, const char *prefix, const unsigned *smscs, size_t n)
{
	if (p->route_count == FAKE_ROUTES_MAX || n == 0 || n > FAKE_SMSCS_MAX)
		return false;
	snprintf(p->routes[p->route_count].prefix, sizeof(p->routes[0].prefix), "%s", prefix);
	memcpy(p->routes[p->route_count].smscs, smscs, n * sizeof(*smscs));
	p->routes[p->route_count++].count = n;
	return true;
}

void fake_smpp_forget(struct smpp *p)
{
	for (size_t i = 0; i < p->submit_count; i++)
		p->submits[i].state = SUBMIT_ENDED;
	p->listener = (struct smpp_listener){ 0 };
	loop_timer_stop(p->unpause);
}

void fake_smpp_bound(struct smpp *p, unsigned smsc, bool bound)
{
	p->smscs[smsc].bound = bound;
	if (p->listener.on_state)
		p->listener.on_state(p->listener.arg);
}

void fake_smpp_room(struct smpp *p, unsigned smsc, bool room)
{
	p->smscs[smsc].room = room;
	if (room && p->listener.on_room)
		p->listener.on_room(p->listener.arg);
}

void fake_smpp_rate(struct smpp *p, unsigned smsc, double per_s)
{
	p->smscs[smsc].per_s = per_s;
}

void fake_smpp_pause(struct smpp *p, unsigned smsc, int64_t ms)
{
	p->smscs[smsc].pause_ms = clock_mono_ms() + ms;
	loop_timer_set(p->unpause, p->smscs[smsc].pause_ms);
}

static struct submit *oldest(struct smpp *p, unsigned smsc, const struct ident *id, enum submit_state state)
{
	for (size_t i = 0; i < p->submit_count; i++) {
		struct submit *s = &p->submits[i];

		if (s->smsc == smsc && s->state == state && ident_same(&s->id, id))
			return s;
	}
	return NULL;
}

bool fake_smpp_answer(struct smpp *p, unsigned smsc, const struct ident *id, const struct smpp_result *result)
{
	struct submit *s = oldest(p, smsc, id, SUBMIT_OPEN);
	struct smpp_result r = *result;

	if (!s)
		return false;
	r.smsc = smsc;
	s->state = r.outcome == SMPP_AMBIGUOUS && !r.ended ? SUBMIT_UNANSWERED : SUBMIT_ENDED;
	s->fn(s->arg, &r);
	return true;
}

bool fake_smpp_late(struct smpp *p, unsigned smsc, const struct ident *id, const struct smpp_result *result)
{
	struct submit *s = oldest(p, smsc, id, SUBMIT_UNANSWERED);
	struct smpp_result r = *result;

	if (!s)
		return false;
	r.smsc = smsc;
	s->state = SUBMIT_ENDED;
	s->late.fn(s->late.arg, &s->id, &r);
	return true;
}

void fake_smpp_receipt(struct smpp *p, unsigned smsc, const char *name, const char *hint,
                       const struct smpp_receipt *receipt)
{
	struct smpp_receipt r = *receipt;

	if (p->receipt_count == RECEIPTS_MAX || !p->listener.on_receipt)
		abort();
	snprintf(p->receipts[p->receipt_count].name, NAME_CAP, "%s", name);
	p->receipts[p->receipt_count].smsc = smsc;
	r.smsc = smsc;
	r.token = p->receipt_count++;
	snprintf(p->smscs[smsc].hint, sizeof(p->smscs[smsc].hint), "%s", hint);
	p->listener.on_receipt(p->listener.arg, &r);
}

const char *fake_smpp_text(const struct smpp *p, const struct ident *id)
{
	for (size_t i = p->submit_count; i-- > 0;)
		if (ident_same(&p->submits[i].id, id))
			return p->submits[i].text;
	return "";
}

const char *smpp_mo_address(const struct smpp *p, int route)
{
	(void)p;
	(void)route;
	return NULL;
}
