/*
 * command: the decoder of the replies to all operations of the store. Owns nothing.
 */
#include "command.h"

#include <string.h>

static enum err decode(struct op *op, enum err err, const struct redisReply *reply)
{
	struct store_record records[COMMAND_RECORDS_MAX];
	struct command_answer a;

	memset(&a, 0, sizeof(a));
	a.records = records;
	if (!err)
		err = op->command->read(op, reply, &a);
	if (err)
		memset(&a, 0, sizeof(a));
	op->command->tell(op, err ? ERR_UNAVAILABLE : ERR_OK, &a);
	return err == ERR_INVALID ? ERR_OK : err;
}

void command_answered_by(struct op *op, const struct command *command, void (*fn)(void), void *arg)
{
	op->decode = decode;
	op->command = command;
	op->fn = fn;
	op->arg = arg;
}

static enum err decode_count(struct op *op, enum err err, const struct redisReply *reply)
{
	int64_t n;

	(void)op;
	if (err)
		return ERR_OK;
	return script_int(reply, &n) ? ERR_OK : ERR_CORRUPT;
}

void command_counted(struct op *op)
{
	op->decode = decode_count;
}
