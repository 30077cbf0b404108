/*
 * redirects: the operations by which the number of a verification is corrected. Each runs one function on one partition
 * and reads its reply.
 */
#include "operation.h"
#include "door.h"
#include "packed.h"

static enum err read_reserve(const struct command *command, const struct redisReply *reply, struct operation_answer *a)
{
	struct store_reserve_rep *rep = &a->reserve;
	int64_t outcome;

	if (!reply_int_at(reply, 0, &outcome) || outcome < STORE_RESERVE_TAKEN || outcome > STORE_RESERVE_GONE)
		return ERR_CORRUPT;
	rep->outcome = (enum store_reserve_outcome)outcome;
	switch (rep->outcome) {
	case STORE_RESERVE_TAKEN:
	case STORE_RESERVE_OWN_CODE:
		return ERR_OK;
	case STORE_RESERVE_HELD:
	case STORE_RESERVE_NONE_LEFT:
		return reply_int_at(reply, 1, &rep->retry_ms) ? ERR_OK : ERR_CORRUPT;
	case STORE_RESERVE_GONE:
		return door_gone(command, reply, 1, &rep->gone, &rep->gone_ms);
	}
	return ERR_CORRUPT;
}

static void tell_reserve(const struct command *command, enum err err, const struct operation_answer *a)
{
	((store_reserve_fn)command->fn)(command->arg, err, err ? NULL : &a->reserve);
}

static const struct operation reserve_operation = { read_reserve, tell_reserve };

enum err store_reserve(struct store *s, const struct store_reserve_req *req, store_reserve_fn fn, void *arg)
{
	struct packed fields = { .len = 0 };
	enum err err;
	struct command *command = door_function(s, req->id.partition, LIBRARY_RESERVE, &err);

	if (!command)
		return err;
	operation_answered_by(command, &reserve_operation, (void (*)(void))fn, arg);
	command->id = req->id;
	door_record_key(command, &req->id);
	command_keys_end(command);
	packed_time(&fields, store_now_ms(s));
	packed_int(&fields, req->give_back ? 0 : s->opts.lease_ms, 4);
	packed_int(&fields, req->tenant_tag, LEN_TENANT);
	packed_octets(&fields, req->tag, LEN_RESERVE);
	packed_octets(&fields, req->id.generation, IDENT_GENERATION_LEN);
	packed_word(&fields, command);
	return nodes_send(s->nodes, command);
}

static enum err read_redirect(const struct command *command, const struct redisReply *reply, struct operation_answer *a)
{
	return door_gone(command, reply, 0, &a->redirect.gone, &a->redirect.gone_ms);
}

static void tell_redirect(const struct command *command, enum err err, const struct operation_answer *a)
{
	((store_redirect_fn)command->fn)(command->arg, err, err ? NULL : &a->redirect);
}

static const struct operation redirect_operation = { read_redirect, tell_redirect };

enum err store_redirect(struct store *s, const struct store_redirect_req *req, store_redirect_fn fn, void *arg)
{
	struct packed fields = { .len = 0 };
	int64_t now = store_now_ms(s);
	enum err err;
	struct command *command = door_function(s, req->id.partition, LIBRARY_REDIRECT, &err);

	if (!command)
		return err;
	operation_answered_by(command, &redirect_operation, (void (*)(void))fn, arg);
	command->id = req->id;
	door_record_key(command, &req->id);
	door_journal_key(command, req->id.partition);
	command_keys_end(command);
	packed_time(&fields, now);
	packed_time(&fields, req->hard_end_ms);
	packed_int(&fields, req->tenant_tag, LEN_TENANT);
	packed_octets(&fields, req->tag, LEN_RESERVE);
	packed_octets(&fields, req->id.generation, IDENT_GENERATION_LEN);
	packed_word(&fields, command);
	command_word(command, req->successor, LEN_SUCCESSOR);
	/* The id is remembered as long as that of its successor. */
	int64_t left = req->hard_end_ms > now ? req->hard_end_ms - now : 0;
	command_int(command, left + s->numbers.tombstone_ms + 1);
	return nodes_send(s->nodes, command);
}

static enum err read_freed(const struct command *command, const struct redisReply *reply, struct operation_answer *a)
{
	int64_t freed;

	(void)command;
	if (!reply_int(reply, &freed))
		return ERR_CORRUPT;
	a->freed = freed == 1;
	return ERR_OK;
}

static void tell_freed(const struct command *command, enum err err, const struct operation_answer *a)
{
	((store_freed_fn)command->fn)(command->arg, err, a->freed);
}

static const struct operation freed_operation = { read_freed, tell_freed };

enum err store_freed(struct store *s, const struct ident *id, store_freed_fn fn, void *arg)
{
	struct packed fields = { .len = 0 };
	enum err err;
	struct command *command = door_function(s, id->partition, LIBRARY_FREED, &err);

	if (!command)
		return err;
	operation_answered_by(command, &freed_operation, (void (*)(void))fn, arg);
	command->id = *id;
	door_record_key(command, id);
	command_keys_end(command);
	packed_octets(&fields, id->generation, LEN_GENERATION);
	packed_word(&fields, command);
	return nodes_send(s->nodes, command);
}
