/*
 * similar: reads and writes the note with the number before. The note is sealed with an id that is made of the tag of
 * the tenant and subject, so that no note fits another subject. It must never show the number before to anyone.
 */
#include "similar.h"

#include "otp/typo.h"

#include <string.h>

#define KEEP_MS 3600000

/* The note: the kid and the first octets of the generation of the id that seals it, the number, and its verification.
 */
#define NOTE_HEAD (1 + IDENT_KEPT_LEN)
#define NOTE_LEN (NOTE_HEAD + KEYRING_NUMBER_SEALED_LEN + KEYRING_ID_SEALED_LEN)

_Static_assert((int)NOTE_LEN <= STORE_NOTE_CAP, "store.h");

void similar_begin(struct similar *m, const struct ask_uses *u, const struct policy_purpose *purpose,
                   const struct keyring_subject *subject)
{
	uint8_t joined[TEXT_NAME_CAP + 128] = { 0 };
	size_t len = strnlen(subject->tenant, TEXT_NAME_CAP);

	if (!purpose->similar || !subject->subject_len || subject->subject_len > sizeof(joined) - TEXT_NAME_CAP)
		return;
	m->u = u;
	memcpy(joined, subject->tenant, len);
	memcpy(joined + TEXT_NAME_CAP, subject->subject, subject->subject_len);
	m->note.kind = 'n';
	keyring_tag(u->keys, "similar", joined, TEXT_NAME_CAP + subject->subject_len, m->note.tag);
	m->note.partition = (uint16_t)((m->note.tag[KEYRING_TAG_LEN - 2] << 8 | m->note.tag[KEYRING_TAG_LEN - 1]) %
	                               u->opts->partitions);
	secret_wipe(joined, sizeof(joined));
}

/* The id that seals the note. Its generation is in the note. */
static struct ident seal_of(const struct similar *m, const uint8_t head[NOTE_HEAD])
{
	struct ident id = { .kid = head[0], .partition = m->note.partition };

	memcpy(id.number_tag, m->note.tag, IDENT_TAG_LEN);
	memcpy(id.tuple_tag, m->note.tag + KEYRING_TAG_LEN - IDENT_TAG_LEN, IDENT_TAG_LEN);
	memcpy(id.generation, head + 1, IDENT_KEPT_LEN);
	return id;
}

static void on_found(void *arg, enum err err, const struct successor_rep *rep)
{
	struct similar *m = arg;
	bool verified = err || rep->gone == STORE_USED || (rep->record && rep->record->state == LIFECYCLE_VERIFIED);

	m->fn(m->arg, !verified);
}

static void on_note(void *arg, enum err err, const uint8_t *value, size_t len)
{
	struct similar *m = arg;
	struct msisdn before = { "" };
	struct ident first;
	bool near = false;

	if (!err && len == NOTE_LEN) {
		const struct ident seal = seal_of(m, value);

		near = keyring_unseal_number(m->u->keys, &seal, value + NOTE_HEAD, &before) == ERR_OK &&
		       typo_one_edit(&before, &m->number) &&
		       keyring_unseal_id(m->u->keys, &seal, value + NOTE_HEAD + KEYRING_NUMBER_SEALED_LEN, &first) ==
		           ERR_OK;
	}
	msisdn_wipe(&before);
	if (near) {
		m->find = (struct successor){ .fn = on_found, .arg = m };
		near = successor_find(&m->find, m->u->store, m->u->keys, m->tenant_tag, &first) == ERR_OK;
		if (near)
			return;
	}
	m->fn(m->arg, false);
}

bool similar_look(struct similar *m, const struct msisdn *number, uint32_t tenant_tag, similar_fn fn, void *arg)
{
	if (!m->u)
		return false;
	m->number = *number;
	m->tenant_tag = tenant_tag;
	m->fn = fn;
	m->arg = arg;
	return store_note_read(m->u->store, &m->note, on_note, m) == ERR_OK;
}

void similar_keep(const struct similar *m, const struct msisdn *number, const struct ident *id)
{
	uint8_t value[NOTE_LEN] = { id->kid };

	if (!m->u)
		return;
	secret_random(value + 1, IDENT_KEPT_LEN);
	const struct ident seal = seal_of(m, value);
	if (keyring_seal_number(m->u->keys, &seal, number, value + NOTE_HEAD) == ERR_OK &&
	    keyring_seal_id(m->u->keys, &seal, id, value + NOTE_HEAD + KEYRING_NUMBER_SEALED_LEN) == ERR_OK)
		store_note_write(m->u->store, &m->note, value, sizeof(value), KEEP_MS);
}
