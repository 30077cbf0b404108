/*
 * hello: greets a server, and finds its clock offset and its class of durability. Owns what is known of the server.
 * Must never log the password. One concept in more than 400 lines: each step of the greeting is a command and the
 * reading of its reply.
 */
#include "hello.h"

#include "base/clock.h"
#include "base/invariant.h"
#include "base/log.h"
#include "durability.h"
#include "redis_error.h"
#include "refusing.h"
#include "rights.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOPIC "redis"
#define SLOW_TIME_US 100000
#define PROBE_KEY_CAP 64
#define RIGHTS_EVERY 10 /* probes; a right may be taken away that no error tells of on this connection */

/* What a command of hello asks for. */
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
	ASK_LIBRARY,
	ASK_RIGHTS
};

/* First authentication and time, then the library and durability, then time and durability once per second. */
enum phase { PHASE_FIRST, PHASE_REST, PHASE_UP };

struct hello {
	struct flight *flight;
	const struct store_opts *opts;
	struct hello_hooks hooks;
	enum hello_kind kind;
	enum phase phase;
	unsigned open; /* replies still to come in this phase */
	bool loading;  /* a FUNCTION LOAD is in flight */
	int probe;
	int64_t offset_ms;
	bool have_offset;
	struct durability facts;
	unsigned needed; /* how many replicas must acknowledge a write */
	enum store_durability judged;
	struct refusing refusing;
	struct rights rights;
	unsigned probes; /* calls of hello_again */
	char warning[320];
};

static enum err on_answer(struct command *command, enum err err, const struct redisReply *reply);

struct hello *hello_new(struct flight *flight, enum hello_kind kind, const struct hello_hooks *hooks)
{
	struct hello *h = calloc(1, sizeof(*h));

	if (h)
		*h = (struct hello){
			.flight = flight, .opts = flight->opts, .hooks = *hooks, .kind = kind, .probe = -1, .needed = 1
		};
	return h;
}

void hello_free(struct hello *h)
{
	free(h);
}

void hello_forget(struct hello *h)
{
	h->refusing = (struct refusing){ 0 };
	h->rights = (struct rights){ 0 };
	h->facts = (struct durability){ 0 };
	h->needed = 1;
}

unsigned hello_replicas(const struct hello *h)
{
	return h->needed;
}

void hello_set_probe(struct hello *h, int partition)
{
	h->probe = partition;
}

/* --- asking --- */

static enum err say(struct hello *h, struct command *command, int ask)
{
	if (!command)
		return ERR_NOMEM;
	command->decode = on_answer;
	command->takes_errors = true;
	command->arg = h;
	command->ask = (uint16_t)ask;
	enum err err = flight_send(h->flight, command);
	if (err)
		command_free(command);
	else
		h->open++;
	return err;
}

static enum err say_words(struct hello *h, int ask, const char *const *words)
{
	struct command *command = command_new(&h->flight->pool);

	for (; command && *words; words++)
		command_text(command, *words);
	return say(h, command, ask);
}

static enum err say_auth(struct hello *h)
{
	bool sentinel = h->kind == HELLO_SENTINEL, user = !sentinel && h->opts->user[0];
	const struct secret *password = sentinel ? h->opts->sentinel_password : h->opts->password;

	if (!password)
		return ERR_OK;
	struct command *command = command_new(&h->flight->pool);
	if (command) {
		command_text(command, "AUTH");
		if (user)
			command_text(command, h->opts->user);
		command->secret = true;
		command_word(command, secret_bytes(password), secret_len(password));
	}
	return say(h, command, ASK_AUTH);
}

static enum err say_load(struct hello *h)
{
	size_t len;
	const void *text = library_text_of(&len);
	struct command *command = command_new(&h->flight->pool);
	enum err err;

	if (command) {
		command_text(command, "FUNCTION");
		command_text(command, "LOAD");
		command_word(command, text, len);
	}
	err = say(h, command, ASK_LIBRARY);
	h->loading = !err;
	return err;
}

void hello_load_again(struct hello *h)
{
	if (!h->loading)
		(void)!say_load(h);
}

