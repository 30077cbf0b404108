/*
 * query: reads the record of a verification, and cancels one.
 */
#include "command.h"
#include "door.h"

#include <string.h>

static enum store_gone gone_of(const struct store_record *r, const struct ident *asked, uint32_t tenant_tag)
{
	if (r->tenant_tag != tenant_tag)
		return STORE_DENIED;
	return memcmp(r->id.generation, asked->generation, IDENT_GENERATION_LEN) == 0 ? STORE_LIVE : STORE_EXPIRED;
}

static enum err read_query(const struct op *op, const struct redisReply *reply, struct command_answer *a)
{
	struct store_query_rep *rep = &a->query;
	struct store_record *record = a->records;
	const char *data;
	size_t len;

	if (script_is_nil(reply)) {
		rep->gone = STORE_UNKNOWN;
		return ERR_OK;
	}
	if (!script_str(reply, &data, &len))
		return ERR_CORRUPT;
	record->id = op->id;
	if (door_record(op->store, data, len, record) != ERR_OK) {
		rep->gone = STORE_UNREADABLE;
		return ERR_OK;
	}
	rep->gone = gone_of(record, &op->id, op->tenant_tag);
	if (rep->gone == STORE_EXPIRED)
		rep->gone = record_former(data, &op->id, store_now_ms(op->store), &rep->gone_ms);
	rep->record = rep->gone == STORE_LIVE ? record : NULL;
	return ERR_OK;
}

static void tell_query(const struct op *op, enum err err, const struct command_answer *a)
{
	((store_query_fn)op->fn)(op->arg, err, err ? NULL : &a->query);
}

static const struct command query_command = { read_query, tell_query };

static struct op *get_op(struct store *s, const struct ident *id, enum err *err)
{
	struct op *op = nodes_op(s->nodes, id->partition, err);

	if (!op)
		return NULL;
	op->store = s;
	op->id = *id;
	op_text(op, "GET");
	door_record_key(op, id);
	return op;
}

enum err store_query(struct store *s, const struct ident *id, uint32_t tenant_tag, store_query_fn fn, void *arg)
{
	enum err err;
	struct op *op = get_op(s, id, &err);

	if (!op)
		return err;
	command_answered_by(op, &query_command, (void (*)(void))fn, arg);
	op->tenant_tag = tenant_tag;
	return nodes_send(s->nodes, op);
}

static enum err read_look(const struct op *op, const struct redisReply *reply, struct command_answer *a)
{
	struct store_query_rep *rep = &a->query;
	const char *data;
	size_t len;

	rep->gone = STORE_UNKNOWN;
	if (script_is_nil(reply))
		return ERR_OK;
	if (!script_str(reply, &data, &len))
		return ERR_CORRUPT;
	a->records->id = op->id;
	if (door_record(op->store, data, len, a->records) != ERR_OK)
		return ERR_OK;
	rep->gone = gone_of(a->records, &op->id, a->records->tenant_tag);
	rep->record = rep->gone == STORE_LIVE ? a->records : NULL;
	return ERR_OK;
}

static const struct command look_command = { read_look, tell_query };

enum err store_look(struct store *s, const struct ident *id, store_query_fn fn, void *arg)
{
	enum err err;
	struct op *op = get_op(s, id, &err);

	if (!op)
		return err;
	command_answered_by(op, &look_command, (void (*)(void))fn, arg);
	return nodes_send(s->nodes, op);
}

static enum err read_cancel(const struct op *op, const struct redisReply *reply, struct command_answer *a)
{
	enum err err = door_gone(op, reply, 0, &a->cancel.gone, &a->cancel.gone_ms);

	if (a->cancel.gone == STORE_CANCELLED)
		a->cancel.gone = STORE_LIVE;
	return err;
}

static void tell_cancel(const struct op *op, enum err err, const struct command_answer *a)
{
	((store_cancel_fn)op->fn)(op->arg, err, err ? NULL : &a->cancel);
}

static const struct command cancel_command = { read_cancel, tell_cancel };

enum err store_cancel(struct store *s, const struct ident *id, uint32_t tenant_tag, store_cancel_fn fn, void *arg)
{
	enum err err;
	struct op *op = door_script(s, id->partition, SCRIPT_CANCEL, &err);

	if (!op)
		return err;
	command_answered_by(op, &cancel_command, (void (*)(void))fn, arg);
	op->id = *id;
	door_record_key(op, id);
	door_journal_key(op, id->partition);
	op_keys_end(op);
	op_int(op, store_now_ms(s));
	op_word(op, id->generation, IDENT_GENERATION_LEN);
	door_tenant(op, tenant_tag);
	door_tuple(op, id);
	return nodes_send(s->nodes, op);
}
