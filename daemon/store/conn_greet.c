/*
 * conn_greet: the greeting of a connection, the clock offset, and the class of durability found.
 * Owns the scripts' SHA1s and what Redis said of itself. Must never log the password.
 */
#include "conn_greet.h"

#include "base/clock.h"
#include "base/log.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOPIC "redis"
#define SLOW_TIME_US 100000

/* What a greeting op asked; kept in op->partition, which greeting ops do not need. SCRIPT LOADs are ASK_SCRIPT +
 * script. */
enum ask { ASK_AUTH, ASK_SELECT, ASK_TIME, ASK_POLICY, ASK_AOF, ASK_FSYNC, ASK_SCRIPT };

struct greet {
	const struct store_opts *opts;
	unsigned open; /* answers still to come before the connection is up */
	char sha[SCRIPT_COUNT][SCRIPT_SHA_LEN + 1];
	int64_t offset_ms;
	bool known; /* AUTH and SELECT are behind us */
	bool have_offset, unknown, aof, always;
	char warning[160];
};

struct greet *greet_new(const struct store_opts *opts)
{
	struct greet *g = calloc(1, sizeof(*g));

	if (g) {
		g->opts = opts;
		g->unknown = true;
	}
	return g;
}

void greet_free(struct greet *g)
{
	free(g);
}

static enum err say(struct greet *g, struct conn_op *op, enum ask ask)
{
	if (!op)
		return ERR_NOMEM;
	op->decode = greet_decode;
	op->arg = g;
	op->partition = (uint16_t)ask;
	g->open++;
	/* A failing send means a context that is going down: its disconnect says the rest. */
	return conn_send(op);
}

static enum err say_words(struct greet *g, struct conn *c, enum ask ask, const char *const *words)
{
	unsigned n = 0;

	while (words[n])
		n++;
	struct conn_op *op = conn_greet_op(c, n);
	for (unsigned i = 0; op && i < n; i++)
		conn_text(op, words[i]);
	return say(g, op, ask);
}

static enum err say_auth(struct greet *g, struct conn *c)
{
	bool user = g->opts->user && g->opts->user[0];

	if (!g->opts->password)
		return ERR_OK;
	struct conn_op *op = conn_greet_op(c, user ? 3 : 2);
	if (op) {
		conn_text(op, "AUTH");
		if (user)
			conn_text(op, g->opts->user);
		op->secret = true;
		conn_word(op, secret_bytes(g->opts->password), secret_len(g->opts->password));
	}
	return say(g, op, ASK_AUTH);
}

enum err greet_load(struct greet *g, struct conn *c, enum script script)
{
	size_t len;
	const void *source = script_source(script, &len);
	struct conn_op *op = conn_greet_op(c, 3);

	if (op) {
		conn_text(op, "SCRIPT");
		conn_text(op, "LOAD");
		conn_word(op, source, len);
	}
	return say(g, op, (enum ask)(ASK_SCRIPT + (int)script));
}

static enum err say_select(struct greet *g, struct conn *c)
{
	char database[12];
	const char *const words[] = { "SELECT", database, NULL };

	snprintf(database, sizeof(database), "%" PRIu32, g->opts->database);
	return g->opts->database ? say_words(g, c, ASK_SELECT, words) : ERR_OK;
}

void greet_ask_time(struct greet *g, struct conn *c)
{
	static const char *const words[] = { "TIME", NULL };

	if (say_words(g, c, ASK_TIME, words) != ERR_OK)
		log_debug(TOPIC, "time not asked");
}

/*
 * First who we are and what time it is: a Redis that does not know us yet takes and gives little before it closes, and
 * its reason would be lost behind the scripts.
 */
enum err greet_start(struct greet *g, struct conn *c)
{
	static const char *const time[] = { "TIME", NULL };

	g->open = 0;
	g->known = false;
	g->unknown = g->aof = g->always = false;
	g->warning[0] = 0;
	enum err err = say_auth(g, c);
	if (!err)
		err = say_select(g, c);
	return err ? err : say_words(g, c, ASK_TIME, time);
}

/* Then the scripts, and what Redis may lose. */
static enum err say_rest(struct greet *g, struct conn *c)
{
	static const struct {
		enum ask ask;
		const char *words[4];
	} asks[] = { { ASK_POLICY, { "CONFIG", "GET", "maxmemory-policy" } },
		     { ASK_AOF, { "CONFIG", "GET", "appendonly" } },
		     { ASK_FSYNC, { "CONFIG", "GET", "appendfsync" } } };
	enum err err = ERR_OK;

