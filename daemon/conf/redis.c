/*
 * redis: fills and checks where Redis is (socket, host, Sentinels or cluster) and how durable its writes must be.
 * Checks what store relies on: addresses are valid, only one way is given, and timeouts fit together. Owns nothing.
 */
#include "get.h"
#include "groups.h"
#include "conf/host.h"

#include <libconfig.h>

#define OWN_REDIS_SOCKET "/run/redis-otpgwd/redis-server.sock"

static bool address_ok(const char *s)
{
	const char *host;
	size_t len;
	uint16_t port;

	return conf_address_read(s, &host, &len, &port);
}

static void fill_nodes(struct conf_tree *t, const config_setting_t *g, struct store_opts *o)
{
	const char **sentinels, **cluster;
	size_t sentinel_count = conf_strings(t, g, "redis.sentinels", &sentinels);
	size_t cluster_count = conf_strings(t, g, "redis.cluster", &cluster);
	const char *key = sentinel_count ? "sentinels" : "cluster";

	o->nodes = sentinel_count ? sentinels : cluster;
	o->node_count = sentinel_count ? sentinel_count : cluster_count;
	for (size_t i = 0; i < o->node_count; i++) {
		if (!address_ok(o->nodes[i]))
			conf_fault(t, g, key, "found \"%s\", allowed " CONF_ADDRESS_ALLOWED, o->nodes[i]);
	}
	if (sentinel_count && cluster_count)
		conf_fault(t, g, "cluster", "found a list beside sentinels, allowed one of them");
	if (sentinel_count && !o->master[0])
		conf_fault(t, g, "sentinels", "found a list without redis.master, allowed with the name of the master");
	if (!sentinel_count && o->master[0])
		conf_fault(t, g, "master", "found \"%s\" without redis.sentinels, allowed with them", o->master);
	if (cluster_count && o->database)
		conf_fault(t, g, "database", "found %u, allowed 0 with redis.cluster", o->database);
}

static void fill_place(struct conf_tree *t, const config_setting_t *g, struct store_opts *o)
{
	fill_nodes(t, g, o);
	if (o->host[0] && !conf_host_ok(o->host))
		conf_fault(t, g, "host", "found \"%s\", allowed " CONF_HOST_ALLOWED "; the port is redis.port",
		           o->host);
	if (o->socket_path[0] && o->host[0])
		conf_fault(t, g, "host", "found \"%s\" beside a socket, allowed redis.socket or redis.host", o->host);
	if (o->node_count && (o->socket_path[0] || o->host[0]))
		conf_fault(t, g, o->socket_path[0] ? "socket" : "host",
		           "found \"%s\" beside a list of nodes, allowed without redis.sentinels and redis.cluster",
		           o->socket_path[0] ? o->socket_path : o->host);
	if (!o->socket_path[0] && !o->host[0] && !o->node_count)
		o->socket_path = OWN_REDIS_SOCKET;
}

static void fill_promise(struct conf_tree *t, const config_setting_t *g, struct conf *c)
{
	static const enum store_durability classes[] = { STORE_DUR_UNKNOWN, STORE_DUR_PROCESS, STORE_DUR_POWER,
		                                         STORE_DUR_FAILOVER };
	struct store_opts *o = &c->store;

	c->flow.require = classes[conf_choice(g, "redis.require")];
	if (o->ack_replica && o->ack_timeout_ms >= o->command_timeout_ms)
		conf_fault(t, g, conf_given(g, "redis.ack_timeout_ms") ? "ack_timeout_ms" : "command_timeout_ms",
		           "found ack_timeout_ms %u, allowed less than command_timeout_ms, %u", o->ack_timeout_ms,
		           o->command_timeout_ms);
	if (c->flow.require == STORE_DUR_FAILOVER && !o->ack_replica)
		conf_fault(t, g, "require", "found \"failover\", allowed with redis.ack = \"replica\"");
}

static void fill_write_version(struct conf_tree *t, const struct conf *c)
{
	uint32_t oldest, newest, version = c->flow.write_version;

	store_versions(&oldest, &newest);
	if (version && (version < oldest || version > newest))
		conf_fault(t, conf_group(t, "store"), "write_version",
		           "found %u, allowed %u..%u, the versions that this release reads, or 0", version, oldest,
		           newest);
}

void conf_fill_redis(struct conf_tree *t, struct conf *c)
{
	const config_setting_t *g = conf_group(t, "redis");
	struct store_opts *o = &c->store;

	fill_place(t, g, o);
	if (o->user[0] && !c->redis_password_file.name[0])
		conf_fault(t, g, "user", "found \"%s\" without a password, allowed with redis.password_file", o->user);
	fill_promise(t, g, c);
	fill_write_version(t, c);
	c->flow.redis_in_flight = o->max_in_flight;
	c->flow.partitions = o->partitions;
	c->flow.lease_ms = o->lease_ms;
}
