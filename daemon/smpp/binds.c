/*
 * binds: the binds of one SMSC. A message goes to the bind with the fewest submits in flight, in turn among equals.
 * Only one bind tries at a time until the SMSC has accepted the credentials, and again after it refused them.
 */
#include "smpp/binds.h"

#include "base/invariant.h"
#include "base/clock.h"
#include "smpp/inbound.h"
#include "smpp/refusal.h"
#include "smpp/session.h"

#include <stdlib.h>

static bool may_open(void *arg, const struct smpp_bind *session)
{
	const struct smpp_binds *all = arg;

	if (all->smsc.proven)
		return true;
	if (clock_mono_ms() < all->smsc.refused_until_ms)
		return false;
	for (size_t i = 0; i < all->made; i++)
		if (all->bind[i]->state == SMPP_STATE_CONNECTING || all->bind[i]->state == SMPP_STATE_BINDING ||
		    smpp_refusal_yields(session, all->bind[i]))
			return false;
	return true;
}

static bool pairs(const struct smpp_binds *all)
{
	return all->smsc.o.bind_type == SMPP_BIND_PAIRS;
}

static enum smpp_bind_kind kind_of(const struct smpp_binds *all, size_t i)
{
	if (all->smsc.o.bind_type == SMPP_BIND_TRANSCEIVERS)
		return SMPP_KIND_TRANSCEIVER;
	return pairs(all) && i % 2 ? SMPP_KIND_RECEIVER : SMPP_KIND_TRANSMITTER;
}

static enum err add_bind(struct smpp_binds *all)
{
	size_t i = all->made;
	const struct smpp_bind_opts o = {
		.env = all->env,
		.smsc = &all->smsc,
		.kind = kind_of(all, i),
		.number = (unsigned)(pairs(all) ? i / 2 : i),
		.hooks = { .arg = all, .may_open = may_open, .on_data = smpp_inbound_data },
	};
	struct smpp_bind *b = calloc(1, sizeof *b);

	if (!b)
		return ERR_NOMEM;
	all->bind[all->made++] = b;
	return smpp_session_init(b, &o);
}

static void drop_last(struct smpp_binds *all)
{
	if (!invariant(all->made > 0))
		return;
	struct smpp_bind *b = all->bind[--all->made];

	smpp_session_clear(b);
	free(b);
}

/* Sets the number of binds in use. The binds beyond count wait for their submits in flight and unbind. */
static enum err resize(struct smpp_binds *all, size_t count)
{
	enum err err = ERR_OK;
	size_t before = all->made;

	while (!err && all->made < count)
		err = add_bind(all);
	if (err) {
		while (all->made > before)
			drop_last(all);
		return err;
	}
	for (size_t i = count; i < all->count; i++)
		smpp_session_stop(all->bind[i], false);
	for (size_t i = all->count; all->started && i < count; i++) {
		smpp_session_resume(all->bind[i]);
	}
	all->count = count;
	return ERR_OK;
}

static size_t wanted(const struct smpp_binds *all)
{
	return (size_t)all->smsc.o.binds * (pairs(all) ? 2 : 1);
}

enum err smpp_binds_new(const struct smpp_smsc_opts *o, unsigned index, const struct smpp_bind_env *env,
                        struct smpp_binds **out)
{
	struct smpp_binds *all = calloc(1, sizeof *all);

	if (!all)
		return ERR_NOMEM;
	all->env = env;
	enum err err = smpp_smsc_init(&all->smsc, o, index, clock_mono_ms());
	if (!err)
		err = resize(all, wanted(all));
	if (err) {
		smpp_binds_free(all);
		return err;
	}
	*out = all;
	return ERR_OK;
}

void smpp_binds_free(struct smpp_binds *all)
{
	if (!all)
		return;
	while (all->made)
		drop_last(all);
	smpp_smsc_clear(&all->smsc);
	free(all);
}

