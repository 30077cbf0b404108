/*
 * door: builds the keys and arguments that several commands have, and reads stored values. Owns nothing.
 */
#include "door.h"

#include "base/clock.h"
#include "base/copy.h"
#include "base/decimal.h"
#include "base/log.h"
#include "base/stats.h"

#include <string.h>

#define TOPIC "store"
#define KEY_CAP 256

/*
 * "<prefix><kind>{<partition>}". No colon divides it from what follows, because the key of a record has 30 characters
 * then, which Redis keeps in 32 octets; for 31 its allocator takes 48. Does not use snprintf, because it builds four
 * keys per request.
 */
static size_t key_head(const struct command *command, char kind, uint16_t partition, char key[KEY_CAP])
{
	const char *prefix = command->pool->opts->key_prefix;
	size_t n = strnlen(prefix, KEY_CAP / 4);

	memcpy(key, prefix, n);
	key[n++] = kind;
	key[n++] = '{';
	n += decimal_put(key + n, partition);
	key[n++] = '}';
	return n;
}

void door_key(struct command *command, char kind, uint16_t partition, const char *rest)
{
	char key[KEY_CAP];
	size_t n = key_head(command, kind, partition, key), len = strnlen(rest, KEY_CAP / 2);

	memcpy(key + n, rest, len);
	command_word(command, key, n + len);
}

/* Most commands are about one tuple, whose text is in several of their words, so it is made once. */
static const char *tuple_of(struct command *command, const struct ident *id)
{
	if (command->tuple[0] && ident_same(&command->named, id))
		return command->tuple;
	command->named = *id;
	ident_tuple(id, command->tuple);
	return command->tuple;
}

void door_record_key(struct command *command, const struct ident *id)
{
	door_key(command, 'o', id->partition, tuple_of(command, id));
}

static void number_key(struct command *command, char kind, const struct ident *id, const char *tenant)
{
	char rest[IDENT_TUPLE_LEN + 1];

	memcpy(rest, tuple_of(command, id), IDENT_NUMBER_LEN);
	memcpy(rest + IDENT_NUMBER_LEN, tenant, strlen(tenant) + 1);
	door_key(command, kind, id->partition, rest);
}

void door_number_base(struct command *command, const struct ident *id)
{
	number_key(command, 'r', id, "");
}

void door_number_key(struct command *command, const struct ident *id, uint32_t tenant_tag, bool known)
{
	static const char hex[] = "0123456789abcdef";
	char tenant[10] = "";

	for (unsigned i = 0; i < 4; i++) {
		tenant[2 * i] = hex[tenant_tag >> (8 * i + 4) & 15];
		tenant[2 * i + 1] = hex[tenant_tag >> 8 * i & 15];
	}
	if (known)
		tenant[8] = 'k';
	number_key(command, 'r', id, tenant);
}

void door_source_key(struct command *command, const struct ident *source)
{
	number_key(command, 'w', source, "");
}

void door_cap_key(struct command *command, const struct ident *id)
{
	if (command->store->numbers.sends.count)
		number_key(command, 's', id, "");
}

void door_cap(struct command *command, const struct ident *id)
{
	if (!command->store->numbers.sends.count)
		return;
	door_cap_key(command, id);
	command_int(command, command->store->numbers.sends.count);
	command_int(command, command->store->numbers.sends.window_s);
}

void door_journal_key(struct command *command, uint16_t partition)
{
	door_key(command, 'j', partition, "");
}

void door_once_key(struct command *command, const struct ident *id, const struct store_once *once)
{
	char tag[KEYRING_TAG_LEN / 3 * 4 + 1];

	if (!once->reqid_tag)
		return;
	ident_base64url(once->reqid_tag, KEYRING_TAG_LEN, tag);
	door_key(command, 'k', id->partition, tag);
}

void door_receipt_key(struct command *command, uint16_t partition, uint16_t smsc_tag, const char *message_id)
{
	char rest[DECIMAL_CAP + 1 + STORE_MESSAGE_ID_CAP];
	size_t n = decimal_put(rest, smsc_tag);

	rest[n++] = ':';
	copy_text(rest + n, STORE_MESSAGE_ID_CAP, message_id);
	door_key(command, 'm', partition, rest);
}

