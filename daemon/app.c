/*
 * app: creates all parts of the daemon in order, reloads and drains them, and frees them in reverse order. Owns the
 * object of each part and two configurations: the one at the start and the one in force. This file has more than 400
 * lines because start, reload, drain and end go through the same list of parts.
 */
#include "app.h"

#include "base/clock.h"
#include "base/instance.h"
#include "base/invariant.h"
#include "base/loop.h"
#include "base/resolve.h"
#include "base/stats.h"
#include "check.h"
#include "conf.h"
#include "conf/report.h"
#include "conf/credentials.h"
#include "readiness.h"
#include "reload.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define TOPIC "app"
#define ERRORS_CAP (256 * 1024)
#define STATUS_EVERY_MS 1000
#define UNBIND_MS 3000
#define UNBIND_LATE_MS 500 /* time to unbind when the stop is overdue */
#define DOORS_MS 500       /* a start waits this long for Redis before clients get an error */

struct app {
	const char *path;
	struct conf *first;   /* the configuration at the start; settings that a reload cannot change point into it */
	struct conf *current; /* the configuration in force; may be first */
	struct creds creds;
	struct instance *instance;
	struct loop *loop;
	struct resolver *resolver;
	struct flow *flow;
	struct store *store;
	struct smpp *smpp;
	struct api *api;
	struct statsock *stats;
	struct notify *notify;
	struct loop_signal *on_term, *on_int, *on_hup;
	struct loop_task reload;
	struct loop_timer *status, *doors;
	struct store_hooks flow_hooks;
	struct smpp_listener smpp_listener;
	int64_t stop_ms; /* when a clean stop should be over: drain_s after its start */
	bool draining, reload_refused;
	struct readiness_told told;
};

static void log_lines(struct buf *errors)
{
	const char *at = (const char *)buf_data(errors), *end = at + buf_len(errors);

	while (at < end) {
		const char *lf = memchr(at, '\n', (size_t)(end - at));
		int len = (int)((lf ? lf : end) - at);

		log_error(TOPIC, "%.*s", len, at);
		at += len + 1;
	}
}

/* --- what the operator sees --- */

static struct readiness readiness_of(const struct app *a)
{
	return (struct readiness){ .store = a->store,
		                   .smpp = a->smpp,
		                   .require = a->current->flow.require,
		                   .draining = a->draining,
		                   .reload_refused = a->reload_refused };
}

static bool on_ready(void *arg, struct buf *reason)
{
	const struct readiness r = readiness_of(arg);

	return readiness_tell(&r, reason);
}

static void on_status(void *arg, struct json *j)
{
	struct app *a = arg;

	json_str(j, "version", OTPGWD_VERSION);
	json_str(j, "instance", a->first->instance);
	json_int(j, "pid", getpid());
	json_bool(j, "draining", a->draining);
	json_bool(j, "reload_refused", a->reload_refused);
	json_int(j, "clients", (int64_t)api_clients(a->api));
	json_open(j, "redis", '{');
	store_status(a->store, j);
	json_close(j, '}');
	smpp_status(a->smpp, j);
	flow_status(a->flow, j);
}

static void on_keys(void *arg, struct json *j)
{
	const struct app *a = arg;

	proof_keys_public(a->creds.proofs, j);
}

static void on_refresh(void *arg)
{
	struct app *a = arg;
	struct stats_counter *dropped =
	    stats_counter("otpgwd_log_dropped_total", "Lines of the log that standard error would not take.", NULL);

	struct stats_counter *broken =
	    stats_counter("otpgwd_invariants_broken_total",
	                  "Things the code relies on that were found not so: a fault of otpgwd.", NULL);

	stats_add(dropped, log_dropped() - stats_value(dropped));
	stats_add(broken, invariant_count() - stats_value(broken));
	flow_refresh(a->flow);
	smpp_refresh(a->smpp);
}

static void tell_status(struct app *a)
{
	const struct readiness r = readiness_of(a);

	readiness_status(&r, a->notify);
}

