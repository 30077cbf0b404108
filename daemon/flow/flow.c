/*
 * flow: builds the parts of the use cases in order, passes events of api, store and smpp on to them, and stops them in
 * order. Owns the parts and the current options. Must never decide anything about a message itself.
 */
#include "flow.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/stats.h"
#include "commands.h"
#include "flow/deliver/deliver.h"
#include "ops/funnel.h"
#include "flow/ask/ask_uses.h"
#include "flow/ask/say.h"
#include "flow/guard/overload.h"
#include "flow/guard/guesses.h"
#include "flow/deliver/recover.h"
#include "flow/guard/tenants.h"
#include "flow/news/marks.h"
#include "flow/news/mo.h"
#include "otp/texts.h"

#include <stddef.h>
#include <stdlib.h>

#define TOPIC "flow"
#define DRAIN_LOOK_MS 5

/* flow_connect builds the parts, because they need store and smpp. */
struct flow {
	struct flow_opts opts;
	struct news_uses news;
	struct deliver_uses delivery;
	struct ask_uses ask;
	struct tenants *tenants;
	struct overload *overload;
	struct guesses *guesses;
	struct texts *texts;
	struct deliver *deliver;
	struct marks *marks;
	struct mo *mo;
	struct recover *recover;
	/* A drain in progress. The timer checks whether nothing is in flight or the deadline has passed. */
	struct loop_timer *drain;
	int64_t drain_deadline_ms;
	loop_fn drained;
	void *drained_arg;
};

/* The settings that the store uses for every number and purpose. */
static struct store_numbers numbers_of(const struct flow_opts *opts)
{
	const struct policy_opts *o = &opts->policy;

	return (struct store_numbers){ .keep_s = policy_longest_window_s(o),
		                       .tombstone_ms = o->tombstone_s * 1000U,
		                       .sends = o->number_sends,
		                       .write_version = opts->write_version };
}

static void on_drain(void *arg)
{
	struct flow *f = arg;
	size_t owed = deliver_in_flight(f->deliver) + marks_pending(f->marks);
	int64_t now = clock_mono_ms();

	if (owed && now < f->drain_deadline_ms) {
		loop_timer_set(f->drain, now + DRAIN_LOOK_MS);
		return;
	}
	if (owed)
		log_warn(TOPIC, "drain_incomplete in_flight=%zu marks=%zu", deliver_in_flight(f->deliver),
		         marks_pending(f->marks));
	f->drained(f->drained_arg);
}

enum err flow_new(struct loop *loop, const struct flow_opts *opts, const struct keyring *keys, struct flow **out)
{
	struct flow *f = calloc(1, sizeof(*f));

	if (!f)
		return ERR_NOMEM;
	f->opts = *opts;
	f->news.loop = loop;
	f->news.keys = keys;
	funnel_start();
	f->drain = loop_timer_new(loop, on_drain, f);
	if (!f->drain) {
		flow_free(f);
		return ERR_NOMEM;
	}
	*out = f;
	return ERR_OK;
}

void flow_free(struct flow *f)
{
	if (!f)
		return;
	recover_free(f->recover);
	deliver_free(f->deliver);
	guesses_free(f->guesses);
	overload_free(f->overload);
	marks_free(f->marks);
	mo_free(f->mo);
	texts_free(f->texts);
	tenants_free(f->tenants);
	loop_timer_free(f->drain);
	free(f);
}

static void on_room(void *arg)
{
	const struct flow *f = arg;

	deliver_pump(f->deliver);
	recover_room(f->recover);
}

/* Builds the parts in the order in which they use each other. */
static enum err build(struct flow *f)
{
	const struct keyring *keys = f->news.keys;
	struct loop *loop = f->news.loop;

	f->marks = marks_new(&f->news);
	f->mo = mo_new(&f->news);
	f->tenants = tenants_new(&f->opts, keys);
	f->overload = overload_new(&f->opts, f->marks);
	f->guesses = guesses_new(loop, &f->opts, f->tenants);
	f->texts = texts_new();
	f->delivery = (struct deliver_uses){ loop, &f->opts, keys, f->texts, f->news.store, f->news.smpp, f->marks };
	f->deliver = deliver_new(&f->delivery);
	f->recover = recover_new(&f->delivery, f->deliver);
	f->ask = (struct ask_uses){ .opts = &f->opts,
		                    .keys = keys,
		                    .texts = f->texts,
		                    .store = f->news.store,
		                    .smpp = f->news.smpp,
		                    .tenants = f->tenants,
		                    .overload = f->overload,
		                    .guesses = f->guesses,
		                    .deliver = f->deliver,
		                    .marks = f->marks };
	if (f->marks)
		marks_on_room(f->marks, on_room, f);
	if (!f->marks || !f->mo || !f->tenants || !f->overload || !f->guesses || !f->texts || !f->deliver ||
	    !f->recover)
		return ERR_NOMEM;
	return tenants_configure(f->tenants);
}

