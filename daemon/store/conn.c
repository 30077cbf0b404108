/*
 * conn: hiredis' asynchronous context and everything that may happen to it.
 * Owns the context and every op it was given. Frees the context in one place, never from inside one of its callbacks.
 */
#include "conn.h"

#include "base/backoff.h"
#include "base/clock.h"
#include "base/invariant.h"
#include "base/log.h"
#include "base/stats.h"
#include "base/told.h"
#include "conn_greet.h"
#include "conn_io.h"
#include "fault.h"

#include <async.h>

#include <inttypes.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOPIC "redis"
#define LOOK_EVERY_MS 1000
#define RETRY_MIN_MS 50
#define RETRY_MAX_MS 1000

enum conn_state { CONN_IDLE, CONN_RESOLVING, CONN_CONNECTING, CONN_GREETING, CONN_UP };

struct conn {
	struct loop *loop;
	struct resolver *resolver;
	struct resolve_query *query;
	const struct store_opts *opts;
	enum conn_kind kind;
	struct conn_hooks hooks;
	struct address address;
	enum conn_state state;
	redisAsyncContext *ac;
	struct conn_io io;
	struct op_list flight, held, later;
	struct loop_timer *deadline, *reconnect, *look;
	int64_t reconnect_at_ms;
	struct loop_task drop, ack;
	struct backoff backoff;
	struct told told; /* why it is away, to the log */
	struct greet *greet;
	struct op_pool pool;        /* for what the connection itself says */
	bool loading[SCRIPT_COUNT]; /* SCRIPT LOAD is under way after NOSCRIPT */
	unsigned acks;              /* WAITs: 1 is under way, the next is owed */
	char reason[128];
	struct stats_counter *connects, *short_acks;
	struct stats_hist *seconds;
};

static void answer(struct conn *c, struct op *op, enum err err, const redisReply *reply)
{
	if (op_done(op, err, reply) == ERR_CORRUPT)
		conn_drop(c, "unreadable reply");
}

/* --- answers that wait for a replica --- */

static void answer_all(struct conn *c, struct op_list *l, enum err err)
{
	/* Only what is there now: an answer may lead to a new op, which waits for its own turn. */
	for (size_t n = l->count; n; n--) {
		struct op *op = op_list_pop(l);

		answer(c, op, err, err ? NULL : op->held);
	}
}

/* WAIT's answer: how many replicas have all that was sent before it on this connection. */
static enum err on_acked(struct op *op, enum err err, const redisReply *reply)
{
	struct conn *c = op->arg;
	int64_t replicas = 0;

	if (!err && !script_int(reply, &replicas))
		err = ERR_CORRUPT;
	bool enough = !err && replicas >= op->ask;
	if (!err && !enough) {
		stats_add(c->short_acks, c->held.count);
		log_warn(TOPIC, "short acknowledgement replicas=%" PRId64 " of=%u answers=%zu", replicas, op->ask,
		         c->held.count);
	}
	answer_all(c, &c->held, enough ? ERR_OK : ERR_UNAVAILABLE);
	if (c->acks > 1 && c->state == CONN_UP)
		loop_defer(c->loop, &c->ack);
	c->acks = 0;
	return err;
}

/* For all that was sent since the last WAIT. Never two under way: Redis does nothing else for who waits. */
static void send_ack(void *arg)
{
	struct conn *c = arg;

	if (c->acks++)
		return;
	struct op *op = c->state == CONN_UP ? op_new(&c->pool, 3) : NULL;
	if (op) {
		op->decode = on_acked;
		op->arg = c;
		op_text(op, "WAIT");
		op->ask = (uint16_t)greet_replicas(c->greet);
		op_int(op, op->ask);
		op_int(op, c->opts->ack_timeout_ms);
		if (conn_send(c, op) == ERR_OK)
			return;
		op_free(op);
	}
	conn_drop(c, "cannot ask for acknowledgement");
}

static void hold(struct conn *c, struct op *op, const redisReply *reply)
{
	op->held = script_copy(reply);
	if (op->held)
		op_list_push(&c->held, op);
	else
		answer(c, op, ERR_UNAVAILABLE, NULL);
}

/* --- replies --- */

static bool load_again(struct conn *c, struct op *op)
{
	op->again = true;
	if (!c->loading[op->script])
		c->loading[op->script] = greet_load(c->greet, (enum script)op->script) == ERR_OK;
	return conn_send(c, op) == ERR_OK;
}

