/*
 * journal: marks of submits and receipts, and the leases: claim, renew, release.
 */
#include "door.h"

#include "base/log.h"
#include "base/stats.h"

#include <stdio.h>
#include <string.h>

#define TOPIC "journal"
#define CLAIM_MAX 32
_Static_assert((int)MARK_UNREADABLE == STORE_MARK_OVERTAKEN + 1, "layout.h");

/* --- marks --- */

static enum err decode_mark(struct op *op, enum err err, const struct redisReply *reply)
{
	store_mark_fn fn = (store_mark_fn)op->fn;
	int64_t marked = STORE_MARK_STALE;

	if (!err && (!script_int(reply, &marked) || marked < STORE_MARK_STALE || marked > MARK_UNREADABLE))
		err = ERR_CORRUPT;
	if (!err && marked == MARK_UNREADABLE) {
		(void)!door_unreadable(op->store, "record", &op->id);
		marked = STORE_MARK_STALE;
	}
	fn(op->arg, err ? ERR_UNAVAILABLE : ERR_OK, err ? STORE_MARK_STALE : (enum store_marked)marked);
	return err;
}

/*
 * The receipt map's own reply: anything but OK is worth a line. A mark that waited for it goes now: had the lease gone
 * first, and the map not come, a receipt would find nobody.
 */
static enum err decode_map(struct op *op, enum err err, const struct redisReply *reply)
{
	struct op *mark = op->then;
	const char *text;
	size_t len;

	if (!err && !script_str(reply, &text, &len))
		err = ERR_CORRUPT;
	if (!mark)
		return err == ERR_CORRUPT ? err : ERR_OK;
	op->then = NULL;
	if (err)
		(void)op_done(mark, ERR_UNAVAILABLE, NULL);
	else
		nodes_send_or_answer(op->store->nodes, mark);
	return err == ERR_CORRUPT ? err : ERR_OK;
}

static void map_key(struct op *op, uint16_t partition, const char *smsc, const char *message_id)
{
	char rest[STORE_MESSAGE_ID_CAP + TEXT_NAME_CAP + 2];

	snprintf(rest, sizeof(rest), "%s:%s", smsc, message_id);
	door_key(op, 'm', partition, rest);
}

static struct op *map_op(struct store *s, const struct store_mark *m, enum err *err)
{
	char text[IDENT_TEXT_LEN + 1];
	struct op *op = nodes_op(s->nodes, m->receipt_partition, err);

	if (!op)
		return NULL;
	op->store = s;
	op->decode = decode_map;
	ident_format(&m->id, text);
	op_text(op, "SET");
	map_key(op, m->receipt_partition, m->smsc, m->message_id);
	op_word(op, text, IDENT_TEXT_LEN);
	op_text(op, "PX");
	op_int(op, m->receipt_ms ? m->receipt_ms : 1);
	return op;
}

static void padded(struct op *op, const char *text, size_t cap)
{
	char field[LEN_SMSC] = "";

	memcpy(field, text, strnlen(text, cap));
	op_word(op, field, cap);
}

static void error_word(struct op *op, const char *error)
{
	uint8_t packed[LEN_ERROR];

	record_pack_error(error ? error : "", packed);
	op_word(op, packed, sizeof(packed));
}

/* Whose mark it is: the keys and first words of both scripts. */
static void mark_words(struct op *op, const struct store *s, const struct ident *id)
{
	door_record_key(op, id);
	door_journal_key(op, id->partition);
	op_keys_end(op);
	op_int(op, store_now_ms(s));
	op_word(op, id->generation, IDENT_GENERATION_LEN);
}

static struct op *unsent_op(struct store *s, const struct store_mark *m, enum err *err)
{
	struct op *op = door_script(s, m->id.partition, SCRIPT_UNSENT, err);

	if (!op)
		return NULL;
	mark_words(op, s, &m->id);
	op_int(op, m->reason);
	error_word(op, m->error);
	door_tuple(op, &m->id);
	op_int(op, m->send_deadline_ms);
	op_int(op, m->send_at_ms);
	op_int(op, m->send_known);
	op_int(op, s->numbers.keep_s);
	door_number_base(op, &m->id);
	door_cap_key(op, &m->id);
	return op;
}

static struct op *mark_op(struct store *s, const struct store_mark *m, enum err *err)
{
	struct op *op = door_script(s, m->id.partition, SCRIPT_MARK, err);