enum err flow_connect(struct flow *f, struct store *store, struct smpp *smpp)
{
	const struct store_numbers numbers = numbers_of(&f->opts);

	f->news.opts = &f->opts;
	f->news.store = store;
	f->news.smpp = smpp;
	enum err err = build(f);
	struct texts_set *texts;
	if (!err)
		err = texts_prepare(f->texts, &f->opts.policy, clock_mono_ms(), &texts);
	if (err)
		return err;
	texts_take(f->texts, texts);
	store_configure(store, &numbers);
	return deliver_configure(f->deliver);
}

enum err flow_configure(struct flow *f, const struct flow_opts *opts)
{
	const struct flow_opts former = f->opts;
	struct texts_set *texts;
	enum err err = texts_prepare(f->texts, &opts->policy, clock_mono_ms(), &texts);

	if (err)
		return err;
	f->opts = *opts;
	err = tenants_configure(f->tenants);
	if (!err)
		err = deliver_configure(f->deliver);
	if (err) {
		f->opts = former;
		texts_drop(texts);
		/* This needs no memory and cannot fail, because the former tenants still exist. */
		(void)!tenants_configure(f->tenants);
	} else {
		const struct store_numbers numbers = numbers_of(&f->opts);

		texts_take(f->texts, texts);
		store_configure(f->news.store, &numbers);
		overload_configure(f->overload);
	}
	return err;
}

static void on_store_up(void *arg)
{
	struct flow *f = arg;

	marks_resume(f->marks);
	deliver_pump(f->deliver);
	recover_resume(f->recover);
}

static void on_store_down(void *arg)
{
	const struct flow *f = arg;

	log_warn(TOPIC, "store_down marks_waiting=%zu", marks_pending(f->marks));
}

static void on_receipt(void *arg, const struct smpp_receipt *receipt)
{
	const struct flow *f = arg;

	marks_receipt(f->marks, receipt);
}

static void on_mo(void *arg, const struct smpp_mo *message)
{
	const struct flow *f = arg;

	mo_take(f->mo, message);
}

static const void *on_peer(void *arg, uid_t uid, const gid_t *gids, size_t gid_count, const char **name)
{
	const struct ask_uses *u = arg;
	const struct tenant *t = tenants_peer(u->tenants, uid, gids, gid_count);

	if (t)
		*name = t->name;
	return t;
}

static void on_info(void *arg, struct buf *out)
{
	const struct ask_uses *u = arg;
	bool ok = buf_printf(out, "redis_up:%d\r\nsmsc_bound:%u\r\nqueue:%zu\r\nin_flight:%zu\r\nmarks_pending:%zu\r\n",
	                     store_up(u->store), smpp_bound(u->smpp), deliver_queued(u->deliver),
	                     deliver_in_flight(u->deliver), marks_pending(u->marks)) == ERR_OK;

	/* If these lines do not fit, INFO comes without them. */
	(void)ok;
}

struct api_hooks flow_api_hooks(struct flow *f)
{
	struct api_hooks hooks = { .arg = &f->ask, .peer = on_peer, .info = on_info, .error = say_error };

	commands_add(&hooks);
	return hooks;
}

struct store_hooks flow_store_hooks(struct flow *f)
{
	return (struct store_hooks){ .arg = f, .on_up = on_store_up, .on_down = on_store_down };
}

struct smpp_listener flow_smpp_listener(struct flow *f)
{
	return (struct smpp_listener){
		.arg = f, .on_room = on_room, .on_receipt = on_receipt, .on_state = on_room, .on_mo = on_mo
	};
}

void flow_start(struct flow *f)
{
	deliver_start(f->deliver);
	recover_start(f->recover);
}

void flow_drain(struct flow *f, int64_t deadline_ms, loop_fn done, void *arg)
{
	recover_stop(f->recover);
	deliver_stop(f->deliver);
	f->drained = done;
	f->drained_arg = arg;
	f->drain_deadline_ms = deadline_ms;
	loop_timer_set(f->drain, clock_mono_ms());
}

void flow_status(const struct flow *f, struct json *j)
{
	deliver_status(f->deliver, j);
	overload_status(f->overload, j);
	guesses_status(f->guesses, j);
	funnel_status(j);
	tenants_status(f->tenants, j);
}

void flow_refresh(struct flow *f)
{
	static struct stats_gauge *queued, *in_flight, *marks;

	if (!queued) {
		queued = stats_gauge("otpgwd_queue_messages",
		                     "Messages acknowledged and not yet submitted by this instance.", NULL);
		in_flight = stats_gauge("otpgwd_queue_in_flight", "Messages submitted and not yet answered.", NULL);
		marks = stats_gauge("otpgwd_marks_pending", "Delivery marks not yet known to be in Redis.", NULL);
	}
	stats_set(queued, (double)deliver_queued(f->deliver));
	stats_set(in_flight, (double)deliver_in_flight(f->deliver));
	stats_set(marks, (double)marks_pending(f->marks));
	overload_refresh(f->overload);
}
