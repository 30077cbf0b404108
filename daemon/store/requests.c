/*
 * requests: issue, resend, verify, query, cancel: one script each, and the checked reading of its verdict.
 */
#include "door.h"

#include <string.h>

#define KEYS(once, n) ((n) + ((once)->reqid_tag ? 1U : 0U))

/* A reply that names an id: its text, or the record that holds it. */
static enum err read_id(const struct redisReply *reply, const struct ident *base, struct ident *out)
{
	struct store_record record;
	const char *text;
	size_t len;

	if (!script_str_at(reply, 1, &text, &len))
		return ERR_CORRUPT;
	if (len == IDENT_TEXT_LEN)
		return ident_parse(text, len, out) == ERR_OK ? ERR_OK : ERR_CORRUPT;
	enum err err = door_record(text, len, base, &record);
	*out = record.id;
	return err;
}

static enum err read_record(const struct redisReply *reply, size_t i, const struct ident *id, struct store_record *out)
{
	const char *data;
	size_t len;

	return script_str_at(reply, i, &data, &len) ? door_record(data, len, id, out) : ERR_CORRUPT;
}

static bool read_gone(int64_t v, enum store_gone *out)
{
	*out = (enum store_gone)v;
	return v >= STORE_LIVE && v <= STORE_CANCELLED;
}

static void id_word(struct op *op, const struct ident *id)
{
	char text[IDENT_TEXT_LEN + 1];

	ident_format(id, text);
	op_word(op, text, IDENT_TEXT_LEN);
}

/* --- issue --- */

static enum err read_issue(const struct op *op, const struct redisReply *reply, struct store_issue_rep *rep,
                           struct store_record *record)
{
	int64_t outcome;

	if (!script_int_at(reply, 0, &outcome) || outcome < STORE_ISSUE_CREATED || outcome > STORE_ISSUE_CONFLICT)
		return ERR_CORRUPT;
	rep->outcome = (enum store_issue_outcome)outcome;
	rep->id = op->id;
	rep->lease_end_ms = op->lease_end_ms;
	switch (rep->outcome) {
	case STORE_ISSUE_CREATED:
		return ERR_OK;
	case STORE_ISSUE_REPLAYED:
	case STORE_ISSUE_CONFLICT:
		return read_id(reply, &op->id, &rep->id);
	case STORE_ISSUE_LIVE:
		rep->record = record;
		return read_record(reply, 1, &op->id, record);
	case STORE_ISSUE_LIMITED:
		return script_int_at(reply, 1, &rep->retry_ms) ? ERR_OK : ERR_CORRUPT;
	}
	return ERR_CORRUPT;
}

static enum err decode_issue(struct op *op, enum err err, const struct redisReply *reply)
{
	store_issue_fn fn = (store_issue_fn)op->fn;
	struct store_issue_rep rep = { 0 };
	struct store_record record = { 0 };

	if (!err)
		err = read_issue(op, reply, &rep, &record);
	fn(op->arg, err ? ERR_UNAVAILABLE : ERR_OK, err ? NULL : &rep);
	return err;
}

static void fill_record(const struct store *s, const struct store_issue_req *req, struct store_record *r)
{
	int64_t now = req->hard_end_ms - req->hard_ms;
	int64_t expires = now + req->deadline_ms + req->ttl_ms;

	memset(r, 0, sizeof(*r));
	r->id = req->id;
	r->tenant_tag = req->tenant_tag;
	r->guesses = req->guesses;
	r->sends = 1;
	r->sends_max = req->sends_max;
	r->created_ms = r->sent_ms = now;
	r->hard_end_ms = req->hard_end_ms;
	r->expires_ms = expires < req->hard_end_ms ? expires : req->hard_end_ms;
	r->deadline_ms = now + req->deadline_ms;
	r->ttl_ms = req->ttl_ms;
	memcpy(r->wait_ms, req->wait_ms, sizeof(r->wait_ms));
	memcpy(r->owner, s->owner, sizeof(s->owner));
	memcpy(r->mac, req->mac, sizeof(r->mac));
	memcpy(r->sealed, req->sealed, sizeof(r->sealed));
}

enum err store_issue(struct store *s, const struct store_issue_req *req, store_issue_fn fn, void *arg)
{
	const struct record_extra extra = { req->once.args_tag, req->limits.fails_short.count,
		                            req->limits.fails_long.count };
	uint8_t packed[RECORD_LEN];
	struct store_record record;
	enum err err;
	const struct door_shape shape = { SCRIPT_ISSUE, KEYS(&req->once, 3), 10 };
	struct op *op = door_script(s, req->id.partition, shape, &err);

