/*
 * successor: reads one record after the other, until one has no successor. Owns nothing. Must never follow more ids
 * than a verification can have.
 */
#include "successor.h"

#include "otp/message.h"

#include <string.h>

static void on_record(void *arg, enum err err, const struct store_query_rep *rep);

static enum err ask(struct successor *s)
{
	return store_query(s->store, &s->chain[s->length - 1], s->tenant_tag, on_record, s);
}

static void tell(struct successor *s, enum err err, const struct store_query_rep *rep)
{
	struct successor_rep told = { .chain = s->chain, .length = s->length };

	if (rep) {
		told.gone = rep->gone;
		told.gone_ms = rep->gone_ms;
		told.record = rep->record;
		told.other = rep->other;
	}
	s->fn(s->arg, err, rep ? &told : NULL);
}

/* Adds the successor of the last id to the chain. False: its seal cannot be read. */
static bool open_next(struct successor *s, const struct store_record *record)
{
	const struct ident *last = &s->chain[s->length - 1];

	if (s->length <= SUCCESSOR_HOPS_MAX &&
	    keyring_unseal_id(s->keys, last, record->successor, &s->chain[s->length]) == ERR_OK) {
		s->length++;
		return true;
	}
	store_unreadable(s->store, "successor", last);
	return false;
}

static void on_record(void *arg, enum err err, const struct store_query_rep *rep)
{
	static const struct store_query_rep unreadable = { .gone = STORE_UNREADABLE };
	struct successor *s = arg;

	if (err || rep->gone != STORE_LIVE || !rep->record->redirected) {
		tell(s, err, err ? NULL : rep);
		return;
	}
	if (!open_next(s, rep->record)) {
		tell(s, ERR_OK, &unreadable);
		return;
	}
	err = ask(s);
	if (err)
		tell(s, ERR_UNAVAILABLE, NULL);
}

static void begin(struct successor *s, struct store *store, const struct keyring *keys, uint32_t tenant_tag,
                  const struct ident *id)
{
	s->store = store;
	s->keys = keys;
	s->tenant_tag = tenant_tag;
	s->chain[0] = *id;
	s->length = 1;
}

enum err successor_find(struct successor *s, struct store *store, const struct keyring *keys, uint32_t tenant_tag,
                        const struct ident *id)
{
	begin(s, store, keys, tenant_tag, id);
	return ask(s);
}

enum err successor_find_from(struct successor *s, struct store *store, const struct keyring *keys, uint32_t tenant_tag,
                             const struct store_record *redirected)
{
	begin(s, store, keys, tenant_tag, &redirected->id);
	return open_next(s, redirected) ? ask(s) : ERR_CORRUPT;
}

const struct ident *successor_last(const struct successor_rep *rep)
{
	return &rep->chain[rep->length - 1];
}

enum err successor_root(const struct keyring *keys, const struct store_record *record, struct ident *root)
{
	struct message_payload payload;

	*root = record->id;
	if (!record->redirects)
		return ERR_OK;
	enum err err = message_open(keys, &record->id, record->hard_end_ms, &record->sealed, &payload);
	if (!err && payload.redirected)
		*root = payload.root;
	message_wipe(&payload);
	return err;
}

void successor_tag(const struct keyring *keys, const struct ident *id, const struct msisdn *number,
                   uint8_t out[STORE_RESERVE_LEN])
{
	uint8_t joined[IDENT_PACKED_LEN + MSISDN_CAP] = { 0 }, tag[KEYRING_TAG_LEN];

	ident_pack(id, joined);
	memcpy(joined + IDENT_PACKED_LEN, number->digits, strnlen(number->digits, MSISDN_CAP));
	keyring_tag(keys, "redirect", joined, sizeof(joined), tag);
	memcpy(out, tag, STORE_RESERVE_LEN);
	secret_wipe(joined, sizeof(joined));
}