static void on_status_timer(void *arg)
{
	struct app *a = arg;
	const struct readiness r = readiness_of(a);

	smpp_look(a->smpp);
	tell_status(a);
	readiness_log(&r, &a->told);
	loop_timer_set(a->status, clock_mono_ms() + STATUS_EVERY_MS);
}

/* --- reload: takes the whole new configuration, or nothing of it --- */

static bool may_take(struct app *a, struct conf *fresh)
{
	struct buf names;

	buf_init(&names, 4096);
	bool same = conf_same_fixed(a->current, fresh, &names);
	if (!same)
		log_error(TOPIC, "reload refused, needs a restart: %.*s", (int)buf_len(&names),
		          (const char *)buf_data(&names));
	buf_clear(&names);
	return same;
}

/* smpp is configured first, because flow asks it for the routes. */
static enum err take_traffic(struct app *a, const struct conf *fresh)
{
	enum err err = smpp_configure(a->smpp, &fresh->smpp);

	if (err == ERR_BUSY)
		log_error(TOPIC,
		          "reload refused: more than %d SMSCs with those that leave: change fewer at once, or later",
		          SMPP_SMSC_MAX);
	if (err)
		return err;
	err = flow_configure(a->flow, &fresh->flow);
	if (err)
		smpp_revert(a->smpp, &a->current->smpp);
	return err;
}

/*
 * The passwords and keys of the SMSCs and the keys of proofs are read again, because there may be new ones and changed
 * ones.
 */
static enum err take(struct app *a, struct conf *fresh, struct buf *errors)
{
	struct creds again = { .proofs = NULL };

	creds_attach(&a->creds, fresh);
	enum err err = creds_load_smscs(fresh, &again.smscs, errors);
	if (!err)
		err = creds_load_proofs(fresh, &again.proofs, errors);
	if (err)
		log_lines(errors);
	else
		err = take_traffic(a, fresh);
	if (err) {
		creds_clear(&again);
		return err;
	}
	creds_clear_smscs(&a->creds.smscs);
	proof_keys_free(a->creds.proofs);
	a->creds.smscs = again.smscs;
	a->creds.proofs = again.proofs;
	api_configure(a->api, &fresh->api);
	api_peers_changed(a->api);
	log_set_level(fresh->log_level);
	return ERR_OK;
}

static void on_reload(void *arg)
{
	struct app *a = arg;
	struct conf *fresh = NULL;
	struct buf errors;

	if (a->draining)
		return;
	notify_reloading(a->notify);
	buf_init(&errors, ERRORS_CAP);
	enum err err = conf_load(a->path, &fresh, &errors);
	if (err)
		log_lines(&errors);
	else if (!may_take(a, fresh))
		err = ERR_INVALID;
	else
		err = take(a, fresh, &errors);
	a->reload_refused = err != ERR_OK;
	reload_told(!err);
	if (err) {
		log_error(TOPIC, "reload refused err=%s, the former configuration stays", err_name(err));
		conf_free(fresh);
	} else {
		if (a->current != a->first)
			conf_free(a->current);
		a->current = fresh;
		log_info(TOPIC, "reloaded");
	}
	buf_clear(&errors);
	tell_status(a);
	notify_ready(a->notify);
	reload_answer(!err);
}

/*
 * Signals may arrive faster than a reload takes. All signals of one turn of the loop cause one reload, and clients are
 * served between reloads.
 */
static void on_reload_asked(void *arg)
{
	struct app *a = arg;

	loop_defer(a->loop, &a->reload);
}

/* --- stop: answer the clients, hand the leases back, wait for the SMSCs, unbind --- */

static void on_unbound(void *arg)
{
	struct app *a = arg;

	loop_stop(a->loop);
}

static void on_flow_drained(void *arg)
{
	struct app *a = arg;
	int64_t now = clock_mono_ms(), late_ms = now + UNBIND_LATE_MS, due_ms = now + UNBIND_MS;

	if (due_ms > a->stop_ms)
		due_ms = a->stop_ms > late_ms ? a->stop_ms : late_ms;
	smpp_stop(a->smpp, due_ms, on_unbound, a);
}

