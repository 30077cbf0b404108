/*
 * once: what makes two requests the same: the REQID under its scope, and a hash of the arguments that count.
 */
#ifndef FLOW_ONCE_H
#define FLOW_ONCE_H

#include "args.h"
#include "otp/message.h"
#include "parts.h"

/* Arguments of a SEND that decide what it does, in the order of the protocol page. */
void once_send(const struct flow *f, uint32_t tenant_tag, const struct args *a, const struct msisdn *to,
               uint8_t reqid_tag[KEYRING_TAG_LEN], uint8_t args_tag[KEYRING_TAG_LEN]);

/* Commands on an id: name, id and one more value ("" if none). */
struct once_id {
	const char *command;
	const struct ident *id;
	const char *value;
	size_t value_len;
};
void once_id(const struct flow *f, uint32_t tenant_tag, const struct args *a, const struct once_id *what,
             uint8_t reqid_tag[KEYRING_TAG_LEN], uint8_t args_tag[KEYRING_TAG_LEN]);

#endif
