/*
 * conn: tries, opens, greets, uses and closes a connection, by the states of conn_state. Owns hiredis' context, which
 * it frees in one place and never from inside one of its callbacks. Owns the parts of the connection too: conn_io reads
 * and writes, flight keeps the commands, hello greets, ack waits for replicas. One concept in more than 400 lines: each
 * step has its own callback of hiredis or of the loop.
 */
#include "conn.h"

#include "ack.h"
#include "base/backoff.h"
#include "base/clock.h"
#include "base/invariant.h"
#include "base/log.h"
#include "base/stats.h"
#include "base/told.h"
#include "conn_state.h"
#include "redis_error.h"
#include "hello.h"

#include <async.h>

#include <inttypes.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOPIC "redis"
#define PROBE_EVERY_MS 1000
#define RETRY_MIN_MS 50
#define RETRY_MAX_MS 1000

struct conn {
	struct loop *loop;
	struct resolver *resolver;
	struct resolve_query *query;
	const struct store_opts *opts;
	enum conn_kind kind;
	struct conn_hooks hooks;
	struct conn *first; /* of CONN_MARKS: the connection beside which it is; else NULL */
	struct address address;
	enum conn_state state;
	redisAsyncContext *ac;
	struct conn_io io;
	struct flight flight;
	struct ack ack;
	struct hello *hello;
	struct command_list later; /* commands of conn_send_later, until the try succeeds or fails */
	struct loop_timer *deadline, *reconnect, *probe;
	int64_t reconnect_at_ms;
	struct loop_task drop;
	struct backoff backoff;
	struct told told; /* the reason for being down that was logged last */
	char reason[128];
	struct stats_counter *connects;
};

/* The one place where the state changes. */
static void move(struct conn *c, enum conn_state to)
{
	enum conn_state from = c->state;

	if (!conn_state_may(from, to)) {
		log_info(TOPIC, "illegal state from=%s to=%s", conn_state_name(from), conn_state_name(to));
		(void)invariant(conn_state_may(from, to));
		return;
	}
	c->state = to;
	if (!conn_state_timed(to))
		loop_timer_stop(c->deadline);
	else if (!conn_state_timed(from))
		loop_timer_set(c->deadline, clock_mono_ms() + c->opts->connect_timeout_ms);
}

/* --- replies --- */

static bool send_again(struct conn *c, struct command *command)
{
	command->again = true;
	hello_load_again(c->hello);
	return conn_send(c, command) == ERR_OK;
}

static void on_error(struct conn *c, struct command *command, const redisReply *reply, const char *text)
{
	if (command->takes_errors) {
		flight_answer(&c->flight, command, ERR_OK, reply);
		return;
	}
	if (command->function >= 0 && !command->again && redis_error_is_no_function(text) && c->state == CONN_UP &&
	    send_again(c, command))
		return;
	/* Commands of the connection itself (hello, ack) stay on it. */
	bool followed =
	    command->pool != &c->flight.pool && c->hooks.on_moved && c->hooks.on_moved(c->hooks.arg, c, command, text);
	redis_error_count(text, followed);
	if (followed)
		return;
	hello_note_refused(c->first ? c->first->hello : c->hello, text);
	if (redis_error_away(text))
		conn_drop(c, redis_error_away(text));
	flight_answer(&c->flight, command, ERR_UNAVAILABLE, NULL);
}

static void on_reply(void *arg, struct command *command, const redisReply *reply)
{
	struct conn *c = arg;
	const char *text = "";

	if (reply_is_error(reply, &text))
		on_error(c, command, reply, text);
	else if (command->durable && c->opts->ack_replica)
		ack_hold(&c->ack, command, reply);
	else
		flight_answer(&c->flight, command, ERR_OK, reply);
}

/* --- sending --- */

enum err conn_send(struct conn *c, struct command *command)
{
	command->conn = c;
	enum err err = c->state == CONN_UP ? flight_send(&c->flight, command) : ERR_UNAVAILABLE;

	if (err || !command->durable || !c->opts->ack_replica)
		return err;
	if (c->first)
		c->ack.replicas = c->first->ack.replicas;
	ack_sent(&c->ack);
	return ERR_OK;
}

void conn_write_behind(struct conn *c)
{
	conn_io_write_behind(&c->io);
}

