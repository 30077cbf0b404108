/*
 * verifications: the operations that ask for an SMS, issue and resend. Each runs one function and reads its reply.
 */
#include "operation.h"
#include "door.h"
#include "packed.h"

#include "base/decimal.h"

#include <string.h>

/* Reads the id from element 1 of a reply, which is its text or its record. Without one it is the id that was asked. */
static enum err read_id(const struct command *command, const struct redisReply *reply, struct ident *out)
{
	struct store_record record = { .id = command->id };
	const char *text;
	size_t len;

	*out = command->id;
	if (reply_len(reply) == 1)
		return ERR_OK;
	if (!reply_str_at(reply, 1, &text, &len))
		return ERR_CORRUPT;
	if (len == IDENT_TEXT_LEN && ident_parse(text, len, out) == ERR_OK)
		return ERR_OK;
	enum err err = door_record(command->store, text, len, &record);
	*out = record.id;
	return err;
}

static enum err read_record(const struct command *command, const struct redisReply *reply, struct store_record *out)
{
	const char *data;
	size_t len;

	out->id = command->id;
	return reply_str_at(reply, 1, &data, &len) ? door_record(command->store, data, len, out) : ERR_CORRUPT;
}

/* Adds the keys of both functions. */
static void send_keys(struct command *command, const struct ident *id, uint32_t tenant_tag,
                      const struct store_once *once, bool known)
{
	command->id = *id;
	door_record_key(command, id);
	door_number_key(command, id, tenant_tag, known);
	door_journal_key(command, id->partition);
	door_once_key(command, id, once);
	command_keys_end(command);
}

/* Adds a unix second as counters have it: as text, rounded up. */
static void put_second(struct packed *fields, int64_t now)
{
	char text[DECIMAL_CAP];
	size_t len = decimal_put(text, (uint64_t)(now + 999) / 1000);

	for (size_t n = len; n < LEN_SECOND; n++)
		packed_octets(fields, "0", 1);
	packed_octets(fields, text, len);
}

/* Adds the fields with which both functions begin. */
static void send_fields(struct packed *fields, const struct store *s, int64_t equal_window_ms)
{
	int64_t now = store_now_ms(s);

	put_second(fields, now);
	packed_time(fields, now);
	packed_int(fields, equal_window_ms, 4);
}

/* Adds the arguments that follow the fields in both functions, as lua/lib/send.lua reads them. */
static void send_words(struct command *command, const struct packed *fields)
{
	packed_word(fields, command);
	command_int(command, command->store->numbers.keep_s);
	command_int(command, door_lease(command->store, &command->lease_end_ms));
}

/*
 * Adds what is remembered with a REQID, with the id that the client is told, and the limit over all tenants, which the
 * SMS of a test number do not touch.
 */
static void once_words(struct command *command, const struct ident *id, const struct ident *told,
                       const struct store_once *once, bool test)
{
	const bool capped = command->store->numbers.sends.count && !test;
	char text[IDENT_TEXT_LEN + 1];

	if (once->reqid_tag) {
		ident_format(told, text);
		command_int(command, once->memory_ms ? once->memory_ms : 1);
		command_word(command, text, IDENT_TEXT_LEN);
	} else if (capped) {
		command_word(command, "", 0);
		command_word(command, "", 0);
	}
	if (capped)
		door_cap(command, id);
}

/* --- issue --- */

/* A repeated request with a REQID has the text of the id, and one without it the record. */
static enum err read_replayed(const struct command *command, const struct redisReply *reply, struct operation_answer *a)
{
	const char *text;
	size_t len;

	if (reply_str_at(reply, 1, &text, &len) && len == IDENT_TEXT_LEN &&
	    ident_parse(text, len, &a->issue.id) == ERR_OK)
		return ERR_OK;
	enum err err = read_record(command, reply, a->records);
	a->issue.record = a->records;
	a->issue.id = a->records->id;
	return err;
}

static enum err read_issue(const struct command *command, const struct redisReply *reply, struct operation_answer *a)
{
	struct store_issue_rep *rep = &a->issue;
	int64_t outcome, by;

