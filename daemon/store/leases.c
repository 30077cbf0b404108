/*
 * leases: claims, renews and hands back the leases of messages that are still to be submitted.
 */
#include "command.h"
#include "door.h"

#include "base/log.h"
#include "base/stats.h"

#define TOPIC "journal"

/*
 * Reads {removed, unreadable, tuple, record, tuple, record ...}. The lease of an entry that cannot be read here is left
 * to run out again.
 */
static enum err read_claim(const struct op *op, const struct redisReply *reply, struct command_answer *a)
{
	struct store_claim_rep *rep = &a->claim;
	struct store_record *records = a->records;
	int64_t removed, unreadable;
	const char *text, *data;
	size_t len, data_len;

	if (!script_int_at(reply, 0, &removed) || removed < 0 || removed > COMMAND_RECORDS_MAX ||
	    !script_int_at(reply, 1, &unreadable) || unreadable < 0 || unreadable > COMMAND_RECORDS_MAX)
		return ERR_CORRUPT;
	rep->records = records;
	rep->lease_end_ms = op->lease_end_ms;
	rep->gone = (size_t)removed;
	rep->unreadable = (size_t)unreadable;
	stats_add(op->store->gone, (uint64_t)removed);
	for (int64_t i = 0; i < unreadable; i++)
		(void)!door_unreadable(op->store, "journal_entry", &(struct ident){ .partition = op->partition });
	for (size_t i = 2; i + 1 < script_len(reply) && rep->count < COMMAND_RECORDS_MAX; i += 2) {
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

static void tell_claim(const struct op *op, enum err err, const struct command_answer *a)
{
	((store_claim_fn)op->fn)(op->arg, err, err ? NULL : &a->claim);
}

static const struct command claim_command = { read_claim, tell_claim };

enum err store_claim(struct store *s, const struct store_claim_req *req, store_claim_fn fn, void *arg)
{
	enum err err;
	struct op *op = door_script(s, req->partition, SCRIPT_CLAIM, &err);

	if (!op)
		return err;
	command_answered_by(op, &claim_command, (void (*)(void))fn, arg);
	door_journal_key(op, req->partition);
	op_keys_end(op);
	op_int(op, store_now_ms(s));
	op_int(op, door_lease(s, &op->lease_end_ms));
	op_int(op, req->max < COMMAND_RECORDS_MAX ? req->max : COMMAND_RECORDS_MAX);
	door_prefix(op, 'o', req->partition);
	op_word(op, s->owner, sizeof(s->owner));
	op_int(op, req->mine);
	op_int(op, s->numbers.keep_s);
	door_prefix(op, 'r', req->partition);
	if (s->numbers.sends.count)
		door_prefix(op, 's', req->partition);
	return nodes_send(s->nodes, op);
}

static enum err read_renew(const struct op *op, const struct redisReply *reply, struct command_answer *a)
{
	int64_t changed;

	if (!script_int(reply, &changed))
		return ERR_CORRUPT;
	a->claim.lease_end_ms = op->lease_end_ms;
	a->claim.count = (size_t)changed;
	return ERR_OK;
}

static const struct command renew_command = { read_renew, tell_claim };

enum err store_renew(struct store *s, const struct ident *ids, size_t n, store_claim_fn fn, void *arg)
{
	enum err err;
	struct op *op = nodes_op(s->nodes, ids[0].partition, &err);

	if (!op)
		return err;
	command_answered_by(op, &renew_command, (void (*)(void))fn, arg);
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

	/* If Redis is away, the lease runs out by itself. */
	if (!op)
		return;
	command_counted(op);
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
