/*
 * payload: from the sealed octets of a record to the message. Keeps nothing; wipes what it unpacked from.
 */
#include "payload.h"

#include "base/secret.h"

enum err payload_open(const struct flow *f, const struct store_record *record, struct message_payload *payload)
{
	uint8_t packed[KEYRING_PAYLOAD_LEN];
	enum err err = keyring_unseal(f->keys, &record->id, record->hard_end_ms, record->sealed, packed);

	if (!err)
		err = message_unpack(packed, payload);
	secret_wipe(packed, sizeof(packed));
	if (err)
		store_unreadable(f->store, "payload", &record->id);
	return err;
}
