/*
 * nodes: sends each command to the server of its partition, and connects to another server when the Sentinels name
 * another master. Owns the pool of commands and the node_set.
 */
#include "nodes.h"

#include "base/clock.h"
#include "base/log.h"
#include "cluster.h"
#include "library_age.h"
#include "sentinel.h"

#include <stdlib.h>
#include <string.h>

#define TOPIC "redis"
#define SHOW_MS 200

struct nodes {
	struct store_hooks hooks;
	struct command_pool pool;
	struct node_set set;
	struct cluster *cluster;   /* NULL: it is no Redis Cluster */
	struct sentinel *sentinel; /* NULL: there are no Sentinels */
	struct address master;
	unsigned tries; /* tries to connect to the master since it was last up */
	struct loop_timer *show;
};

/* --- connections that come and go --- */

static void on_up(void *arg, struct conn *c)
{
	struct nodes *n = arg;

	n->tries = 0;
	node_set_came(&n->set, c);
	if (n->cluster)
		cluster_refresh(n->cluster);
	node_set_show(&n->set);
	if (node_set_up(&n->set))
		n->hooks.on_up(n->hooks.arg);
}

static void on_down(void *arg, struct conn *c)
{
	struct nodes *n = arg;

	node_set_went(&n->set, c);
	if (n->cluster)
		cluster_refresh_soon(n->cluster);
	node_set_show(&n->set);
	n->hooks.on_down(n->hooks.arg);
}

static void on_durability(void *arg, struct conn *c)
{
	struct nodes *n = arg;

	(void)c;
	node_set_show(&n->set);
}

static bool on_moved(void *arg, struct conn *c, struct command *command, const char *text)
{
	struct nodes *n = arg;

	return cluster_redirects(n->cluster, c, command, text);
}

static void on_show(void *arg)
{
	struct nodes *n = arg;

	node_set_show(&n->set);
	library_age_look(&n->set, &n->pool);
	loop_timer_set(n->show, clock_mono_ms() + SHOW_MS);
}

/* --- Sentinel --- */

static bool on_try(void *arg, struct conn *c)
{
	struct nodes *n = arg;

	if (!n->master.port)
		return false;
	if (n->tries++ > 0)
		sentinel_recheck(n->sentinel);
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

/* --- sending --- */

static struct command *begin(struct nodes *n, uint16_t partition, bool mark, enum err *err)
{
	struct conn *c = node_set_conn(&n->set, n->set.partitions.of[partition], mark);

	*err = !c || !conn_up(c) ? ERR_UNAVAILABLE : ERR_OK;
	if (!*err && conn_in_flight(c) >= n->set.opts->max_in_flight)
		*err = ERR_BUSY;
	struct command *command = *err ? NULL : command_new(&n->pool);

	if (command) {
		command->conn = c;
		command->partition = partition;
		command->mark = mark;
	} else if (!*err) {
		*err = ERR_NOMEM;
	}
	return command;
}

struct command *nodes_command(struct nodes *n, uint16_t partition, enum err *err)
{
	return begin(n, partition, false, err);
}

struct command *nodes_mark(struct nodes *n, uint16_t partition, enum err *err)
{
	return begin(n, partition, true, err);
}

struct command *nodes_function(struct nodes *n, uint16_t partition, enum library_function f, enum err *err)
{
	bool mark = f == LIBRARY_MARK || f == LIBRARY_UNSENT || f == LIBRARY_RELEASE;
	struct command *command = begin(n, partition, mark, err);

	if (!command)
		return NULL;
	command_function(command, f);
	return command;
}

enum err nodes_send(struct nodes *n, struct command *command)
{
	struct conn *c = node_set_conn(&n->set, n->set.partitions.of[command->partition], command->mark);
	enum err err = c ? conn_send(c, command) : ERR_UNAVAILABLE;

	if (err)
		command_free(command);
	return err;
}

void nodes_send_or_answer(struct nodes *n, struct command *command)
{
	struct conn *c = node_set_conn(&n->set, n->set.partitions.of[command->partition], command->mark);

	if (!c || conn_send(c, command) != ERR_OK)
		command_give_up(command);
}

enum err nodes_send_there(struct nodes *n, struct command *command)
{
	if (node_set_conn(&n->set, n->set.partitions.of[command->partition], command->mark) == command->conn)
		return nodes_send(n, command);
	command_free(command);
	return ERR_UNAVAILABLE;
}

const struct node_set *nodes_set(const struct nodes *n)
{
	return &n->set;
}

bool nodes_in_order(const struct nodes *n, uint16_t first, uint16_t second)
{
	/* In a cluster a command may be redirected, and then it arrives after commands for other partitions of the same
	 * node. */
	return !n->cluster || first == second;
}

bool nodes_on_one_server(const struct nodes *n)
{
	return !n->cluster;
}

/* --- begin and end --- */

static enum err add_first(struct nodes *n, const struct store_opts *o)
{
	const char *host = o->socket_path[0] ? o->socket_path : o->host;
	struct address address;
	enum err err = ERR_OK;

	if (n->cluster)
		return ERR_OK;
	if (!n->sentinel)
		err = address_set(&address, host, strlen(host), o->socket_path[0] ? 0 : o->port);
	if (err)
		return err;
	if (node_set_add(&n->set, n->sentinel ? NULL : &address) == PARTITIONS_NONE)
		return ERR_NOMEM;
	partitions_all(&n->set.partitions, 0);
	node_set_mark_serving(&n->set);
	return ERR_OK;
}

enum err nodes_new(struct loop *loop, struct resolver *resolver, const struct store_opts *opts,
                   const struct store_hooks *hooks, struct nodes **out)
{
	bool sentinel = opts->node_count && opts->master[0], cluster = opts->node_count && !sentinel;
	struct nodes *n = calloc(1, sizeof(*n));
	const struct conn_hooks of_each = { .arg = n,
		                            .on_try = sentinel ? on_try : NULL,
		                            .on_up = on_up,
		                            .on_down = on_down,
		                            .on_moved = cluster ? on_moved : NULL,
		                            .on_durability = on_durability };

	if (!n)
		return ERR_NOMEM;
	n->hooks = *hooks;
	n->pool.opts = opts;
	enum err err = node_set_init(&n->set, loop, resolver, opts, &of_each);

	n->show = loop_timer_new(loop, on_show, n);
	if (cluster)
		n->cluster = cluster_new(&n->set, &n->pool, &n->hooks);
	if (sentinel)
		n->sentinel = sentinel_new(loop, resolver, opts, on_master, n);
	if (!err && (!n->show || (cluster && !n->cluster) || (sentinel && !n->sentinel)))
		err = ERR_NOMEM;
	if (!err)
		err = add_first(n, opts);
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
	if (n->cluster)
		cluster_refresh(n->cluster);
	on_show(n);
}

void nodes_free(struct nodes *n)
{
	if (!n)
		return;
	sentinel_free(n->sentinel);
	node_set_close(&n->set);
	cluster_free(n->cluster);
	command_pool_clear(&n->pool);
	loop_timer_free(n->show);
	node_set_clear(&n->set);
	free(n);
}
