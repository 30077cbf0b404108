/*
 * conn_greet: the greeting of a connection, its clock offset, and the class of durability found.
 * Owns the scripts' SHA1s and what the server said of itself. Must never log the password.
 */
#include "conn_greet.h"

#include "base/clock.h"
#include "base/invariant.h"
#include "base/log.h"
#include "fault.h"
#include "refusing.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOPIC "redis"
#define SLOW_TIME_US 100000

/* What an op asked. SCRIPT LOADs are ASK_SCRIPT + script. */
enum ask {
	ASK_AUTH,
	ASK_SELECT,
	ASK_PING,
	ASK_TIME,
	ASK_PROBE,
	ASK_POLICY,
	ASK_AOF,
	ASK_FSYNC,
	ASK_MIN_REPLICAS,
	ASK_PERSISTENCE,
	ASK_REPLICATION,
	ASK_SCRIPT
};

/* First who we are and what time it is, then the rest, then looks from time to time. */
enum phase { PHASE_FIRST, PHASE_REST, PHASE_UP };

struct greet {
	struct conn *conn;
	const struct store_opts *opts;
	bool sentinel;
	enum phase phase;
	unsigned open; /* answers still to come before the next phase, or of this look */
	char sha[SCRIPT_COUNT][SCRIPT_SHA_LEN + 1];
	int probe;
	int64_t offset_ms;
	bool have_offset;
	struct durability facts;
	unsigned needed; /* replicas, for an acknowledgement */
	enum store_durability judged;
	struct refusing refusing;
	char warning[160], policy[41];
};

static enum err on_answer(struct op *op, enum err err, const struct redisReply *reply);

struct greet *greet_new(struct conn *c, bool sentinel)
{
	struct greet *g = calloc(1, sizeof(*g));

	if (g) {
		g->conn = c;
		g->opts = conn_opts(c);
		g->sentinel = sentinel;
		g->probe = -1;
		g->needed = 1;
	}
	return g;
}

void greet_free(struct greet *g)
{
	free(g);
}

bool greet_owns(const struct op *op)
{
	return op->decode == on_answer;
}

void greet_forget(struct greet *g)
{
	g->refusing = (struct refusing){ 0 };
	g->facts = (struct durability){ 0 };
	g->needed = 1;
}

unsigned greet_replicas(const struct greet *g)
{
	return g->needed;
}

void greet_set_probe(struct greet *g, int partition)
{
	g->probe = partition;
}

/* --- asking --- */

static enum err say(struct greet *g, struct op *op, int ask)
{
	if (!op)
		return ERR_NOMEM;
	op->decode = on_answer;
	op->arg = g;
	op->ask = (uint16_t)ask;
	enum err err = conn_send_any(g->conn, op);
	if (err)
		op_free(op);
	else
		g->open++;
	return err;
}

static enum err say_words(struct greet *g, int ask, const char *const *words)
{
	unsigned n = 0;

	while (words[n])
		n++;
	struct op *op = op_new(conn_pool(g->conn), n);
	for (unsigned i = 0; op && i < n; i++)
		op_text(op, words[i]);
	return say(g, op, ask);
}

static enum err say_auth(struct greet *g)
{
	const struct secret *password = g->sentinel ? g->opts->sentinel_password : g->opts->password;
	bool user = !g->sentinel && g->opts->user[0];

	if (!password)
		return ERR_OK;
	struct op *op = op_new(conn_pool(g->conn), user ? 3 : 2);
	if (op) {
		op_text(op, "AUTH");
		if (user)
			op_text(op, g->opts->user);
		op->secret = true;
		op_word(op, secret_bytes(password), secret_len(password));
	}
	return say(g, op, ASK_AUTH);
}

enum err greet_load(struct greet *g, enum script script)
{
	size_t len;
	const void *source = script_source(script, &len);
	struct op *op = op_new(conn_pool(g->conn), 3);

	if (op) {
		op_text(op, "SCRIPT");
		op_text(op, "LOAD");
		op_word(op, source, len);
	}
	return say(g, op, ASK_SCRIPT + (int)script);
}

static enum err say_select(struct greet *g)
{
	char database[12];
	const char *const words[] = { "SELECT", database, NULL };

	snprintf(database, sizeof(database), "%" PRIu32, g->opts->database);
	return g->opts->database && !g->sentinel ? say_words(g, ASK_SELECT, words) : ERR_OK;
}

/*
 * A write that changes nothing: a server that takes no writes (a replica, one whose disk or memory is full) refuses it.
 * Nobody is a member of that name: members are tuples.
 */
