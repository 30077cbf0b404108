/*
 * binding: what a code confirms, as an amount and a payee. SEND gives it in pairs of name and value, and VERIFY must
 * give the same. The record keeps a keyed tag of the pairs, so that Redis learns neither the names nor the values.
 */
#ifndef FLOW_ASK_BINDING_H
#define FLOW_ASK_BINDING_H

#include "api.h"
#include "otp/text.h"
#include "store.h"

#define BINDING_MAX 3

/* The pairs of a request, by name. The order in which they are given does not matter. */
struct binding {
	struct text_var pairs[BINDING_MAX];
	size_t count;
};

/* Adds a pair "name=value". The text stays the caller's. Returns NULL, or what would be right. */
const char *binding_add(struct binding *b, struct api_arg pair);

/* NULL, or the name of a pair that one of the n VARs has too. */
const struct text_var *binding_clash(const struct binding *b, const struct text_var *vars, size_t n);

/*
 * Appends the pairs that the template shows to the n VARs, which have room for BINDING_MAX more. Returns how many there
 * are now.
 */
size_t binding_show(const struct binding *b, const struct text_template *x, struct text_var *vars, size_t n);

/* What is kept of the pairs when the request is gone. */
struct binding_digest {
	bool given; /* false: there are no pairs */
	uint8_t octets[KEYRING_TAG_LEN];
};
struct binding_digest binding_digest(const struct keyring *keys, const struct binding *b);

/* The tag of given pairs for the id that SEND gave. Equal pairs of other ids have other tags. */
void binding_tag(const struct keyring *keys, const struct ident *id, const struct binding_digest *d,
                 uint8_t out[STORE_CONFIRMS_LEN]);

/* Puts the tag into the request of a new verification, of which the id is set. */
void binding_fill(const struct keyring *keys, const struct binding_digest *d, struct store_issue_req *req);

/*
 * True if the live record is of these pairs, or if neither has any. id: that which SEND gave for it, whatever its
 * number was corrected to since.
 */
bool binding_same(const struct keyring *keys, const struct ident *id, const struct store_record *record,
                  const struct binding_digest *d);

#endif
