/*
 * nodes: adds and removes servers of the node_set, and follows MOVED, ASK, and a change of the master. Owns the pool of
 * ops. Frees a connection only from a timer, never from one of its callbacks.
 */
#include "nodes.h"

#include "base/clock.h"
#include "base/log.h"
#include "fault.h"
#include "sentinel.h"
#include "slots.h"

#include <stdlib.h>
#include <string.h>

#define TOPIC "redis"
#define HOPS_MAX 8
#define REFRESH_SOON_MS 20
#define REFRESH_BROKEN_MS 200
#define REFRESH_MS 5000
#define AGAIN_MS 10

struct nodes {
	struct loop *loop;
	struct resolver *resolver;
	const struct store_opts *opts;
	struct store_hooks hooks;
	struct op_pool pool;
	bool cluster;
	struct node_set set;
	size_t next; /* the node to be asked for the map next */
	struct sentinel *sentinel;
	struct address master;
	unsigned tries; /* tries to connect to the master since it was last up */
	struct loop_timer *refresh, *again;
	struct op_list waiting; /* ops that were replied TRYAGAIN */
};

/* --- the set --- */

static bool on_try(void *arg, struct conn *c);
static void on_up(void *arg, struct conn *c);
static void on_down(void *arg, struct conn *c);
static bool on_moved(void *arg, struct conn *c, struct op *op, const char *text);
static void on_durability(void *arg, struct conn *c);

static size_t add(struct nodes *n, const struct address *address)
{
	const struct conn_hooks hooks = { .arg = n,
		                          .on_try = n->sentinel ? on_try : NULL,
		                          .on_up = on_up,
		                          .on_down = on_down,
		                          .on_moved = n->cluster ? on_moved : NULL,
		                          .on_durability = on_durability };
	struct conn *c = n->set.count < NODES_MAX ? conn_new(n->loop, n->resolver, n->opts, CONN_REDIS, &hooks) : NULL;

	if (!c)
		return MAP_NONE;
	if (address)
		conn_set_address(c, address);
	n->set.node[n->set.count] = (struct node){ .conn = c };
	return n->set.count++;
}

static size_t find_or_add(struct nodes *n, const struct address *address)
{
	size_t i = node_set_find(&n->set, address);

	if (i != MAP_NONE)
		return i;
	i = add(n, address);
	if (i != MAP_NONE)
		conn_start(n->set.node[i].conn);
	return i;
}

static void tell_up(struct nodes *n)
{
	node_set_show(&n->set);
	if (node_set_up(&n->set))
		n->hooks.on_up(n->hooks.arg);
}

static void on_up(void *arg, struct conn *c)
{
	struct nodes *n = arg;

	(void)c;
	n->tries = 0;
	if (n->cluster)
		loop_timer_set(n->refresh, clock_mono_ms());
	tell_up(n);
}

static void on_down(void *arg, struct conn *c)
{
	struct nodes *n = arg;

	(void)c;
	if (n->cluster)
		loop_timer_set(n->refresh, clock_mono_ms() + REFRESH_SOON_MS);
	node_set_show(&n->set);
	n->hooks.on_down(n->hooks.arg);
}

static void on_durability(void *arg, struct conn *c)
{
	struct nodes *n = arg;

	(void)c;
	node_set_show(&n->set);
}

/* --- Sentinel --- */

static bool on_try(void *arg, struct conn *c)
{
	struct nodes *n = arg;

	if (!n->master.port)
		return false;
	if (n->tries++ > 0)
		sentinel_doubt(n->sentinel);
	conn_set_address(c, &n->master);
	return true;
}

static void on_master(void *arg, const struct address *master)
{
	struct nodes *n = arg;
	char text[ADDRESS_TEXT_CAP];
	struct conn *c = n->set.node[0].conn;

	if (!address_same(&n->master, master)) {
		n->master = *master;
		address_print(master, text);
		log_info(TOPIC, "master address=%s", text);
		if (conn_address(c)->port && !address_same(conn_address(c), master))
			conn_drop(c, "another master");
		conn_try(c);
	}
}

/* --- Cluster: the map --- */

static void on_range(void *arg, uint16_t first, uint16_t last, const struct address *master)
{
	struct nodes *n = arg;

	if (map_wants(&n->set.map, first, last))
		map_range(&n->set.map, first, last, (uint8_t)find_or_add(n, master));
}

static enum err on_map(struct op *op, enum err err, const struct redisReply *reply)
{
	struct nodes *n = op->arg;

