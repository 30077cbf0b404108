/*
 * leases: claims, renews and hands back the leases of messages that are still to be submitted.
 */
#include "operation.h"
#include "door.h"
#include "packed.h"

#include "base/log.h"
#include "base/stats.h"

#define TOPIC "journal"

/*
 * Reads {removed, unreadable, tuple, record, tuple, record ...}. The lease of an entry that cannot be read here is left
 * to run out again.
 */
static enum err read_claim(const struct command *command, const struct redisReply *reply, struct operation_answer *a)
{
	struct store_claim_rep *rep = &a->claim;
	struct store_record *records = a->records;
	int64_t removed, unreadable;
	const char *text, *data;
	size_t len, data_len;

	if (!reply_int_at(reply, 0, &removed) || removed < 0 || removed > OPERATION_RECORDS_MAX ||
	    !reply_int_at(reply, 1, &unreadable) || unreadable < 0 || unreadable > OPERATION_RECORDS_MAX)
		return ERR_CORRUPT;
	rep->records = records;
	rep->lease_end_ms = command->lease_end_ms;
	rep->gone = (size_t)removed;
	rep->unreadable = (size_t)unreadable;
	stats_add(command->store->gone, (uint64_t)removed);
	for (int64_t i = 0; i < unreadable; i++)
		(void)!door_unreadable(command->store, "journal_entry",
		                       &(struct ident){ .partition = command->partition });
	for (size_t i = 2; i + 1 < reply_len(reply) && rep->count < OPERATION_RECORDS_MAX; i += 2) {
		struct ident id = { .partition = command->partition };

		if (!reply_str_at(reply, i, &text, &len) || !reply_str_at(reply, i + 1, &data, &data_len))
			return ERR_CORRUPT;
		if (ident_parse_tuple(text, len, &id) != ERR_OK) {
			(void)!door_unreadable(command->store, "journal_entry", &id);
			continue;
		}
		records[rep->count].id = id;
		if (door_record(command->store, data, data_len, &records[rep->count]) == ERR_OK)
			rep->count++;
	}
	return ERR_OK;
}

static void tell_claim(const struct command *command, enum err err, const struct operation_answer *a)
{
	((store_claim_fn)command->fn)(command->arg, err, err ? NULL : &a->claim);
}

static const struct operation claim_operation = { read_claim, tell_claim };

enum err store_claim(struct store *s, const struct store_claim_req *req, store_claim_fn fn, void *arg)
{
	enum err err;
	struct command *command = door_function(s, req->partition, LIBRARY_CLAIM, &err);

	if (!command)
		return err;
	operation_answered_by(command, &claim_operation, (void (*)(void))fn, arg);
	door_journal_key(command, req->partition);
	command_keys_end(command);
	command_int(command, store_now_ms(s));
	command_int(command, door_lease(s, &command->lease_end_ms));
	command_int(command, req->max < OPERATION_RECORDS_MAX ? req->max : OPERATION_RECORDS_MAX);
	door_prefix(command, 'o', req->partition);
	command_word(command, s->owner, sizeof(s->owner));
	command_int(command, req->mine);
	command_int(command, s->numbers.keep_s);
	door_prefix(command, 'r', req->partition);
	if (s->numbers.sends.count)
		door_prefix(command, 's', req->partition);
	return nodes_send(s->nodes, command);
}

static enum err read_renew(const struct command *command, const struct redisReply *reply, struct operation_answer *a)
{
	int64_t changed;

	if (!reply_int(reply, &changed))
		return ERR_CORRUPT;
	a->claim.lease_end_ms = command->lease_end_ms;
	a->claim.count = (size_t)changed;
	return ERR_OK;
}

static const struct operation renew_operation = { read_renew, tell_claim };

enum err store_renew(struct store *s, const struct ident *ids, size_t n, store_claim_fn fn, void *arg)
{
	enum err err;
	struct command *command = nodes_mark(s->nodes, ids[0].partition, &err);

	if (!command)
		return err;
	operation_answered_by(command, &renew_operation, (void (*)(void))fn, arg);
	int64_t score = door_lease(s, &command->lease_end_ms);
	command_text(command, "ZADD");
	door_journal_key(command, ids[0].partition);
	command_text(command, "XX");
	command_text(command, "CH");
	for (size_t i = 0; i < n; i++) {
		command_int(command, score);
		door_tuple(command, &ids[i]);
	}
	mark_batch_flush(&s->marks);
	return nodes_send(s->nodes, command);
}

void store_release(struct store *s, const struct ident *id, const struct store_handed *how)
{
	struct packed fields = { .len = 0 };
	enum err err;
	struct command *command = door_function(s, id->partition, LIBRARY_RELEASE, &err);

	/* If Redis is away, the lease runs out by itself. */
	if (!command)
		return;
	operation_counted(command);
	door_record_key(command, id);
	door_journal_key(command, id->partition);
	command_keys_end(command);
	command_int(command, store_now_ms(s) + how->in_ms);
	packed_octets(&fields, s->owner, LEN_OWNER);
	packed_int(&fields, how->unsent, 1);
	packed_int(&fields, how->reason, 1);
	packed_octets(&fields, id->generation, LEN_GENERATION);
	packed_word(&fields, command);
	mark_batch_flush(&s->marks);
	err = nodes_send(s->nodes, command);
	if (err)
		log_debug(TOPIC, "release not sent err=%s", err_name(err));
}