	rep->id = command->id;
	rep->lease_end_ms = command->lease_end_ms;
	rep->outcome = STORE_ISSUE_CREATED;
	if (reply_int(reply, &outcome))
		return outcome == ISSUE_CREATED ? ERR_OK : ERR_CORRUPT;
	if (!reply_int_at(reply, 0, &outcome) || outcome <= STORE_ISSUE_CREATED || outcome > STORE_ISSUE_REDIRECTED)
		return ERR_CORRUPT;
	rep->outcome = (enum store_issue_outcome)outcome;
	switch (rep->outcome) {
	case STORE_ISSUE_CREATED:
		break;
	case STORE_ISSUE_REPLAYED:
	case STORE_ISSUE_CONFLICT:
		return read_replayed(command, reply, a);
	case STORE_ISSUE_LIVE:
	case STORE_ISSUE_REDIRECTED:
		rep->record = a->records;
		return read_record(command, reply, a->records);
	case STORE_ISSUE_LIMITED:
		if (!reply_int_at(reply, 1, &rep->retry_ms) || !reply_int_at(reply, 2, &by) ||
		    by < STORE_LIMITED_SENDS || by > STORE_LIMITED_NONE_LEFT)
			return ERR_CORRUPT;
		rep->limited_by = (enum store_limited_by)by;
		return ERR_OK;
	case STORE_ISSUE_UNREADABLE:
		(void)!door_unreadable(command->store, "record", &command->id);
		return ERR_OK;
	}
	return ERR_CORRUPT;
}

static void tell_issue(const struct command *command, enum err err, const struct operation_answer *a)
{
	((store_issue_fn)command->fn)(command->arg, err, err ? NULL : &a->issue);
}

static const struct operation issue_operation = { read_issue, tell_issue };

static void fill_record(const struct store *s, const struct store_issue_req *req, struct store_record *r)
{
	int64_t now = req->hard_end_ms - req->hard_ms;
	int64_t expires = now + req->deadline_ms + req->ttl_ms;

	memset(r, 0, sizeof(*r));
	r->version = s->write_version;
	r->id = req->id;
	r->tenant_tag = req->tenant_tag;
	r->purpose_tag = req->purpose_tag;
	r->known = req->known;
	r->test = req->test;
	r->code_len = req->code_len;
	r->check_digit = req->check_digit;
	r->bound = req->bound;
	memcpy(r->confirms, req->confirms, sizeof(r->confirms));
	r->alphabet = req->alphabet;
	r->limits = req->limits;
	r->guesses = req->guesses;
	r->redirects = req->redirects;
	r->similar = req->similar;
	r->sends = 1;
	r->sends_max = req->sends_max;
	r->wait_s = req->wait_s[0];
	r->created_ms = r->sent_ms = now;
	r->hard_end_ms = req->hard_end_ms;
	r->expires_ms = expires < req->hard_end_ms ? expires : req->hard_end_ms;
	r->deadline_ms = now + req->deadline_ms;
	r->ttl_ms = req->ttl_ms;
	memcpy(r->owner, s->owner, sizeof(s->owner));
	memcpy(r->mac, req->mac, sizeof(r->mac));
	r->resend = req->resend;
	r->own_code = req->own_code;
	memcpy(r->ref, req->ref, sizeof(r->ref));
	r->sealed = req->sealed;
}

enum err store_issue(struct store *s, const struct store_issue_req *req, store_issue_fn fn, void *arg)
{
	uint8_t record[RECORD_CAP];
	struct store_record r;
	struct packed fields = { .len = 0 };
	enum err err;
	struct command *command = door_function(s, req->id.partition, LIBRARY_ISSUE, &err);

