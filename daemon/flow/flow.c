/*
 * flow: the door of the use cases: builds the flows, gives their hooks to the edges, stops them in order.
 */
#include "parts.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/stats.h"
#include "commands.h"
#include "deliver.h"
#include "funnel.h"
#include "gate.h"
#include "guesses.h"
#include "recover.h"
#include "service.h"
#include "track.h"

#include <stddef.h>
#include <stdlib.h>

#define TOPIC "flow"
#define DRAIN_LOOK_MS 5

/* A drain under way: looked at until nothing is owed or the deadline came. */
struct flow_house {
	struct flow f; /* first: a flow is its house */
	struct loop_timer *drain;
	int64_t drain_deadline_ms;
	loop_fn drained;
	void *drained_arg;
};

_Static_assert(offsetof(struct flow_house, f) == 0, "house_of");

static struct flow_house *house_of(struct flow *f)
{
	return (struct flow_house *)f;
}

/* What the store needs to know of the limits, whatever the purpose. */
static struct store_numbers numbers_of(const struct policy_opts *o)
{
	return (struct store_numbers){ .keep_s = policy_longest_window_s(o),
		                       .tombstone_ms = o->tombstone_s * 1000U,
		                       .sends = o->number_sends };
}

static void on_drain(void *arg)
{
	struct flow_house *h = arg;
	size_t owed = deliver_in_flight(h->f.deliver) + track_pending(h->f.track);
	int64_t now = clock_mono_ms();

	if (owed && now < h->drain_deadline_ms) {
		loop_timer_set(h->drain, now + DRAIN_LOOK_MS);
		return;
	}
	if (owed)
		log_warn(TOPIC, "drain_incomplete in_flight=%zu marks=%zu", deliver_in_flight(h->f.deliver),
		         track_pending(h->f.track));
	h->drained(h->drained_arg);
}

enum err flow_new(struct loop *loop, const struct flow_opts *opts, const struct keyring *keys, struct flow **out)
{
	struct flow_house *h = calloc(1, sizeof(*h));
	struct flow *f = (struct flow *)h;

	if (!h)
		return ERR_NOMEM;
	f->loop = loop;
	f->opts = *opts;
	f->keys = keys;
	funnel_start();
	h->drain = loop_timer_new(loop, on_drain, h);
	f->service = service_new(f);
	f->gate = gate_new(f);
	f->guesses = guesses_new(f);
	f->track = track_new(f);
	f->deliver = deliver_new(f);
	f->recover = recover_new(f);
	if (!h->drain || !f->service || !f->gate || !f->guesses || !f->track || !f->deliver || !f->recover ||
	    service_configure(f->service) != ERR_OK) {
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
	track_free(f->track);
	guesses_free(f->guesses);
	gate_free(f->gate);
	service_free(f->service);
	loop_timer_free(house_of(f)->drain);
	free(house_of(f));
}

enum err flow_connect(struct flow *f, struct store *store, struct smpp *smpp)
{
	f->store = store;
	f->smpp = smpp;
	const struct store_numbers numbers = numbers_of(&f->opts.policy);
	store_configure(store, &numbers);
	return deliver_configure(f->deliver);
}

enum err flow_configure(struct flow *f, const struct flow_opts *opts)
{
	const struct flow_opts former = f->opts;

	f->opts = *opts;
	enum err err = service_configure(f->service);
	if (!err)
		err = deliver_configure(f->deliver);
	if (err) {
		f->opts = former;
		/* Its tenants are known: that needs no memory. */
		(void)!service_configure(f->service);
	} else {
		const struct store_numbers numbers = numbers_of(&f->opts.policy);

		store_configure(f->store, &numbers);
		gate_configure(f->gate);
	}
	return err;
}

static void on_store_up(void *arg)
{
	struct flow *f = arg;

	track_resume(f->track);
	deliver_pump(f->deliver);
	recover_resume(f->recover);
}

static void on_store_down(void *arg)
{
	const struct flow *f = arg;

	log_warn(TOPIC, "store_down marks_waiting=%zu", track_pending(f->track));
}

static void on_room(void *arg)
{
	const struct flow *f = arg;

	deliver_pump(f->deliver);
	recover_room(f->recover);
}

static void on_receipt(void *arg, const struct smpp_receipt *receipt)
{
	const struct flow *f = arg;

	track_receipt(f->track, receipt);
}

struct api_hooks flow_api_hooks(struct flow *f)
{
	struct api_hooks hooks = service_hooks(f->service);

	hooks.commands = commands_table(&hooks.command_count);
	return hooks;
}

struct store_hooks flow_store_hooks(struct flow *f)
{
	return (struct store_hooks){ .arg = f, .on_up = on_store_up, .on_down = on_store_down };
}

struct smpp_hooks flow_smpp_hooks(struct flow *f)
{
	return (struct smpp_hooks){ .arg = f, .on_room = on_room, .on_receipt = on_receipt, .on_state = on_room };
}

void flow_start(struct flow *f)
{
	deliver_start(f->deliver);
	recover_start(f->recover);
}

void flow_drain(struct flow *f, int64_t deadline_ms, loop_fn done, void *arg)
{
	struct flow_house *h = house_of(f);

	recover_stop(f->recover);
	deliver_stop(f->deliver);
	h->drained = done;
	h->drained_arg = arg;
	h->drain_deadline_ms = deadline_ms;
	loop_timer_set(h->drain, clock_mono_ms());
}

void flow_status(const struct flow *f, struct json *j)
{
	deliver_status(f->deliver, j);
	gate_status(f->gate, j);
	guesses_status(f->guesses, j);
	funnel_status(j);
	service_status(f->service, j);
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
	stats_set(marks, (double)track_pending(f->track));
	gate_refresh(f->gate);
}