	if (!op)
		return err;
	fill_record(s, req, &record);
	record_pack(&record, &extra, packed);
	door_answer(op, decode_issue, (void (*)(void))fn, arg);
	op->id = req->id;
	door_record_key(op, &req->id);
	door_number_key(op, &req->id);
	door_journal_key(op, req->id.partition);
	door_once_key(op, &req->id, &req->once);
	op_int(op, store_now_ms(s));
	op_word(op, packed, sizeof(packed));
	op_int(op, (int64_t)req->hard_ms + req->limits.tombstone_ms);
	op_int(op, door_lease(s, &op->lease_end_ms));
	door_tuple(op, &req->id);
	op_word(op, req->once.args_tag, KEYRING_TAG_LEN);
	op_int(op, req->equal_window_ms);
	door_limits(op, &req->limits);
	op_int(op, req->once.memory_ms ? req->once.memory_ms : 1);
	id_word(op, &req->id);
	return nodes_send(s->nodes, op);
}

/* --- resend --- */

static enum err read_resend(const struct op *op, const struct redisReply *reply, struct store_resend_rep *rep,
                            struct store_record *record)
{
	int64_t outcome, gone;

	if (!script_int_at(reply, 0, &outcome) || outcome < STORE_RESEND_GRANTED || outcome > STORE_RESEND_GONE)
		return ERR_CORRUPT;
	rep->outcome = (enum store_resend_outcome)outcome;
	rep->id = op->id;
	rep->lease_end_ms = op->lease_end_ms;
	switch (rep->outcome) {
	case STORE_RESEND_GRANTED:
		rep->record = record;
		return read_record(reply, 1, &op->id, record);
	case STORE_RESEND_REPLAYED:
	case STORE_RESEND_CONFLICT:
		return read_id(reply, &op->id, &rep->id);
	case STORE_RESEND_WAIT:
	case STORE_RESEND_LIMITED:
		return script_int_at(reply, 1, &rep->retry_ms) ? ERR_OK : ERR_CORRUPT;
	case STORE_RESEND_GONE:
		return script_int_at(reply, 1, &gone) && read_gone(gone, &rep->gone) &&
		               script_int_at(reply, 2, &rep->retry_ms)
		           ? ERR_OK
		           : ERR_CORRUPT;
	}
	return ERR_CORRUPT;
}

static enum err decode_resend(struct op *op, enum err err, const struct redisReply *reply)
{
	store_resend_fn fn = (store_resend_fn)op->fn;
	struct store_resend_rep rep = { 0 };
	struct store_record record = { 0 };

	if (!err)
		err = read_resend(op, reply, &rep, &record);
	fn(op->arg, err ? ERR_UNAVAILABLE : ERR_OK, err ? NULL : &rep);
	return err;
}

enum err store_resend(struct store *s, const struct store_resend_req *req, store_resend_fn fn, void *arg)
{
	enum err err;
	const struct door_shape shape = { SCRIPT_RESEND, KEYS(&req->once, 3), 13 };
	struct op *op = door_script(s, req->id.partition, shape, &err);

	if (!op)
		return err;
	door_answer(op, decode_resend, (void (*)(void))fn, arg);
	op->id = req->id;
	door_record_key(op, &req->id);
	door_number_key(op, &req->id);
	door_journal_key(op, req->id.partition);
	door_once_key(op, &req->id, &req->once);
	op_int(op, store_now_ms(s));
	op_word(op, req->id.generation, IDENT_GENERATION_LEN);
	door_tenant(op, req->tenant_tag);
	op_word(op, req->once.args_tag, KEYRING_TAG_LEN);
	op_int(op, req->equal_window_ms);
	door_limits(op, &req->limits);
	op_int(op, store_now_ms(s) + req->deadline_ms);
	op_int(op, door_lease(s, &op->lease_end_ms));
	door_tuple(op, &req->id);
	op_word(op, req->sealed, req->sealed ? KEYRING_SEALED_LEN : 0);
	op_word(op, s->owner, sizeof(s->owner));
	op_int(op, req->once.memory_ms ? req->once.memory_ms : 1);
	id_word(op, &req->id);
	return nodes_send(s->nodes, op);
}

/* --- verify --- */

static enum err read_verify(const struct redisReply *reply, struct store_verify_rep *rep)
{
	int64_t outcome, v = 0;