	g->known = true;
	for (int i = 0; i < SCRIPT_COUNT && !err; i++)
		err = greet_load(g, c, (enum script)i);
	for (size_t i = 0; i < sizeof(asks) / sizeof(asks[0]) && !err; i++)
		err = say_words(g, c, asks[i].ask, asks[i].words);
	return err;
}

/*
 * TIME: seconds and microseconds. The offset is taken at the middle of the round trip, so half of that is its error: a
 * slow answer tells less than the offset known already.
 */
static bool take_time(struct greet *g, const struct conn_op *op, const struct redisReply *reply)
{
	const char *s, *us;
	size_t s_len, us_len;
	int64_t now_us = clock_mono_us();

	if (!script_str_at(reply, 0, &s, &s_len) || !script_str_at(reply, 1, &us, &us_len))
		return false;
	int64_t redis_ms = strtoll(s, NULL, 10) * 1000 + strtoll(us, NULL, 10) / 1000;
	if (redis_ms < 1000000000000)
		return false;
	if (g->have_offset && now_us - op->sent_us > SLOW_TIME_US)
		return true;
	g->offset_ms = redis_ms - (op->sent_us + now_us) / 2000;
	g->have_offset = true;
	return true;
}

static bool take_sha(struct greet *g, struct conn *c, enum script script, const struct redisReply *reply)
{
	const char *sha;
	size_t len;

	conn_loaded(c, script);
	if (!script_str(reply, &sha, &len) || len != SCRIPT_SHA_LEN)
		return false;
	memcpy(g->sha[script], sha, len);
	return true;
}

/* CONFIG GET x: name and value; an ACL may forbid it, and then durability is not known. */
static void take_config(struct greet *g, enum ask ask, const struct redisReply *reply)
{
	const char *value;
	size_t len;

	if (!script_str_at(reply, 1, &value, &len)) {
		g->unknown = true;
		snprintf(g->warning, sizeof(g->warning), "CONFIG GET is refused: what Redis may lose is not known");
		return;
	}
	if (ask == ASK_AOF)
		g->aof = strcmp(value, "yes") == 0;
	if (ask == ASK_FSYNC)
		g->always = strcmp(value, "always") == 0;
	if (ask == ASK_POLICY && strcmp(value, "noeviction") != 0)
		snprintf(g->warning, sizeof(g->warning),
		         "maxmemory-policy is %.40s, must be noeviction: Redis may drop live verifications", value);
}

static bool take(struct greet *g, struct conn_op *op, const struct redisReply *reply)
{
	const char *text;
	size_t len;
	int ask = op->partition;

	if (ask >= ASK_SCRIPT)
		return take_sha(g, op->conn, (enum script)(ask - ASK_SCRIPT), reply);
	if (ask == ASK_TIME)
		return take_time(g, op, reply);
	if (ask == ASK_AUTH || ask == ASK_SELECT)
		return script_str(reply, &text, &len) && strcmp(text, "OK") == 0;
	take_config(g, (enum ask)ask, reply);
	return true;
}

enum err greet_decode(struct conn_op *op, enum err err, const struct redisReply *reply)
{
	struct greet *g = op->arg;
	struct conn *c = op->conn;
	const char *text = "";

	if (err)
		return ERR_OK;
	g->open -= g->open > 0;
	if (!take(g, op, reply)) {
		char reason[64];
		int word = script_is_error(reply, &text) ? (int)strcspn(text, " ") : 0;

		/* The first word alone: behind it Redis may repeat what it did not understand, the password too. */
		snprintf(reason, sizeof(reason), "%s refused: %.*s", op->partition == ASK_AUTH ? "AUTH" : "greeting",
		         word ? (word < 24 ? word : 24) : 10, word ? text : "unreadable");
		conn_drop(c, reason);
		return ERR_OK;
	}
	if (g->open)
		return ERR_OK;
	if (g->known)
		conn_greeted(c);
	else if (say_rest(g, c) != ERR_OK)
		conn_drop(c, "closed while greeting");
	return ERR_OK;
}

const char *greet_sha(const struct greet *g, enum script script)
{
	return g->sha[script];
}

int64_t greet_offset_ms(const struct greet *g)
{
	return g->have_offset ? g->offset_ms : clock_wall_ms() - clock_mono_ms();
}

enum store_durability greet_durability(const struct greet *g)
{
	if (g->unknown)
		return STORE_DUR_UNKNOWN;
	if (!g->aof)
		return STORE_DUR_NONE;
	return g->always ? STORE_DUR_POWER : STORE_DUR_PROCESS;
}

const char *greet_durability_name(enum store_durability d)
{
	static const char *const names[] = { "unknown", "none", "process", "power", "failover" };

	return names[d];
}

const char *greet_warning(const struct greet *g)
{
	return g->warning;
}