static enum err say_select(struct hello *h)
{
	char database[12];
	const char *const words[] = { "SELECT", database, NULL };

	snprintf(database, sizeof(database), "%" PRIu32, h->opts->database);
	return h->opts->database && h->kind != HELLO_SENTINEL ? say_words(h, ASK_SELECT, words) : ERR_OK;
}

/* The key of the partition's journal. False: no partition of this node is known. */
static bool probe_key(const struct hello *h, char key[PROBE_KEY_CAP])
{
	if (h->probe >= 0)
		snprintf(key, PROBE_KEY_CAP, "%sj{%d}", h->opts->key_prefix, h->probe);
	return h->probe >= 0;
}

/*
 * Sends a write that changes nothing. A server that takes no writes refuses it: a replica, or one whose disk or memory
 * is full. "-" is no member of the set, because members are tuples.
 */
static enum err say_probe(struct hello *h)
{
	char key[PROBE_KEY_CAP];
	const char *const words[] = { "ZADD", key, "XX", "0", "-", NULL };

	return probe_key(h, key) ? say_words(h, ASK_PROBE, words) : ERR_OK;
}

/* Asks which rights are missing. */
static enum err say_rights(struct hello *h)
{
	char key[PROBE_KEY_CAP] = "";
	struct command *command = command_new(&h->flight->pool);

	(void)probe_key(h, key);
	if (command)
		rights_ask(command, h->opts, key);
	return say(h, command, ASK_RIGHTS);
}

static const struct {
	int ask;
	const char *words[4];
} state_asks[] = { { ASK_POLICY, { "CONFIG", "GET", "maxmemory-policy" } },
	           { ASK_AOF, { "CONFIG", "GET", "appendonly" } },
	           { ASK_FSYNC, { "CONFIG", "GET", "appendfsync" } },
	           { ASK_MIN_REPLICAS, { "CONFIG", "GET", "min-replicas-to-write" } },
	           { ASK_PERSISTENCE, { "INFO", "persistence" } },
	           { ASK_REPLICATION, { "INFO", "replication" } } };
#define STATE_ASKS (sizeof(state_asks) / sizeof(state_asks[0]))

static enum err say_state(struct hello *h)
{
	enum err err = say_probe(h);

	h->facts.unknown = false;
	for (size_t i = 0; i < STATE_ASKS && !err; i++)
		err = say_words(h, state_asks[i].ask, state_asks[i].words);
	return err;
}

/*
 * The library is not sent here. Before authentication Redis accepts little input and then closes the connection; with
 * the library in the way, the reason that it replies would be lost.
 */
enum err hello_start(struct hello *h)
{
	static const char *const time[] = { "TIME", NULL }, *const ping[] = { "PING", NULL };

	h->open = 0;
	h->phase = PHASE_FIRST;
	h->loading = false;
	enum err err = say_auth(h);
	if (!err)
		err = say_select(h);
	if (!err)
		err = h->kind == HELLO_SENTINEL ? say_words(h, ASK_PING, ping) : say_words(h, ASK_TIME, time);
	return err;
}

static enum err say_rest(struct hello *h)
{
	h->phase = PHASE_REST;
	durability_begin(&h->facts);
	enum err err = say_load(h);

	if (!err)
		err = say_rights(h);
	return err ? err : say_state(h);
}

enum err hello_again(struct hello *h)
{
	static const char *const time[] = { "TIME", NULL };
	enum err err = say_words(h, ASK_TIME, time);

	if (h->kind != HELLO_WHOLE)
		return err;
	h->probes++;
	if (!err && (rights_in_doubt(&h->rights) || h->probes % RIGHTS_EVERY == 0))
		err = say_rights(h);
	return err ? err : say_state(h);
}

/* --- answers --- */

void hello_note_refused(struct hello *h, const char *text)
{
	const char *news = refusing_note(&h->refusing, text, clock_mono_ms());

	h->rights.unsure |= redis_error_is_no_right(text);
	if (news)
		log_warn(TOPIC, "refuses what is written reason=%s", news);
}

