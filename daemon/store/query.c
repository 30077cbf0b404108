/*
 * query: reads the record of a verification, and cancels one.
 */
#include "operation.h"
#include "door.h"
#include "packed.h"

#include <string.h>

/* len: octets of the generation that must be the same. */
static bool same_generation(const struct store_record *r, const struct ident *asked, size_t len)
{
	return memcmp(r->id.generation, asked->generation, len) == 0;
}

/* A record that has ended has only the first octets of its generation. */
static enum store_gone gone_of(const struct store_record *r, const struct ident *asked, uint32_t tenant_tag)
{
	size_t len = r->state == LIFECYCLE_PENDING ? IDENT_GENERATION_LEN : IDENT_KEPT_LEN;

	if (r->tenant_tag != tenant_tag)
		return STORE_DENIED;
	return same_generation(r, asked, len) ? STORE_LIVE : STORE_EXPIRED;
}

static enum err read_query(const struct command *command, const struct redisReply *reply, struct operation_answer *a)
{
	struct store_query_rep *rep = &a->query;
	struct store_record *record = a->records;
	const char *data;
	size_t len;

	if (reply_is_nil(reply)) {
		rep->gone = STORE_UNKNOWN;
		return ERR_OK;
	}
	if (!reply_str(reply, &data, &len))
		return ERR_CORRUPT;
	record->id = command->id;
	if (door_record(command->store, data, len, record) != ERR_OK) {
		rep->gone = STORE_UNREADABLE;
		return ERR_OK;
	}
	rep->gone = gone_of(record, &command->id, command->tenant_tag);
	if (rep->gone == STORE_EXPIRED)
		rep->other = record;
	if (rep->gone == STORE_EXPIRED)
		rep->gone = record_former(data, &command->id, store_now_ms(command->store), &rep->gone_ms);
	rep->record = rep->gone == STORE_LIVE ? record : NULL;
	return ERR_OK;
}

static void tell_query(const struct command *command, enum err err, const struct operation_answer *a)
{
	((store_query_fn)command->fn)(command->arg, err, err ? NULL : &a->query);
}

static const struct operation query_operation = { read_query, tell_query };

static struct command *get_command(struct store *s, const struct ident *id, enum err *err)
{
	struct command *command = nodes_command(s->nodes, id->partition, err);

	if (!command)
		return NULL;
	command->store = s;
	command->id = *id;
	command_text(command, "GET");
	door_record_key(command, id);
	return command;
}

enum err store_query(struct store *s, const struct ident *id, uint32_t tenant_tag, store_query_fn fn, void *arg)
{
	enum err err;
	struct command *command = get_command(s, id, &err);

	if (!command)
		return err;
	operation_answered_by(command, &query_operation, (void (*)(void))fn, arg);
	command->tenant_tag = tenant_tag;
	return nodes_send(s->nodes, command);
}

static enum err read_look(const struct command *command, const struct redisReply *reply, struct operation_answer *a)
{
	struct store_query_rep *rep = &a->query;
	const char *data;
	size_t len;

	rep->gone = STORE_UNKNOWN;
	if (reply_is_nil(reply))
		return ERR_OK;
	if (!reply_str(reply, &data, &len))
		return ERR_CORRUPT;
	a->records->id = command->id;
	if (door_record(command->store, data, len, a->records) != ERR_OK)
		return ERR_OK;
	rep->gone = same_generation(a->records, &command->id, IDENT_KEPT_LEN) ? STORE_LIVE : STORE_EXPIRED;
	rep->record = rep->gone == STORE_LIVE ? a->records : NULL;
	return ERR_OK;
}

static const struct operation look_operation = { read_look, tell_query };

enum err store_look(struct store *s, const struct ident *id, store_query_fn fn, void *arg)
{
	enum err err;
	struct command *command = get_command(s, id, &err);

	if (!command)
		return err;
	operation_answered_by(command, &look_operation, (void (*)(void))fn, arg);
	return nodes_send(s->nodes, command);
}

static enum err read_cancel(const struct command *command, const struct redisReply *reply, struct operation_answer *a)
{
	enum err err = door_gone(command, reply, 0, &a->cancel.gone, &a->cancel.gone_ms);

	a->cancel.before = a->cancel.gone == STORE_CANCELLED;
	if (a->cancel.before)
		a->cancel.gone = STORE_LIVE;
	return err;
}

static void tell_cancel(const struct command *command, enum err err, const struct operation_answer *a)
{
	((store_cancel_fn)command->fn)(command->arg, err, err ? NULL : &a->cancel);
}

static const struct operation cancel_operation = { read_cancel, tell_cancel };

enum err store_cancel(struct store *s, const struct store_cancel_req *req, store_cancel_fn fn, void *arg)
{
	struct packed fields = { .len = 0 };
	enum err err;
	struct command *command = door_function(s, req->id.partition, LIBRARY_CANCEL, &err);

	if (!command)
		return err;
	operation_answered_by(command, &cancel_operation, (void (*)(void))fn, arg);
	command->id = req->id;
	door_record_key(command, &req->id);
	door_journal_key(command, req->id.partition);
	command_keys_end(command);
	packed_time(&fields, store_now_ms(s));
	packed_int(&fields, req->tenant_tag, LEN_TENANT);
	packed_octets(&fields, req->id.generation, IDENT_GENERATION_LEN);
	packed_int(&fields, req->why, 1);
	packed_word(&fields, command);
	return nodes_send(s->nodes, command);
}
