/*
 * store: the door's frame: birth, time, status, and the words shared by its commands.
 */
#include "door.h"

#include "base/clock.h"
#include "base/stats.h"
#include "conn_greet.h"

#include <stdlib.h>
#include <string.h>

enum err store_new(struct loop *loop, const struct store_opts *opts, const struct store_hooks *hooks,
                   struct store **out)
{
	struct store *s = calloc(1, sizeof(*s));
	const struct conn_hooks conn_hooks = { .arg = hooks->arg, .on_up = hooks->on_up, .on_down = hooks->on_down };

	if (!s)
		return ERR_NOMEM;
	s->conn = conn_new(loop, opts, &conn_hooks);
	if (!s->conn) {
		free(s);
		return ERR_NOMEM;
	}
	s->opts = conn_opts(s->conn);
	memcpy(s->owner, s->opts->owner, strnlen(s->opts->owner, sizeof(s->owner)));
	s->gone =
	    stats_counter("otpgwd_journal_gone_total", "Leases that ran out on a verification past its end.", NULL);
	*out = s;
	return ERR_OK;
}

void store_start(struct store *s)
{
	conn_start(s->conn);
}

void store_free(struct store *s)
{
	if (!s)
		return;
	conn_free(s->conn);
	free(s);
}

bool store_up(const struct store *s)
{
	return conn_up(s->conn);
}

int64_t store_now_ms(const struct store *s)
{
	return clock_mono_ms() + conn_offset_ms(s->conn);
}

int64_t store_retry_ms(const struct store *s)
{
	return conn_retry_ms(s->conn);
}

enum store_durability store_durability(const struct store *s)
{
	return conn_durability(s->conn);
}

const char *store_durability_name(enum store_durability d)
{
	return greet_durability_name(d);
}

const char *store_warning(const struct store *s)
{
	return conn_warning(s->conn);
}

void store_status(const struct store *s, struct json *j)
{
	json_bool(j, "up", store_up(s));
	json_str(j, "reason", conn_reason(s->conn));
	json_int(j, "retry_ms", store_retry_ms(s));
	json_str(j, "durability", store_durability_name(store_durability(s)));
	json_str(j, "warning", store_warning(s));
	json_int(j, "in_flight", (int64_t)conn_in_flight(s->conn));
}

#define KEY_CAP 256

/* "<prefix><kind>{<partition>}" without the printer of the C library: four keys a request pass here. */
static size_t key_head(const struct conn_op *op, char kind, uint16_t partition, char key[KEY_CAP])
{
	const char *prefix = conn_opts(op->conn)->key_prefix;
	size_t n = strnlen(prefix, KEY_CAP / 4);
	char digits[5];
	size_t count = 0;

	memcpy(key, prefix, n);
	key[n++] = kind;
	key[n++] = '{';
	do {
		digits[count++] = (char)('0' + partition % 10);
		partition = (uint16_t)(partition / 10);
	} while (partition);
	while (count)
		key[n++] = digits[--count];
	key[n++] = '}';
	return n;
}

void door_key(struct conn_op *op, char kind, uint16_t partition, const char *rest)
{
	char key[KEY_CAP];
	size_t n = key_head(op, kind, partition, key), len = strnlen(rest, KEY_CAP / 2);

	if (len)
		key[n++] = ':';
	memcpy(key + n, rest, len);
	conn_word(op, key, n + len);
}

void door_record_key(struct conn_op *op, const struct ident *id)
{
	char tuple[IDENT_TUPLE_LEN + 1];

	ident_tuple(id, tuple);
	door_key(op, 'o', id->partition, tuple);
}

void door_number_key(struct conn_op *op, const struct ident *id)
{
	char tuple[IDENT_TUPLE_LEN + 1];

	ident_tuple(id, tuple);
	tuple[IDENT_NUMBER_LEN] = 0;
	door_key(op, 'r', id->partition, tuple);
}

void door_journal_key(struct conn_op *op, uint16_t partition)
{
	door_key(op, 'j', partition, "");
}

void door_once_key(struct conn_op *op, const struct ident *id, const struct store_once *once)
{
	char tag[KEYRING_TAG_LEN / 3 * 4 + 1];

	if (!once->reqid_tag)
		return;
	ident_base64url(once->reqid_tag, KEYRING_TAG_LEN, tag);
	door_key(op, 'k', id->partition, tag);
}

void door_prefix(struct conn_op *op, uint16_t partition)
{
	char key[KEY_CAP];
	size_t n = key_head(op, 'o', partition, key);

	key[n++] = ':';
	conn_word(op, key, n);
}

void door_tuple(struct conn_op *op, const struct ident *id)
{
	char tuple[IDENT_TUPLE_LEN + 1];

	ident_tuple(id, tuple);
	conn_word(op, tuple, IDENT_TUPLE_LEN);
}

void door_tenant(struct conn_op *op, uint32_t tenant_tag)
{
	const uint8_t tag[4] = { (uint8_t)tenant_tag, (uint8_t)(tenant_tag >> 8), (uint8_t)(tenant_tag >> 16),
		                 (uint8_t)(tenant_tag >> 24) };

	conn_word(op, tag, sizeof(tag));
}

void door_limits(struct conn_op *op, const struct store_limits *l)
{
	uint8_t packed[RECORD_LIMITS_LEN];

	record_pack_limits(l, packed);
	conn_word(op, packed, sizeof(packed));
}

struct conn_op *door_script(struct store *s, enum script script, unsigned keys, unsigned args, enum err *err)
{
	struct conn_op *op = conn_script_op(s->conn, script, keys, args, err);

	if (op)
		op->store = s;
	return op;
}

void door_answer(struct conn_op *op, conn_decode_fn decode, void (*fn)(void), void *arg)
{
	op->decode = decode;
	op->fn = fn;
	op->arg = arg;
}

enum err door_record(const void *data, size_t len, const struct ident *id, struct store_record *out)
{
	out->id = *id;
	return record_unpack(data, len, out);
}

int64_t door_lease(const struct store *s, int64_t *end_ms)
{
	/* Counted from before the command leaves: the lease in Redis never ends before ours does. */
	*end_ms = clock_mono_ms() + s->opts->lease_ms;
	return store_now_ms(s) + s->opts->lease_ms;
}
