/*
 * receipts: reads and ends receipt maps. A map leads from the message id of an SMSC to the verification; marks writes
 * it.
 */
#include "operation.h"
#include "door.h"

#include "base/log.h"

#define TOPIC "journal"

static enum err read_receipt(const struct command *command, const struct redisReply *reply, struct operation_answer *a)
{
	const char *text;
	size_t len;

	if (reply_is_nil(reply))
		return ERR_OK;
	if (!reply_str(reply, &text, &len))
		return ERR_CORRUPT;
	a->receipt.found = door_receipt_id(command->store, text, len, &a->receipt.id);
	if (!a->receipt.found)
		(void)!door_unreadable(command->store, "receipt_map", &command->id);
	return ERR_OK;
}

static void tell_receipt(const struct command *command, enum err err, const struct operation_answer *a)
{
	((store_receipt_fn)command->fn)(command->arg, err, a->receipt.found, &a->receipt.id);
}

static const struct operation receipt_operation = { read_receipt, tell_receipt };

enum err store_receipt(struct store *s, const struct store_receipt_req *req, store_receipt_fn fn, void *arg)
{
	enum err err;
	struct command *command = nodes_mark(s->nodes, req->receipt_partition, &err);

	if (!command)
		return err;
	operation_answered_by(command, &receipt_operation, (void (*)(void))fn, arg);
	command->store = s;
	command->id.partition = req->receipt_partition;
	command_text(command, "GET");
	door_receipt_key(command, req->receipt_partition, req->smsc_tag, req->message_id);
	return nodes_send(s->nodes, command);
}

void store_receipt_end(struct store *s, const struct store_receipt_req *req, uint32_t keep_ms)
{
	enum err err;
	struct command *command = nodes_mark(s->nodes, req->receipt_partition, &err);

	if (!command)
		return;
	operation_counted(command);
	/* As a time, because Redis would write a duration as a time to its append-only file. One that is over removes
	 * it. */
	command_text(command, "PEXPIREAT");
	door_receipt_key(command, req->receipt_partition, req->smsc_tag, req->message_id);
	command_int(command, keep_ms ? store_now_ms(s) + keep_ms : 1);
	err = nodes_send(s->nodes, command);
	if (err)
		log_debug(TOPIC, "receipt map not ended err=%s", err_name(err));
}
