/*
 * idempotency: what makes two requests the same: the REQID under its scope, and a hash of the arguments that count.
 */
#ifndef FLOW_ASK_IDEMPOTENCY_H
#define FLOW_ASK_IDEMPOTENCY_H

#include "options.h"
#include "otp/message.h"
#include "ask_uses.h"

/* Where the two hashes go, KEYRING_TAG_LEN octets each; reqid is left alone if no REQID is given. */
struct idempotency_tags {
	uint8_t *reqid, *args;
};

/* Arguments of a SEND that decide what it does, in the order of the protocol page. */
void idempotency_send(const struct ask_uses *u, uint32_t tenant_tag, const struct options *a, const struct msisdn *to,
                      struct idempotency_tags out);

/* Commands on an id: name, id and one more value ("" if none). */
struct idempotency_id {
	const char *command;
	const struct ident *id;
	const char *value;
	size_t value_len;
};
void idempotency_id(const struct ask_uses *u, uint32_t tenant_tag, const struct options *a,
                    const struct idempotency_id *what, struct idempotency_tags out);

#endif