void conn_send_later(struct conn *c, struct command *command)
{
	if (c->state != CONN_UP)
		command_list_push(&c->later, command);
	else if (conn_send(c, command) != ERR_OK)
		flight_answer(&c->flight, command, ERR_UNAVAILABLE, NULL);
}

/* --- the context --- */

static const char *role(const struct conn *c)
{
	return c->kind == CONN_MARKS ? " connection=marks" : "";
}

/*
 * A connection for marks that was lost is no news while the first one is well, or is lost too; that it cannot be made
 * again is.
 */
static enum log_level level_away(struct conn *c)
{
	bool lost = !c->backoff.step;

	if (c->kind == CONN_MARKS)
		return lost || !conn_up(c->first) ? LOG_LEVEL_DEBUG : told_level(&c->told, c->reason);
	/* A Sentinel that was up is no sign that all is well, because it is left when the master it names does not
	 * answer. */
	if (lost && c->kind == CONN_REDIS)
		told_forget(&c->told);
	return told_level(&c->told, c->reason);
}

static void try_later(struct conn *c)
{
	char text[ADDRESS_TEXT_CAP];
	enum log_level level = level_away(c);
	uint32_t delay = backoff_next_ms(&c->backoff, secret_random_u32());

	move(c, CONN_IDLE);
	c->reconnect_at_ms = clock_mono_ms() + delay;
	loop_timer_set(c->reconnect, c->reconnect_at_ms);
	address_print(&c->address, text);
	log_write(level, TOPIC, "away address=%s%s reason=\"%s\" next_try_ms=%" PRIu32, text, role(c), c->reason,
	          delay);
	flight_answer_all(&c->flight, &c->later, ERR_UNAVAILABLE);
}

/* The context was freed, or hiredis will free it when its callback returns. */
static void on_context_gone(struct conn *c, bool was_up)
{
	c->ac = NULL;
	flight_ended(&c->flight);
	loop_timer_stop(c->probe);
	try_later(c);
	ack_ended(&c->ack);
	if (was_up && c->hooks.on_down)
		c->hooks.on_down(c->hooks.arg, c);
}

/* hiredis answers the commands in flight with NULL from inside this call. No command may be sent meanwhile. */
static void free_context(struct conn *c)
{
	redisAsyncContext *ac = c->ac;

	move(c, CONN_CLOSING);
	c->ac = NULL;
	ac->data = NULL;
	redisAsyncFree(ac);
}

static void on_drop(void *arg)
{
	struct conn *c = arg;
	bool was_up = c->state == CONN_UP;

	if (c->query) {
		resolve_cancel(c->query);
		c->query = NULL;
		try_later(c);
	}
	if (!c->ac)
		return;
	free_context(c);
	on_context_gone(c, was_up);
}

void conn_drop(struct conn *c, const char *reason)
{
	if (c->drop.queued)
		return;
	snprintf(c->reason, sizeof(c->reason), "%s", reason);
	loop_defer(c->loop, &c->drop);
}

static void on_broken(void *arg, const char *reason)
{
	conn_drop(arg, reason);
}

static void on_reply_refused(void *arg)
{
	struct conn *c = arg;

	conn_drop(c, reply_refusal_text(c->io.bounds.refused));
}

static void on_disconnect(const redisAsyncContext *ac, int status)
{
	struct conn *c = ac->data;

	if (!c)
		return;
	const char *text = c->io.bounds.refused ? reply_refusal_text(c->io.bounds.refused) : ac->errstr;
	/* A drop that waits for the end of this turn has set the reason already. */
	if (!c->drop.queued)
		snprintf(c->reason, sizeof(c->reason), "%s", status == REDIS_OK || !text ? "closed" : text);
	on_context_gone(c, c->state == CONN_UP);
}

static void on_connect(const redisAsyncContext *ac, int status)
{
	struct conn *c = ac->data;

	if (!c)
		return;
	if (status != REDIS_OK) {
		snprintf(c->reason, sizeof(c->reason), "%s", ac->errstr ? ac->errstr : "cannot connect");
		on_context_gone(c, false);
		return;
	}
	move(c, CONN_GREETING);
	if (hello_start(c->hello) != ERR_OK)
		conn_drop(c, "out of memory");
}

