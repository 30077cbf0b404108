/*
 * conn: hiredis' asynchronous context and everything that may happen to it.
 * Owns the context and every op. Frees the context in one place, never from inside one of its callbacks.
 */
#include "conn.h"

#include "base/backoff.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/stats.h"
#include "conn_greet.h"
#include "script.h"

#include <async.h>
#include <hiredis.h>

#include <adapters/libevent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOPIC "redis"
#define TIME_EVERY_MS 1000

enum conn_state { CONN_IDLE, CONN_CONNECTING, CONN_GREETING, CONN_UP };

struct conn {
	struct loop *loop;
	struct store_opts opts; /* strings owned */
	struct conn_hooks hooks;
	enum conn_state state;
	redisAsyncContext *ac;
	struct conn_op *first, **last; /* in flight, oldest first */
	struct conn_op *spare;
	size_t in_flight;
	struct loop_timer *deadline, *reconnect, *time;
	int64_t reconnect_at_ms;
	struct loop_task drop;
	struct backoff backoff;
	struct greet *greet;
	bool loading[SCRIPT_COUNT]; /* SCRIPT LOAD is under way after NOSCRIPT */
	char reason[128];
	struct stats_counter *reconnects;
	struct stats_gauge *up, *gauge_in_flight;
	struct stats_hist *seconds;
};

static void on_context_gone(struct conn *c);

/* --- ops --- */

static void op_free(struct conn_op *op)
{
	struct conn *c = op->conn;

	if (op->secret)
		secret_wipe(op->bytes, op->len);
	if (op->bytes != op->inline_bytes)
		free(op->bytes);
	op->next = c->spare;
	c->spare = op;
}

static struct conn_op *op_new(struct conn *c)
{
	struct conn_op *op = c->spare;

	if (op)
		c->spare = op->next;
	else
		op = malloc(sizeof(*op));
	if (!op)
		return NULL;
	memset(op, 0, offsetof(struct conn_op, inline_bytes));
	op->conn = c;
	op->script = -1;
	op->bytes = op->inline_bytes;
	op->cap = sizeof(op->inline_bytes);
	return op;
}

static bool op_room(struct conn_op *op, size_t n)
{
	if (op->built)
		return false;
	if (op->cap - op->len >= n)
		return true;
	size_t cap = (op->len + n) * 2;
	char *bytes = malloc(cap);
	if (!bytes) {
		op->built = ERR_NOMEM;
		return false;
	}
	memcpy(bytes, op->bytes, op->len);
	if (op->bytes != op->inline_bytes)
		free(op->bytes);
	op->bytes = bytes;
	op->cap = cap;
	return true;
}

/* "<mark><n>\r\n": the one place where a number is written on the hot path. */
static size_t put_head(char *at, char mark, size_t n)
{
	char digits[20];
	size_t len = 0, i = 0;

	do {
		digits[len++] = (char)('0' + n % 10);
		n /= 10;
	} while (n);
	at[i++] = mark;
	while (len)
		at[i++] = digits[--len];
	at[i++] = '\r';
	at[i++] = '\n';
	return i;
}

void conn_word(struct conn_op *op, const void *data, size_t len)
{
	if (!op_room(op, len + 32))
		return;
	op->len += put_head(op->bytes + op->len, '$', len);
	if (len)
		memcpy(op->bytes + op->len, data, len);
	op->len += len;
	op->bytes[op->len++] = '\r';
	op->bytes[op->len++] = '\n';
}

void conn_text(struct conn_op *op, const char *text)
{
	conn_word(op, text, strlen(text));
}

void conn_int(struct conn_op *op, int64_t v)
{
	char text[24], *at = text + sizeof(text);
	uint64_t left = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;

	do {
		*--at = (char)('0' + left % 10);
		left /= 10;
	} while (left);
	if (v < 0)
		*--at = '-';
	conn_word(op, at, (size_t)(text + sizeof(text) - at));
}

static struct conn_op *op_begin(struct conn *c, unsigned argc)
{
	struct conn_op *op = op_new(c);

	if (op)
		op->len = put_head(op->bytes, '*', argc);
	return op;
}

struct conn_op *conn_op(struct conn *c, unsigned argc, enum err *err)
{
	*err = c->state != CONN_UP ? ERR_UNAVAILABLE : c->in_flight >= c->opts.max_in_flight ? ERR_BUSY : ERR_OK;
	struct conn_op *op = *err ? NULL : op_begin(c, argc);
	if (!op && !*err)
		*err = ERR_NOMEM;
	return op;
}

struct conn_op *conn_script_op(struct conn *c, enum script script, unsigned keys, unsigned args, enum err *err)
{
	struct conn_op *op = conn_op(c, 3 + keys + args, err);

	if (!op)
		return NULL;
	op->script = (int)script;
	conn_text(op, "EVALSHA");
	conn_word(op, greet_sha(c->greet, script), SCRIPT_SHA_LEN);
	conn_int(op, keys);
	return op;
}

/* --- replies --- */