static enum err say_probe(struct greet *g)
{
	char key[64];
	const char *const words[] = { "ZADD", key, "XX", "0", "-", NULL };

	if (g->probe < 0)
		return ERR_OK;
	snprintf(key, sizeof(key), "%sj{%d}", g->opts->key_prefix, g->probe);
	return say_words(g, ASK_PROBE, words);
}

static enum err say_state(struct greet *g)
{
	static const struct {
		int ask;
		const char *words[4];
	} asks[] = { { ASK_POLICY, { "CONFIG", "GET", "maxmemory-policy" } },
		     { ASK_AOF, { "CONFIG", "GET", "appendonly" } },
		     { ASK_FSYNC, { "CONFIG", "GET", "appendfsync" } },
		     { ASK_MIN_REPLICAS, { "CONFIG", "GET", "min-replicas-to-write" } },
		     { ASK_PERSISTENCE, { "INFO", "persistence" } },
		     { ASK_REPLICATION, { "INFO", "replication" } } };
	enum err err = say_probe(g);

	g->facts.unknown = false;
	for (size_t i = 0; i < sizeof(asks) / sizeof(asks[0]) && !err; i++)
		err = say_words(g, asks[i].ask, asks[i].words);
	return err;
}

/*
 * A Redis that does not know us yet takes and gives little before it closes, and its reason would be lost behind the
 * scripts: so they are not sent at once.
 */
enum err greet_start(struct greet *g)
{
	static const char *const time[] = { "TIME", NULL }, *const ping[] = { "PING", NULL };

	g->open = 0;
	g->phase = PHASE_FIRST;
	enum err err = say_auth(g);
	if (!err)
		err = say_select(g);
	if (!err)
		err = g->sentinel ? say_words(g, ASK_PING, ping) : say_words(g, ASK_TIME, time);
	return err;
}

static enum err say_rest(struct greet *g)
{
	enum err err = ERR_OK;

	g->phase = PHASE_REST;
	g->facts = (struct durability){ .needed = g->facts.needed, .needed_ms = g->facts.needed_ms };
	for (int i = 0; i < SCRIPT_COUNT && !err; i++)
		err = greet_load(g, (enum script)i);
	return err ? err : say_state(g);
}

enum err greet_look(struct greet *g)
{
	static const char *const time[] = { "TIME", NULL };
	enum err err = say_words(g, ASK_TIME, time);

	return err ? err : say_state(g);
}

/* --- answers --- */

void greet_refused(struct greet *g, const char *text)
{
	const char *news = refusing_note(&g->refusing, text, clock_mono_ms());

	if (news)
		log_warn(TOPIC, "refuses what is written reason=%s", news);
}

const char *greet_refusing(const struct greet *g)
{
	return refusing_word(&g->refusing, clock_mono_ms());
}

/*
 * TIME: seconds and microseconds. The offset is taken at the middle of the round trip, so half of that is its error: a
 * slow answer tells less than the offset known already.
 */
static bool take_time(struct greet *g, const struct op *op, const struct redisReply *reply)
{
	const char *s, *us;
	size_t s_len, us_len;
	int64_t now_us = clock_mono_us();

	if (!script_str_at(reply, 0, &s, &s_len) || !script_str_at(reply, 1, &us, &us_len))
		return false;
	int64_t redis_s = strtoll(s, NULL, 10), redis_us = strtoll(us, NULL, 10);
	if (redis_s < 1000000000 || redis_s > 100000000000 || redis_us < 0 || redis_us > 999999)
		return false;
	if (g->have_offset && now_us - op->sent_us > SLOW_TIME_US)
		return true;
	g->offset_ms = redis_s * 1000 + redis_us / 1000 - (op->sent_us + now_us) / 2000;
	g->have_offset = true;
	return true;
}

static bool take_sha(struct greet *g, enum script script, const struct redisReply *reply)
{
	const char *sha;
	size_t len;

	conn_loaded(g->conn, script);
	if (!script_str(reply, &sha, &len) || len != SCRIPT_SHA_LEN)
		return false;
	memcpy(g->sha[script], sha, len);
	return true;
}

/* A node of a cluster that serves the partition no more is still a good node; one that is full can be read. */
static bool take_probe(struct greet *g, const struct redisReply *reply)
{
	static const char *const fine[] = { "MOVED", "ASK", "TRYAGAIN", "CLUSTERDOWN" };
	const char *text;
	int64_t n;

	if (!script_is_error(reply, &text)) {
		refusing_taken(&g->refusing);
		return script_int(reply, &n);
	}
	if (fault_is(text, "OOM")) {
		greet_refused(g, text);
		return true;
	}
	for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++) {
		if (fault_is(text, fine[i]))
			return true;
	}
	return false;
}

