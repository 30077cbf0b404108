/*
 * binding: reads the pairs of BIND, and makes the tag by which they are compared. Owns nothing. Must never put a value
 * where Redis or the log could show it.
 */
#include "binding.h"

#include "base/secret.h"

#include <stdio.h>
#include <string.h>

#define PAIR_CAP 204 /* octets of a pair, as the option table limits it, and the length of each half */

static bool is_name(const char *name, size_t len)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789_-";

	for (size_t i = 0; i < len; i++) {
		if (!memchr(allowed, name[i], sizeof(allowed) - 1))
			return false;
	}
	return len > 0 && len < TEXT_NAME_CAP;
}

/* As strcmp, of names. */
static int compare(const struct text_var *a, const struct text_var *b)
{
	size_t len = a->name_len < b->name_len ? a->name_len : b->name_len;
	int c = memcmp(a->name, b->name, len);

	return c ? c : (a->name_len > b->name_len) - (a->name_len < b->name_len);
}

const char *binding_add(struct binding *b, struct api_arg pair)
{
	const char *eq = memchr(pair.ptr, '=', pair.len);
	size_t at = b->count;

	if (!eq || !is_name(pair.ptr, (size_t)(eq - pair.ptr)) || eq + 1 == pair.ptr + pair.len)
		return "must be name=value; a name is 1-32 of a-z 0-9 _ -";
	if (b->count == BINDING_MAX)
		return "at most 3 in a request";
	struct text_var v = { .name = pair.ptr, .name_len = (size_t)(eq - pair.ptr), .value = eq + 1 };
	v.value_len = pair.len - v.name_len - 1;
	for (; at > 0 && compare(&v, &b->pairs[at - 1]) <= 0; at--) {
		if (compare(&v, &b->pairs[at - 1]) == 0)
			return "a name is given twice";
	}
	for (size_t i = b->count; i > at; i--)
		b->pairs[i] = b->pairs[i - 1];
	b->pairs[at] = v;
	b->count++;
	return NULL;
}

const struct text_var *binding_clash(const struct binding *b, const struct text_var *vars, size_t n)
{
	for (size_t i = 0; i < b->count; i++) {
		for (size_t k = 0; k < n; k++) {
			if (compare(&b->pairs[i], &vars[k]) == 0)
				return &b->pairs[i];
		}
	}
	return NULL;
}

size_t binding_show(const struct binding *b, const struct text_template *x, struct text_var *vars, size_t n)
{
	for (size_t i = 0; i < b->count; i++) {
		char name[TEXT_NAME_CAP];

		snprintf(name, sizeof(name), "%.*s", (int)b->pairs[i].name_len, b->pairs[i].name);
		if (text_has_var(x->text, name))
			vars[n++] = b->pairs[i];
	}
	return n;
}

/* Puts the text behind its length, so that no two different lists of pairs give the same octets. */
static size_t join(uint8_t *out, const char *text, size_t len)
{
	out[0] = (uint8_t)(len >> 8);
	out[1] = (uint8_t)len;
	memcpy(out + 2, text, len);
	return len + 2;
}

struct binding_digest binding_digest(const struct keyring *keys, const struct binding *b)
{
	struct binding_digest d = { .given = b->count > 0 };
	uint8_t joined[BINDING_MAX * PAIR_CAP];
	size_t len = 0;

	if (!d.given)
		return d;
	for (size_t i = 0; i < b->count; i++) {
		len += join(joined + len, b->pairs[i].name, b->pairs[i].name_len);
		len += join(joined + len, b->pairs[i].value, b->pairs[i].value_len);
	}
	keyring_tag(keys, "bind.pairs", joined, len, d.octets);
	secret_wipe(joined, len);
	return d;
}

void binding_tag(const struct keyring *keys, const struct ident *id, const struct binding_digest *d,
                 uint8_t out[STORE_CONFIRMS_LEN])
{
	uint8_t joined[IDENT_PACKED_LEN + KEYRING_TAG_LEN], tag[KEYRING_TAG_LEN];

	ident_pack(id, joined);
	memcpy(joined + IDENT_PACKED_LEN, d->octets, KEYRING_TAG_LEN);
	keyring_tag(keys, "bind.id", joined, sizeof(joined), tag);
	memcpy(out, tag, STORE_CONFIRMS_LEN);
}

void binding_fill(const struct keyring *keys, const struct binding_digest *d, struct store_issue_req *req)
{
	req->bound = d->given;
	if (d->given)
		binding_tag(keys, &req->id, d, req->confirms);
}

bool binding_same(const struct keyring *keys, const struct ident *id, const struct store_record *record,
                  const struct binding_digest *d)
{
	uint8_t tag[STORE_CONFIRMS_LEN];

	if (!d->given || !record->bound)
		return d->given == record->bound;
	binding_tag(keys, id, d, tag);
	return memcmp(tag, record->confirms, sizeof(tag)) == 0;
}
