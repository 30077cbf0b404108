/*
 * idempotency: the two hashes by which the store recognises a repeated request. One is of the REQID and the scope in
 * which it is unique. The other is of the arguments that make requests different; REQID, KNOWN and REPLY are not among
 * them.
 */
#ifndef FLOW_ASK_IDEMPOTENCY_H
#define FLOW_ASK_IDEMPOTENCY_H

#include "options.h"
#include "otp/message.h"
#include "ask_uses.h"

/* Where the two hashes are written, KEYRING_TAG_LEN octets each. Without a REQID, reqid is not written. */
struct idempotency_tags {
	uint8_t *reqid, *args;
};

/* Hashes a SEND: the tenant, the number and the options that count. A REQID is unique per tenant and number. */
void idempotency_send(const struct ask_uses *u, uint32_t tenant_tag, const struct options *a, const struct msisdn *to,
                      struct idempotency_tags out);

/*
 * A command on an id: its name, the id, and one more value ("" if there is none). A REQID is unique per command, tenant
 * and number. Without a REQID no such command is compared with another, so args is zeros, which is no SEND's hash.
 */
struct idempotency_id {
	const char *command;
	const struct ident *id;
	const char *value;
	size_t value_len;
};
void idempotency_id(const struct ask_uses *u, uint32_t tenant_tag, const struct options *a,
                    const struct idempotency_id *what, struct idempotency_tags out);

/*
 * Hashes an OTP.REVERSE. A REQID is unique per tenant. Without a REQID each opens a verification of its own, and args
 * is zeros.
 */
void idempotency_reverse(const struct ask_uses *u, uint32_t tenant_tag, const struct options *a,
                         const struct msisdn *number, struct idempotency_tags out);

#endif
