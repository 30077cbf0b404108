/*
 * notes: reads and writes small values that expire, with plain commands.
 */
#include "operation.h"
#include "door.h"

#include "base/log.h"

#define TOPIC "store"

static enum err read_note(const struct command *command, const struct redisReply *reply, struct operation_answer *a)
{
	const char *value;

	(void)command;
	if (reply_is_nil(reply))
		return ERR_OK;
	if (!reply_str(reply, &value, &a->note.len))
		return ERR_CORRUPT;
	a->note.value = (const uint8_t *)value;
	return ERR_OK;
}

static void tell_note(const struct command *command, enum err err, const struct operation_answer *a)
{
	((store_note_fn)command->fn)(command->arg, err, a->note.value, a->note.len);
}

static const struct operation note_operation = { read_note, tell_note };

static void note_key(struct command *command, const struct store_note *note)
{
	char tag[KEYRING_TAG_LEN / 3 * 4 + 1];

	ident_base64url(note->tag, KEYRING_TAG_LEN, tag);
	door_key(command, note->kind, note->partition, tag);
}

enum err store_note_read(struct store *s, const struct store_note *note, store_note_fn fn, void *arg)
{
	enum err err;
	struct command *command = nodes_command(s->nodes, note->partition, &err);

	if (!command)
		return err;
	operation_answered_by(command, &note_operation, (void (*)(void))fn, arg);
	command->store = s;
	command_text(command, "GET");
	note_key(command, note);
	return nodes_send(s->nodes, command);
}

static enum err decode_written(struct command *command, enum err err, const struct redisReply *reply)
{
	(void)command;
	(void)reply;
	if (err)
		log_debug(TOPIC, "note not written err=%s", err_name(err));
	return ERR_OK;
}

void store_note_write(struct store *s, const struct store_note *note, const uint8_t *value, size_t len,
                      uint32_t keep_ms)
{
	enum err err;
	struct command *command = nodes_command(s->nodes, note->partition, &err);

	if (!command)
		return;
	command->store = s;
	command->decode = decode_written;
	command_text(command, "SET");
	note_key(command, note);
	command_word(command, value, len);
	command_text(command, "PX");
	command_int(command, keep_ms ? keep_ms : 1);
	err = nodes_send(s->nodes, command);
	if (err)
		log_debug(TOPIC, "note not written err=%s", err_name(err));
}
