/*
 * server: starts, reloads, drains and ends the api. Owns the listener and all connections. Never reads a request and
 * never answers one.
 */
#include "api/server.h"

#include "api/accept.h"
#include "api/calls.h"
#include "api/conn_input.h"
#include "api/handshake.h"
#include "api/table.h"
#include "base/clock.h"
#include "base/secret.h"

#include <limits.h>
#include <stdlib.h>
#include <sys/resource.h>

enum { KEPT_FDS_MAX = 64, KEPT_FOR_SMSCS = 32 /* of these */ };

static void check_drained(struct api *api)
{
	if (api->draining && !api->clients)
		loop_defer(api->env.loop, &api->drain_task);
}

static void on_closed(void *arg, struct api_conn *c)
{
	struct api *api = arg;

	api_accept_undo(api, c);
	check_drained(api);
}

static void on_error(void *arg, const struct api_call *call, struct api_error *error, struct api_error_room *room)
{
	const struct api *api = arg;

	if (api->hooks.error)
		api->hooks.error(api->hooks.arg, call, error, room);
}

static void on_released(void *arg, struct api_conn *c)
{
	(void)arg;
	LIST_REMOVE(c, in_all);
	api_conn_free(c);
}

/* --- the interface --- */

/*
 * The system gives the lowest free number, so a limit of the numbers for clients keeps the rest for others. Beyond 32
 * connections to SMSCs one more is kept for each.
 */
static int client_fd_end(uint32_t smsc_sessions)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur > INT_MAX)
		return INT_MAX;
	int all = (int)limit.rlim_cur, kept = all / 4 < KEPT_FDS_MAX ? all / 4 : KEPT_FDS_MAX;
	int more = smsc_sessions > KEPT_FOR_SMSCS ? (int)smsc_sessions - KEPT_FOR_SMSCS : 0;

	return all - kept - (more < all / 4 ? more : all / 4);
}

void api_configure(struct api *api, const struct api_opts *opts)
{
	api->env.opts = *opts;
	api->fd_end = client_fd_end(opts->smsc_sessions);
	api->env.opts.socket_path = api->env.opts.socket_group = api->env.opts.socket_name = NULL;
}

/* Moves c, its memory and its wait for a slice to another tenant. ERR_NOMEM: c stays with its tenant. */
static enum err change_tenant(struct api *api, struct api_conn *c, const void *peer)
{
	struct api_tenant *before = c->tenant, *after = api_tenant_join(&api->env.tenants, peer);
	size_t bytes = c->memory.bytes;
	bool waits = c->waits;

	if (!after)
		return ERR_NOMEM;
	api_memory_note(&api->env.buffered, c, 0);
	api_turn_forget(c);
	c->tenant = after;
	api_tenant_leave(before);
	api_memory_note(&api->env.buffered, c, bytes);
	if (waits)
		api_turn_wait(&api->env.turns, c);
	return ERR_OK;
}

void api_peers_changed(struct api *api)
{
	struct api_conn *c;

	LIST_FOREACH(c, &api->conns, in_all) {
		const char *name = NULL;
		const void *peer = api->hooks.peer(api->hooks.arg, c->uid, c->gids, c->gid_count, &name);

		/* The open calls of a closed connection keep the peer that they began with. */
		if (!peer) {
			api_conn_fail(c, API_CLOSE_PEER);
			continue;
		}
		if (c->tenant && c->tenant->peer != peer && change_tenant(api, c, peer)) {
			api_conn_fail(c, API_CLOSE_NOMEM);
			continue;
		}
		c->peer = peer;
		c->peer_name = name;
	}
}

void api_hold(struct api *api)
{
	listener_pause(api->listener);
}

void api_open(struct api *api)
{
	if (!api->draining)
		listener_resume(api->listener);
}

static void drain_done(void *arg)
{
	struct api *api = arg;
	loop_fn done = api->drained;

	loop_timer_stop(api->drain_timer);
	api->drained = NULL;
	if (done)
		done(api->drained_arg);
}

static void on_drain_deadline(void *arg)
{
	struct api *api = arg;
	struct api_conn *c;

	LIST_FOREACH(c, &api->conns, in_all)
		api_conn_fail(c, API_CLOSE_DRAIN);
	loop_defer(api->env.loop, &api->drain_task);
}

void api_drain(struct api *api, int64_t deadline_ms, loop_fn done, void *arg)
{
	struct api_conn *c;

	if (api->draining)
		return;
	api->draining = true;
	api->drained = done;
	api->drained_arg = arg;
	listener_pause(api->listener);
	loop_timer_set(api->drain_timer, deadline_ms);
	LIST_FOREACH(c, &api->conns, in_all)
		api_conn_drain(c);
	check_drained(api);
}

static void register_stats(struct api *api)
{
	const char *closes[API_CLOSE_COUNT];

	for (int i = 0; i < API_CLOSE_COUNT; i++)
		closes[i] = api_conn_reason((enum api_close)i);
	api->clients_gauge = stats_gauge("otpgwd_clients", "Connected clients.", NULL);
	api->env.protocol_errors = stats_counter("otpgwd_protocol_errors_total",
	                                         "Malformed requests, each of which ended its connection.", NULL);
	api->env.request_seconds = stats_hist("otpgwd_request_seconds", "From a request read to its reply.", NULL);
	api_accept_init(api);
	api->env.closed = stats_family("otpgwd_connections_closed_total", "Connections closed, by reason.", "reason",
	                               closes, API_CLOSE_COUNT);
}

enum err api_start(struct loop *loop, const struct api_opts *opts, const struct api_hooks *hooks, struct api **out)
{
	struct api *api = calloc(1, sizeof(*api));
	struct listener_opts listen_opts = { opts->socket_name, opts->socket_path, opts->socket_mode,
		                             opts->socket_group, opts->backlog };
	size_t own_count;
	const struct api_command *own = api_handshake_commands(&own_count);
	enum err err;

	if (!api)
		return ERR_NOMEM;
	api->env.loop = loop;
	api->env.arg = api;
	api->env.on_request = api_table_run;
	api->env.on_error = on_error;
	api->env.on_closed = on_closed;
	api->env.on_released = on_released;
	api->hooks = *hooks;
	api->started_ms = clock_mono_ms();
	api_configure(api, opts);
	register_stats(api);
	loop_task_init(&api->drain_task, drain_done, api);
	api->drain_timer = loop_timer_new(loop, on_drain_deadline, api);
	err = api->drain_timer ? api_turns_init(&api->env.turns, loop, api_conn_serve) : ERR_NOMEM;
	if (!err)
		err = api_refused_init(&api->refused, loop);
	if (!err)
		err = api_table_init(api, own, own_count);
	if (!err)
		err = listener_open(loop, &listen_opts, api_accept, api, &api->listener);
	if (err) {
		api_free(api);
		return err;
	}
	*out = api;
	return ERR_OK;
}

void api_free(struct api *api)
{
	if (!api)
		return;
	listener_close(api->listener);
	api->draining = false;
	while (!LIST_EMPTY(&api->conns))
		on_released(api, LIST_FIRST(&api->conns));
	loop_defer_cancel(api->env.loop, &api->drain_task);
	loop_timer_free(api->drain_timer);
	api_refused_clear(&api->refused);
	api_turns_clear(&api->env.turns);
	api_calls_free_pool(&api->env);
	api_table_clear(api);
	secret_wipe(&api->env.request, sizeof(api->env.request));
	free(api);
}

size_t api_clients(const struct api *api)
{
	return api->clients;
}
