/*
 * verify: runs the function that judges a guess, and reads its reply.
 */
#include "operation.h"
#include "door.h"
#include "packed.h"

#include <string.h>

_Static_assert(PACKED_CAP >= 23 + IDENT_GENERATION_LEN + LEN_ONCE + CODE_SHAPES * (int)CANDIDATE_SIZE, "packed.h");
_Static_assert((int)VERIFY_UNREADABLE == STORE_VERIFY_BINDING + 1 && CANDIDATE_SIZE == 2 + KEYRING_MAC_LEN, "layout.h");

static enum err read_wrong(const struct redisReply *reply, struct store_verify_rep *rep)
{
	int64_t left, repeated;

	if (!reply_int_at(reply, 1, &left) || !reply_int_at(reply, 2, &repeated) ||
	    !reply_int_at(reply, 3, &rep->retry_ms) || left < 0 || left > UINT8_MAX)
		return ERR_CORRUPT;
	rep->attempts_left = (uint8_t)left;
	rep->repeated = repeated == 1;
	return ERR_OK;
}

static enum err read_shape(const struct redisReply *reply, struct store_verify_rep *rep)
{
	int64_t shape, want, left;

	if (!reply_int_at(reply, 1, &shape) || !reply_int_at(reply, 2, &want) || !reply_int_at(reply, 3, &left) ||
	    shape < STORE_SHAPE_SHORT || shape > STORE_SHAPE_MISTYPED || want < 0 || want > UINT8_MAX || left < 0 ||
	    left > UINT8_MAX)
		return ERR_CORRUPT;
	rep->shape = (enum store_shape)shape;
	rep->want = (uint8_t)want;
	rep->attempts_left = (uint8_t)left;
	return ERR_OK;
}

static enum err read_binding(const struct redisReply *reply, struct store_verify_rep *rep)
{
	int64_t left;

	if (!reply_int_at(reply, 1, &left) || !reply_int_at(reply, 2, &rep->retry_ms) || left < 0 || left > UINT8_MAX)
		return ERR_CORRUPT;
	rep->attempts_left = (uint8_t)left;
	return ERR_OK;
}

static enum err read_verify(const struct command *command, const struct redisReply *reply, struct operation_answer *a)
{
	struct store_verify_rep *rep = &a->verify;
	/* The number of elements is checked, so that one changed octet cannot turn another outcome into an approval. */
	static const size_t elements[] = {
		[STORE_VERIFY_WRONG] = 4,    [STORE_VERIFY_SHAPE] = 4,   [STORE_VERIFY_GONE] = 3,
		[STORE_VERIFY_CONFLICT] = 1, [STORE_VERIFY_BINDING] = 3, [VERIFY_UNREADABLE] = 1
	};
	int64_t outcome;

	rep->outcome = STORE_VERIFY_APPROVED;
	if (reply_int(reply, &outcome))
		return outcome == VERIFY_APPROVED ? ERR_OK : ERR_CORRUPT;
	if (!reply_int_at(reply, 0, &outcome) || outcome <= STORE_VERIFY_APPROVED || outcome > VERIFY_UNREADABLE ||
	    reply_len(reply) != elements[outcome])
		return ERR_CORRUPT;
	if (outcome == VERIFY_UNREADABLE)
		return door_unreadable(command->store, "verdict", &command->id);
	rep->outcome = (enum store_verify_outcome)outcome;
	switch (rep->outcome) {
	case STORE_VERIFY_APPROVED:
		break;
	case STORE_VERIFY_CONFLICT:
		return ERR_OK;
	case STORE_VERIFY_WRONG:
		return read_wrong(reply, rep);
	case STORE_VERIFY_SHAPE:
		return read_shape(reply, rep);
	case STORE_VERIFY_BINDING:
		return read_binding(reply, rep);
	case STORE_VERIFY_GONE:
		return door_gone(command, reply, 1, &rep->gone, &rep->gone_ms);
	}
	return ERR_CORRUPT;
}

static void tell_verify(const struct command *command, enum err err, const struct operation_answer *a)
{
	((store_verify_fn)command->fn)(command->arg, err, err ? NULL : &a->verify);
}

static const struct operation verify_operation = { read_verify, tell_verify };

/* The codes that the guess can be read as stand behind the other fields. */
static void add_candidates(struct packed *fields, const struct store_verify_req *req)
{
	for (size_t i = 0; i < req->candidate_count; i++) {
		packed_int(fields, req->candidates[i].len, 1);
		packed_int(fields, req->candidates[i].alphabets | req->candidates[i].checked * CANDIDATE_CHECKED, 1);
		packed_octets(fields, req->candidates[i].mac, KEYRING_MAC_LEN);
	}
}

enum err store_verify(struct store *s, const struct store_verify_req *req, store_verify_fn fn, void *arg)
{
	struct packed fields = { .len = 0 };
	enum err err;
	struct command *command = door_function(s, req->id.partition, LIBRARY_VERIFY, &err);

	if (!command)
		return err;
	operation_answered_by(command, &verify_operation, (void (*)(void))fn, arg);
	command->id = req->id;
	door_record_key(command, &req->id);
	door_number_key(command, &req->id, req->tenant_tag, false);
	door_once_key(command, &req->id, &req->once);
	command_keys_end(command);
	packed_time(&fields, store_now_ms(s));
	packed_int(&fields, s->numbers.keep_s, 4);
	packed_int(&fields, req->tenant_tag, LEN_TENANT);
	packed_int(&fields, req->typed_len, 1);
	packed_octets(&fields, req->id.generation, IDENT_GENERATION_LEN);
	packed_octets(&fields, req->once.args_tag, LEN_ONCE);
	add_candidates(&fields, req);
	packed_word(&fields, command);
	if (req->once.reqid_tag)
		command_int(command, req->once.memory_ms ? req->once.memory_ms : 1);
	else if (req->confirms)
		command_word(command, "", 0);
	if (req->confirms)
		command_word(command, req->confirms, STORE_CONFIRMS_LEN);
	return nodes_send(s->nodes, command);
}