const char *hello_refusing(const struct hello *h)
{
	return h->rights.needed[0] ? "NOPERM" : refusing_word(&h->refusing, clock_mono_ms());
}

const char *hello_lacks(const struct hello *h)
{
	return h->rights.needed;
}

/*
 * Reads the reply to TIME, seconds and microseconds. The offset is that at the middle of the round trip, so its error
 * is at most half of the round trip. A slow reply is ignored if an offset is known.
 */
static bool take_time(struct hello *h, const struct command *command, const struct redisReply *reply)
{
	const char *s, *us;
	size_t s_len, us_len;
	int64_t now_us = clock_mono_us();

	if (!reply_str_at(reply, 0, &s, &s_len) || !reply_str_at(reply, 1, &us, &us_len))
		return false;
	int64_t redis_s = strtoll(s, NULL, 10), redis_us = strtoll(us, NULL, 10);
	if (redis_s < 1000000000 || redis_s > 100000000000 || redis_us < 0 || redis_us > 999999)
		return false;
	if (h->have_offset && now_us - command->sent_us > SLOW_TIME_US)
		return true;
	h->offset_ms = redis_s * 1000 + redis_us / 1000 - (command->sent_us + now_us) / 2000;
	h->have_offset = true;
	return true;
}

/*
 * Another daemon of this version may have loaded it first. A replica gets it from its master, and is asked for the map
 * of its cluster all the same. One whose memory is full can be asked, and may have it.
 */
static bool take_library(struct hello *h, const struct redisReply *reply)
{
	const char *text;
	size_t len;

	h->loading = false;
	if (!reply_is_error(reply, &text))
		return reply_str(reply, &text, &len);
	if (redis_error_is(text, "OOM")) {
		hello_note_refused(h, text);
		return true;
	}
	return redis_error_is_loaded(text) || (h->probe < 0 && redis_error_is(text, "READONLY"));
}

/* After any other reply the rights are asked for again. */
static void take_rights(struct hello *h, const struct redisReply *reply)
{
	struct rights before = h->rights;
	const char *text;

	h->rights.unsure = !rights_read(&h->rights, reply);
	if (reply_is_error(reply, &text) && redis_error_is_no_function(text))
		hello_load_again(h);
	if (h->rights.unsure)
		return;
	if (h->rights.needed[0])
		hello_note_refused(h, "NOPERM");
	else
		refusing_permitted(&h->refusing);
	h->rights.unsure = false;
	if (strcmp(before.needed, h->rights.needed) == 0 && strcmp(before.wanted, h->rights.wanted) == 0)
		return;
	if (h->rights.needed[0] || h->rights.wanted[0])
		log_warn(TOPIC, "user lacks rights needed=\"%s\" wanted=\"%s\"", h->rights.needed, h->rights.wanted);
	else
		log_info(TOPIC, "user has all rights");
}

/* A node that does not serve the partition any more can still be used, and so can one whose memory is full. */
static bool take_probe(struct hello *h, const struct redisReply *reply)
{
	static const char *const fine[] = { "MOVED", "ASK", "TRYAGAIN", "CLUSTERDOWN" };
	const char *text;
	int64_t n;

	if (!reply_is_error(reply, &text)) {
		refusing_taken(&h->refusing);
		return reply_int(reply, &n);
	}
	if (redis_error_is(text, "OOM")) {
		hello_note_refused(h, text);
		return true;
	}
	for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++) {
		if (redis_error_is(text, fine[i]))
			return true;
	}
	return false;
}

static const char *config_word(enum ask ask)
{
	size_t i = 0;

	while (i < STATE_ASKS && state_asks[i].ask != (int)ask)
		i++;
	if (!invariant(i < STATE_ASKS))
		return "";
	return state_asks[i].words[2];
}

/* An ACL may forbid the command. The durability is then unknown. */
static void take_state(struct hello *h, enum ask ask, const struct redisReply *reply)
{
	bool info = ask == ASK_PERSISTENCE || ask == ASK_REPLICATION;
	const char *text;
	size_t len;

	if (info ? !reply_str(reply, &text, &len) : !reply_str_at(reply, 1, &text, &len))
		h->facts.unknown = true;
	else if (ask == ASK_PERSISTENCE)
		durability_read_persistence(&h->facts, text);
	else if (ask == ASK_REPLICATION)
		durability_read_replication(&h->facts, text);
	else
		durability_read_config(&h->facts, config_word(ask), text);
}

