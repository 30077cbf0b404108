/*
 * server: accepts clients, asks who they are, holds the caps, drains. Owns the listener and all connections.
 * Never reads a request and never answers one, but to refuse a connection.
 */
#include "api/server.h"

#include "api/calls.h"
#include "api/conn_input.h"
#include "api/handshake.h"
#include "api/table.h"
#include "base/clock.h"
#include "base/invariant.h"
#include "base/log.h"
#include "base/secret.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define TOPIC "api"

/* Of the lines about strangers: so many at once, and one in so many seconds. */
enum { STRANGERS_AT_ONCE = 10, STRANGERS_EVERY_S = 10 };

enum { WARN_EVERY_MS = 10000, GROUPS_MAX = 65536, KEPT_FDS_MAX = 64 };

static void show_clients(struct api *api)
{
	stats_set(api->clients_gauge, (double)api->clients);
}

/* --- clients of a user --- */

static struct api_user *user_find(struct api *api, uid_t uid)
{
	struct api_user *u = LIST_FIRST(&api->users);

	while (u && u->uid != uid)
		u = LIST_NEXT(u, in_users);
	return u;
}

/* Counts one more client; NULL: no memory. */
static struct api_user *user_take(struct api *api, uid_t uid)
{
	struct api_user *u = user_find(api, uid);

	if (!u) {
		u = calloc(1, sizeof(*u));
		if (!u)
			return NULL;
		u->uid = uid;
		LIST_INSERT_HEAD(&api->users, u, in_users);
	}
	u->clients++;
	return u;
}

static void user_give(struct api_user *u)
{
	u->clients -= invariant(u->clients > 0);
	if (u->clients)
		return;
	LIST_REMOVE(u, in_users);
	free(u);
}

/* --- refusing --- */

static const char *const refusals[API_REFUSAL_COUNT] = {
	[API_REFUSAL_PEER] = "peer",
	[API_REFUSAL_CREDENTIALS] = "credentials",
	[API_REFUSAL_DESCRIPTORS] = "descriptors",
	[API_REFUSAL_TOTAL] = "total",
	[API_REFUSAL_UID] = "uid",
	[API_REFUSAL_NOMEM] = "nomem",
};

static void refuse(struct api *api, int fd, const char *line, enum api_refusal reason)
{
	int64_t now_ms = clock_mono_ms();

	if (reason == API_REFUSAL_DESCRIPTORS)
		api_refused_now(fd, line);
	else
		api_refused_add(&api->refused, fd, line);
	stats_inc(api->refusals.of[reason]);
	if (reason == API_REFUSAL_PEER || (api->warned_ms && now_ms - api->warned_ms < WARN_EVERY_MS))
		return;
	api->warned_ms = now_ms;
	log_warn(TOPIC, "client refused reason=%s clients=%zu", refusals[reason], api->clients);
}

/* A process of no tenant. Whoever is to make it one finds its uid in the answer, and its pid in the log. */
static void refuse_peer(struct api *api, int fd, const struct ucred *cred)
{
	bool told = bucket_take(&api->strangers, 1, clock_mono_ms());
	char line[API_REFUSED_LINE_CAP];

	snprintf(line, sizeof(line), "-DENIED reason=peer uid=%lu this user belongs to no tenant\r\n",
	         (unsigned long)cred->uid);
	refuse(api, fd, line, API_REFUSAL_PEER);
	log_write(told ? LOG_LEVEL_WARN : LOG_LEVEL_DEBUG, TOPIC, "peer refused uid=%lu pid=%ld",
	          (unsigned long)cred->uid, (long)cred->pid);
}

/* --- who is it --- */

struct credentials {
	struct ucred cred;
	gid_t *gids; /* the primary group first */
	size_t gid_count;
};

static enum err read_credentials(int fd, struct credentials *out)
{
	socklen_t len = sizeof(out->cred), room = 0;
	gid_t *gids;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &out->cred, &len))
		return ERR_IO;
	len = 0;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, NULL, &len) && errno != ERANGE)
		len = 0;
	room = len;
	if (room > GROUPS_MAX * sizeof(gid_t))
		return ERR_TOOBIG;
	gids = malloc(room + sizeof(gid_t));
	if (!gids)
		return ERR_NOMEM;
	gids[0] = out->cred.gid;
	if (room && getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, gids + 1, &len))
		len = 0;
	out->gids = gids;
	out->gid_count = 1 + len / sizeof(gid_t);
	return ERR_OK;
}

/* --- clients come and go --- */