static void on_greeted(void *arg)
{
	struct conn *c = arg;
	char text[ADDRESS_TEXT_CAP];

	if (c->state != CONN_GREETING || c->drop.queued)
		return;
	move(c, CONN_UP);
	c->reason[0] = 0;
	backoff_reset(&c->backoff);
	address_print(&c->address, text);
	if (c->kind != CONN_SENTINEL)
		loop_timer_set(c->probe, clock_mono_ms() + PROBE_EVERY_MS);
	if (c->kind == CONN_MARKS) {
		log_debug(TOPIC, "up address=%s%s", text, role(c));
		return;
	}
	stats_inc(c->connects);
	log_info(TOPIC, "up address=%s durability=%s", text, store_durability_name(conn_durability(c)));
	if (conn_warning(c)[0])
		log_warn(TOPIC, "%s", conn_warning(c));
	for (size_t n = c->later.count; n; n--)
		conn_send_later(c, command_list_pop(&c->later));
	c->hooks.on_up(c->hooks.arg, c);
}

static void on_judged(void *arg, bool other_class)
{
	struct conn *c = arg;

	c->ack.replicas = hello_replicas(c->hello);
	if (other_class && c->state == CONN_UP && c->hooks.on_durability)
		c->hooks.on_durability(c->hooks.arg, c);
}

static void open_context(struct conn *c, const char *host)
{
	redisAsyncContext *ac =
	    c->address.port ? redisAsyncConnect(host, c->address.port) : redisAsyncConnectUnix(host);

	if (!ac || ac->err) {
		snprintf(c->reason, sizeof(c->reason), "%s", ac && ac->errstr ? ac->errstr : "out of memory");
		if (ac)
			redisAsyncFree(ac);
		try_later(c);
		return;
	}
	c->ac = ac;
	ac->data = c;
	move(c, CONN_CONNECTING);
	if (conn_io_attach(&c->io, ac, &c->flight.commands) != ERR_OK) {
		conn_drop(c, "out of memory");
		return;
	}
	redisAsyncSetConnectCallback(ac, on_connect);
	redisAsyncSetDisconnectCallback(ac, on_disconnect);
}

/* hiredis gets the address in digits, because it would block while it looks up a name. */
static void on_resolved(void *arg, enum err err, const struct resolve_addr *addrs, size_t n)
{
	struct conn *c = arg;
	char digits[NI_MAXHOST];

	c->query = NULL;
	if (!err && (n == 0 || getnameinfo((const struct sockaddr *)&addrs[0].addr, addrs[0].len, digits,
	                                   sizeof(digits), NULL, 0, NI_NUMERICHOST) != 0))
		err = ERR_NOTFOUND;
	if (err) {
		snprintf(c->reason, sizeof(c->reason), "name not resolved");
		try_later(c);
		return;
	}
	open_context(c, digits);
}

static void on_reconnect(void *arg)
{
	struct conn *c = arg;

	if (c->first && !conn_up(c->first))
		return;
	if (c->first)
		c->address = c->first->address;
	if (c->hooks.on_try && !c->hooks.on_try(c->hooks.arg, c)) {
		snprintf(c->reason, sizeof(c->reason), "no address known yet");
		try_later(c);
		return;
	}
	if (!c->address.port) {
		open_context(c, c->address.host);
		return;
	}
	move(c, CONN_RESOLVING);
	c->query = resolve_start(c->resolver, c->address.host, c->address.port, on_resolved, c);
	if (c->query)
		return;
	snprintf(c->reason, sizeof(c->reason), "out of memory");
	try_later(c);
}

static void on_deadline(void *arg)
{
	conn_drop(arg, "connect timed out");
}

static void on_probe(void *arg)
{
	struct conn *c = arg;

	loop_timer_set(c->probe, clock_mono_ms() + PROBE_EVERY_MS);
	if (hello_again(c->hello) != ERR_OK)
		log_debug(TOPIC, "probe not sent");
}

/* --- begin, end, state --- */

static const enum hello_kind hello_kinds[] = {
	[CONN_REDIS] = HELLO_WHOLE, [CONN_MARKS] = HELLO_BRIEF, [CONN_SENTINEL] = HELLO_SENTINEL
};