	if (!script_int_at(reply, 0, &outcome) || outcome < STORE_VERIFY_APPROVED || outcome > STORE_VERIFY_CONFLICT)
		return ERR_CORRUPT;
	rep->outcome = (enum store_verify_outcome)outcome;
	switch (rep->outcome) {
	case STORE_VERIFY_APPROVED:
	case STORE_VERIFY_CONFLICT:
		return ERR_OK;
	case STORE_VERIFY_WRONG:
		if (!script_int_at(reply, 1, &v) || v < 0 || v > UINT8_MAX)
			return ERR_CORRUPT;
		rep->attempts_left = (uint8_t)v;
		return ERR_OK;
	case STORE_VERIFY_LOCKED:
		return script_int_at(reply, 1, &rep->retry_ms) ? ERR_OK : ERR_CORRUPT;
	case STORE_VERIFY_GONE:
		return script_int_at(reply, 1, &v) && read_gone(v, &rep->gone) &&
		               script_int_at(reply, 2, &rep->retry_ms)
		           ? ERR_OK
		           : ERR_CORRUPT;
	}
	return ERR_CORRUPT;
}

static enum err decode_verify(struct op *op, enum err err, const struct redisReply *reply)
{
	store_verify_fn fn = (store_verify_fn)op->fn;
	struct store_verify_rep rep = { 0 };

	if (!err)
		err = read_verify(reply, &rep);
	fn(op->arg, err ? ERR_UNAVAILABLE : ERR_OK, err ? NULL : &rep);
	return err;
}

enum err store_verify(struct store *s, const struct store_verify_req *req, store_verify_fn fn, void *arg)
{
	enum err err;
	const struct door_shape shape = { SCRIPT_VERIFY, KEYS(&req->once, 2), 7 };
	struct op *op = door_script(s, req->id.partition, shape, &err);

	if (!op)
		return err;
	door_answer(op, decode_verify, (void (*)(void))fn, arg);
	door_record_key(op, &req->id);
	door_number_key(op, &req->id);
	door_once_key(op, &req->id, &req->once);
	op_int(op, store_now_ms(s));
	op_word(op, req->id.generation, IDENT_GENERATION_LEN);
	door_tenant(op, req->tenant_tag);
	op_word(op, req->mac, KEYRING_MAC_LEN);
	door_limits(op, &req->limits);
	op_word(op, req->once.args_tag, KEYRING_TAG_LEN);
	op_int(op, req->once.memory_ms ? req->once.memory_ms : 1);
	return nodes_send(s->nodes, op);
}

/* --- query --- */

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
	if (!script_str(reply, &data, &len) || door_record(data, len, &op->id, record) != ERR_OK)
		return ERR_CORRUPT;
	rep->gone = gone_of(record, &op->id, op->tenant_tag);
	if (rep->gone == STORE_EXPIRED)
		rep->gone = record_former(data, &op->id);
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
	struct op *op = nodes_op(s->nodes, id->partition, 2, err);

	if (!op)
		return NULL;
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
	const char *data;
	size_t len;

	if (!err && !script_is_nil(reply)) {
		err = script_str(reply, &data, &len) ? door_record(data, len, &op->id, &record) : ERR_CORRUPT;
		rep.gone = err ? STORE_UNKNOWN : gone_of(&record, &op->id, record.tenant_tag);
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

/* --- cancel --- */

static enum err decode_cancel(struct op *op, enum err err, const struct redisReply *reply)
{
	store_cancel_fn fn = (store_cancel_fn)op->fn;
	struct store_cancel_rep rep = { STORE_LIVE };
	int64_t gone;

	if (!err && (!script_int(reply, &gone) || !read_gone(gone, &rep.gone)))
		err = ERR_CORRUPT;
	if (rep.gone == STORE_CANCELLED)
		rep.gone = STORE_LIVE;
	fn(op->arg, err ? ERR_UNAVAILABLE : ERR_OK, err ? NULL : &rep);
	return err;
}

enum err store_cancel(struct store *s, const struct ident *id, uint32_t tenant_tag, store_cancel_fn fn, void *arg)
{
	enum err err;
	struct op *op = door_script(s, id->partition, (struct door_shape){ SCRIPT_CANCEL, 2, 4 }, &err);

	if (!op)
		return err;
	door_answer(op, decode_cancel, (void (*)(void))fn, arg);
	door_record_key(op, id);
	door_journal_key(op, id->partition);
	op_int(op, store_now_ms(s));
	op_word(op, id->generation, IDENT_GENERATION_LEN);
	door_tenant(op, tenant_tag);
	door_tuple(op, id);
	return nodes_send(s->nodes, op);
}