static void link_conn(struct api *api, struct api_conn *c, const struct credentials *who)
{
	c->id = ++api->last_id;
	c->uid = who->cred.uid;
	c->gid = who->cred.gid;
	c->pid = who->cred.pid;
	c->gids = who->gids;
	c->gid_count = who->gid_count;
	LIST_INSERT_HEAD(&api->conns, c, in_all);
	api->clients++;
	show_clients(api);
	log_debug(TOPIC, "client connected id=%llu uid=%lu pid=%ld peer=%s", (unsigned long long)c->id,
	          (unsigned long)c->uid, (long)c->pid, c->peer_name ? c->peer_name : "-");
}

static void admit(struct api *api, int fd, const struct credentials *who)
{
	static const char full[] = "-ERR max number of clients reached\r\n";
	struct api_user *user = user_find(api, who->cred.uid);
	const char *name = NULL;
	const void *peer = api->hooks.peer(api->hooks.arg, who->cred.uid, who->gids, who->gid_count, &name);
	struct api_tenant *tenant;
	struct api_conn *c = NULL;

	if (!peer) {
		refuse_peer(api, fd, &who->cred);
	} else if (api->clients >= api->env.opts.max_clients) {
		refuse(api, fd, full, API_REFUSAL_TOTAL);
	} else if (user && user->clients >= api->env.opts.max_clients_per_uid) {
		refuse(api, fd, full, API_REFUSAL_UID);
	} else if (!(user = user_take(api, who->cred.uid))) {
		refuse(api, fd, full, API_REFUSAL_NOMEM);
	} else if (!(tenant = api_tenant_join(&api->env.tenants, peer))) {
		user_give(user);
		refuse(api, fd, full, API_REFUSAL_NOMEM);
	} else if (api_conn_new(&api->env, fd, &c)) {
		api_tenant_leave(tenant);
		user_give(user);
	} else {
		c->user = user;
		c->tenant = tenant;
		c->peer = peer;
		c->peer_name = name;
		link_conn(api, c, who);
		return;
	}
	free(who->gids);
}

static void on_accept(void *arg, int fd)
{
	struct api *api = arg;
	struct credentials who = { .gids = NULL };

	if (listener_exhausted(api->listener) || fd >= api->fd_end) {
		refuse(api, fd, "-ERR max number of clients reached\r\n", API_REFUSAL_DESCRIPTORS);
		return;
	}
	if (read_credentials(fd, &who)) {
		refuse(api, fd, "-DENIED reason=peer\r\n", API_REFUSAL_CREDENTIALS);
		return;
	}
	admit(api, fd, &who);
}

static void check_drained(struct api *api)
{
	if (api->draining && !api->clients)
		loop_defer(api->env.loop, &api->drain_task);
}

static void on_closed(void *arg, struct api_conn *c)
{
	struct api *api = arg;

	user_give(c->user);
	c->user = NULL;
	api_tenant_leave(c->tenant);
	c->tenant = NULL;
	api->clients -= invariant(api->clients > 0);
	show_clients(api);
	check_drained(api);
}

static void on_released(void *arg, struct api_conn *c)
{
	(void)arg;
	LIST_REMOVE(c, in_all);
	api_conn_free(c);
}

/* --- the doors --- */

void api_configure(struct api *api, const struct api_opts *opts)
{
	api->env.opts = *opts;
	api->env.opts.socket_path = api->env.opts.socket_group = api->env.opts.socket_name = NULL;
}

/* What c holds, and its place among those that wait, move with it. ERR_NOMEM: c stays where it is. */
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

		/* What a closed connection still has under way stays its former peer's. */
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

/* The system gives the lowest number that is free: who has a number has at least as many below it in use. */
static int client_fd_end(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur > INT_MAX)
		return INT_MAX;
	int all = (int)limit.rlim_cur, kept = all / 4 < KEPT_FDS_MAX ? all / 4 : KEPT_FDS_MAX;

	return all - kept;
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
	api->refusals = stats_family("otpgwd_clients_refused_total", "Connections refused at accept.", "reason",
	                             refusals, API_REFUSAL_COUNT);
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
	api->env.on_closed = on_closed;
	api->env.on_released = on_released;
	api->hooks = *hooks;
	api->started_ms = clock_mono_ms();
	api->fd_end = client_fd_end();
	api_configure(api, opts);
	register_stats(api);
	loop_task_init(&api->drain_task, drain_done, api);
	api->drain_timer = loop_timer_new(loop, on_drain_deadline, api);
	err = api->drain_timer ? api_turns_init(&api->env.turns, loop, api_conn_serve) : ERR_NOMEM;
	bucket_init(&api->strangers, 1.0 / STRANGERS_EVERY_S, STRANGERS_AT_ONCE, api->started_ms);
	if (!err)
		err = api_refused_init(&api->refused, loop);
	if (!err)
		err = api_table_init(api, own, own_count);
	if (!err)
		err = listener_open(loop, &listen_opts, on_accept, api, &api->listener);
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