struct conn *conn_new(struct loop *loop, struct resolver *resolver, const struct store_opts *opts, enum conn_kind kind,
                      const struct conn_hooks *hooks)
{
	struct conn *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	*c = (struct conn){ .loop = loop, .resolver = resolver, .opts = opts, .kind = kind, .hooks = *hooks };
	const struct flight_hooks on_flight = { .arg = c, .on_reply = on_reply, .on_broken = on_broken };
	const struct hello_hooks on_hello = {
		.arg = c, .on_done = on_greeted, .on_refused = on_broken, .on_judged = on_judged
	};
	command_list_init(&c->later);
	snprintf(c->reason, sizeof(c->reason), "starting");
	backoff_init(&c->backoff, RETRY_MIN_MS, RETRY_MAX_MS);
	loop_task_init(&c->drop, on_drop, c);
	conn_io_init(&c->io, loop, on_reply_refused, c);
	enum err err = flight_init(&c->flight, &c->io, opts, &on_flight);
	ack_init(&c->ack, loop, &c->flight);
	c->deadline = loop_timer_new(loop, on_deadline, c);
	c->reconnect = loop_timer_new(loop, on_reconnect, c);
	c->probe = loop_timer_new(loop, on_probe, c);
	c->connects = stats_counter("otpgwd_redis_connects_total", "Times a connection to Redis came up.", NULL);
	c->hello = hello_new(&c->flight, hello_kinds[kind], &on_hello);
	if (err || !c->deadline || !c->reconnect || !c->probe || !c->hello) {
		conn_free(c);
		return NULL;
	}
	return c;
}

struct conn *conn_new_beside(struct conn *first)
{
	const struct conn_hooks hooks = { .arg = first->hooks.arg, .on_moved = first->hooks.on_moved };
	struct conn *c = conn_new(first->loop, first->resolver, first->opts, CONN_MARKS, &hooks);

	if (c)
		c->first = first;
	return c;
}

void conn_start(struct conn *c)
{
	if (c->state != CONN_IDLE)
		return;
	loop_timer_stop(c->reconnect);
	on_reconnect(c);
}

void conn_free(struct conn *c)
{
	if (!c)
		return;
	if (c->query)
		resolve_cancel(c->query);
	if (c->ac)
		free_context(c);
	ack_ended(&c->ack);
	flight_answer_all(&c->flight, &c->later, ERR_UNAVAILABLE);
	loop_defer_cancel(c->loop, &c->drop);
	flight_clear(&c->flight);
	loop_timer_free(c->deadline);
	loop_timer_free(c->reconnect);
	loop_timer_free(c->probe);
	hello_free(c->hello);
	free(c);
}

void conn_set_address(struct conn *c, const struct address *address)
{
	if (!address_same(&c->address, address)) {
		hello_forget(c->hello);
		c->ack.replicas = hello_replicas(c->hello);
	}
	c->address = *address;
}

const struct address *conn_address(const struct conn *c)
{
	return &c->address;
}

void conn_try(struct conn *c)
{
	if (c->state == CONN_IDLE && loop_timer_armed(c->reconnect))
		loop_timer_set(c->reconnect, clock_mono_ms());
}

void conn_set_probe(struct conn *c, int partition)
{
	hello_set_probe(c->hello, partition);
}

bool conn_up(const struct conn *c)
{
	return c->state == CONN_UP;
}

int64_t conn_offset_ms(const struct conn *c)
{
	return hello_offset_ms(c->hello);
}

int64_t conn_retry_ms(const struct conn *c)
{
	int64_t left = c->state == CONN_UP ? 0 : c->reconnect_at_ms - clock_mono_ms();

	return left > 0 ? left : 0;
}

enum store_durability conn_durability(const struct conn *c)
{
	return hello_durability(c->hello);
}

const char *conn_refusing(const struct conn *c)
{
	return hello_refusing(c->hello);
}

const char *conn_lacks(const struct conn *c)
{
	return hello_lacks(c->hello);
}

const char *conn_warning(const struct conn *c)
{
	return hello_warning(c->hello);
}

const char *conn_reason(const struct conn *c)
{
	return c->reason;
}

size_t conn_in_flight(const struct conn *c)
{
	return c->flight.commands.count + c->ack.held.count + c->later.count;
}
