/*
 * command: builds commands in Redis' protocol word by word, without snprintf, because it does so for every request.
 * Owns the memory of commands. Never sends anything.
 */
#include "command.h"

#include "base/clock.h"
#include "base/decimal.h"
#include "base/invariant.h"
#include "base/secret.h"

#include <stdlib.h>
#include <string.h>

#define FUNCTION_WORDS 3 /* FCALL, the name and the number of keys */
#define FUNCTION_CAP 64

void command_free(struct command *command)
{
	struct command_pool *pool = command->pool;

	if (command->secret)
		secret_wipe(command->bytes, command->len);
	if (command->bytes != command->inline_bytes)
		free(command->bytes);
	if (command->held)
		reply_free(command->held);
	SLIST_INSERT_HEAD(&pool->spare, command, in_pool);
}

enum err command_done(struct command *command, enum err err, const struct redisReply *reply)
{
	enum err read = command->decode ? command->decode(command, err, reply) : ERR_OK;

	command_free(command);
	return read;
}

void command_give_up(struct command *command)
{
	(void)command_done(command, ERR_UNAVAILABLE, NULL);
}

void command_pool_clear(struct command_pool *pool)
{
	while (!SLIST_EMPTY(&pool->spare)) {
		struct command *command = SLIST_FIRST(&pool->spare);

		SLIST_REMOVE_HEAD(&pool->spare, in_pool);
		free(command);
	}
}

void command_list_init(struct command_list *l)
{
	STAILQ_INIT(&l->commands);
	l->count = 0;
}

void command_list_push(struct command_list *l, struct command *command)
{
	STAILQ_INSERT_TAIL(&l->commands, command, in_list);
	l->count++;
}

struct command *command_list_pop(struct command_list *l)
{
	struct command *command = STAILQ_FIRST(&l->commands);

	if (!command)
		return NULL;
	STAILQ_REMOVE_HEAD(&l->commands, in_list);
	l->count -= invariant(l->count > 0);
	return command;
}

static bool command_room(struct command *command, size_t n)
{
	if (command->built)
		return false;
	if (command->cap - command->len >= n)
		return true;
	size_t cap = (command->len + n) * 2;
	char *bytes = malloc(cap);
	if (!bytes) {
		command->built = ERR_NOMEM;
		return false;
	}
	memcpy(bytes, command->bytes, command->len);
	if (command->secret)
		secret_wipe(command->bytes, command->len);
	if (command->bytes != command->inline_bytes)
		free(command->bytes);
	command->bytes = bytes;
	command->cap = cap;
	return true;
}

/* Writes "<mark><n>\r\n". */
static size_t put_head(char *at, char mark, size_t n)
{
	size_t len = 1;

	at[0] = mark;
	len += decimal_put(at + len, n);
	at[len++] = '\r';
	at[len++] = '\n';
	return len;
}

_Static_assert(COMMAND_INLINE_CAP >= COMMAND_HEAD_CAP + FUNCTION_CAP, "a call begins without an allocation");

struct command *command_new(struct command_pool *pool)
{
	struct command *command = SLIST_FIRST(&pool->spare);

	if (command)
		SLIST_REMOVE_HEAD(&pool->spare, in_pool);
	else
		command = malloc(sizeof(*command));
	if (!command)
		return NULL;
	memset(command, 0, offsetof(struct command, inline_bytes));
	command->pool = pool;
	command->function = -1;
	command->born_us = clock_mono_us();
	command->bytes = command->inline_bytes;
	command->cap = sizeof(command->inline_bytes);
	command->len = COMMAND_HEAD_CAP;
	return command;
}

void command_word(struct command *command, const void *data, size_t len)
{
	if (!command_room(command, len + 32))
		return;
	char *at = command->bytes + command->len;
	at += put_head(at, '$', len);
	if (len)
		memcpy(at, data, len);
	at += len;
	*at++ = '\r';
	*at++ = '\n';
	command->words++;
	command->len = (size_t)(at - command->bytes);
}

void command_text(struct command *command, const char *text)
{
	command_word(command, text, strlen(text));
}

void command_int(struct command *command, int64_t v)
{
	char text[DECIMAL_CAP];

	command_word(command, text, decimal_put_signed(text, v));
}

void command_function(struct command *command, enum library_function f)
{
	/* The first words of each function are the same each time. */
	static struct {
		char bytes[FUNCTION_CAP];
		size_t len; /* 0: not written yet */
	} heads[LIBRARY_COUNT];
	size_t from = command->len;

	if (heads[f].len) {
		memcpy(command->bytes + from, heads[f].bytes, heads[f].len);
		command->len += heads[f].len;
		command->words += FUNCTION_WORDS;
	} else {
		command_text(command, "FCALL");
		command_text(command, library_function_name(f));
		command_word(command, "0", 1);
		if (invariant(command->len - from <= FUNCTION_CAP)) {
			heads[f].len = command->len - from;
			memcpy(heads[f].bytes, command->bytes + from, heads[f].len);
		}
	}
	command->function = (int)f;
	command->keys_at = command->len - sizeof("0\r\n") + 1;
	command->words_before_keys = command->words;
}

void command_keys_end(struct command *command)
{
	unsigned keys = command->words - command->words_before_keys;

	if (command->built || !invariant(command->keys_at > 0 && keys <= COMMAND_KEYS_MAX))
		return;
	char *digit = command->bytes + command->keys_at;
	if (keys > 9 && command_room(command, 1)) { /* "$1\r\n0" becomes "$2\r\n10" */
		digit = command->bytes + command->keys_at;
		memmove(digit + 1, digit, command->len - command->keys_at);
		command->len++;
		digit[-3] = '2';
		*digit++ = (char)('0' + keys / 10);
	}
	*digit = (char)('0' + keys % 10);
}

const char *command_wire(struct command *command, size_t *len)
{
	char head[COMMAND_HEAD_CAP];
	size_t n = put_head(head, '*', command->words);

	memcpy(command->bytes + COMMAND_HEAD_CAP - n, head, n);
	*len = command->len - (COMMAND_HEAD_CAP - n);
	return command->bytes + COMMAND_HEAD_CAP - n;
}