static void op_done(struct conn_op *op, enum err err, const redisReply *reply)
{
	struct conn *c = op->conn;

	if (op->decode && op->decode(op, err, reply) == ERR_CORRUPT)
		conn_drop(c, "unreadable reply");
	op_free(op);
}

/* By a known first word, so that a hostile Redis cannot make series without end. */
static void count_error(const char *text)
{
	static const char *const known[] = { "ERR",  "OOM",    "READONLY", "LOADING",  "MASTERDOWN", "MISCONF",  "BUSY",
		                             "NOPERM", "NOAUTH", "WRONGTYPE", "NOSCRIPT", "WRONGPASS",  "NOREPLICAS" };
	const char *kind = "other";
	size_t n = strcspn(text, " ");
	char labels[48];

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strlen(known[i]) == n && strncmp(known[i], text, n) == 0)
			kind = known[i];
	}
	snprintf(labels, sizeof(labels), "kind=\"%s\"", kind);
	stats_inc(stats_counter("otpgwd_redis_errors_total", "Error replies of Redis by their first word.", labels));
	log_warn(TOPIC, "error kind=%s", kind);
}

static void on_reply(redisAsyncContext *ac, void *r, void *privdata)
{
	struct conn_op *op = privdata;
	struct conn *c = op->conn;
	const redisReply *reply = r;
	const char *text = "";

	(void)ac;
	/* Replies come in the order of the commands: this is the oldest. */
	c->first = op->next;
	if (!c->first)
		c->last = &c->first;
	c->in_flight--;
	if (!reply) {
		op_done(op, ERR_UNAVAILABLE, NULL);
		return;
	}
	stats_observe_us(c->seconds, clock_mono_us() - op->sent_us);
	if (!script_is_error(reply, &text)) {
		op_done(op, ERR_OK, reply);
		return;
	}
	if (op->script >= 0 && !op->again && strncmp(text, "NOSCRIPT", 8) == 0 && c->state == CONN_UP) {
		op->again = true;
		if (!c->loading[op->script])
			c->loading[op->script] = greet_load(c->greet, c, (enum script)op->script) == ERR_OK;
		if (conn_send_any(op) == ERR_OK)
			return;
	}
	count_error(text);
	op_done(op, op->decode == greet_decode ? ERR_OK : ERR_UNAVAILABLE, op->decode == greet_decode ? reply : NULL);
}

void conn_loaded(struct conn *c, enum script script)
{
	c->loading[script] = false;
}

static void arm_deadline(struct conn *c)
{
	if (!loop_timer_armed(c->deadline))
		loop_timer_set(c->deadline, clock_mono_ms() + c->opts.command_timeout_ms);
}

enum err conn_send_any(struct conn_op *op)
{
	struct conn *c = op->conn;
	enum err err = op->built;

	op->sent_us = clock_mono_us();
	op->next = NULL;
	if (!err && (!c->ac || redisAsyncFormattedCommand(c->ac, on_reply, op, op->bytes, op->len) != REDIS_OK))
		err = ERR_UNAVAILABLE;
	if (err)
		return err;
	*c->last = op;
	c->last = &op->next;
	c->in_flight++;
	arm_deadline(c);
	return ERR_OK;
}

enum err conn_send(struct conn_op *op)
{
	enum err err = conn_send_any(op);

	if (err)
		op_free(op);
	return err;
}

struct conn_op *conn_greet_op(struct conn *c, unsigned argc)
{
	return op_begin(c, argc);
}

/* --- life of the context --- */

static void try_later(struct conn *c)
{
	uint32_t delay = backoff_next_ms(&c->backoff, secret_random_u32());

	c->reconnect_at_ms = clock_mono_ms() + delay;
	loop_timer_set(c->reconnect, c->reconnect_at_ms);
	log_warn(TOPIC, "away reason=\"%s\" next_try_ms=%" PRIu32, c->reason, delay);
}

/* The context is gone, or about to be freed by hiredis itself. */
static void on_context_gone(struct conn *c)
{
	bool was_up = c->state == CONN_UP;

	c->ac = NULL;
	c->state = CONN_IDLE;
	loop_timer_stop(c->deadline);
	loop_timer_stop(c->time);
	memset(c->loading, 0, sizeof(c->loading));
	stats_set(c->up, 0);
	try_later(c);
	if (was_up)
		c->hooks.on_down(c->hooks.arg);
}

static void on_drop(void *arg)
{
	struct conn *c = arg;
	redisAsyncContext *ac = c->ac;

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
	snprintf(c->reason, sizeof(c->reason), "%s", reason);
	loop_defer(c->loop, &c->drop);
}

static void on_disconnect(const redisAsyncContext *ac, int status)
{
	struct conn *c = ac->data;

	if (!c)
		return;
	/* A drop that waits for the end of this turn has said why already. */
	if (!c->drop.queued)
		snprintf(c->reason, sizeof(c->reason), "%s", status == REDIS_OK || !ac->errstr ? "closed" : ac->errstr);
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
	if (greet_start(c->greet, c) != ERR_OK)
		conn_drop(c, "out of memory");
}