	if (!command)
		return err;
	fill_record(s, req, &r);
	size_t len = record_pack(&r, req->once.args_tag, req->wait_s, record);
	operation_answered_by(command, &issue_operation, (void (*)(void))fn, arg);
	send_fields(&fields, s, req->equal_window_ms);
	if (req->replaces)
		packed_octets(&fields, req->replaces->generation, LEN_GENERATION);
	packed_octets(&fields, req->once.args_tag, LEN_ONCE);
	send_keys(command, &req->id, req->tenant_tag, &req->once, req->known);
	send_words(command, &fields);
	command_word(command, record, len);
	command_int(command, (int64_t)req->hard_ms + s->numbers.tombstone_ms);
	once_words(command, &req->id, &req->id, &req->once, req->test);
	return nodes_send(s->nodes, command);
}

/* --- resend --- */

static enum err read_resend(const struct command *command, const struct redisReply *reply, struct operation_answer *a)
{
	struct store_resend_rep *rep = &a->resend;
	int64_t outcome, left;

	if (!reply_int_at(reply, 0, &outcome) || outcome < STORE_RESEND_GRANTED || outcome > STORE_RESEND_GONE)
		return ERR_CORRUPT;
	rep->outcome = (enum store_resend_outcome)outcome;
	rep->id = command->id;
	rep->lease_end_ms = command->lease_end_ms;
	switch (rep->outcome) {
	case STORE_RESEND_GRANTED:
		rep->record = a->records;
		return read_record(command, reply, a->records);
	case STORE_RESEND_REPLAYED:
	case STORE_RESEND_CONFLICT:
		return read_id(command, reply, &rep->id);
	case STORE_RESEND_WAIT:
		if (!reply_int_at(reply, 2, &left))
			return ERR_CORRUPT;
		rep->none_left = left == 0;
		return reply_int_at(reply, 1, &rep->retry_ms) ? ERR_OK : ERR_CORRUPT;
	case STORE_RESEND_LIMITED:
		return reply_int_at(reply, 1, &rep->retry_ms) ? ERR_OK : ERR_CORRUPT;
	case STORE_RESEND_GONE:
		return door_gone(command, reply, 1, &rep->gone, &rep->gone_ms);
	}
	return ERR_CORRUPT;
}

static void tell_resend(const struct command *command, enum err err, const struct operation_answer *a)
{
	((store_resend_fn)command->fn)(command->arg, err, err ? NULL : &a->resend);
}

static const struct operation resend_operation = { read_resend, tell_resend };

/* Adds the word with the limits of a known device and what is added to the codes, each of them or neither. */
static void more_word(struct command *command, const struct store_resend_req *req)
{
	const struct store_added *added = req->added;
	struct packed more = { .len = 0 };
	uint8_t limits[LEN_LIMITS];

	if (req->known) {
		record_pack_limits(req->known, limits);
		packed_octets(&more, limits, sizeof(limits));
	}
	if (added) {
		packed_int(&more, added->has_code * ADDED_CODE | added->own_code * ADDED_OWN, 1);
		packed_octets(&more, added->ref, LEN_REF);
		packed_octets(&more, added->mac, LEN_MAC);
	}
	packed_word(&more, command);
}

enum err store_resend(struct store *s, const struct store_resend_req *req, store_resend_fn fn, void *arg)
{
	struct packed fields = { .len = 0 };
	enum err err;
	struct command *command = door_function(s, req->id.partition, LIBRARY_RESEND, &err);

	if (!command)
		return err;
	operation_answered_by(command, &resend_operation, (void (*)(void))fn, arg);
	send_fields(&fields, s, req->equal_window_ms);
	packed_time(&fields, store_now_ms(s) + req->deadline_ms);
	packed_int(&fields, req->tenant_tag, LEN_TENANT);
	packed_octets(&fields, s->owner, LEN_OWNER);
	packed_octets(&fields, req->id.generation, IDENT_GENERATION_LEN);
	packed_octets(&fields, req->once.args_tag, LEN_ONCE);
	send_keys(command, &req->id, req->tenant_tag, &req->once, false);
	send_words(command, &fields);
	command_word(command, req->sealed ? req->sealed->octets : NULL, req->sealed ? req->sealed->len : 0);
	more_word(command, req);
	once_words(command, &req->id, &req->told, &req->once, req->test);
	return nodes_send(s->nodes, command);
}
