/*
 * receipts: reads and ends receipt maps. A map leads from the message id of an SMSC to the verification; marks writes
 * it.
 */
#include "command.h"
#include "door.h"

#include "base/log.h"

#define TOPIC "journal"

static enum err read_receipt(const struct op *op, const struct redisReply *reply, struct command_answer *a)
{
	const char *text;
	size_t len;

	if (script_is_nil(reply))
		return ERR_OK;
	if (!script_str(reply, &text, &len))
		return ERR_CORRUPT;
	a->receipt.found = ident_parse(text, len, &a->receipt.id) == ERR_OK;
	if (!a->receipt.found)
		(void)!door_unreadable(op->store, "receipt_map", &op->id);
	return ERR_OK;
}

static void tell_receipt(const struct op *op, enum err err, const struct command_answer *a)
{
	((store_receipt_fn)op->fn)(op->arg, err, a->receipt.found, &a->receipt.id);
}

static const struct command receipt_command = { read_receipt, tell_receipt };

enum err store_receipt(struct store *s, const struct store_receipt_req *req, store_receipt_fn fn, void *arg)
{
	enum err err;
	struct op *op = nodes_op(s->nodes, req->receipt_partition, &err);

	if (!op)
		return err;
	command_answered_by(op, &receipt_command, (void (*)(void))fn, arg);
	op->store = s;
	op->id.partition = req->receipt_partition;
	op_text(op, "GET");
	door_receipt_key(op, req->receipt_partition, req->smsc, req->message_id);
	return nodes_send(s->nodes, op);
}

void store_receipt_end(struct store *s, const struct store_receipt_req *req, uint32_t keep_ms)
{
	enum err err;
	struct op *op = nodes_op(s->nodes, req->receipt_partition, &err);

	if (!op)
		return;
	command_counted(op);
	op_text(op, "PEXPIRE");
	door_receipt_key(op, req->receipt_partition, req->smsc, req->message_id);
	op_int(op, keep_ms);
	op_text(op, "LT");
	err = nodes_send(s->nodes, op);
	if (err)
		log_debug(TOPIC, "receipt map not ended err=%s", err_name(err));
}