	if (!op)
		return NULL;
	mark_words(op, s, &m->id);
	op_int(op, m->delivery);
	op_int(op, m->reason);
	padded(op, m->smsc ? m->smsc : "", m->smsc ? LEN_SMSC : 0);
	error_word(op, m->error);
	op_int(op, m->release);
	op_int(op, m->doubtful);
	door_tuple(op, &m->id);
	op_int(op, m->reroute);
	op_int(op, m->send_deadline_ms);
	return op;
}

enum err store_mark(struct store *s, const struct store_mark *m, store_mark_fn fn, void *arg)
{
	enum err err;
	struct op *mark = m->unsent ? unsent_op(s, m, &err) : mark_op(s, m, &err), *map = NULL;

	if (!mark)
		return err;
	mark->id = m->id;
	door_answer(mark, decode_mark, (void (*)(void))fn, arg);
	/* Before the lease goes: a receipt must find its verification as soon as nobody owes the SMS any more. */
	if (m->smsc && m->message_id && m->message_id[0]) {
		map = map_op(s, m, &err);
		if (!map) {
			op_free(mark);
			return err;
		}
	}
	if (!map)
		return nodes_send(s->nodes, mark);
	if (!nodes_in_order(s->nodes, m->receipt_partition, m->id.partition)) {
		map->then = mark;
		err = nodes_send(s->nodes, map);
		if (err)
			op_free(mark);
		return err;
	}
	err = nodes_send(s->nodes, map);
	if (!err)
		return nodes_send(s->nodes, mark);
	op_free(mark);
	return err;
}

static enum err decode_receipt(struct op *op, enum err err, const struct redisReply *reply)
{
	store_receipt_fn fn = (store_receipt_fn)op->fn;
	struct ident id = { 0 };
	const char *text;
	size_t len;
	bool found = false;

	if (!err && !script_is_nil(reply)) {
		err = script_str(reply, &text, &len) ? ERR_OK : ERR_CORRUPT;
		found = !err && ident_parse(text, len, &id) == ERR_OK;
		if (!err && !found)
			(void)!door_unreadable(op->store, "receipt_map", &op->id);
	}
	fn(op->arg, err ? ERR_UNAVAILABLE : ERR_OK, found, &id);
	return err;
}

enum err store_receipt(struct store *s, const struct store_receipt_req *req, store_receipt_fn fn, void *arg)
{
	enum err err;
	struct op *op = nodes_op(s->nodes, req->receipt_partition, &err);

	if (!op)
		return err;
	door_answer(op, decode_receipt, (void (*)(void))fn, arg);
	op->store = s;
	op->id.partition = req->receipt_partition;
	op_text(op, "GET");
	map_key(op, req->receipt_partition, req->smsc, req->message_id);
	return nodes_send(s->nodes, op);
}

static enum err decode_count(struct op *op, enum err err, const struct redisReply *reply)
{
	int64_t n;

	(void)op;
	if (err)
		return ERR_OK;
	return script_int(reply, &n) ? ERR_OK : ERR_CORRUPT;
}

void store_receipt_end(struct store *s, const struct store_receipt_req *req, uint32_t keep_ms)
{
	enum err err;
	struct op *op = nodes_op(s->nodes, req->receipt_partition, &err);

	if (!op)
		return;
	op->decode = decode_count;
	op_text(op, "PEXPIRE");
	map_key(op, req->receipt_partition, req->smsc, req->message_id);
	op_int(op, keep_ms);
	op_text(op, "LT");
	err = nodes_send(s->nodes, op);
	if (err)
		log_debug(TOPIC, "receipt map not ended err=%s", err_name(err));
}

/* --- leases --- */

/* {removed, unreadable, tuple, record, tuple, record ...}; an entry that cannot be read is left to run out again. */
static enum err read_claim(const struct op *op, const struct redisReply *reply, struct store_record *records,
                           struct store_claim_rep *rep)
{
	int64_t removed, unreadable;
	const char *text, *data;
	size_t len, data_len;

