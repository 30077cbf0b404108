/*
 * cluster: asks the nodes of a Redis Cluster for their map, adds and removes nodes by it, and follows MOVED, ASK and
 * TRYAGAIN. Owns the commands that were replied TRYAGAIN. Frees a connection only from its timer, never from a callback
 * of a connection. Implements the client side of the Redis Cluster specification.
 */
#include "cluster.h"

#include "base/clock.h"
#include "cluster_slots.h"
#include "redis_error.h"

#include <stdlib.h>
#include <string.h>

#define HOPS_MAX 8
#define REFRESH_SOON_MS 20
#define REFRESH_BROKEN_MS 200
#define REFRESH_MS 5000
#define AGAIN_MS 10

struct cluster {
	struct node_set *set;
	struct command_pool *pool;
	const struct store_hooks *hooks;
	size_t next; /* the node that is asked for the map next */
	struct loop_timer *refresh, *again;
	struct command_list waiting; /* commands that were replied TRYAGAIN */
};

/* --- the map --- */

static void refresh_in(struct cluster *c, int64_t ms)
{
	loop_timer_set(c->refresh, clock_mono_ms() + ms);
}

static void on_range(void *arg, uint16_t first, uint16_t last, const struct address *master)
{
	struct node_set *set = arg;

	if (partitions_wants(&set->partitions, first, last))
		partitions_range(&set->partitions, first, last, (uint8_t)node_set_find_or_add(set, master));
}

static enum err on_map(struct command *command, enum err err, const struct redisReply *reply)
{
	struct cluster *c = command->arg;

	if (err)
		return ERR_OK;
	bool was_up = node_set_up(c->set), was_whole = node_set_whole(c->set);

	partitions_begin(&c->set->partitions);
	err = cluster_slots_read(reply, conn_address(command->conn), on_range, c->set);
	if (err)
		return err;
	/* A node that was reset, or has not joined the cluster yet, knows no ranges. The old map is better. */
	if (!partitions_commit(&c->set->partitions))
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
		partitions_all(&c->set->partitions, PARTITIONS_NONE);
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
		struct command *command = conn_up(conn) ? command_new(c->pool) : NULL;

		if (!command)
			continue;
		command->decode = on_map;
		command->arg = c;
		command->reply_size = COMMAND_REPLY_MAP;
		command_text(command, "CLUSTER");
		command_text(command, "SLOTS");
		if (conn_send(conn, command) == ERR_OK)
			return;
		command_free(command);
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

/* --- redirected commands --- */

static bool too_old(const struct cluster *c, const struct command *command)
{
	return clock_mono_us() - command->born_us > (int64_t)c->set->opts->command_timeout_ms * 1000;
}

static void on_again(void *arg)
{
	struct cluster *c = arg;

	for (size_t left = c->waiting.count; left; left--) {
		struct command *command = command_list_pop(&c->waiting);
		struct conn *conn = node_set_conn(c->set, c->set->partitions.of[command->partition], command->mark);

		if (!conn || too_old(c, command))
			command_give_up(command);
		else
			conn_send_later(conn, command);
	}
}

static bool wait_a_little(struct cluster *c, struct command *command)
{
	command->asking = false;
	command_list_push(&c->waiting, command);
	if (!loop_timer_armed(c->again))
		loop_timer_set(c->again, clock_mono_ms() + AGAIN_MS);
	return true;
}

static bool follow(struct cluster *c, const struct conn *from, struct command *command, const char *text)
{
	struct address to;
	uint16_t slot;

	if (command->hops >= HOPS_MAX || too_old(c, command) ||
	    cluster_slots_redirect(text, conn_address(from), &slot, &to) != ERR_OK)
		return false;
	size_t i = node_set_find_or_add(c->set, &to);

	if (i == PARTITIONS_NONE)
		return false;
	command->asking = redis_error_is(text, "ASK");
	command->again = false;
	command->hops++;
	if (!command->asking) {
		partitions_slot(&c->set->partitions, slot, (uint8_t)i);
		node_set_mark_serving(c->set);
		refresh_in(c, REFRESH_SOON_MS);
	}
	conn_send_later(node_set_conn(c->set, (uint8_t)i, command->mark), command);
	return true;
}

bool cluster_redirects(struct cluster *c, const struct conn *from, struct command *command, const char *text)
{
	if (redis_error_is(text, "MOVED") || redis_error_is(text, "ASK"))
		return follow(c, from, command, text);
	if (redis_error_is(text, "TRYAGAIN") && !too_old(c, command))
		return wait_a_little(c, command);
	if (redis_error_is(text, "CLUSTERDOWN"))
		refresh_in(c, REFRESH_SOON_MS);
	return false;
}

/* --- begin and end --- */

struct cluster *cluster_new(struct node_set *set, struct command_pool *pool, const struct store_hooks *hooks)
{
	struct cluster *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	*c = (struct cluster){ .set = set, .pool = pool, .hooks = hooks };
	command_list_init(&c->waiting);
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
		command_give_up(command_list_pop(&c->waiting));
	loop_timer_free(c->refresh);
	loop_timer_free(c->again);
	free(c);
}
