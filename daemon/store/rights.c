/*
 * rights: asks Redis for missing rights and reads its reply, in words of ACL SETUSER. Owns nothing. Must never pass on
 * any other text that Redis replied.
 */
#include "rights.h"

#include "redis_error.h"

#include <stdio.h>
#include <string.h>

#define MOST 32 /* of a reply; the commands that there are to be asked for are fewer */

enum use { ALWAYS, WITH_DATABASE, WITH_ACK, IN_CLUSTER, WANTED };

/* The commands that the daemon sends itself, after the greeting. Those of the functions are known to rights.lua. */
static const struct {
	const char *words;
	enum use use;
} commands[] = { { "get", ALWAYS },
	         { "mget", ALWAYS },
	         { "set", ALWAYS },
	         { "pexpireat", ALWAYS },
	         { "psetex", ALWAYS },
	         { "zadd", ALWAYS },
	         { "zrem", ALWAYS },
	         { "function|load", ALWAYS },
	         { "time", ALWAYS },
	         { "select", WITH_DATABASE },
	         { "wait", WITH_ACK },
	         { "asking", IN_CLUSTER },
	         { "cluster|slots", IN_CLUSTER },
	         { "config|get", WANTED },
	         { "info", WANTED },
	         { "function|list", WANTED },
	         { "function|delete", WANTED } };
#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

bool rights_in_doubt(const struct rights *r)
{
	return r->unsure || r->needed[0] || r->wanted[0];
}

static bool is_used(enum use use, const struct store_opts *o)
{
	switch (use) {
	case WITH_DATABASE:
		return o->database > 0;
	case WITH_ACK:
		return o->ack_replica;
	case IN_CLUSTER:
		return o->node_count && !o->master[0];
	case ALWAYS:
	case WANTED:
		break;
	}
	return true;
}

void rights_ask(struct command *command, const struct store_opts *opts, const char *key)
{
	command_text(command, "FCALL");
	command_text(command, library_function_name(LIBRARY_RIGHTS));
	command_text(command, key[0] ? "1" : "0");
	if (key[0])
		command_text(command, key);
	for (size_t i = 0; i < COMMANDS; i++) {
		if (is_used(commands[i].use, opts))
			command_text(command, commands[i].words);
	}
}

static bool is_wanted(const char *words)
{
	for (size_t i = 0; i < COMMANDS; i++) {
		if (strcmp(commands[i].words, words) == 0)
			return commands[i].use == WANTED;
	}
	return false;
}

/* Adds a right to a list once. One that does not fit is left out, so the list is never empty by that. */
static void add(char list[RIGHTS_CAP], const char *right)
{
	size_t n = strlen(list), len = strlen(right);
	const char *at = strstr(list, right);

	if ((at && (at[len] == ' ' || !at[len])) || n + len + 2 > RIGHTS_CAP)
		return;
	snprintf(list + n, RIGHTS_CAP - n, "%s%s", n ? " " : "", right);
}

static bool is_command(const char *words, size_t len)
{
	return len > 0 && len < RIGHT_CAP - 1 && strspn(words, "abcdefghijklmnopqrstuvwxyz|") == len;
}

/* False: it is no name of a command. */
static bool read_one(struct rights *r, const struct redisReply *reply, size_t i)
{
	char right[RIGHT_CAP];
	const char *words;
	size_t len;

	if (!reply_str_at(reply, i, &words, &len))
		return false;
	if (strcmp(words, "~") == 0) {
		add(r->needed, "~*");
		return true;
	}
	if (!is_command(words, len))
		return false;
	snprintf(right, sizeof(right), "+%s", words);
	add(is_wanted(words) ? r->wanted : r->needed, right);
	return true;
}

bool rights_read(struct rights *r, const struct redisReply *reply)
{
	struct rights read = { 0 };
	const char *text;

	if (reply_is_error(reply, &text) && redis_error_is_no_right(text)) {
		add(read.needed, "+fcall");
		*r = read;
		return true;
	}
	if (!reply_is_array(reply) || reply_len(reply) > MOST)
		return false;
	for (size_t i = 0; i < reply_len(reply); i++) {
		if (!read_one(&read, reply, i))
			return false;
	}
	*r = read;
	return true;
}

/* Copies a word of a command, in small letters. Returns what follows the word, or NULL. */
static const char *copy_word(const char *at, const char *end, char *out, size_t cap)
{
	const char *word = at < end ? memchr(at, '\n', (size_t)(end - at)) : NULL;
	size_t n = 0;

	if (!word)
		return NULL;
	for (word++; word < end && *word != '\r' && n + 1 < cap; word++)
		out[n++] = (char)(*word >= 'A' && *word <= 'Z' ? *word - 'A' + 'a' : *word);
	out[n] = '\0';
	return word + 2;
}

void rights_of_command(const struct command *command, const char *text, char out[RIGHT_CAP])
{
	static const char *const containers[] = { "+function", "+config", "+cluster" };
	const char *at = command->bytes + COMMAND_HEAD_CAP, *end = command->bytes + command->len;

	if (strstr(text, " access ")) {
		snprintf(out, RIGHT_CAP, "~*");
		return;
	}
	snprintf(out, RIGHT_CAP, "+");
	at = copy_word(at, end, out + 1, RIGHT_CAP - 1);
	for (size_t i = 0; at && i < sizeof(containers) / sizeof(containers[0]); i++) {
		size_t n = strlen(containers[i]);

		if (strcmp(out, containers[i]) != 0)
			continue;
		out[n] = '|';
		(void)copy_word(at, end, out + n + 1, RIGHT_CAP - n - 1);
		return;
	}
}