/* CONFIG GET x: name and value. */
static void take_config(struct greet *g, enum ask ask, const char *value)
{
	if (ask == ASK_AOF)
		g->facts.aof = strcmp(value, "yes") == 0;
	else if (ask == ASK_FSYNC)
		g->facts.always = strcmp(value, "always") == 0;
	else if (ask == ASK_MIN_REPLICAS)
		g->facts.min_replicas = (unsigned)strtoul(value, NULL, 10);
	else
		snprintf(g->policy, sizeof(g->policy), "%s", value);
}

/* An ACL may forbid it, and then it is not known what may be lost. */
static void take_state(struct greet *g, enum ask ask, const struct redisReply *reply)
{
	bool info = ask == ASK_PERSISTENCE || ask == ASK_REPLICATION;
	const char *text;
	size_t len;

	if (info ? !script_str(reply, &text, &len) : !script_str_at(reply, 1, &text, &len))
		g->facts.unknown = true;
	else if (ask == ASK_PERSISTENCE)
		durability_read_persistence(&g->facts, text);
	else if (ask == ASK_REPLICATION)
		durability_read_replication(&g->facts, text);
	else
		take_config(g, ask, text);
}

static bool take(struct greet *g, const struct op *op, const struct redisReply *reply)
{
	const char *text;
	size_t len;

	if (op->ask >= ASK_SCRIPT)
		return take_sha(g, (enum script)(op->ask - ASK_SCRIPT), reply);
	if (op->ask == ASK_TIME)
		return take_time(g, op, reply);
	if (op->ask == ASK_PROBE)
		return take_probe(g, reply);
	if (op->ask <= ASK_PING)
		return script_str(reply, &text, &len) && (op->ask == ASK_PING || strcmp(text, "OK") == 0);
	take_state(g, (enum ask)op->ask, reply);
	return true;
}

static void judge(struct greet *g)
{
	enum store_durability before = g->judged;

	g->needed = durability_need(&g->facts, clock_mono_ms());
	g->judged = durability_judge(&g->facts, g->opts->ack_replica);
	g->warning[0] = 0;
	if (g->facts.unknown)
		snprintf(g->warning, sizeof(g->warning),
		         "CONFIG GET or INFO is refused: what Redis may lose is not known");
	else if (g->facts.write_failed)
		snprintf(g->warning, sizeof(g->warning), "Redis cannot write its append-only file");
	else if (g->facts.aof && !g->facts.always && durability_lagging(&g->facts))
		snprintf(g->warning, sizeof(g->warning), "the disk of Redis does not keep up with fsync");
	else if (g->opts->ack_replica && g->facts.replicas == 0)
		snprintf(g->warning, sizeof(g->warning), "redis.ack is replica, and no replica is connected");
	if (g->policy[0] && strcmp(g->policy, "noeviction") != 0)
		snprintf(g->warning, sizeof(g->warning),
		         "maxmemory-policy is %s, must be noeviction: Redis may drop live verifications", g->policy);
	if (g->judged != before)
		conn_judged(g->conn);
}

static void refuse(const struct greet *g, const struct op *op, const struct redisReply *reply)
{
	const char *text = "";
	char reason[64];
	int word = script_is_error(reply, &text) ? (int)strcspn(text, " ") : 0;

	/* The first word alone: behind it Redis may repeat what it did not understand, the password too. */
	snprintf(reason, sizeof(reason), "%s refused: %.*s", op->ask == ASK_AUTH ? "AUTH" : "greeting",
	         word ? (word < 24 ? word : 24) : 10, word ? text : "unreadable");
	conn_drop(g->conn, reason);
}

static enum err on_answer(struct op *op, enum err err, const struct redisReply *reply)
{
	struct greet *g = op->arg;

	if (err)
		return ERR_OK;
	g->open -= invariant(g->open > 0);
	if (!take(g, op, reply)) {
		refuse(g, op, reply);
		return ERR_OK;
	}
	if (g->open)
		return ERR_OK;
	if (g->phase == PHASE_FIRST && !g->sentinel) {
		if (say_rest(g) != ERR_OK)
			conn_drop(g->conn, "closed while greeting");
		return ERR_OK;
	}
	if (!g->sentinel)
		judge(g);
	if (g->phase != PHASE_UP) {
		g->phase = PHASE_UP;
		conn_greeted(g->conn);
	}
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
	return g->judged;
}

const char *greet_warning(const struct greet *g)
{
	return g->warning;
}
