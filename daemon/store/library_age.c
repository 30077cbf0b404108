/*
 * library_age: when each library of Redis functions was last used. The key "l{<partition>}:<library>" holds the unix
 * second, by Redis' clock. The partition is the first that the node serves, because functions belong to a node and are
 * not moved with slots. The key has no store.key_prefix, because a library belongs to all who use the server: with a
 * prefix, a daemon could not see that one with another prefix uses the library.
 * Owns nothing between its calls. Must never delete a library whose name is not one of otpgwd, whose key is younger
 * than a week, or whose key cannot be read. A library without a key gets one, so that it is deleted a week later. A
 * daemon whose library was deleted nevertheless loads it again; see conn.c.
 */
#include "library_age.h"

#include "base/clock.h"
#include "base/log.h"
#include "redis_error.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOPIC "redis"
#define LOOK_EVERY_MS 3600000
#define UNUSED_S (INT64_C(7) * 86400)
#define KEEP_S "691200" /* eight days: a key outlives the week after which its library is deleted */
#define NAME_CAP LIBRARY_NAME_CAP
#define NAMES_MAX 64 /* at a time; the rest has its turn when these are gone */
#define KEY_CAP (NAME_CAP + 16)

/* One look at one node, from FUNCTION LIST to the reply of MGET. */
struct look {
	struct command_pool *pool;
	uint16_t partition;
	size_t count;
	char names[NAMES_MAX][NAME_CAP];
};

/* --- commands --- */

static struct command *begin(struct command_pool *pool, command_decode_fn decode, void *arg)
{
	struct command *command = command_new(pool);

	if (!command)
		return NULL;
	command->decode = decode;
	command->arg = arg;
	command->takes_errors = true;
	return command;
}

/* True: sent. NULL, and what cannot be sent, waits for the next look. */
static bool send_on(struct conn *c, struct command *command)
{
	if (!command)
		return false;
	if (conn_send(c, command) == ERR_OK)
		return true;
	command_free(command);
	return false;
}

static void add_key(struct command *command, uint16_t partition, const char *name)
{
	char key[KEY_CAP];

	snprintf(key, sizeof(key), "l{%u}:%s", partition, name);
	command_text(command, key);
}

/* True: the reply is no error. */
static bool taken(const struct redisReply *reply)
{
	const char *text;

	if (!reply_is_error(reply, &text))
		return true;
	redis_error_count(text, false);
	return false;
}

static enum err on_noted(struct command *command, enum err err, const struct redisReply *reply)
{
	(void)command;
	if (!err)
		(void)taken(reply);
	return ERR_OK;
}

static int64_t now_s(const struct conn *c)
{
	return (clock_mono_ms() + conn_offset_ms(c)) / 1000;
}

/* fresh: the key must not exist yet. */
static bool note(struct conn *c, struct command_pool *pool, uint16_t partition, const char *name, bool fresh)
{
	struct command *command = begin(pool, on_noted, NULL);

	if (!command)
		return false;
	command_text(command, "SET");
	add_key(command, partition, name);
	command_int(command, now_s(c));
	command_text(command, "EX");
	command_text(command, KEEP_S);
	if (fresh)
		command_text(command, "NX");
	return send_on(c, command);
}

/* --- deleting --- */

static enum err on_deleted(struct command *command, enum err err, const struct redisReply *reply)
{
	const char *text;

	(void)command;
	if (err)
		return ERR_OK;
	/* Another daemon may have deleted it first. */
	if (!reply_is_error(reply, &text) || redis_error_is_no_library(text))
		return ERR_OK;
	redis_error_count(text, false);
	return ERR_OK;
}

/*
 * The key gets the present time first. A daemon with another database, whose keys are not seen here, may load the
 * library again, and then it has a week.
 */
static void remove_library(struct conn *c, const struct look *look, const char *name)
{
	struct command *command;

	if (!note(c, look->pool, look->partition, name, false))
		return;
	command = begin(look->pool, on_deleted, NULL);
	if (!command)
		return;
	command_text(command, "FUNCTION");
	command_text(command, "DELETE");
	command_text(command, name);
	if (send_on(c, command))
		log_info(TOPIC, "deletes unused library name=%s", name);
}

