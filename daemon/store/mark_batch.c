/*
 * mark_batch: collects marks, sends them, and tells each its own result. Owns the commands that it has not sent.
 */
#include "mark_batch.h"

#include "conn.h"
#include "door.h"
#include "redis_error.h"

#include <stdlib.h>

_Static_assert((int)MARK_UNREADABLE == STORE_MARK_OVERTAKEN + 1, "layout.h");
_Static_assert((int)MARK_REFUSED < STORE_MARK_STALE, "layout.h");
_Static_assert(MARK_BATCH_MAX *LEN_MARK <= PACKED_CAP, "one word has the fields of all");
_Static_assert(MARK_BATCH_MAX * 2 <= COMMAND_KEYS_MAX, "each mark has two keys at most");
_Static_assert(MARK_BATCH_MAX * 2 <= UINT8_MAX / MARK_JOURNAL, "an octet has the index of a key and what is asked");

struct mark_of_call {
	struct ident id;
	store_mark_fn fn;
	void *arg;
	enum err err; /* of the reply, with marked */
	enum store_marked marked;
};

/* One call of the function. It ends when its marks were told their results. */
struct mark_call {
	STAILQ_ENTRY(mark_call) in_failed;
	struct command *command; /* until it is sent */
	unsigned count;
	struct packed fields; /* of all marks, one behind the other */
	struct mark_of_call mark[MARK_BATCH_MAX];
};

enum err mark_batch_read(struct store *s, const struct ident *id, const struct redisReply *reply,
                         enum store_marked *marked)
{
	int64_t v;

	if (!reply || !reply_int(reply, &v) || v < STORE_MARK_STALE || v > MARK_UNREADABLE)
		return ERR_CORRUPT;
	if (v == MARK_UNREADABLE) {
		(void)!door_unreadable(s, "record", id);
		v = STORE_MARK_STALE;
	}
	*marked = (enum store_marked)v;
	return ERR_OK;
}

/* Reads element i of the reply to several marks. What a record or a journal refuses is an error of that mark alone. */
static enum err read_one_of(struct store *s, const struct redisReply *reply, size_t i, struct mark_of_call *m)
{
	int64_t v;

	if (!reply_int_at(reply, i, &v) || v != MARK_REFUSED)
		return mark_batch_read(s, &m->id, reply_at(reply, i), &m->marked);
	redis_error_count("", false);
	m->err = ERR_UNAVAILABLE;
	return ERR_OK;
}

static enum err read_call(struct store *s, struct mark_call *call, const struct redisReply *reply)
{
	enum err err = ERR_OK;

	if (call->count == 1)
		return mark_batch_read(s, &call->mark[0].id, reply, &call->mark[0].marked);
	if (!reply_is_array(reply) || reply_len(reply) != call->count)
		return ERR_CORRUPT;
	for (unsigned i = 0; i < call->count && !err; i++)
		err = read_one_of(s, reply, i, &call->mark[i]);
	return err;
}

static void tell(struct mark_call *call, enum err err)
{
	for (unsigned i = 0; i < call->count; i++) {
		const struct mark_of_call *m = &call->mark[i];
		bool done = !err && !m->err;

		m->fn(m->arg, done ? ERR_OK : ERR_UNAVAILABLE, done ? m->marked : STORE_MARK_STALE);
	}
	free(call);
}

static enum err decode(struct command *command, enum err err, const struct redisReply *reply)
{
	struct mark_call *call = command->arg;

	if (!err)
		err = read_call(command->store, call, reply);
	tell(call, err);
	return err;
}

static void on_turn_end(void *arg)
{
	struct mark_batch *b = arg;

	mark_batch_flush(b);
	while (!STAILQ_EMPTY(&b->failed)) {
		struct mark_call *call = STAILQ_FIRST(&b->failed);

		STAILQ_REMOVE_HEAD(&b->failed, in_failed);
		tell(call, ERR_UNAVAILABLE);
	}
}

void mark_batch_init(struct mark_batch *b, struct store *s, struct loop *loop)
{
	*b = (struct mark_batch){ .store = s, .loop = loop };
	STAILQ_INIT(&b->failed);
	loop_task_init(&b->turn_end, on_turn_end, b);
}

void mark_batch_end(struct mark_batch *b)
{
	b->ended = true;
	if (b->open) {
		command_free(b->open->command);
		STAILQ_INSERT_TAIL(&b->failed, b->open, in_failed);
		b->open = NULL;
	}
	on_turn_end(b);
	loop_defer_cancel(b->loop, &b->turn_end);
}

enum err mark_batch_begin(struct mark_batch *b, uint16_t partition)
{
	struct store *s = b->store;
	enum err err = ERR_UNAVAILABLE;

	if (b->open)
		return ERR_OK;
	struct command *command = b->ended ? NULL : door_function(s, partition, LIBRARY_MARK, &err);
	if (!command)
		return err;
	b->open = malloc(sizeof(*b->open));
	if (!b->open) {
		command_free(command);
		return ERR_NOMEM;
	}
	b->open->command = command;
	b->open->count = 0;
	b->open->fields.len = 0;
	/* The marks are written where a command of now would be: before the submits that follow in this turn. */
	loop_defer(b->loop, &b->turn_end);
	conn_write_behind(command->conn);
	return ERR_OK;
}

void mark_batch_add(struct mark_batch *b, const struct ident *id, const struct packed *fields, store_mark_fn fn,
                    void *arg)
{
	struct mark_call *call = b->open;
	struct mark_of_call *m = &call->mark[call->count++];

	door_record_key(call->command, id);
	m->id = *id;
	packed_octets(&call->fields, fields->bytes, fields->len);
	m->fn = fn;
	m->arg = arg;
	m->err = ERR_OK;
	if (call->count == MARK_BATCH_MAX)
		mark_batch_flush(b);
}

/* Adds the keys of the journals behind those of the records. */
static void add_journals(struct mark_call *call)
{
	unsigned keys = call->count;

	for (unsigned i = 0; i < call->count; i++) {
		uint8_t *fields = call->fields.bytes + (size_t)i * LEN_MARK;

		if (!mark_batch_needs_journal(fields))
			continue;
		door_journal_key(call->command, call->mark[i].id.partition);
		mark_batch_journal(fields, ++keys);
	}
}

void mark_batch_flush(struct mark_batch *b)
{
	struct mark_call *call = b->open;

	if (!call)
		return;
	b->open = NULL;
	struct command *command = call->command;
	if (!call->count) {
		command_free(command);
		free(call);
		return;
	}
	add_journals(call);
	command_keys_end(command);
	packed_word(&call->fields, command);
	command->decode = decode;
	command->arg = call;
	if (nodes_send_there(b->store->nodes, command) == ERR_OK)
		return;
	STAILQ_INSERT_TAIL(&b->failed, call, in_failed);
	loop_defer(b->loop, &b->turn_end);
}