static void on_api_drained(void *arg)
{
	struct app *a = arg;

	flow_drain(a->flow, a->stop_ms, on_flow_drained, a);
}

static void on_stop(void *arg)
{
	struct app *a = arg;

	if (a->draining) {
		log_warn(TOPIC, "stopping at once");
		loop_stop(a->loop);
		return;
	}
	a->draining = true;
	int64_t most_ms = (int64_t)a->current->drain_s * 1000;
	a->stop_ms = clock_mono_ms() + most_ms;
	log_info(TOPIC, "stopping");
	notify_stopping(a->notify);
	tell_status(a);
	api_drain(a->api, a->stop_ms - most_ms / 2, on_api_drained, a);
}

/* --- build and tear down --- */

/*
 * Begins to accept clients when Redis is connected, or after DOORS_MS. So at a restart a client sees a short pause and
 * no refusal.
 */
static void on_doors(void *arg)
{
	struct app *a = arg;

	api_open(a->api);
}

static void on_store_up(void *arg)
{
	struct app *a = arg;

	a->flow_hooks.on_up(a->flow_hooks.arg);
	if (store_whole(a->store))
		api_open(a->api);
}

static void on_store_down(void *arg)
{
	struct app *a = arg;

	a->flow_hooks.on_down(a->flow_hooks.arg);
}

static enum err make_below(struct app *a)
{
	const struct conf *c = a->first;
	struct store_opts store_opts = c->store;

	store_opts.owner = instance_owner(a->instance);
	a->loop = loop_new();
	if (!a->loop || !(a->resolver = resolver_new(a->loop, NULL)) || !(a->notify = notify_new(a->loop)))
		return ERR_NOMEM;
	enum err err = flow_new(a->loop, &c->flow, a->creds.keys, &a->flow);
	if (err)
		return err;
	const struct store_hooks store_hooks = { .arg = a, .on_up = on_store_up, .on_down = on_store_down };
	a->flow_hooks = flow_store_hooks(a->flow);
	err = store_new(a->loop, a->resolver, &store_opts, &store_hooks, &a->store);
	if (err)
		return err;
	a->smpp_listener = flow_smpp_listener(a->flow);
	err = smpp_new(a->loop, a->resolver, &c->smpp, &a->smpp_listener, &a->smpp);
	return err ? err : flow_connect(a->flow, a->store, a->smpp);
}

static enum err build_below(struct app *a)
{
	enum err err = make_below(a);

	if (err && err != ERR_NOMEM)
		log_error(TOPIC, "cannot start err=%s", err_name(err));
	return err;
}

static enum err build_doors(struct app *a)
{
	const struct conf *c = a->first;
	const struct statsock_hooks stats_hooks = {
		.arg = a, .refresh = on_refresh, .ready = on_ready, .status = on_status, .keys = on_keys
	};
	const struct api_hooks api_hooks = flow_api_hooks(a->flow);

	a->on_term = loop_signal_new(a->loop, SIGTERM, on_stop, a);
	a->on_int = loop_signal_new(a->loop, SIGINT, on_stop, a);
	loop_task_init(&a->reload, on_reload, a);
	a->on_hup = loop_signal_new(a->loop, SIGHUP, on_reload_asked, a);
	a->status = loop_timer_new(a->loop, on_status_timer, a);
	a->doors = loop_timer_new(a->loop, on_doors, a);
	if (!a->on_term || !a->on_int || !a->on_hup || !a->status || !a->doors)
		return ERR_NOMEM;
	enum err err = api_start(a->loop, &c->api, &api_hooks, &a->api);
	return err ? err : statsock_start(a->loop, &c->stats, &stats_hooks, &a->stats);
}

/*
 * Blocks the signals. Their handlers are freed next, and then the default action of a further signal would kill the
 * process before tear_down is complete.
 */
static void close_ears(void)
{
	sigset_t ours;

	sigemptyset(&ours);
	sigaddset(&ours, SIGTERM);
	sigaddset(&ours, SIGINT);
	sigaddset(&ours, SIGHUP);
	sigprocmask(SIG_BLOCK, &ours, NULL);
}

