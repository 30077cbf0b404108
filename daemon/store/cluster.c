/*
 * cluster: asks the nodes of a Redis Cluster for their map, adds and removes nodes by it, and follows MOVED, ASK and
 * TRYAGAIN. Owns the ops that were replied TRYAGAIN. Frees a connection only from its timer, never from a callback of a
 * connection. Implements the client side of the Redis Cluster specification.
 */
#include "cluster.h"

#include "base/clock.h"
#include "fault.h"
#include "slots.h"

#include <stdlib.h>
#include <string.h>

#define HOPS_MAX 8
#define REFRESH_SOON_MS 20
#define REFRESH_BROKEN_MS 200
#define REFRESH_MS 5000
#define AGAIN_MS 10

struct cluster {
	struct node_set *set;
	struct op_pool *pool;
	const struct store_hooks *hooks;
	size_t next; /* the node that is asked for the map next */
	struct loop_timer *refresh, *again;
	struct op_list waiting; /* ops that were replied TRYAGAIN */
};

/* --- the map --- */

static void refresh_in(struct cluster *c, int64_t ms)
{
	loop_timer_set(c->refresh, clock_mono_ms() + ms);
}

static void on_range(void *arg, uint16_t first, uint16_t last, const struct address *master)
{
	struct node_set *set = arg;

	if (map_wants(&set->map, first, last))
		map_range(&set->map, first, last, (uint8_t)node_set_find_or_add(set, master));
}

static enum err on_map(struct op *op, enum err err, const struct redisReply *reply)
{
	struct cluster *c = op->arg;
	bool was_up = node_set_up(c->set), was_whole = node_set_whole(c->set);

	if (err)
		return ERR_OK;
	map_begin(&c->set->map);
	err = slots_read(reply, conn_address(op->conn), on_range, c->set);
	if (err)
		return err;
	/* A node that was reset, or has not joined the cluster yet, knows no ranges. The old map is better. */
	if (!map_commit(&c->set->map))
		return ERR_OK;
	node_set_mark_serving(c->set);
	if (was_whole && !node_set_whole(c->set))
		refresh_in(c, REFRESH_BROKEN_MS);
	node_set_show(c->set);
	if (!was_up && node_set_up(c->set))
		c->hooks->on_up(c->hooks->arg);
	return ERR_OK;
}

/* No node is up. The nodes of the configuration are tried, for which there must be room. */
static void add_configured(struct cluster *c)
{
	const struct store_opts *o = c->set->opts;
	struct address seed;

	if (c->set->count == NODES_MAX) {
		map_all(&c->set->map, MAP_NONE);
		node_set_mark_serving(c->set);
		node_set_sweep(c->set, true);
	}
	for (size_t i = 0; i < o->node_count; i++) {
		if (address_parse(o->nodes[i], strlen(o->nodes[i]), NULL, &seed) == ERR_OK)
			(void)node_set_find_or_add(c->set, &seed);
	}
}

static void ask_map(struct cluster *c)
{
	for (size_t i = 0; i < c->set->count; i++) {
		struct conn *conn = c->set->node[c->next++ % c->set->count].conn;
		struct op *op = conn_up(conn) ? op_new(c->pool) : NULL;

		if (!op)
			continue;
		op->decode = on_map;
		op->arg = c;
		op->asks_map = true;
		op_text(op, "CLUSTER");
		op_text(op, "SLOTS");
		if (conn_send(conn, op) == ERR_OK)
			return;
		op_free(op);
	}
	add_configured(c);
}

static void on_refresh(void *arg)
{
	struct cluster *c = arg;
	bool good = node_set_whole(c->set);

	if (good || c->set->count == NODES_MAX)
		node_set_sweep(c->set, !good);
	ask_map(c);
	refresh_in(c, good ? REFRESH_MS : REFRESH_BROKEN_MS);
}

void cluster_refresh(struct cluster *c)
{
	refresh_in(c, 0);
}

void cluster_refresh_soon(struct cluster *c)
{
	refresh_in(c, REFRESH_SOON_MS);
}

/* --- redirected ops --- */

static bool too_old(const struct cluster *c, const struct op *op)
{
	return clock_mono_us() - op->born_us > (int64_t)c->set->opts->command_timeout_ms * 1000;
}

static void on_again(void *arg)
{
	struct cluster *c = arg;

	for (size_t left = c->waiting.count; left; left--) {
		struct op *op = op_list_pop(&c->waiting);
		uint8_t i = c->set->map.of[op->partition];

		if (i == MAP_NONE || too_old(c, op))
			op_give_up(op);
		else
			conn_send_later(c->set->node[i].conn, op);
	}
}

static bool wait_a_little(struct cluster *c, struct op *op)
{
	op->asking = false;
	op_list_push(&c->waiting, op);
	if (!loop_timer_armed(c->again))
		loop_timer_set(c->again, clock_mono_ms() + AGAIN_MS);
	return true;
}

static bool follow(struct cluster *c, const struct conn *from, struct op *op, const char *text)
{
	struct address to;
	uint16_t slot;

	if (op->hops >= HOPS_MAX || too_old(c, op) || slots_redirect(text, conn_address(from), &slot, &to) != ERR_OK)
		return false;
	size_t i = node_set_find_or_add(c->set, &to);

	if (i == MAP_NONE)
		return false;
	op->asking = fault_is(text, "ASK");
	op->again = false;
	op->hops++;
	if (!op->asking) {
		map_slot(&c->set->map, slot, (uint8_t)i);
		node_set_mark_serving(c->set);
		refresh_in(c, REFRESH_SOON_MS);
	}
	conn_send_later(c->set->node[i].conn, op);
	return true;
}

bool cluster_redirects(struct cluster *c, const struct conn *from, struct op *op, const char *text)
{
	if (fault_is(text, "MOVED") || fault_is(text, "ASK"))
		return follow(c, from, op, text);
	if (fault_is(text, "TRYAGAIN") && !too_old(c, op))
		return wait_a_little(c, op);
	if (fault_is(text, "CLUSTERDOWN"))
		refresh_in(c, REFRESH_SOON_MS);
	return false;
}

/* --- begin and end --- */

struct cluster *cluster_new(struct node_set *set, struct op_pool *pool, const struct store_hooks *hooks)
{
	struct cluster *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	*c = (struct cluster){ .set = set, .pool = pool, .hooks = hooks };
	op_list_init(&c->waiting);
	c->refresh = loop_timer_new(set->loop, on_refresh, c);
	c->again = loop_timer_new(set->loop, on_again, c);
	if (!c->refresh || !c->again) {
		cluster_free(c);
		return NULL;
	}
	return c;
}

void cluster_free(struct cluster *c)
{
	if (!c)
		return;
	while (c->waiting.count)
		op_give_up(op_list_pop(&c->waiting));
	loop_timer_free(c->refresh);
	loop_timer_free(c->again);
	free(c);
}