static void on_error(struct conn *c, struct op *op, const redisReply *reply, const char *text)
{
	if (greet_owns(op)) {
		answer(c, op, ERR_OK, reply);
		return;
	}
	if (op->script >= 0 && !op->again && fault_is(text, "NOSCRIPT") && c->state == CONN_UP && load_again(c, op))
		return;
	/* What the connection says for itself is nobody else's. */
	bool followed = op->pool != &c->pool && c->hooks.on_moved && c->hooks.on_moved(c->hooks.arg, c, op, text);
	fault_count(text, followed);
	if (followed)
		return;
	greet_refused(c->greet, text);
	if (fault_away(text))
		conn_drop(c, fault_away(text));
	answer(c, op, ERR_UNAVAILABLE, NULL);
}

static void on_reply(redisAsyncContext *ac, void *r, void *privdata)
{
	struct op *op = privdata;
	struct conn *c = op->conn;
	const redisReply *reply = r;
	const char *text = "";

	(void)ac;
	/* Replies come in the order of the commands: this is the oldest. */
	invariant(op_list_pop(&c->flight) == op);
	if (!reply) {
		answer(c, op, ERR_UNAVAILABLE, NULL);
		return;
	}
	stats_observe_us(c->seconds, clock_mono_us() - op->sent_us);
	if (script_is_error(reply, &text))
		on_error(c, op, reply, text);
	else if (op->durable && c->opts->ack_replica)
		hold(c, op, reply);
	else
		answer(c, op, ERR_OK, reply);
}

void conn_loaded(struct conn *c, enum script script)
{
	c->loading[script] = false;
}

/* --- sending --- */

static enum err say_asking(struct conn *c)
{
	struct op *op = op_new(&c->pool, 1);

	if (!op)
		return ERR_NOMEM;
	op_text(op, "ASKING");
	enum err err = conn_send_any(c, op);
	if (err)
		op_free(op);
	return err;
}

enum err conn_send_any(struct conn *c, struct op *op)
{
	enum err err = op->built;

	op->conn = c;
	op->sent_us = clock_mono_us();
	if (!err && op->asking)
		err = say_asking(c);
	if (!err)
		err = conn_io_send(&c->io, op, on_reply);
	if (err == ERR_NOMEM && !op->built) {
		conn_drop(c, "out of memory");
		err = ERR_UNAVAILABLE;
	}
	if (err)
		return err;
	op_list_push(&c->flight, op);
	if (!loop_timer_armed(c->deadline))
		loop_timer_set(c->deadline, clock_mono_ms() + c->opts->command_timeout_ms);
	return ERR_OK;
}

enum err conn_send(struct conn *c, struct op *op)
{
	enum err err = c->state == CONN_UP ? conn_send_any(c, op) : ERR_UNAVAILABLE;

	if (!err && op->durable && c->opts->ack_replica)
		loop_defer(c->loop, &c->ack);
	return err;
}

void conn_send_later(struct conn *c, struct op *op)
{
	if (c->state != CONN_UP)
		op_list_push(&c->later, op);
	else if (conn_send(c, op) != ERR_OK)
		answer(c, op, ERR_UNAVAILABLE, NULL);
}

/* --- life of the context --- */

static void try_later(struct conn *c)
{
	char text[ADDRESS_TEXT_CAP];

	/* A Sentinel is left for the next one while it names no master that answers: that it was up says nothing. */
	if (!c->backoff.step && c->kind == CONN_REDIS)
		told_forget(&c->told);
	uint32_t delay = backoff_next_ms(&c->backoff, secret_random_u32());
	c->state = CONN_IDLE;
	c->reconnect_at_ms = clock_mono_ms() + delay;
	loop_timer_set(c->reconnect, c->reconnect_at_ms);
	address_print(&c->address, text);
	log_write(told_level(&c->told, c->reason), TOPIC, "away address=%s reason=\"%s\" next_try_ms=%" PRIu32, text,
	          c->reason, delay);
	answer_all(c, &c->later, ERR_UNAVAILABLE);
}

/* The context is gone, or about to be freed by hiredis itself. */
static void on_context_gone(struct conn *c)
{
	bool was_up = c->state == CONN_UP;

	c->ac = NULL;
	loop_timer_stop(c->deadline);
	loop_timer_stop(c->look);
	loop_defer_cancel(c->loop, &c->ack);
	memset(c->loading, 0, sizeof(c->loading));
	try_later(c);
	answer_all(c, &c->held, ERR_UNAVAILABLE);
	c->acks = 0;
	if (was_up)
		c->hooks.on_down(c->hooks.arg, c);
}

