/*
 * nodes: connections to the servers and the map of partitions. Follows MOVED, ASK, and a master that changes.
 * Owns the connections and the pool of ops. A connection is freed from a timer only, never from one of its callbacks.
 */
#include "nodes.h"

#include "base/clock.h"
#include "base/log.h"
#include "conn.h"
#include "fault.h"
#include "gauges.h"
#include "map.h"
#include "sentinel.h"
#include "slots.h"

#include <stdlib.h>
#include <string.h>

#define TOPIC "redis"
#define NODES_MAX 254 /* below MAP_NONE */
#define HOPS_MAX 8
#define REFRESH_SOON_MS 20
#define REFRESH_BROKEN_MS 200
#define REFRESH_MS 5000
#define AGAIN_MS 10

struct node {
	struct conn *conn;
	bool serves; /* a partition */
};

struct nodes {
	struct loop *loop;
	struct resolver *resolver;
	const struct store_opts *opts;
	struct store_hooks hooks;
	struct op_pool pool;
	bool cluster;
	struct node node[NODES_MAX];
	size_t count, next; /* next: to be asked for the map */
	struct map map;
	struct sentinel *sentinel;
	struct address master;
	unsigned tries; /* to reach the master since it was up */
	struct loop_timer *refresh, *again;
	struct op_list waiting; /* told to try again */
	struct gauges gauges;
};

/* --- looking at them --- */

static bool serving_up(const struct nodes *n, size_t i)
{
	return n->node[i].serves && conn_up(n->node[i].conn);
}

bool nodes_up(const struct nodes *n)
{
	for (size_t i = 0; i < n->count; i++) {
		if (serving_up(n, i))
			return true;
	}
	return false;
}

bool nodes_whole(const struct nodes *n)
{
	for (unsigned p = 0; p < n->map.partitions; p++) {
		if (n->map.of[p] == MAP_NONE || !conn_up(n->node[n->map.of[p]].conn))
			return false;
	}
	return true;
}

/* Of the first that serves: clocks of a cluster's nodes are kept together by its operator. */
int64_t nodes_offset_ms(const struct nodes *n)
{
	for (size_t i = 0; i < n->count; i++) {
		if (serving_up(n, i))
			return conn_offset_ms(n->node[i].conn);
	}
	return n->count ? conn_offset_ms(n->node[0].conn) : clock_wall_ms() - clock_mono_ms();
}

int64_t nodes_retry_ms(const struct nodes *n)
{
	int64_t least = INT64_MAX;

	for (size_t i = 0; i < n->count; i++) {
		int64_t ms = conn_retry_ms(n->node[i].conn);

		least = ms < least ? ms : least;
	}
	return n->count ? least : 0;
}

enum store_durability nodes_durability(const struct nodes *n)
{
	enum store_durability weakest = STORE_DUR_FAILOVER;

	for (size_t i = 0; i < n->count; i++) {
		if (serving_up(n, i) && conn_durability(n->node[i].conn) < weakest)
			weakest = conn_durability(n->node[i].conn);
	}
	return nodes_up(n) ? weakest : STORE_DUR_UNKNOWN;
}

const char *nodes_warning(const struct nodes *n)
{
	for (size_t i = 0; i < n->count; i++) {
		if (n->node[i].serves && !conn_up(n->node[i].conn) && nodes_up(n))
			return "a node of the cluster is away: its share of the numbers is not served";
		if (serving_up(n, i) && conn_warning(n->node[i].conn)[0])
			return conn_warning(n->node[i].conn);
	}
	return "";
}

const char *nodes_refusing(const struct nodes *n)
{
	for (size_t i = 0; i < n->count; i++) {
		if (serving_up(n, i) && conn_refusing(n->node[i].conn)[0])
			return conn_refusing(n->node[i].conn);
	}
	return "";
}

const char *nodes_reason(const struct nodes *n)
{
	for (size_t i = 0; i < n->count; i++) {
		if (n->node[i].serves && !conn_up(n->node[i].conn))
			return conn_reason(n->node[i].conn);
	}
	return n->count ? "" : "no node answered yet";
}

