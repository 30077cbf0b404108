/*
 * sentinel: keeps a connection to one Sentinel at a time. Goes on to the next of the list when the connection fails, or
 * when the address it got cannot be used. Owns that connection. Never connects to a Redis.
 */
#include "sentinel.h"

#include "base/clock.h"
#include "base/log.h"
#include "conn.h"

#include <stdlib.h>
#include <string.h>

#define TOPIC "sentinel"
#define ASK_EVERY_MS 500

struct sentinel {
	const struct store_opts *opts;
	struct conn *conn;
	struct command_pool pool;
	struct loop_timer *ask;
	size_t next;      /* index of the next Sentinel to try */
	bool doubted;     /* another Sentinel is to be asked next */
	int64_t quiet_ms; /* until then an unknown name is logged at level debug */
	sentinel_fn fn;
	void *arg;
};

static enum err on_master(struct command *command, enum err err, const struct redisReply *reply)
{
	struct sentinel *s = command->arg;
	struct address master;
	const char *host, *port;
	size_t host_len, port_len;

	/* The Sentinel may refuse the command, and the next may not. If the connection ended, on_up resets doubted. */
	if (err) {
		sentinel_recheck(s);
		return ERR_OK;
	}
	/* The reply is nil if this Sentinel does not know the name. */
	unsigned long number = reply_str_at(reply, 1, &port, &port_len) ? strtoul(port, NULL, 10) : 0;
	if (!number || number > UINT16_MAX || !reply_str_at(reply, 0, &host, &host_len) ||
	    address_set(&master, host, host_len, (uint16_t)number) != ERR_OK) {
		log_write(log_seldom(&s->quiet_ms), TOPIC, "no master name=%s", s->opts->master);
		sentinel_recheck(s);
		return ERR_OK;
	}
	s->fn(s->arg, &master);
	return ERR_OK;
}

static void on_ask(void *arg)
{
	struct sentinel *s = arg;

	if (!conn_up(s->conn))
		return;
	loop_timer_set(s->ask, clock_mono_ms() + ASK_EVERY_MS);
	if (s->doubted) {
		s->doubted = false;
		conn_drop(s->conn, "asking another");
		return;
	}
	struct command *command = command_new(&s->pool);
	if (!command)
		return;
	command->decode = on_master;
	command->arg = s;
	command_text(command, "SENTINEL");
	command_text(command, "GET-MASTER-ADDR-BY-NAME");
	command_text(command, s->opts->master);
	if (conn_send(s->conn, command) != ERR_OK)
		command_free(command);
}

static bool on_try(void *arg, struct conn *c)
{
	struct sentinel *s = arg;
	const char *text = s->opts->nodes[s->next];
	struct address address;

	s->next = (s->next + 1) % s->opts->node_count;
	if (address_parse(text, strlen(text), NULL, &address) != ERR_OK)
		return false;
	conn_set_address(c, &address);
	return true;
}

static void on_up(void *arg, struct conn *c)
{
	struct sentinel *s = arg;

	(void)c;
	s->doubted = false;
	loop_timer_set(s->ask, clock_mono_ms());
}

static void on_down(void *arg, struct conn *c)
{
	struct sentinel *s = arg;

	(void)c;
	loop_timer_stop(s->ask);
}

struct sentinel *sentinel_new(struct loop *loop, struct resolver *resolver, const struct store_opts *opts,
                              sentinel_fn fn, void *arg)
{
	struct sentinel *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	const struct conn_hooks hooks = { .arg = s, .on_try = on_try, .on_up = on_up, .on_down = on_down };
	s->opts = opts;
	s->pool.opts = opts;
	s->fn = fn;
	s->arg = arg;
	s->ask = loop_timer_new(loop, on_ask, s);
	s->conn = conn_new(loop, resolver, opts, CONN_SENTINEL, &hooks);
	if (!s->ask || !s->conn) {
		sentinel_free(s);
		return NULL;
	}
	return s;
}

void sentinel_start(struct sentinel *s)
{
	conn_start(s->conn);
}

void sentinel_free(struct sentinel *s)
{
	if (!s)
		return;
	conn_free(s->conn);
	command_pool_clear(&s->pool);
	loop_timer_free(s->ask);
	free(s);
}

void sentinel_recheck(struct sentinel *s)
{
	s->doubted = true;
}
