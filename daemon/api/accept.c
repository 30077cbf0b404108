/*
 * accept: accepts clients. Asks the system for their uid and groups, enforces the limits of connections, and tells a
 * refused client the reason. Owns the numbers of connections per user. Never reads a request.
 */
#include "api/accept.h"

#include "base/clock.h"
#include "base/invariant.h"
#include "base/log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#define TOPIC "api"

/*
 * Limits of log lines about peers that belong to no tenant: most lines at once, and the seconds until one more is
 * allowed.
 */
enum { STRANGERS_AT_ONCE = 10, STRANGERS_EVERY_S = 10 };

enum { WARN_EVERY_MS = 10000, GROUPS_MAX = 65536 };

static void show_clients(struct api *api)
{
	stats_set(api->clients_gauge, (double)api->clients);
}

static struct api_user *user_find(struct api *api, uid_t uid)
{
	struct api_user *u = LIST_FIRST(&api->users);

	while (u && u->uid != uid)
		u = LIST_NEXT(u, in_users);
	return u;
}

/* Counts one more client of the user. NULL: no memory. */
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

/*
 * Refuses a process that belongs to no tenant. The reply has the uid, and the log has uid and pid, so that an operator
 * can configure a tenant.
 */
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
		stats_inc(
		    api->refusals.of[API_REFUSAL_NOMEM]); /* without memory for a connection, fd is closed already */
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

void api_accept(void *arg, int fd)
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

void api_accept_undo(struct api *api, struct api_conn *c)
{
	if (!invariant(c->user && c->tenant))
		return;
	user_give(c->user);
	c->user = NULL;
	api_tenant_leave(c->tenant);
	c->tenant = NULL;
	api->clients -= invariant(api->clients > 0);
	show_clients(api);
}

void api_accept_init(struct api *api)
{
	bucket_init(&api->strangers, 1.0 / STRANGERS_EVERY_S, STRANGERS_AT_ONCE, clock_mono_ms());
	api->refusals = stats_family("otpgwd_clients_refused_total", "Connections refused at accept.", "reason",
	                             refusals, API_REFUSAL_COUNT);
}
