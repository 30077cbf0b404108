/*
 * marks: writes the result of a submit, or what a receipt reports, to the record. Writes the receipt map of an accepted
 * message too.
 */
#include "operation.h"
#include "door.h"
#include "packed.h"

#include "base/invariant.h"

#include <stdlib.h>
#include <string.h>

static enum err read_mark(const struct command *command, const struct redisReply *reply, struct operation_answer *a)
{
	return mark_batch_read(command->store, &command->id, reply, &a->marked);
}

static void tell_mark(const struct command *command, enum err err, const struct operation_answer *a)
{
	((store_mark_fn)command->fn)(command->arg, err, a->marked);
}

static const struct operation mark_operation = { read_mark, tell_mark };

/* A receipt map and a mark that are sent to two nodes at once. The caller is answered when both have been. */
struct both {
	store_mark_fn fn;
	void *arg;
	enum err err;
	enum store_marked marked;
	unsigned open; /* replies still to come */
};

static void both_answered(struct both *b, enum err err)
{
	b->err = err ? ERR_UNAVAILABLE : b->err;
	b->open -= invariant(b->open > 0);
	if (b->open)
		return;
	b->fn(b->arg, b->err, b->err ? STORE_MARK_STALE : b->marked);
	free(b);
}

static void on_mark_of_both(void *arg, enum err err, enum store_marked marked)
{
	struct both *b = arg;

	b->marked = marked;
	both_answered(b, err);
}

/*
 * Reads the reply to a receipt map. If the map was not written, a receipt would not find its verification:
 * in a cluster the caller repeats both; elsewhere what fails it fails the mark behind it too.
 */
static enum err decode_map(struct command *command, enum err err, const struct redisReply *reply)
{
	const char *text;
	size_t len;

	if (!err && !reply_str(reply, &text, &len))
		err = ERR_CORRUPT;
	if (command->arg)
		both_answered(command->arg, err);
	return err == ERR_CORRUPT ? err : ERR_OK;
}

static struct command *map_command(struct store *s, const struct store_mark *m, enum err *err)
{
	struct command *command = nodes_mark(s->nodes, m->receipt_partition, err);

	if (!command)
		return NULL;
	command->store = s;
	command->decode = decode_map;
	command_text(command, "PSETEX");
	door_receipt_key(command, m->receipt_partition, m->smsc_tag, m->message_id);
	command_int(command, m->receipt_ms ? m->receipt_ms : 1);
	door_receipt_word(command, &m->id);
	return command;
}

/* Adds the fields with which the arguments of both functions end. */
static void mark_end(struct packed *fields, const struct store_mark *m)
{
	uint8_t error[LEN_ERROR];

	record_pack_error(m->error ? m->error : "", error);
	packed_octets(fields, m->id.generation, LEN_GENERATION);
	packed_octets(fields, error, LEN_ERROR);
}

static struct command *unsent_command(struct store *s, const struct store_mark *m, enum err *err)
{
	struct packed fields = { .len = 0 };
	struct command *command = door_function(s, m->id.partition, LIBRARY_UNSENT, err);

	if (!command)
		return NULL;
	door_record_key(command, &m->id);
	door_journal_key(command, m->id.partition);
	command_keys_end(command);
	packed_time(&fields, store_now_ms(s));
	packed_time(&fields, m->send_at_ms);
	packed_time(&fields, m->send_deadline_ms);
	packed_int(&fields, m->send_known, 1);
	packed_int(&fields, m->reason, 1);
	mark_end(&fields, m);
	packed_word(&fields, command);
	command_int(command, s->numbers.keep_s);
	door_number_base(command, &m->id);
	door_cap_key(command, &m->id);
	return command;
}

/* Makes the arguments of the other function. */
static void mark_fields(struct store *s, const struct store_mark *m, struct packed *fields)
{
	int asks = m->release * MARK_RELEASE | m->unanswered * MARK_UNANSWERED | m->reroute * MARK_REROUTE;

	packed_time(fields, store_now_ms(s));
	packed_time(fields, m->send_deadline_ms);
	packed_int(fields, m->delivery, 1);
	packed_int(fields, m->reason, 1);
	packed_int(fields, m->smsc_tag, LEN_TAG_OF_NAME);
	packed_int(fields, asks, 1);
	mark_end(fields, m);
	(void)invariant(fields->len == LEN_MARK);
}

static struct command *mark_command(struct store *s, const struct store_mark *m, enum err *err)
{
	struct packed fields = { .len = 0 };
	struct command *command = door_function(s, m->id.partition, LIBRARY_MARK, err);

	if (!command)
		return NULL;
	mark_fields(s, m, &fields);
	door_record_key(command, &m->id);
	if (mark_batch_needs_journal(fields.bytes)) {
		door_journal_key(command, m->id.partition);
		mark_batch_journal(fields.bytes, 2);
	}
	command_keys_end(command);
	packed_word(&fields, command);
	return command;
}

/*
 * In a cluster the mark does not wait for the answer to the map: if the process were killed in between, the message
 * would go out again, while both commands, once written, are executed without it.
 */
static enum err send_both(struct store *s, struct command *map, struct command *mark)
{
	struct both *b = malloc(sizeof(*b));
	enum err err = ERR_NOMEM;

	if (b) {
		*b = (struct both){ .fn = (store_mark_fn)mark->fn, .arg = mark->arg, .open = 2 };
		map->arg = b;
		err = nodes_send(s->nodes, map);
	} else {
		command_free(map);
	}
	if (err) {
		command_free(mark);
		free(b);
		return err;
	}
	operation_answered_by(mark, &mark_operation, (void (*)(void))on_mark_of_both, b);
	nodes_send_or_answer(s->nodes, mark);
	return ERR_OK;
}

static bool has_map(const struct store_mark *m)
{
	return m->smsc_tag && m->message_id && m->message_id[0];
}

static enum err send_alone(struct store *s, const struct store_mark *m, store_mark_fn fn, void *arg)
{
	enum err err;
	struct command *mark = m->unsent ? unsent_command(s, m, &err) : mark_command(s, m, &err), *map = NULL;

	if (!mark)
		return err;
	mark->id = m->id;
	operation_answered_by(mark, &mark_operation, (void (*)(void))fn, arg);
	/* The map is written before the mark ends the lease, where one connection keeps them in order. */
	if (has_map(m)) {
		map = map_command(s, m, &err);
		if (!map) {
			command_free(mark);
			return err;
		}
	}
	if (!map)
		return nodes_send(s->nodes, mark);
	if (!nodes_in_order(s->nodes, m->receipt_partition, m->id.partition))
		return send_both(s, map, mark);
	err = nodes_send(s->nodes, map);
	if (!err)
		return nodes_send(s->nodes, mark);
	command_free(mark);
	return err;
}

static enum err send_in_batch(struct store *s, const struct store_mark *m, store_mark_fn fn, void *arg)
{
	struct packed fields;
	struct command *map = NULL;
	enum err err = mark_batch_begin(&s->marks, m->id.partition);

	if (!err && has_map(m)) {
		map = map_command(s, m, &err);
		if (map)
			err = nodes_send(s->nodes, map);
	}
	if (err)
		return err;
	fields.len = 0;
	mark_fields(s, m, &fields);
	mark_batch_add(&s->marks, &m->id, &fields, fn, arg);
	return ERR_OK;
}

enum err store_mark(struct store *s, const struct store_mark *m, store_mark_fn fn, void *arg)
{
	if (!m->unsent && nodes_on_one_server(s->nodes))
		return send_in_batch(s, m, fn, arg);
	mark_batch_flush(&s->marks);
	return send_alone(s, m, fn, arg);
}