void conn_greeted(struct conn *c)
{
	if (c->state != CONN_GREETING)
		return;
	c->state = CONN_UP;
	c->reason[0] = 0;
	backoff_reset(&c->backoff);
	stats_inc(c->reconnects);
	stats_set(c->up, 1);
	loop_timer_set(c->time, clock_mono_ms() + TIME_EVERY_MS);
	log_info(TOPIC, "up durability=%s", greet_durability_name(greet_durability(c->greet)));
	if (greet_warning(c->greet)[0])
		log_warn(TOPIC, "%s", greet_warning(c->greet));
	c->hooks.on_up(c->hooks.arg);
}

static void open_context(void *arg)
{
	struct conn *c = arg;
	bool local = c->opts.socket_path && c->opts.socket_path[0];
	redisAsyncContext *ac = local ? redisAsyncConnectUnix(c->opts.socket_path)
	                              : redisAsyncConnect(c->opts.host, c->opts.port);

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
	if (redisLibeventAttach(ac, loop_base(c->loop)) != REDIS_OK) {
		conn_drop(c, "out of memory");
		return;
	}
	redisAsyncSetConnectCallback(ac, on_connect);
	redisAsyncSetDisconnectCallback(ac, on_disconnect);
	loop_timer_set(c->deadline, clock_mono_ms() + c->opts.connect_timeout_ms);
}

/* Connecting took too long, or the oldest command did. */
static void on_deadline(void *arg)
{
	struct conn *c = arg;
	int64_t now_us = clock_mono_us(), limit_us = (int64_t)c->opts.command_timeout_ms * 1000;

	if (c->state == CONN_CONNECTING) {
		conn_drop(c, "connect timed out");
		return;
	}
	if (!c->first)
		return;
	if (now_us - c->first->sent_us >= limit_us) {
		conn_drop(c, "command timed out");
		return;
	}
	loop_timer_set(c->deadline, (c->first->sent_us + limit_us) / 1000 + 1);
}

static void on_time(void *arg)
{
	struct conn *c = arg;

	loop_timer_set(c->time, clock_mono_ms() + TIME_EVERY_MS);
	stats_set(c->gauge_in_flight, (double)c->in_flight);
	greet_ask_time(c->greet, c);
}

static bool copy_opts(struct conn *c, const struct store_opts *o)
{
	const char **const texts[] = { &c->opts.socket_path, &c->opts.host, &c->opts.user, &c->opts.owner,
		                       &c->opts.key_prefix };

	c->opts = *o;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		*texts[i] = strdup(*texts[i] ? *texts[i] : "");
		if (!*texts[i])
			return false;
	}
	return true;
}

struct conn *conn_new(struct loop *loop, const struct store_opts *opts, const struct conn_hooks *hooks)
{
	struct conn *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->loop = loop;
	c->hooks = *hooks;
	c->last = &c->first;
	snprintf(c->reason, sizeof(c->reason), "starting");
	backoff_init(&c->backoff, 100, 5000);
	loop_task_init(&c->drop, on_drop, c);
	c->deadline = loop_timer_new(loop, on_deadline, c);
	c->reconnect = loop_timer_new(loop, open_context, c);
	c->time = loop_timer_new(loop, on_time, c);
	c->reconnects = stats_counter("otpgwd_redis_connects_total", "Times the connection to Redis came up.", NULL);
	c->up = stats_gauge("otpgwd_redis_up", "1 while Redis is connected and usable.", NULL);
	c->gauge_in_flight =
	    stats_gauge("otpgwd_redis_in_flight", "Commands sent to Redis and not yet answered.", NULL);
	c->seconds = stats_hist("otpgwd_redis_seconds", "Time from a command to its reply.", NULL);
	bool copied = copy_opts(c, opts);
	c->greet = copied ? greet_new(&c->opts) : NULL;
	if (!c->deadline || !c->reconnect || !c->time || !c->greet) {
		conn_free(c);
		return NULL;
	}
	return c;
}

void conn_start(struct conn *c)
{
	open_context(c);
}

void conn_free(struct conn *c)
{
	if (!c)
		return;
	loop_defer_cancel(c->loop, &c->drop);
	if (c->ac) {
		redisAsyncContext *ac = c->ac;

		c->ac = NULL;
		c->state = CONN_IDLE;
		ac->data = NULL;
		redisAsyncFree(ac);
	}
	while (c->spare) {
		struct conn_op *op = c->spare;

		c->spare = op->next;
		free(op);
	}
	loop_timer_free(c->deadline);
	loop_timer_free(c->reconnect);
	loop_timer_free(c->time);
	greet_free(c->greet);
	free((char *)(uintptr_t)c->opts.socket_path);
	free((char *)(uintptr_t)c->opts.host);
	free((char *)(uintptr_t)c->opts.user);
	free((char *)(uintptr_t)c->opts.owner);
	free((char *)(uintptr_t)c->opts.key_prefix);
	free(c);
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
	return c->in_flight;
}

const struct store_opts *conn_opts(const struct conn *c)
{
	return &c->opts;
}