	if (err)
		return ERR_OK;
	bool was_up = node_set_up(&n->set), was_whole = node_set_whole(&n->set);
	map_begin(&n->set.map);
	err = slots_read(reply, conn_address(op->conn), on_range, n);
	if (err)
		return err;
	/* A node that was reset, or has not joined the cluster yet, knows no ranges. The old map is better. */
	if (!map_commit(&n->set.map))
		return ERR_OK;
	node_set_mark_serving(&n->set);
	if (was_whole && !node_set_whole(&n->set))
		loop_timer_set(n->refresh, clock_mono_ms() + REFRESH_BROKEN_MS);
	node_set_show(&n->set);
	if (!was_up && node_set_up(&n->set))
		tell_up(n);
	return ERR_OK;
}

static void ask_map(struct nodes *n)
{
	struct address seed;

	for (size_t i = 0; i < n->set.count; i++) {
		struct conn *c = n->set.node[n->next++ % n->set.count].conn;
		struct op *op = conn_up(c) ? op_new(&n->pool) : NULL;

		if (!op)
			continue;
		op->decode = on_map;
		op->arg = n;
		op->asks_map = true;
		op_text(op, "CLUSTER");
		op_text(op, "SLOTS");
		if (conn_send(c, op) == ERR_OK)
			return;
		op_free(op);
	}
	/* No node is up. The nodes of the configuration are tried, for which there must be room. */
	if (n->set.count == NODES_MAX) {
		map_all(&n->set.map, MAP_NONE);
		node_set_mark_serving(&n->set);
		node_set_sweep(&n->set, true);
	}
	for (size_t i = 0; i < n->opts->node_count; i++) {
		if (address_parse(n->opts->nodes[i], strlen(n->opts->nodes[i]), NULL, &seed) == ERR_OK)
			(void)find_or_add(n, &seed);
	}
}

static void on_refresh(void *arg)
{
	struct nodes *n = arg;

	if (n->cluster) {
		bool good = node_set_whole(&n->set);

		if (good || n->set.count == NODES_MAX)
			node_set_sweep(&n->set, !good);
		ask_map(n);
		loop_timer_set(n->refresh, clock_mono_ms() + (good ? REFRESH_MS : REFRESH_BROKEN_MS));
	} else {
		loop_timer_set(n->refresh, clock_mono_ms() + REFRESH_BROKEN_MS);
	}
	node_set_show(&n->set);
}

/* --- Cluster: redirected ops. A node that redirects an op has not executed it, so it can be sent again. --- */

static void give_up(struct op *op)
{
	(void)op_done(op, ERR_UNAVAILABLE, NULL);
}

static bool too_old(const struct nodes *n, const struct op *op)
{
	return clock_mono_us() - op->born_us > (int64_t)n->opts->command_timeout_ms * 1000;
}

static void on_again(void *arg)
{
	struct nodes *n = arg;

	for (size_t left = n->waiting.count; left; left--) {
		struct op *op = op_list_pop(&n->waiting);
		uint8_t i = n->set.map.of[op->partition];

		if (i == MAP_NONE || too_old(n, op))
			give_up(op);
		else
			conn_send_later(n->set.node[i].conn, op);
	}
}

static bool wait_a_little(struct nodes *n, struct op *op)
{
	op->asking = false;
	op_list_push(&n->waiting, op);
	if (!loop_timer_armed(n->again))
		loop_timer_set(n->again, clock_mono_ms() + AGAIN_MS);
	return true;
}

static bool follow(struct nodes *n, struct conn *from, struct op *op, const char *text)
{
	struct address to;
	uint16_t slot;

	if (op->hops >= HOPS_MAX || too_old(n, op) || slots_redirect(text, conn_address(from), &slot, &to) != ERR_OK)
		return false;
	size_t i = find_or_add(n, &to);
	if (i == MAP_NONE)
		return false;
	op->asking = fault_is(text, "ASK");
	op->again = false;
	op->hops++;
	if (!op->asking) {
		map_slot(&n->set.map, slot, (uint8_t)i);
		node_set_mark_serving(&n->set);
		loop_timer_set(n->refresh, clock_mono_ms() + REFRESH_SOON_MS);
	}
	conn_send_later(n->set.node[i].conn, op);
	return true;
}

static bool on_moved(void *arg, struct conn *c, struct op *op, const char *text)
{
	struct nodes *n = arg;

	if (fault_is(text, "MOVED") || fault_is(text, "ASK"))
		return follow(n, c, op, text);
	if (fault_is(text, "TRYAGAIN") && !too_old(n, op))
		return wait_a_little(n, op);
	if (fault_is(text, "CLUSTERDOWN"))
		loop_timer_set(n->refresh, clock_mono_ms() + REFRESH_SOON_MS);
	return false;
}

/* --- sending --- */