/* --- looking --- */

/* False: it is no unix time. */
static bool read_time(const char *text, size_t len, int64_t *s)
{
	*s = 0;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9' || len > 11)
			return false;
		*s = *s * 10 + (text[i] - '0');
	}
	return len > 0;
}

static void judge(struct conn *c, const struct look *look, size_t i, const struct redisReply *value)
{
	const char *text;
	size_t len;
	int64_t used_s;

	if (reply_is_nil(value))
		(void)note(c, look->pool, look->partition, look->names[i], true);
	else if (reply_str(value, &text, &len) && read_time(text, len, &used_s) && now_s(c) - used_s > UNUSED_S)
		remove_library(c, look, look->names[i]);
}

static enum err on_times(struct command *command, enum err err, const struct redisReply *reply)
{
	struct look *look = command->arg;
	bool good = !err && taken(reply);

	for (size_t i = 0; good && i < look->count && i < reply_len(reply); i++)
		judge(command->conn, look, i, reply_at(reply, i));
	free(look);
	return ERR_OK;
}

/* Of the members of a library in FUNCTION LIST, names and values by turns. NULL: it has no name. */
static const char *name_of(const struct redisReply *library, size_t *len)
{
	const char *key, *name;

	for (size_t i = 0; i + 1 < reply_len(library); i += 2) {
		if (reply_str_at(library, i, &key, len) && strcmp(key, "library_name") == 0)
			return reply_str_at(library, i + 1, &name, len) ? name : NULL;
	}
	return NULL;
}

static void collect(struct look *look, const struct redisReply *reply)
{
	for (size_t i = 0; i < reply_len(reply) && look->count < NAMES_MAX; i++) {
		size_t len;
		const char *name = name_of(reply_at(reply, i), &len);

		if (!name || !library_is_of_otpgwd(name, len) || strcmp(name, library_name()) == 0)
			continue;
		snprintf(look->names[look->count++], NAME_CAP, "%s", name);
	}
}

static bool ask_times(struct conn *c, struct look *look)
{
	struct command *command = begin(look->pool, on_times, look);

	if (!command)
		return false;
	command_text(command, "MGET");
	for (size_t i = 0; i < look->count; i++)
		add_key(command, look->partition, look->names[i]);
	return send_on(c, command);
}

static enum err on_list(struct command *command, enum err err, const struct redisReply *reply)
{
	struct look *look = command->arg;

	if (!err && taken(reply))
		collect(look, reply);
	if (!look->count || !ask_times(command->conn, look))
		free(look);
	return ERR_OK;
}

static bool ask_libraries(struct conn *c, struct look *look)
{
	struct command *command = begin(look->pool, on_list, look);

	if (!command)
		return false;
	command->reply_size = COMMAND_REPLY_LIBRARIES;
	command_text(command, "FUNCTION");
	command_text(command, "LIST");
	command_text(command, "LIBRARYNAME");
	command_text(command, LIBRARY_PATTERN);
	return send_on(c, command);
}

static void look_at(struct conn *c, struct command_pool *pool, uint16_t partition)
{
	struct look *look = calloc(1, sizeof(*look));

	if (!look)
		return;
	look->pool = pool;
	look->partition = partition;
	if (!note(c, pool, partition, library_name(), false) || !ask_libraries(c, look))
		free(look);
}

void library_age_look(struct node_set *set, struct command_pool *pool)
{
	int64_t now_ms = clock_mono_ms();

	for (unsigned p = 0; p < set->partitions.partitions; p++) {
		uint8_t i = set->partitions.of[p];
		struct node *node = i == PARTITIONS_NONE ? NULL : &set->node[i];

		if (!node || now_ms < node->libraries_ms || !conn_up(node->conn))
			continue;
		/* Before it is asked, so that a node that answers badly is not asked at each new connection. */
		node->libraries_ms = now_ms + LOOK_EVERY_MS;
		look_at(node->conn, pool, (uint16_t)p);
	}
}