static bool take(struct hello *h, const struct command *command, const struct redisReply *reply)
{
	const char *text;
	size_t len;

	if (command->ask == ASK_LIBRARY)
		return take_library(h, reply);
	if (command->ask == ASK_TIME)
		return take_time(h, command, reply);
	if (command->ask == ASK_PROBE)
		return take_probe(h, reply);
	if (command->ask <= ASK_PING)
		return reply_str(reply, &text, &len) && (command->ask == ASK_PING || strcmp(text, "OK") == 0);
	if (command->ask == ASK_RIGHTS)
		take_rights(h, reply);
	else
		take_state(h, (enum ask)command->ask, reply);
	return true;
}

static void warn(struct hello *h)
{
	durability_warn(&h->facts, h->opts->ack_replica, h->warning, sizeof(h->warning));
	size_t n = strlen(h->warning);

	if (h->rights.wanted[0])
		snprintf(h->warning + n, sizeof(h->warning) - n, "%sits user lacks %s, which otpgwd(8) names",
		         n ? "; " : "", h->rights.wanted);
}

static void judge(struct hello *h)
{
	enum store_durability before = h->judged;

	h->needed = durability_need(&h->facts, clock_mono_ms());
	h->judged = durability_judge(&h->facts, h->opts->ack_replica);
	warn(h);
	h->hooks.on_judged(h->hooks.arg, h->judged != before);
}

static const char *what_of(uint16_t ask)
{
	return ask == ASK_AUTH ? "AUTH" : ask == ASK_LIBRARY ? "FUNCTION LOAD" : "greeting";
}

static void refuse(const struct hello *h, const struct command *command, const struct redisReply *reply)
{
	const char *text = "";
	char reason[128], right[RIGHT_CAP];
	int word = reply_is_error(reply, &text) ? (int)strcspn(text, " ") : 0;

	/* Only the first word is logged, because Redis may repeat the command behind it, even the password. */
	if (command->ask == ASK_LIBRARY && redis_error_is_unknown_command(text))
		snprintf(reason, sizeof(reason), "too old: it must be Redis 7.0, Valkey 7.2 or later");
	else
		snprintf(reason, sizeof(reason), "%s refused: %.*s", what_of(command->ask),
		         word ? (word < 24 ? word : 24) : 10, word ? text : "unreadable");
	size_t n = strlen(reason);
	rights_of_command(command, text, right);
	if (redis_error_is(text, "NOPERM"))
		snprintf(reason + n, sizeof(reason) - n, ", its user lacks %s", right);
	h->hooks.on_refused(h->hooks.arg, reason);
}

static enum err on_answer(struct command *command, enum err err, const struct redisReply *reply)
{
	struct hello *h = command->arg;

	if (err)
		return ERR_OK;
	h->open -= invariant(h->open > 0);
	if (!take(h, command, reply)) {
		refuse(h, command, reply);
		return ERR_OK;
	}
	if (h->open)
		return ERR_OK;
	if (h->phase == PHASE_FIRST && h->kind == HELLO_WHOLE) {
		if (say_rest(h) != ERR_OK)
			h->hooks.on_refused(h->hooks.arg, "closed while greeting");
		return ERR_OK;
	}
	if (h->kind == HELLO_WHOLE)
		judge(h);
	if (h->phase != PHASE_UP) {
		h->phase = PHASE_UP;
		h->hooks.on_done(h->hooks.arg);
	}
	return ERR_OK;
}

int64_t hello_offset_ms(const struct hello *h)
{
	return h->have_offset ? h->offset_ms : clock_wall_ms() - clock_mono_ms();
}

enum store_durability hello_durability(const struct hello *h)
{
	return h->judged;
}

const char *hello_warning(const struct hello *h)
{
	return h->warning;
}
