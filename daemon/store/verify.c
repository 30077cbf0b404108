/*
 * verify: runs the function that judges a guess, and reads its reply.
 */
#include "operation.h"
#include "door.h"

#include <string.h>

_Static_assert((int)VERIFY_UNREADABLE == STORE_VERIFY_CONFLICT + 1 && CANDIDATE_SIZE == 2 + KEYRING_MAC_LEN,
               "layout.h");

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
	    shape < STORE_SHAPE_SHORT || shape > STORE_SHAPE_ALPHABET || want < 0 || want > UINT8_MAX || left < 0 ||
	    left > UINT8_MAX)
		return ERR_CORRUPT;
	rep->shape = (enum store_shape)shape;
	rep->want = (uint8_t)want;
	rep->attempts_left = (uint8_t)left;
	return ERR_OK;
}

static enum err read_verify(const struct command *command, const struct redisReply *reply, struct operation_answer *a)
{
	struct store_verify_rep *rep = &a->verify;
	/* The number of elements is checked, so that one changed octet cannot turn another outcome into an approval. */
	static const size_t elements[] = {
		[STORE_VERIFY_APPROVED] = 1, [STORE_VERIFY_WRONG] = 4,    [STORE_VERIFY_SHAPE] = 4,
		[STORE_VERIFY_GONE] = 3,     [STORE_VERIFY_CONFLICT] = 1, [VERIFY_UNREADABLE] = 1
	};
	int64_t outcome;

	if (!reply_int_at(reply, 0, &outcome) || outcome < STORE_VERIFY_APPROVED || outcome > VERIFY_UNREADABLE ||
	    reply_len(reply) != elements[outcome])
		return ERR_CORRUPT;
	if (outcome == VERIFY_UNREADABLE)
		return door_unreadable(command->store, "verdict", &command->id);
	rep->outcome = (enum store_verify_outcome)outcome;
	switch (rep->outcome) {
	case STORE_VERIFY_APPROVED:
	case STORE_VERIFY_CONFLICT:
		return ERR_OK;
	case STORE_VERIFY_WRONG:
		return read_wrong(reply, rep);
	case STORE_VERIFY_SHAPE:
		return read_shape(reply, rep);
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

static void candidates_word(struct command *command, const struct store_verify_req *req)
{
	uint8_t packed[CODE_SHAPES * CANDIDATE_SIZE];

	for (size_t i = 0; i < req->candidate_count; i++) {
		uint8_t *at = packed + CANDIDATE_SIZE * i;

		at[0] = req->candidates[i].len;
		at[1] = req->candidates[i].alphabets;
		memcpy(at + 2, req->candidates[i].mac, KEYRING_MAC_LEN);
	}
	command_word(command, packed, CANDIDATE_SIZE * req->candidate_count);
}

enum err store_verify(struct store *s, const struct store_verify_req *req, store_verify_fn fn, void *arg)
{
	enum err err;
	struct command *command = door_function(s, req->id.partition, LIBRARY_VERIFY, &err);

	if (!command)
		return err;
	operation_answered_by(command, &verify_operation, (void (*)(void))fn, arg);
	command->id = req->id;
	door_record_key(command, &req->id);
	door_number_key(command, &req->id, req->tenant_tag);
	door_once_key(command, &req->id, &req->once);
	command_keys_end(command);
	command_int(command, store_now_ms(s));
	command_word(command, req->id.generation, IDENT_GENERATION_LEN);
	door_tenant(command, req->tenant_tag);
	candidates_word(command, req);
	command_int(command, req->typed_len);
	command_int(command, s->numbers.keep_s);
	command_word(command, req->once.args_tag, KEYRING_TAG_LEN);
	command_int(command, req->once.memory_ms ? req->once.memory_ms : 1);
	return nodes_send(s->nodes, command);
}