static void on_drop(void *arg)
{
	struct conn *c = arg;
	redisAsyncContext *ac = c->ac;

	if (c->query) {
		resolve_cancel(c->query);
		c->query = NULL;
		try_later(c);
	}
	if (!ac)
		return;
	/* hiredis answers what is in flight with NULL from inside this call; nobody may send meanwhile. */
	bool was_up = c->state == CONN_UP;
	c->state = CONN_IDLE;
	c->ac = NULL;
	ac->data = NULL;
	redisAsyncFree(ac);
	c->state = was_up ? CONN_UP : CONN_IDLE;
	on_context_gone(c);
}

void conn_drop(struct conn *c, const char *reason)
{
	if (c->drop.queued)
		return;
	snprintf(c->reason, sizeof(c->reason), "%s", reason);
	loop_defer(c->loop, &c->drop);
}

static void on_refused(void *arg)
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
	/* A drop that waits for the end of this turn has said why already. */
	if (!c->drop.queued)
		snprintf(c->reason, sizeof(c->reason), "%s", status == REDIS_OK || !text ? "closed" : text);
	on_context_gone(c);
}

static void on_connect(const redisAsyncContext *ac, int status)
{
	struct conn *c = ac->data;

	if (!c)
		return;
	if (status != REDIS_OK) {
		snprintf(c->reason, sizeof(c->reason), "%s", ac->errstr ? ac->errstr : "cannot connect");
		on_context_gone(c);
		return;
	}
	c->state = CONN_GREETING;
	if (greet_start(c->greet) != ERR_OK)
		conn_drop(c, "out of memory");
}

void conn_greeted(struct conn *c)
{
	char text[ADDRESS_TEXT_CAP];

	if (c->state != CONN_GREETING || c->drop.queued)
		return;
	c->state = CONN_UP;
	c->reason[0] = 0;
	backoff_reset(&c->backoff);
	stats_inc(c->connects);
	address_print(&c->address, text);
	if (c->kind == CONN_REDIS)
		loop_timer_set(c->look, clock_mono_ms() + LOOK_EVERY_MS);
	log_info(TOPIC, "up address=%s durability=%s", text, store_durability_name(conn_durability(c)));
	if (conn_warning(c)[0])
		log_warn(TOPIC, "%s", conn_warning(c));
	for (size_t n = c->later.count; n; n--)
		conn_send_later(c, op_list_pop(&c->later));
	c->hooks.on_up(c->hooks.arg, c);
}

void conn_judged(struct conn *c)
{
	if (c->state == CONN_UP && c->hooks.on_durability)
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
	c->state = CONN_CONNECTING;
	if (conn_io_attach(&c->io, ac, &c->flight) != ERR_OK) {
		conn_drop(c, "out of memory");
		return;
	}
	redisAsyncSetConnectCallback(ac, on_connect);
	redisAsyncSetDisconnectCallback(ac, on_disconnect);
}

/* hiredis itself would block on a name: it gets the address in digits. */
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
		loop_timer_stop(c->deadline);
		try_later(c);
		return;
	}
	open_context(c, digits);
}

static void on_reconnect(void *arg)
{
	struct conn *c = arg;

	if (c->hooks.on_try && !c->hooks.on_try(c->hooks.arg, c)) {
		snprintf(c->reason, sizeof(c->reason), "no address known yet");
		try_later(c);
		return;
	}
	loop_timer_set(c->deadline, clock_mono_ms() + c->opts->connect_timeout_ms);
	if (!c->address.port) {
		open_context(c, c->address.host);
		return;
	}
	c->state = CONN_RESOLVING;
	c->query = resolve_start(c->resolver, c->address.host, c->address.port, on_resolved, c);
	if (c->query)
		return;
	snprintf(c->reason, sizeof(c->reason), "out of memory");
	try_later(c);
}

/* Connecting took too long, or the oldest command did. */
static void on_deadline(void *arg)
{
	struct conn *c = arg;
	int64_t now_us = clock_mono_us(), limit_us = (int64_t)c->opts->command_timeout_ms * 1000;
	const struct op *oldest = STAILQ_FIRST(&c->flight.ops);

	if (c->state == CONN_RESOLVING || c->state == CONN_CONNECTING)
		conn_drop(c, "connect timed out");
	else if (oldest && now_us - oldest->sent_us >= limit_us)
		conn_drop(c, "command timed out");
	else if (oldest)
		loop_timer_set(c->deadline, (oldest->sent_us + limit_us) / 1000 + 1);
}