void nodes_status(const struct nodes *n, struct json *j)
{
	char address[ADDRESS_TEXT_CAP];

	json_open(j, "nodes", '[');
	for (size_t i = 0; i < n->count; i++) {
		const struct conn *c = n->node[i].conn;

		json_open(j, NULL, '{');
		address_print(conn_address(c), address);
		json_str(j, "address", address);
		json_bool(j, "up", conn_up(c));
		json_bool(j, "serves", n->node[i].serves);
		json_str(j, "reason", conn_reason(c));
		json_int(j, "retry_ms", conn_retry_ms(c));
		json_str(j, "durability", store_durability_name(conn_durability(c)));
		json_int(j, "in_flight", (int64_t)conn_in_flight(c));
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void show(struct nodes *n)
{
	struct gauges_now now = { .class = nodes_durability(n) };

	for (size_t i = 0; i < n->count; i++) {
		now.serving += n->node[i].serves;
		now.serving_up += serving_up(n, i);
		now.in_flight += conn_in_flight(n->node[i].conn);
	}
	gauges_set(&n->gauges, &now);
}

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
	struct conn *c = n->count < NODES_MAX ? conn_new(n->loop, n->resolver, n->opts, CONN_REDIS, &hooks) : NULL;

	if (!c)
		return MAP_NONE;
	if (address)
		conn_set_address(c, address);
	n->node[n->count] = (struct node){ .conn = c };
	return n->count++;
}

static size_t find_or_add(struct nodes *n, const struct address *address)
{
	for (size_t i = 0; i < n->count; i++) {
		if (address_same(conn_address(n->node[i].conn), address))
			return i;
	}
	size_t i = add(n, address);
	if (i != MAP_NONE)
		conn_start(n->node[i].conn);
	return i;
}

static void mark_serving(struct nodes *n)
{
	for (size_t i = 0; i < n->count; i++)
		n->node[i].serves = false;
	for (unsigned p = n->map.partitions; p-- > 0;) {
		if (n->map.of[p] == MAP_NONE)
			continue;
		n->node[n->map.of[p]].serves = true;
		conn_set_probe(n->node[n->map.of[p]].conn, (int)p);
	}
	for (size_t i = 0; i < n->count; i++) {
		if (!n->node[i].serves)
			conn_set_probe(n->node[i].conn, -1);
	}
}

/* Those that serve nothing any more, once their last answer is in. keep_up: who is there may still know the others. */
static void sweep(struct nodes *n, bool keep_up)
{
	for (size_t i = n->count; i-- > 0;) {
		const struct conn *c = n->node[i].conn;

		if (n->node[i].serves || conn_in_flight(c) || (keep_up && conn_up(c)))
			continue;
		conn_free(n->node[i].conn);
		n->node[i] = n->node[--n->count];
		map_swap(&n->map, (uint8_t)n->count, (uint8_t)i);
	}
}

static void tell_up(struct nodes *n)
{
	show(n);
	if (nodes_up(n))
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
	show(n);
	n->hooks.on_down(n->hooks.arg);
}

static void on_durability(void *arg, struct conn *c)
{
	(void)c;
	show(arg);
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
	struct conn *c = n->node[0].conn;

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

	if (map_wants(&n->map, first, last))
		map_range(&n->map, first, last, (uint8_t)find_or_add(n, master));
}

static enum err on_map(struct op *op, enum err err, const struct redisReply *reply)
{
	struct nodes *n = op->arg;

	if (err)
		return ERR_OK;
	bool was_up = nodes_up(n), was_whole = nodes_whole(n);
	map_begin(&n->map);
	err = slots_read(reply, conn_address(op->conn), on_range, n);
	if (err)
		return err;
	/* A node that was reset, or has joined nobody yet, knows of none: what is known already is better. */
	if (!map_commit(&n->map))
		return ERR_OK;
	mark_serving(n);
	if (was_whole && !nodes_whole(n))
		loop_timer_set(n->refresh, clock_mono_ms() + REFRESH_BROKEN_MS);
	show(n);
	if (!was_up && nodes_up(n))
		tell_up(n);
	return ERR_OK;
}

static void ask_map(struct nodes *n)
{
	struct address seed;

	for (size_t i = 0; i < n->count; i++) {
		struct conn *c = n->node[n->next++ % n->count].conn;
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
	/* None of them answers: those of the configuration may, and need room. */
	if (n->count == NODES_MAX) {
		map_all(&n->map, MAP_NONE);
		mark_serving(n);
		sweep(n, true);
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
		bool good = nodes_whole(n);

		if (good || n->count == NODES_MAX)
			sweep(n, !good);
		ask_map(n);
		loop_timer_set(n->refresh, clock_mono_ms() + (good ? REFRESH_MS : REFRESH_BROKEN_MS));
	} else {
		loop_timer_set(n->refresh, clock_mono_ms() + REFRESH_BROKEN_MS);
	}
	show(n);
}

/* --- Cluster: ops sent elsewhere. None was executed where it was sent, so sending it again is no second time. --- */

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
		uint8_t i = n->map.of[op->partition];

		if (i == MAP_NONE || too_old(n, op))
			give_up(op);
		else
			conn_send_later(n->node[i].conn, op);
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
		map_slot(&n->map, slot, (uint8_t)i);
		mark_serving(n);
		loop_timer_set(n->refresh, clock_mono_ms() + REFRESH_SOON_MS);
	}
	conn_send_later(n->node[i].conn, op);
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
	uint8_t i = n->map.of[partition];
	struct conn *c = i == MAP_NONE ? NULL : n->node[i].conn;

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
	uint8_t i = n->map.of[op->partition];
	enum err err = i == MAP_NONE ? ERR_UNAVAILABLE : conn_send(n->node[i].conn, op);

	if (err)
		op_free(op);
	return err;
}

void nodes_send_or_answer(struct nodes *n, struct op *op)
{
	uint8_t i = n->map.of[op->partition];

	if (i == MAP_NONE || conn_send(n->node[i].conn, op) != ERR_OK)
		give_up(op);
}

bool nodes_in_order(const struct nodes *n, uint16_t first, uint16_t second)
{
	/* In a cluster even one node's order ends where an op is sent elsewhere. */
	return !n->cluster || first == second;
}

/* --- birth and death --- */

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
	map_all(&n->map, 0);
	mark_serving(n);
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
	gauges_init(&n->gauges);
	n->refresh = loop_timer_new(loop, on_refresh, n);
	n->again = loop_timer_new(loop, on_again, n);
	if (sentinel)
		n->sentinel = sentinel_new(loop, resolver, opts, on_master, n);
	enum err err = map_init(&n->map, opts->partitions);
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
	for (size_t i = 0; i < n->count; i++)
		conn_start(n->node[i].conn);
	on_refresh(n);
}

void nodes_free(struct nodes *n)
{
	if (!n)
		return;
	size_t count = n->count;

	/* Callbacks of what is answered now must find nothing to send to. */
	n->count = 0;
	map_all(&n->map, MAP_NONE);
	sentinel_free(n->sentinel);
	for (size_t i = 0; i < count; i++)
		conn_free(n->node[i].conn);
	while (n->waiting.count)
		give_up(op_list_pop(&n->waiting));
	op_pool_clear(&n->pool);
	loop_timer_free(n->refresh);
	loop_timer_free(n->again);
	map_clear(&n->map);
	free(n);
}