void smpp_binds_start(struct smpp_binds *all)
{
	all->started = true;
	for (size_t i = 0; i < all->count; i++)
		smpp_session_start(all->bind[i]);
}

enum err smpp_binds_configure(struct smpp_binds *all, const struct smpp_smsc_opts *o)
{
	enum err err = smpp_smsc_set(&all->smsc, o, clock_mono_ms());

	if (!err)
		err = resize(all, wanted(all));
	for (size_t i = 0; i < all->made; i++)
		smpp_session_reload(all->bind[i]);
	return err;
}

void smpp_binds_stop(struct smpp_binds *all, bool now)
{
	all->leaving = true;
	for (size_t i = 0; i < all->made; i++)
		smpp_session_stop(all->bind[i], now);
}

bool smpp_binds_closed(const struct smpp_binds *all)
{
	for (size_t i = 0; i < all->made; i++)
		if (all->bind[i]->state != SMPP_STATE_CLOSED)
			return false;
	return true;
}

void smpp_binds_settle(struct smpp_binds *all)
{
	while (all->made > all->count && all->bind[all->made - 1]->state == SMPP_STATE_CLOSED)
		drop_last(all);
	for (size_t i = 0; i < all->count; i++)
		smpp_session_kick(all->bind[i]);
}

unsigned smpp_binds_bound(const struct smpp_binds *all)
{
	unsigned n = 0;

	for (size_t i = 0; i < all->made; i++)
		n += all->bind[i]->state == SMPP_STATE_BOUND;
	return n;
}

static bool sends(const struct smpp_bind *b)
{
	return b->state == SMPP_STATE_BOUND && b->kind != SMPP_KIND_RECEIVER && !b->submits.stopped &&
	       !b->submits.doubted;
}

bool smpp_binds_can_send(const struct smpp_binds *all)
{
	for (size_t i = 0; i < all->count; i++)
		if (sends(all->bind[i]))
			return true;
	return false;
}

/* The next in turn among the binds with the fewest submits in flight; NULL: none is open. */
static struct smpp_bind *pick(struct smpp_binds *all)
{
	struct smpp_bind *best = NULL;
	unsigned least = 0;
	size_t turn = all->turn;

	for (size_t i = 1; i <= all->count; i++) {
		size_t at = (all->turn + i) % all->count;
		struct smpp_bind *b = all->bind[at];
		unsigned used = smpp_window_used(b->submits.window);
		if (!sends(b) || !smpp_submits_open(&b->submits) || (best && used >= least))
			continue;
		best = b;
		least = used;
		turn = at;
	}
	all->turn = turn;
	return best;
}

bool smpp_binds_room(struct smpp_binds *all, int64_t now_ms)
{
	if (smpp_throttle_wait_ms(&all->smsc.throttle, now_ms) > 0)
		return false;
	for (size_t i = 0; i < all->count; i++)
		if (sends(all->bind[i]) && smpp_submits_open(&all->bind[i]->submits))
			return true;
	return false;
}

double smpp_binds_pace(const struct smpp_binds *all)
{
	double sum = 0, rate = all->smsc.throttle.now;

	for (size_t i = 0; i < all->count; i++) {
		double one = sends(all->bind[i]) ? smpp_submits_pace(&all->bind[i]->submits) : 0;
		if (sends(all->bind[i]) && one <= 0)
			return rate; /* not measured yet */
		sum += one;
	}
	return sum < rate ? sum : rate;
}

enum err smpp_binds_submit(struct smpp_binds *all, const struct smpp_message *m, smpp_result_fn fn, void *arg)
{
	struct smpp_bind *b = pick(all);

	return b ? smpp_submits_write(&b->submits, m, fn, arg) : ERR_BUSY;
}

void smpp_binds_answer(struct smpp_binds *all, const struct smpp_token *token, bool stored)
{
	for (size_t i = 0; i < all->made; i++)
		smpp_inbound_answer(all->bind[i], token, stored);
}