static void on_look(void *arg)
{
	struct conn *c = arg;

	loop_timer_set(c->look, clock_mono_ms() + LOOK_EVERY_MS);
	if (greet_look(c->greet) != ERR_OK)
		log_debug(TOPIC, "not asked for its state");
}

/* --- birth, death, questions --- */

struct conn *conn_new(struct loop *loop, struct resolver *resolver, const struct store_opts *opts, enum conn_kind kind,
                      const struct conn_hooks *hooks)
{
	struct conn *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	*c = (struct conn){ .loop = loop, .resolver = resolver, .opts = opts, .kind = kind, .hooks = *hooks };
	op_list_init(&c->flight);
	op_list_init(&c->held);
	op_list_init(&c->later);
	c->pool.opts = opts;
	snprintf(c->reason, sizeof(c->reason), "starting");
	backoff_init(&c->backoff, RETRY_MIN_MS, RETRY_MAX_MS);
	loop_task_init(&c->drop, on_drop, c);
	conn_io_init(&c->io, loop, on_refused, c);
	loop_task_init(&c->ack, send_ack, c);
	c->deadline = loop_timer_new(loop, on_deadline, c);
	c->reconnect = loop_timer_new(loop, on_reconnect, c);
	c->look = loop_timer_new(loop, on_look, c);
	c->connects = stats_counter("otpgwd_redis_connects_total", "Times a connection to Redis came up.", NULL);
	c->short_acks = stats_counter("otpgwd_redis_short_acks_total",
	                              "Answers withheld because replicas did not acknowledge in time.", NULL);
	c->seconds = stats_hist("otpgwd_redis_seconds", "Time from a command to its reply.", NULL);
	c->greet = greet_new(c, kind == CONN_SENTINEL);
	if (!c->deadline || !c->reconnect || !c->look || !c->greet) {
		conn_free(c);
		return NULL;
	}
	return c;
}

void conn_start(struct conn *c)
{
	on_reconnect(c);
}

void conn_free(struct conn *c)
{
	if (!c)
		return;
	loop_defer_cancel(c->loop, &c->ack);
	if (c->query)
		resolve_cancel(c->query);
	c->state = CONN_IDLE;
	if (c->ac) {
		redisAsyncContext *ac = c->ac;

		c->ac = NULL;
		ac->data = NULL;
		redisAsyncFree(ac);
	}
	answer_all(c, &c->held, ERR_UNAVAILABLE);
	answer_all(c, &c->later, ERR_UNAVAILABLE);
	loop_defer_cancel(c->loop, &c->drop);
	op_pool_clear(&c->pool);
	loop_timer_free(c->deadline);
	loop_timer_free(c->reconnect);
	loop_timer_free(c->look);
	greet_free(c->greet);
	free(c);
}

void conn_set_address(struct conn *c, const struct address *address)
{
	if (!address_same(&c->address, address))
		greet_forget(c->greet);
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
	greet_set_probe(c->greet, partition);
}

bool conn_up(const struct conn *c)
{
	return c->state == CONN_UP;
}

int64_t conn_offset_ms(const struct conn *c)
{
	return greet_offset_ms(c->greet);
}

int64_t conn_retry_ms(const struct conn *c)
{
	int64_t left = c->state == CONN_UP ? 0 : c->reconnect_at_ms - clock_mono_ms();

	return left > 0 ? left : 0;
}

enum store_durability conn_durability(const struct conn *c)
{
	return greet_durability(c->greet);
}

const char *conn_refusing(const struct conn *c)
{
	return greet_refusing(c->greet);
}

const char *conn_warning(const struct conn *c)
{
	return greet_warning(c->greet);
}

const char *conn_reason(const struct conn *c)
{
	return c->reason;
}

size_t conn_in_flight(const struct conn *c)
{
	return c->flight.count + c->held.count + c->later.count;
}

const char *conn_sha(const struct conn *c, enum script script)
{
	return greet_sha(c->greet, script);
}

const struct store_opts *conn_opts(const struct conn *c)
{
	return c->opts;
}

struct op_pool *conn_pool(struct conn *c)
{
	return &c->pool;
}