static void tear_down(struct app *a)
{
	close_ears();
	statsock_free(a->stats);
	loop_timer_free(a->doors);
	loop_timer_free(a->status);
	loop_signal_free(a->on_hup);
	loop_signal_free(a->on_int);
	loop_signal_free(a->on_term);
	/* The store is freed first, because it ends its pending commands, and the flows then release their calls. */
	store_free(a->store);
	api_free(a->api);
	smpp_free(a->smpp);
	flow_free(a->flow);
	notify_free(a->notify);
	resolver_free(a->resolver);
	loop_free(a->loop);
	creds_clear(&a->creds);
	instance_free(a->instance);
	if (a->current != a->first)
		conf_free(a->current);
	conf_free(a->first);
	stats_clear();
}

/* Sets the status of the unit to the first fault, and says whether there are more. */
static void last_words(struct buf *errors)
{
	const char *at = (const char *)buf_data(errors);
	size_t len = buf_len(errors);
	const char *lf = len ? memchr(at, '\n', len) : NULL;
	char text[512];

	if (!lf)
		return;
	snprintf(text, sizeof(text), "%.*s%s", (int)(lf - at), at, lf + 1 < at + len ? " (and more, see the log)" : "");
	notify_last_words(text);
}

static enum err load(const char *path, struct conf **conf, struct creds *creds)
{
	struct buf errors;

	buf_init(&errors, ERRORS_CAP);
	enum err err = conf_load(path, conf, &errors);
	if (!err)
		err = creds_load(*conf, creds, &errors);
	log_lines(&errors);
	if (err)
		last_words(&errors);
	buf_clear(&errors);
	return err;
}

/* APP_EXIT_CONFIG if the process can start only after the configuration or another file has changed. */
static int exit_status(enum err err)
{
	bool mended_there = err == ERR_INVALID || err == ERR_DENIED || err == ERR_NOTFOUND || err == ERR_TOOBIG;

	return mended_there ? APP_EXIT_CONFIG : APP_EXIT_FAILED;
}

static enum err take_instance(struct app *a)
{
	log_set_level(a->first->log_level);
	return instance_take(a->first->lock, &a->instance);
}

int app_run(const char *path)
{
	struct app a = { .path = path };
	enum err err = load(path, &a.first, &a.creds);

	a.current = a.first;
	if (!err)
		err = take_instance(&a);
	if (!err)
		err = build_below(&a);
	if (!err)
		err = build_doors(&a);
	if (err) {
		/* Each step logs why it failed, except for ERR_NOMEM. */
		if (err == ERR_NOMEM)
			log_error(TOPIC, "cannot start err=%s", err_name(err));
		tear_down(&a);
		return exit_status(err);
	}
	reload_told(true);
	api_hold(a.api);
	loop_timer_set(a.doors, clock_mono_ms() + DOORS_MS);
	store_start(a.store);
	smpp_start(a.smpp);
	flow_start(a.flow);
	loop_timer_set(a.status, clock_mono_ms() + STATUS_EVERY_MS);
	log_info(TOPIC, "started version=%s instance=%s", OTPGWD_VERSION, a.first->instance);
	tell_status(&a);
	notify_ready(a.notify);
	loop_run(a.loop);
	log_info(TOPIC, "stopped");
	tear_down(&a);
	return 0;
}

static enum err print_report(const char *path, const struct conf *conf)
{
	struct buf lines;

	buf_init(&lines, ERRORS_CAP);
	enum err err = conf_report(conf, &lines);
	if (!err)
		err = check_machine(conf, "", &lines);
	if (!err)
		printf("%s: good\n%.*s", path, (int)buf_len(&lines), (const char *)buf_data(&lines));
	buf_clear(&lines);
	return err;
}

enum err app_check(const char *path)
{
	struct conf *conf = NULL;
	struct creds creds = { 0 };
	enum err err = load(path, &conf, &creds);

	if (!err)
		err = smpp_check(&conf->smpp);
	if (!err)
		err = print_report(path, conf);
	creds_clear(&creds);
	conf_free(conf);
	return err;
}
