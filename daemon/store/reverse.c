/*
 * reverse: the operations of reverse verifications. One opens the record of a token, the others judge a message that
 * brought one. A token leads to its record, because the key of the record is a hash of the token.
 */
#include "operation.h"
#include "door.h"
#include "packed.h"

#include "base/decimal.h"

#include <string.h>

/* --- open --- */

/* Reads what is remembered with a REQID: the text of the id, and the end of its life in decimal digits. */
static enum err read_remembered(const struct redisReply *reply, struct store_reverse_rep *rep)
{
	const char *text;
	size_t len;

	if (!reply_str_at(reply, 1, &text, &len) || len <= IDENT_TEXT_LEN || len > IDENT_TEXT_LEN + 15 ||
	    ident_parse(text, IDENT_TEXT_LEN, &rep->id) != ERR_OK)
		return ERR_CORRUPT;
	for (size_t i = IDENT_TEXT_LEN; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return ERR_CORRUPT;
		rep->end_ms = rep->end_ms * 10 + (text[i] - '0');
	}
	return ERR_OK;
}

static enum err read_reverse(const struct command *command, const struct redisReply *reply, struct operation_answer *a)
{
	struct store_reverse_rep *rep = &a->reverse;
	int64_t outcome;

	if (!reply_int_at(reply, 0, &outcome) || outcome < STORE_REVERSE_OPENED || outcome > STORE_REVERSE_UNREADABLE)
		return ERR_CORRUPT;
	rep->outcome = (enum store_reverse_outcome)outcome;
	rep->id = command->id;
	switch (rep->outcome) {
	case STORE_REVERSE_OPENED:
	case STORE_REVERSE_TAKEN:
		return ERR_OK;
	case STORE_REVERSE_REPLAYED:
	case STORE_REVERSE_CONFLICT:
		return read_remembered(reply, rep);
	case STORE_REVERSE_UNREADABLE:
		(void)!door_unreadable(command->store, "record", &command->id);
		return ERR_OK;
	}
	return ERR_CORRUPT;
}

static void tell_reverse(const struct command *command, enum err err, const struct operation_answer *a)
{
	((store_reverse_fn)command->fn)(command->arg, err, err ? NULL : &a->reverse);
}

static const struct operation reverse_operation = { read_reverse, tell_reverse };

static void fill_record(const struct store *s, const struct store_reverse_req *req, struct store_record *r)
{
	memset(r, 0, sizeof(*r));
	r->version = s->write_version;
	r->id = req->id;
	r->reverse = true;
	r->tenant_tag = req->tenant_tag;
	r->purpose_tag = req->purpose_tag;
	r->created_ms = r->sent_ms = req->end_ms - req->life_ms;
	r->expires_ms = r->hard_end_ms = r->deadline_ms = req->end_ms;
	if (req->number)
		memcpy(r->sealed.number, req->number, sizeof(r->sealed.number));
}

static void once_words(struct command *command, const struct store_reverse_req *req)
{
	char value[IDENT_TEXT_LEN + DECIMAL_CAP + 1];

	ident_format(&req->id, value);
	size_t len = IDENT_TEXT_LEN + decimal_put_signed(value + IDENT_TEXT_LEN, req->end_ms);
	command_int(command, req->once.memory_ms ? req->once.memory_ms : 1);
	command_word(command, value, len);
}

enum err store_reverse(struct store *s, const struct store_reverse_req *req, store_reverse_fn fn, void *arg)
{
	static const uint16_t no_waits[RECORD_WAITS];
	uint8_t record[RECORD_CAP];
	struct store_record r;
	struct packed fields = { .len = 0 };
	enum err err;
	struct command *command = door_function(s, req->id.partition, LIBRARY_REVERSE, &err);

	if (!command)
		return err;
	fill_record(s, req, &r);
	size_t len = record_pack(&r, req->once.args_tag, no_waits, record);
	operation_answered_by(command, &reverse_operation, (void (*)(void))fn, arg);
	command->id = req->id;
	door_record_key(command, &req->id);
	door_once_key(command, &req->id, &req->once);
	command_keys_end(command);
	packed_time(&fields, store_now_ms(s));
	packed_octets(&fields, req->once.args_tag, LEN_ONCE);
	packed_word(&fields, command);
	command_word(command, record, len);
	command_int(command, (int64_t)req->life_ms + s->numbers.tombstone_ms);
	if (req->once.reqid_tag)
		once_words(command, req);
	return nodes_send(s->nodes, command);
}

/* --- find --- */

static enum err read_token(const struct command *command, const struct redisReply *reply, struct operation_answer *a)
{
	const struct redisReply *value = reply_at(reply, 0);
	struct store_query_rep *rep = &a->query;
	const char *data;
	size_t len;