static struct conn *ready(const struct nodes *n, uint16_t partition, enum err *err)
{
	uint8_t i = n->set.map.of[partition];
	struct conn *c = i == MAP_NONE ? NULL : n->set.node[i].conn;

	*err = !c || !conn_up(c) ? ERR_UNAVAILABLE : ERR_OK;
	if (!*err && conn_in_flight(c) >= n->opts->max_in_flight)
		*err = ERR_BUSY;
	return *err ? NULL : c;
}

struct op *nodes_op(struct nodes *n, uint16_t partition, enum err *err)
{
	struct op *op = ready(n, partition, err) ? op_new(&n->pool) : NULL;

	if (op)
		op->partition = partition;
	else if (!*err)
		*err = ERR_NOMEM;
	return op;
}

struct op *nodes_script(struct nodes *n, uint16_t partition, enum script script, enum err *err)
{
	const struct conn *c = ready(n, partition, err);
	struct op *op = nodes_op(n, partition, err);

	if (!op)
		return NULL;
	op->script = (int)script;
	op_text(op, "EVALSHA");
	op_word(op, conn_sha(c, script), SCRIPT_SHA_LEN);
	op_keys_begin(op);
	return op;
}

enum err nodes_send(struct nodes *n, struct op *op)
{
	uint8_t i = n->set.map.of[op->partition];
	enum err err = i == MAP_NONE ? ERR_UNAVAILABLE : conn_send(n->set.node[i].conn, op);

	if (err)
		op_free(op);
	return err;
}

void nodes_send_or_answer(struct nodes *n, struct op *op)
{
	uint8_t i = n->set.map.of[op->partition];

	if (i == MAP_NONE || conn_send(n->set.node[i].conn, op) != ERR_OK)
		give_up(op);
}

const struct node_set *nodes_set(const struct nodes *n)
{
	return &n->set;
}

bool nodes_in_order(const struct nodes *n, uint16_t first, uint16_t second)
{
	/* In a cluster an op may be redirected, and then it arrives after ops for other partitions of the same node. */
	return !n->cluster || first == second;
}

/* --- begin and end --- */

static enum err add_first(struct nodes *n)
{
	const struct store_opts *o = n->opts;
	struct address address;
	const char *host = o->socket_path[0] ? o->socket_path : o->host;
	enum err err = ERR_OK;

	if (n->cluster)
		return ERR_OK;
	if (!n->sentinel)
		err = address_set(&address, host, strlen(host), o->socket_path[0] ? 0 : o->port);
	if (err)
		return err;
	if (add(n, n->sentinel ? NULL : &address) == MAP_NONE)
		return ERR_NOMEM;
	map_all(&n->set.map, 0);
	node_set_mark_serving(&n->set);
	return ERR_OK;
}

enum err nodes_new(struct loop *loop, struct resolver *resolver, const struct store_opts *opts,
                   const struct store_hooks *hooks, struct nodes **out)
{
	struct nodes *n = calloc(1, sizeof(*n));
	bool sentinel = opts->node_count && opts->master[0];

	if (!n)
		return ERR_NOMEM;
	*n = (struct nodes){ .loop = loop, .resolver = resolver, .opts = opts, .hooks = *hooks };
	n->cluster = opts->node_count && !sentinel;
	n->pool.opts = opts;
	op_list_init(&n->waiting);
	gauges_init(&n->set.gauges);
	n->refresh = loop_timer_new(loop, on_refresh, n);
	n->again = loop_timer_new(loop, on_again, n);
	if (sentinel)
		n->sentinel = sentinel_new(loop, resolver, opts, on_master, n);
	enum err err = map_init(&n->set.map, opts->partitions);
	if (!err && (!n->refresh || !n->again || (sentinel && !n->sentinel)))
		err = ERR_NOMEM;
	if (!err)
		err = add_first(n);
	if (err)
		nodes_free(n);
	else
		*out = n;
	return err;
}

void nodes_start(struct nodes *n)
{
	if (n->sentinel)
		sentinel_start(n->sentinel);
	for (size_t i = 0; i < n->set.count; i++)
		conn_start(n->set.node[i].conn);
	on_refresh(n);
}

void nodes_free(struct nodes *n)
{
	if (!n)
		return;
	size_t count = n->set.count;

	/* The callbacks of the ops that are answered here must find no node to send to. */
	n->set.count = 0;
	map_all(&n->set.map, MAP_NONE);
	sentinel_free(n->sentinel);
	for (size_t i = 0; i < count; i++)
		conn_free(n->set.node[i].conn);
	while (n->waiting.count)
		give_up(op_list_pop(&n->waiting));
	op_pool_clear(&n->pool);
	loop_timer_free(n->refresh);
	loop_timer_free(n->again);
	map_clear(&n->set.map);
	free(n);
}
