/*
 * operation: the decoder of the replies to all operations of the store. Owns nothing.
 */
#include "operation.h"

#include <string.h>

static enum err decode(struct command *command, enum err err, const struct redisReply *reply)
{
	struct store_record records[OPERATION_RECORDS_MAX];
	struct operation_answer a;

	memset(&a, 0, sizeof(a));
	a.records = records;
	if (!err)
		err = command->operation->read(command, reply, &a);
	if (err)
		memset(&a, 0, sizeof(a));
	command->operation->tell(command, err ? ERR_UNAVAILABLE : ERR_OK, &a);
	return err == ERR_INVALID ? ERR_OK : err;
}

void operation_answered_by(struct command *command, const struct operation *operation, void (*fn)(void), void *arg)
{
	command->decode = decode;
	command->operation = operation;
	command->fn = fn;
	command->arg = arg;
}

static enum err decode_count(struct command *command, enum err err, const struct redisReply *reply)
{
	int64_t n;

	(void)command;
	if (err)
		return ERR_OK;
	return reply_int(reply, &n) ? ERR_OK : ERR_CORRUPT;
}

void operation_counted(struct command *command)
{
	command->decode = decode_count;
}
