/*
 * query: what is known of a verification, and its cancelling.
 */
#include "door.h"

#include <string.h>

static enum store_gone gone_of(const struct store_record *r, const struct ident *asked, uint32_t tenant_tag)
{
	if (r->tenant_tag != tenant_tag)
		return STORE_DENIED;
	return memcmp(r->id.generation, asked->generation, IDENT_GENERATION_LEN) == 0 ? STORE_LIVE : STORE_EXPIRED;
}

static enum err read_query(const struct op *op, const struct redisReply *reply, struct store_query_rep *rep,
                           struct store_record *record)
{
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

static enum err decode_query(struct op *op, enum err err, const struct redisReply *reply)
{
	store_query_fn fn = (store_query_fn)op->fn;
	struct store_query_rep rep = { 0 };
	struct store_record record = { 0 };

	if (!err)
		err = read_query(op, reply, &rep, &record);
	fn(op->arg, err ? ERR_UNAVAILABLE : ERR_OK, err ? NULL : &rep);
	return err;
}

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
	door_answer(op, decode_query, (void (*)(void))fn, arg);
	op->tenant_tag = tenant_tag;
	return nodes_send(s->nodes, op);
}

static enum err decode_look(struct op *op, enum err err, const struct redisReply *reply)
{
	store_query_fn fn = (store_query_fn)op->fn;
	struct store_query_rep rep = { .gone = STORE_UNKNOWN };
	struct store_record record = { 0 };
	const char *data = NULL;
	size_t len = 0;

	record.id = op->id;
	if (!err && !script_is_nil(reply) && !script_str(reply, &data, &len))
		err = ERR_CORRUPT;
	if (!err && data && door_record(op->store, data, len, &record) == ERR_OK) {
		rep.gone = gone_of(&record, &op->id, record.tenant_tag);
		rep.record = rep.gone == STORE_LIVE ? &record : NULL;
	}
	fn(op->arg, err ? ERR_UNAVAILABLE : ERR_OK, err ? NULL : &rep);
	return err;
}

enum err store_look(struct store *s, const struct ident *id, store_query_fn fn, void *arg)
{
	enum err err;
	struct op *op = get_op(s, id, &err);

	if (!op)
		return err;
	door_answer(op, decode_look, (void (*)(void))fn, arg);
	return nodes_send(s->nodes, op);
}

static enum err decode_cancel(struct op *op, enum err err, const struct redisReply *reply)
{
	store_cancel_fn fn = (store_cancel_fn)op->fn;
	struct store_cancel_rep rep = { STORE_LIVE, 0 };

	if (!err)
		err = door_gone(op, reply, 0, &rep.gone, &rep.gone_ms);
	if (rep.gone == STORE_CANCELLED)
		rep.gone = STORE_LIVE;
	fn(op->arg, err ? ERR_UNAVAILABLE : ERR_OK, err ? NULL : &rep);
	return err;
}

enum err store_cancel(struct store *s, const struct ident *id, uint32_t tenant_tag, store_cancel_fn fn, void *arg)
{
	enum err err;
	struct op *op = door_script(s, id->partition, SCRIPT_CANCEL, &err);

	if (!op)
		return err;
	door_answer(op, decode_cancel, (void (*)(void))fn, arg);
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
