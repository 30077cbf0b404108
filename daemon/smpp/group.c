/*
 * group: one SMSC with its binds. Messages go to the bind with the most of its window free, in turn among equals.
 * Until the SMSC has taken our credentials once, and after it refused them, one bind tries for all.
 */
#include "smpp/group.h"

#include "base/invariant.h"
#include "base/clock.h"
#include "smpp/inbound.h"
#include "smpp/refusal.h"

#include <stdlib.h>

static bool may_open(void *arg, const struct smpp_session *session)
{
	const struct smpp_group *g = arg;

	if (g->account.proven)
		return true;
	if (clock_mono_ms() < g->account.refused_until_ms)
		return false;
	for (size_t i = 0; i < g->made; i++)
		if (g->binds[i]->state == SMPP_STATE_CONNECTING || g->binds[i]->state == SMPP_STATE_BINDING ||
		    smpp_refusal_yields(session, g->binds[i]))
			return false;
	return true;
}

static bool pairs(const struct smpp_group *g)
{
	return g->account.o.bind_type == SMPP_BIND_PAIRS;
}

static enum smpp_kind kind_of(const struct smpp_group *g, size_t i)
{
	if (g->account.o.bind_type == SMPP_BIND_TRANSCEIVERS)
		return SMPP_KIND_TRANSCEIVER;
	return pairs(g) && i % 2 ? SMPP_KIND_RECEIVER : SMPP_KIND_TRANSMITTER;
}

static enum err add_bind(struct smpp_group *g)
{
	size_t i = g->made;
	const struct smpp_session_opts o = {
		.env = g->env,
		.account = &g->account,
		.kind = kind_of(g, i),
		.number = (unsigned)(pairs(g) ? i / 2 : i),
		.hooks = { .arg = g, .may_open = may_open, .on_data = smpp_inbound_data },
	};
	struct smpp_session *s = calloc(1, sizeof *s);

	if (!s)
		return ERR_NOMEM;
	g->binds[g->made++] = s;
	return smpp_session_init(s, &o);
}

static void drop_last(struct smpp_group *g)
{
	if (!invariant(g->made > 0))
		return;
	struct smpp_session *s = g->binds[--g->made];

	smpp_session_clear(s);
	free(s);
}

/* So many binds are in use; those beyond answer what is in flight and unbind. */
static enum err resize(struct smpp_group *g, size_t count)
{
	enum err err = ERR_OK;
	size_t before = g->made;

	while (!err && g->made < count)
		err = add_bind(g);
	if (err) {
		while (g->made > before)
			drop_last(g);
		return err;
	}
	for (size_t i = count; i < g->count; i++)
		smpp_session_stop(g->binds[i], false);
	for (size_t i = g->count; g->started && i < count; i++) {
		smpp_session_resume(g->binds[i]);
	}
	g->count = count;
	return ERR_OK;
}

static size_t wanted(const struct smpp_group *g)
{
	return (size_t)g->account.o.binds * (pairs(g) ? 2 : 1);
}

enum err smpp_group_new(const struct smpp_smsc_opts *o, unsigned index, const struct smpp_session_env *env,
                        struct smpp_group **out)
{
	struct smpp_group *g = calloc(1, sizeof *g);

	if (!g)
		return ERR_NOMEM;
	g->env = env;
	enum err err = smpp_account_init(&g->account, o, index, clock_mono_ms());
	if (!err)
		err = resize(g, wanted(g));
	if (err) {
		smpp_group_free(g);
		return err;
	}
	*out = g;
	return ERR_OK;
}

void smpp_group_free(struct smpp_group *g)
{
	if (!g)
		return;
	while (g->made)
		drop_last(g);
	smpp_account_clear(&g->account);
	free(g);
}

void smpp_group_start(struct smpp_group *g)
{
	g->started = true;
	for (size_t i = 0; i < g->count; i++)
		smpp_session_start(g->binds[i]);
}

enum err smpp_group_configure(struct smpp_group *g, const struct smpp_smsc_opts *o)
{
	enum err err = smpp_account_set(&g->account, o, clock_mono_ms());

	if (!err)
		err = resize(g, wanted(g));
	for (size_t i = 0; i < g->made; i++)
		smpp_session_reload(g->binds[i]);
	return err;
}

void smpp_group_stop(struct smpp_group *g, bool now)
{
	g->leaving = true;
	for (size_t i = 0; i < g->made; i++)
		smpp_session_stop(g->binds[i], now);
}

bool smpp_group_closed(const struct smpp_group *g)
{
	for (size_t i = 0; i < g->made; i++)
		if (g->binds[i]->state != SMPP_STATE_CLOSED)
			return false;
	return true;
}

void smpp_group_settle(struct smpp_group *g)
{
	while (g->made > g->count && g->binds[g->made - 1]->state == SMPP_STATE_CLOSED)
		drop_last(g);
	for (size_t i = 0; i < g->count; i++)
		smpp_session_kick(g->binds[i]);
}

unsigned smpp_group_bound(const struct smpp_group *g)
{
	unsigned n = 0;

	for (size_t i = 0; i < g->made; i++)
		n += g->binds[i]->state == SMPP_STATE_BOUND;
	return n;
}

static bool sends(const struct smpp_session *s)
{
	return s->state == SMPP_STATE_BOUND && s->kind != SMPP_KIND_RECEIVER && !s->traffic.stopped &&
	       !s->traffic.doubted;
}

bool smpp_group_can_send(const struct smpp_group *g)
{
	for (size_t i = 0; i < g->count; i++)
		if (sends(g->binds[i]))
			return true;
	return false;
}

/* The next in turn among those with the least in flight; NULL: none is open. */
static struct smpp_session *pick(struct smpp_group *g)
{
	struct smpp_session *best = NULL;
	unsigned least = 0;
	size_t turn = g->turn;

	for (size_t i = 1; i <= g->count; i++) {
		size_t at = (g->turn + i) % g->count;
		struct smpp_session *s = g->binds[at];
		unsigned used = smpp_window_used(s->traffic.window);
		if (!sends(s) || !smpp_traffic_open(&s->traffic) || (best && used >= least))
			continue;
		best = s;
		least = used;
		turn = at;
	}
	g->turn = turn;
	return best;
}

bool smpp_group_room(struct smpp_group *g, int64_t now_ms)
{
	if (smpp_throttle_wait_ms(&g->account.throttle, now_ms) > 0)
		return false;
	for (size_t i = 0; i < g->count; i++)
		if (sends(g->binds[i]) && smpp_traffic_open(&g->binds[i]->traffic))
			return true;
	return false;
}

double smpp_group_pace(const struct smpp_group *g)
{
	double sum = 0, rate = g->account.throttle.now;

	for (size_t i = 0; i < g->count; i++) {
		double one = sends(g->binds[i]) ? smpp_traffic_pace(&g->binds[i]->traffic) : 0;
		if (sends(g->binds[i]) && one <= 0)
			return rate; /* it has answered nothing yet */
		sum += one;
	}
	return sum < rate ? sum : rate;
}

enum err smpp_group_submit(struct smpp_group *g, const struct smpp_message *m, smpp_result_fn fn, void *arg)
{
	struct smpp_session *s = pick(g);

	return s ? smpp_traffic_submit(&s->traffic, m, fn, arg) : ERR_BUSY;
}

void smpp_group_answer(struct smpp_group *g, const struct smpp_token *token, bool stored)
{
	for (size_t i = 0; i < g->made; i++)
		smpp_inbound_answer(g->binds[i], token, stored);
}