	if (!script_int_at(reply, 0, &removed) || removed < 0 || removed > CLAIM_MAX ||
	    !script_int_at(reply, 1, &unreadable) || unreadable < 0 || unreadable > CLAIM_MAX)
		return ERR_CORRUPT;
	rep->gone = (size_t)removed;
	rep->unreadable = (size_t)unreadable;
	stats_add(op->store->gone, (uint64_t)removed);
	for (int64_t i = 0; i < unreadable; i++)
		(void)!door_unreadable(op->store, "journal_entry", &(struct ident){ .partition = op->partition });
	for (size_t i = 2; i + 1 < script_len(reply) && rep->count < CLAIM_MAX; i += 2) {
		struct ident id = { .partition = op->partition };

		if (!script_str_at(reply, i, &text, &len) || !script_str_at(reply, i + 1, &data, &data_len))
			return ERR_CORRUPT;
		if (ident_parse_tuple(text, len, &id) != ERR_OK) {
			(void)!door_unreadable(op->store, "journal_entry", &id);
			continue;
		}
		records[rep->count].id = id;
		if (door_record(op->store, data, data_len, &records[rep->count]) == ERR_OK)
			rep->count++;
	}
	return ERR_OK;
}

static enum err decode_claim(struct op *op, enum err err, const struct redisReply *reply)
{
	store_claim_fn fn = (store_claim_fn)op->fn;
	struct store_record records[CLAIM_MAX];
	struct store_claim_rep rep = { .records = records, .lease_end_ms = op->lease_end_ms };

	if (!err)
		err = read_claim(op, reply, records, &rep);
	fn(op->arg, err ? ERR_UNAVAILABLE : ERR_OK, err ? NULL : &rep);
	return err;
}

enum err store_claim(struct store *s, const struct store_claim_req *req, store_claim_fn fn, void *arg)
{
	enum err err;
	struct op *op = door_script(s, req->partition, SCRIPT_CLAIM, &err);

	if (!op)
		return err;
	door_answer(op, decode_claim, (void (*)(void))fn, arg);
	door_journal_key(op, req->partition);
	op_keys_end(op);
	op_int(op, store_now_ms(s));
	op_int(op, door_lease(s, &op->lease_end_ms));
	op_int(op, req->max < CLAIM_MAX ? req->max : CLAIM_MAX);
	door_prefix(op, 'o', req->partition);
	op_word(op, s->owner, sizeof(s->owner));
	op_int(op, req->mine);
	op_int(op, s->numbers.keep_s);
	door_prefix(op, 'r', req->partition);
	if (s->numbers.sends.count)
		door_prefix(op, 's', req->partition);
	return nodes_send(s->nodes, op);
}

static enum err decode_renew(struct op *op, enum err err, const struct redisReply *reply)
{
	store_claim_fn fn = (store_claim_fn)op->fn;
	struct store_claim_rep rep = { .lease_end_ms = op->lease_end_ms };
	int64_t changed;

	if (!err && !script_int(reply, &changed))
		err = ERR_CORRUPT;
	if (!err)
		rep.count = (size_t)changed;
	fn(op->arg, err ? ERR_UNAVAILABLE : ERR_OK, err ? NULL : &rep);
	return err;
}

enum err store_renew(struct store *s, const struct ident *ids, size_t n, store_claim_fn fn, void *arg)
{
	enum err err;
	struct op *op = nodes_op(s->nodes, ids[0].partition, &err);

	if (!op)
		return err;
	door_answer(op, decode_renew, (void (*)(void))fn, arg);
	int64_t score = door_lease(s, &op->lease_end_ms);
	op_text(op, "ZADD");
	door_journal_key(op, ids[0].partition);
	op_text(op, "XX");
	op_text(op, "CH");
	for (size_t i = 0; i < n; i++) {
		op_int(op, score);
		door_tuple(op, &ids[i]);
	}
	return nodes_send(s->nodes, op);
}

void store_release(struct store *s, const struct ident *id, const struct store_handed *how)
{
	enum err err;
	struct op *op = door_script(s, id->partition, SCRIPT_RELEASE, &err);

	/* Redis away: the lease runs out by itself. */
	if (!op)
		return;
	op->decode = decode_count;
	door_record_key(op, id);
	door_journal_key(op, id->partition);
	op_keys_end(op);
	op_int(op, store_now_ms(s) + how->in_ms);
	door_tuple(op, id);
	op_word(op, s->owner, sizeof(s->owner));
	op_int(op, how->unsent);
	op_word(op, id->generation, IDENT_GENERATION_LEN);
	err = nodes_send(s->nodes, op);
	if (err)
		log_debug(TOPIC, "release not sent err=%s", err_name(err));
}
