/*
 * marks: writes the result of a submit, or what a receipt reports, to the record. Writes the receipt map of an accepted
 * message too.
 */
#include "command.h"
#include "door.h"

#include <string.h>

_Static_assert((int)MARK_UNREADABLE == STORE_MARK_OVERTAKEN + 1, "layout.h");

static enum err read_mark(const struct op *op, const struct redisReply *reply, struct command_answer *a)
{
	int64_t marked;

	if (!script_int(reply, &marked) || marked < STORE_MARK_STALE || marked > MARK_UNREADABLE)
		return ERR_CORRUPT;
	if (marked == MARK_UNREADABLE) {
		(void)!door_unreadable(op->store, "record", &op->id);
		marked = STORE_MARK_STALE;
	}
	a->marked = (enum store_marked)marked;
	return ERR_OK;
}

static void tell_mark(const struct op *op, enum err err, const struct command_answer *a)
{
	((store_mark_fn)op->fn)(op->arg, err, a->marked);
}

static const struct command mark_command = { read_mark, tell_mark };

/*
 * Reads the reply to the SET of a receipt map, then sends the mark that waited for it. The mark ends the lease, so it
 * is not sent if the map was not written: a receipt would not find its verification.
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
		op_give_up(mark);
	else
		nodes_send_or_answer(op->store->nodes, mark);
	return err == ERR_CORRUPT ? err : ERR_OK;
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
	door_receipt_key(op, m->receipt_partition, m->smsc, m->message_id);
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

/* The keys and the first arguments of both scripts. */
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
	command_answered_by(mark, &mark_command, (void (*)(void))fn, arg);
	/* The map is written before the mark ends the lease, so that a receipt always finds its verification. */
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