#define RECEIPT_LEN (2 + 2 * IDENT_TAG_LEN + IDENT_KEPT_LEN)

void door_receipt_word(struct command *command, const struct ident *id)
{
	uint8_t v[RECEIPT_LEN] = { (uint8_t)(id->partition >> 8), (uint8_t)id->partition };

	memcpy(v + 2, id->number_tag, IDENT_TAG_LEN);
	memcpy(v + 2 + IDENT_TAG_LEN, id->tuple_tag, IDENT_TAG_LEN);
	memcpy(v + 2 + 2 * IDENT_TAG_LEN, id->generation, IDENT_KEPT_LEN);
	command_word(command, v, sizeof(v));
}

bool door_receipt_id(const struct store *s, const void *data, size_t len, struct ident *out)
{
	const uint8_t *v = data;

	memset(out, 0, sizeof(*out));
	if (len != RECEIPT_LEN)
		return false;
	out->partition = (uint16_t)(v[0] << 8 | v[1]);
	memcpy(out->number_tag, v + 2, IDENT_TAG_LEN);
	memcpy(out->tuple_tag, v + 2 + IDENT_TAG_LEN, IDENT_TAG_LEN);
	memcpy(out->generation, v + 2 + 2 * IDENT_TAG_LEN, IDENT_KEPT_LEN);
	return out->partition < s->opts.partitions;
}

void door_prefix(struct command *command, char kind, uint16_t partition)
{
	char key[KEY_CAP];

	command_word(command, key, key_head(command, kind, partition, key));
}

void door_tuple(struct command *command, const struct ident *id)
{
	command_word(command, tuple_of(command, id), IDENT_TUPLE_LEN);
}

void door_limits(struct command *command, const struct store_limits *l)
{
	uint8_t packed[LEN_LIMITS];

	if (l)
		record_pack_limits(l, packed);
	command_word(command, packed, l ? sizeof(packed) : 0);
}

struct command *door_function(struct store *s, uint16_t partition, enum library_function f, enum err *err)
{
	struct command *command = nodes_function(s->nodes, partition, f, err);

	if (!command)
		return NULL;
	command->store = s;
	/* No client is told that a lease was taken or handed back, so these need not survive a failover. */
	command->durable = f != LIBRARY_CLAIM && f != LIBRARY_RELEASE;
	return command;
}

enum err door_unreadable(struct store *s, const char *what, const struct ident *id)
{
	char tuple[IDENT_TUPLE_LEN + 1];

	ident_tuple(id, tuple);
	stats_inc(s->unreadable);
	log_write(log_seldom(&s->quiet_ms), TOPIC, "unreadable what=%s partition=%u tuple=%s", what, id->partition,
	          tuple);
	return ERR_INVALID;
}

enum err door_record(struct store *s, const void *data, size_t len, struct store_record *out)
{
	return record_unpack(data, len, out) == ERR_OK ? ERR_OK : door_unreadable(s, "record", &out->id);
}

enum err door_gone(const struct command *command, const struct redisReply *reply, size_t i, enum store_gone *gone,
                   int64_t *gone_ms)
{
	int64_t v;

	if (!reply_int_at(reply, i, &v) || !reply_int_at(reply, i + 1, gone_ms) || v < STORE_LIVE ||
	    v > STORE_REDIRECTED)
		return ERR_CORRUPT;
	*gone = (enum store_gone)v;
	if (*gone == STORE_UNREADABLE)
		(void)!door_unreadable(command->store, "record", &command->id);
	return ERR_OK;
}

int64_t door_lease(const struct store *s, int64_t *end_ms)
{
	/* The monotonic clock is read before the command is sent, so that the lease in Redis never ends before ours. */
	*end_ms = clock_mono_ms() + s->opts.lease_ms;
	return *end_ms + node_set_offset_ms(nodes_set(s->nodes));
}