	rep->gone = STORE_UNKNOWN;
	if (!value)
		return ERR_CORRUPT;
	if (reply_is_nil(value))
		return ERR_OK;
	if (!reply_str(value, &data, &len))
		return ERR_CORRUPT;
	a->records->id = command->id;
	if (door_record(command->store, data, len, a->records) != ERR_OK || !a->records->reverse)
		return ERR_OK;
	rep->gone = STORE_LIVE;
	rep->record = a->records;
	return ERR_OK;
}

static void tell_token(const struct command *command, enum err err, const struct operation_answer *a)
{
	((store_query_fn)command->fn)(command->arg, err, err ? NULL : &a->query);
}

static const struct operation token_operation = { read_token, tell_token };

enum err store_token(struct store *s, const struct ident *token, store_query_fn fn, void *arg)
{
	enum err err;
	struct command *command = nodes_command(s->nodes, token->partition, &err);

	if (!command)
		return err;
	operation_answered_by(command, &token_operation, (void (*)(void))fn, arg);
	command->store = s;
	command->id = *token;
	/* A key of another type is none to MGET. An error would have the SMSC repeat the message for ever. */
	command_text(command, "MGET");
	door_record_key(command, token);
	return nodes_send(s->nodes, command);
}

/* --- confirm --- */

static enum err read_confirm(const struct command *command, const struct redisReply *reply, struct operation_answer *a)
{
	int64_t v;

	(void)command;
	if (!reply_int(reply, &v) || v < STORE_CONFIRM_VERIFIED || v > STORE_CONFIRM_ENDED)
		return ERR_CORRUPT;
	a->confirmed = (enum store_confirmed)v;
	return ERR_OK;
}

static void tell_confirm(const struct command *command, enum err err, const struct operation_answer *a)
{
	((store_confirm_fn)command->fn)(command->arg, err, a->confirmed);
}

static const struct operation confirm_operation = { read_confirm, tell_confirm };

enum err store_confirm(struct store *s, const struct store_confirm_req *req, store_confirm_fn fn, void *arg)
{
	struct packed fields = { .len = 0 };
	enum err err;
	struct command *command = door_function(s, req->id.partition, LIBRARY_CONFIRM, &err);

	if (!command)
		return err;
	operation_answered_by(command, &confirm_operation, (void (*)(void))fn, arg);
	command->id = req->id;
	door_record_key(command, &req->id);
	command_keys_end(command);
	packed_time(&fields, store_now_ms(s));
	packed_int(&fields, req->smsc_tag, LEN_TAG_OF_NAME);
	packed_octets(&fields, req->id.generation, IDENT_GENERATION_LEN);
	packed_octets(&fields, req->number, LEN_NUMBER);
	packed_word(&fields, command);
	return nodes_send(s->nodes, command);
}

/* --- the tokens of a number --- */

_Static_assert((int)STORE_SENT_LEN == (int)LEN_SENT, "store.h");

static enum err read_source(const struct command *command, const struct redisReply *reply, struct operation_answer *a)
{
	int64_t v;

	(void)command;
	if (!reply_int(reply, &v) || v < 0 || v > 1)
		return ERR_CORRUPT;
	a->granted = v == 1;
	return ERR_OK;
}

static void tell_source(const struct command *command, enum err err, const struct operation_answer *a)
{
	((store_source_fn)command->fn)(command->arg, err, a->granted);
}

static const struct operation source_operation = { read_source, tell_source };

static struct command *source_command(struct store *s, const struct ident *source, enum err *err)
{
	struct command *command = door_function(s, source->partition, LIBRARY_SOURCE, err);

	if (!command)
		return NULL;
	command->durable = false;
	command->id = *source;
	door_source_key(command, source);
	command_keys_end(command);
	return command;
}

static void source_fields(struct command *command, const struct store_source_req *req, bool right)
{
	struct packed fields = { .len = 0 };

	packed_time(&fields, store_now_ms(command->store));
	packed_int(&fields, req->limit.count, 1);
	packed_int(&fields, req->limit.window_s, 4);
	packed_int(&fields, right, 1);
	packed_octets(&fields, req->sent, LEN_SENT);
	packed_word(&fields, command);
}

enum err store_source(struct store *s, const struct store_source_req *req, store_source_fn fn, void *arg)
{
	enum err err;
	struct command *command = source_command(s, &req->number, &err);

	if (!command)
		return err;
	operation_answered_by(command, &source_operation, (void (*)(void))fn, arg);
	source_fields(command, req, false);
	return nodes_send(s->nodes, command);
}

void store_source_right(struct store *s, const struct store_source_req *req)
{
	enum err err;
	struct command *command = source_command(s, &req->number, &err);

	if (!command)
		return;
	operation_counted(command);
	source_fields(command, req, true);
	(void)!nodes_send(s->nodes, command);
}
