/*
 * idempotency: identifies requests by keyed hashes, so that Redis does not learn what they contain. Each field is
 * joined with its length in front, so no two different requests join to the same bytes. Owns nothing. Must never leave
 * the joined bytes in memory.
 */
#include "idempotency.h"

#include "base/invariant.h"
#include "base/secret.h"

#include <string.h>

#define JOINED_CAP 4096

struct joined {
	uint8_t bytes[JOINED_CAP];
	size_t len;
};

static void join(struct joined *j, const void *data, size_t len)
{
	/* Always holds: the protocol and the option table limit every field, and their sum is below JOINED_CAP. */
	if (!invariant(len <= 0xffff && j->len + 2 + len <= JOINED_CAP))
		return;
	j->bytes[j->len++] = (uint8_t)(len >> 8);
	j->bytes[j->len++] = (uint8_t)len;
	if (len)
		memcpy(j->bytes + j->len, data, len);
	j->len += len;
}

/* Nothing if there are no pairs. Else their number, so that no VAR is taken for a pair. */
static void join_binding(struct joined *j, const struct binding *b)
{
	const uint8_t count = (uint8_t)b->count;

	if (count)
		join(j, &count, 1);
	for (size_t i = 0; i < count; i++) {
		join(j, b->pairs[i].name, b->pairs[i].name_len);
		join(j, b->pairs[i].value, b->pairs[i].value_len);
	}
}

static void tag(const struct ask_uses *u, const char *use, struct joined *j, uint8_t out[KEYRING_TAG_LEN])
{
	keyring_tag(u->keys, use, j->bytes, j->len, out);
	secret_wipe(j->bytes, j->len);
}

void idempotency_send(const struct ask_uses *u, uint32_t tenant_tag, const struct options *a, const struct msisdn *to,
                      struct idempotency_tags out)
{
	static const enum option_name counted[] = { OPTION_PURPOSE, OPTION_SUBJECT, OPTION_TEMPLATE, OPTION_LANG,
		                                    OPTION_TTL,     OPTION_LENGTH,  OPTION_SENDER };
	struct joined j;

	j.len = 0;
	join(&j, &tenant_tag, sizeof(tenant_tag));
	join(&j, to->digits, strlen(to->digits));
	if (a->given[OPTION_REQID]) {
		struct joined r = j;

		join(&r, a->value[OPTION_REQID].ptr, a->value[OPTION_REQID].len);
		tag(u, "reqid.send", &r, out.reqid);
	}
	for (size_t i = 0; i < sizeof(counted) / sizeof(counted[0]); i++)
		join(&j, a->value[counted[i]].ptr, a->value[counted[i]].len);
	for (size_t i = 0; i < a->var_count; i++) {
		join(&j, a->vars[i].name, a->vars[i].name_len);
		join(&j, a->vars[i].value, a->vars[i].value_len);
	}
	if (a->given[OPTION_CODE]) {
		join(&j, "CODE", strlen("CODE"));
		join(&j, a->value[OPTION_CODE].ptr, a->value[OPTION_CODE].len);
	}
	join_binding(&j, &a->binding);
	tag(u, "args.send", &j, out.args);
}

void idempotency_id(const struct ask_uses *u, uint32_t tenant_tag, const struct options *a,
                    const struct idempotency_id *what, struct idempotency_tags out)
{
	char tuple[IDENT_TUPLE_LEN + 1], id[IDENT_TEXT_LEN + 1];
	struct joined j, r;

	if (!a->given[OPTION_REQID]) {
		memset(out.args, 0, KEYRING_TAG_LEN);
		return;
	}
	ident_tuple(what->id, tuple);
	ident_format(what->id, id);
	j.len = 0;
	join(&j, what->command, strlen(what->command));
	join(&j, &tenant_tag, sizeof(tenant_tag));
	r = j;
	/* The scope is the number, so the same REQID for another id of the number is a conflict. */
	join(&r, tuple, IDENT_NUMBER_LEN);
	join(&r, a->value[OPTION_REQID].ptr, a->value[OPTION_REQID].len);
	tag(u, "reqid.id", &r, out.reqid);
	join(&j, id, IDENT_TEXT_LEN);
	join(&j, what->value, what->value_len);
	join(&j, a->value[OPTION_SUBJECT].ptr, a->value[OPTION_SUBJECT].len);
	join_binding(&j, &a->binding);
	tag(u, "args.id", &j, out.args);
}

void idempotency_reverse(const struct ask_uses *u, uint32_t tenant_tag, const struct options *a,
                         const struct msisdn *number, struct idempotency_tags out)
{
	static const enum option_name counted[] = { OPTION_PURPOSE, OPTION_SUBJECT, OPTION_LANG };
	struct joined j, r;

	if (!a->given[OPTION_REQID]) {
		memset(out.args, 0, KEYRING_TAG_LEN);
		return;
	}
	j.len = 0;
	join(&j, &tenant_tag, sizeof(tenant_tag));
	r = j;
	join(&r, a->value[OPTION_REQID].ptr, a->value[OPTION_REQID].len);
	tag(u, "reqid.reverse", &r, out.reqid);
	join(&j, number->digits, strlen(number->digits));
	for (size_t i = 0; i < sizeof(counted) / sizeof(counted[0]); i++)
		join(&j, a->value[counted[i]].ptr, a->value[counted[i]].len);
	tag(u, "args.reverse", &j, out.args);
}
