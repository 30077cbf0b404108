/*
 * texts: keeps the texts of the configuration, and for their time those that a reload replaced. Owns a copy of each. It
 * must never drop a text that a live verification may still be sent with.
 */
#include "otp/texts.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

struct texts_set {
	struct texts_text *texts;
	size_t count;
	const struct texts_text **of; /* one per template and purpose: of[template * purposes + purpose] */
	size_t purposes;
	uint32_t longest_s; /* the longest hard_s of a purpose */
};

struct texts {
	struct texts_set *set; /* NULL: nothing was configured yet */
};

/* Every part is preceded by its length, so that different texts never form the same hash input. */
static void hash(const char *const parts[3], uint8_t out[TEXTS_HASH_LEN])
{
	uint8_t whole[crypto_generichash_BYTES];
	crypto_generichash_state st;

	crypto_generichash_init(&st, NULL, 0, sizeof(whole));
	for (size_t i = 0; i < 3; i++) {
		size_t n = strlen(parts[i]);
		const uint8_t len[2] = { (uint8_t)n, (uint8_t)(n >> 8) };

		crypto_generichash_update(&st, len, sizeof(len));
		crypto_generichash_update(&st, (const uint8_t *)parts[i], n);
	}
	crypto_generichash_final(&st, whole, sizeof(whole));
	memcpy(out, whole, TEXTS_HASH_LEN);
}

static const struct texts_text *find(const struct texts_set *set, const uint8_t wanted[TEXTS_HASH_LEN])
{
	for (size_t i = 0; set && i < set->count; i++) {
		if (memcmp(set->texts[i].hash, wanted, TEXTS_HASH_LEN) == 0)
			return &set->texts[i];
	}
	return NULL;
}

/* Adds a text with copies of its parts in one allocation. NULL: no memory. The set has room. */
static struct texts_text *add(struct texts_set *set, const char *const parts[3], const uint8_t name[TEXTS_HASH_LEN])
{
	const size_t text_len = strlen(parts[0]) + 1, brand_len = strlen(parts[1]) + 1,
		     sender_len = strlen(parts[2]) + 1;
	char *copy = malloc(text_len + brand_len + sender_len);
	struct texts_text *x = &set->texts[set->count];

	if (!copy)
		return NULL;
	memcpy(copy, parts[0], text_len);
	memcpy(copy + text_len, parts[1], brand_len);
	memcpy(copy + text_len + brand_len, parts[2], sender_len);
	*x = (struct texts_text){ .text = copy, .brand = copy + text_len, .sender = copy + text_len + brand_len };
	memcpy(x->hash, name, TEXTS_HASH_LEN);
	x->measured = text_measure_template(x->text, x->brand, &x->own);
	set->count++;
	return x;
}

/* Adds what the configuration has. Several templates and purposes may form the same text. */
static enum err add_configured(struct texts_set *set, const struct policy_opts *o)
{
	for (size_t i = 0; i < o->template_count; i++) {
		for (size_t j = 0; j < o->purpose_count; j++) {
			const struct policy_purpose *p = &o->purposes[j];
			const char *const parts[3] = { o->templates[i].text, p->brand ? p->brand : "",
				                       p->sender ? p->sender : "" };
			uint8_t name[TEXTS_HASH_LEN];

			hash(parts, name);
			const struct texts_text *x = find(set, name);
			if (!x)
				x = add(set, parts, name);
			if (!x)
				return ERR_NOMEM;
			set->of[i * set->purposes + j] = x;
			set->longest_s = p->hard_s > set->longest_s ? p->hard_s : set->longest_s;
		}
	}
	return ERR_OK;
}

/* Adds what the new configuration lacks and a live verification may still need. */
static enum err add_replaced(struct texts_set *set, const struct texts_set *former, int64_t now_ms)
{
	for (size_t i = 0; former && i < former->count; i++) {
		const struct texts_text *x = &former->texts[i];
		const char *const parts[3] = { x->text, x->brand, x->sender };
		int64_t until_ms = x->until_ms ? x->until_ms : now_ms + (int64_t)former->longest_s * 1000;

		if (until_ms <= now_ms || find(set, x->hash))
			continue;
		struct texts_text *kept = add(set, parts, x->hash);
		if (!kept)
			return ERR_NOMEM;
		kept->until_ms = until_ms;
	}
	return ERR_OK;
}

enum err texts_prepare(const struct texts *t, const struct policy_opts *o, int64_t now_ms, struct texts_set **out)
{
	size_t configured = o->template_count * o->purpose_count, most = configured + (t->set ? t->set->count : 0);
	struct texts_set *set = calloc(1, sizeof(*set));
	enum err err = ERR_NOMEM;

	if (!set)
		return ERR_NOMEM;
	set->purposes = o->purpose_count;
	set->texts = calloc(most + 1, sizeof(*set->texts));
	set->of = calloc(configured + 1, sizeof(*set->of));
	if (set->texts && set->of)
		err = add_configured(set, o);
	if (!err)
		err = add_replaced(set, t->set, now_ms);
	if (err)
		texts_drop(set);
	else
		*out = set;
	return err;
}

void texts_take(struct texts *t, struct texts_set *set)
{
	texts_drop(t->set);
	t->set = set;
}

void texts_drop(struct texts_set *set)
{
	if (!set)
		return;
	for (size_t i = 0; i < set->count; i++)
		free((char *)(uintptr_t)set->texts[i].text);
	free(set->texts);
	free(set->of);
	free(set);
}

const struct texts_text *texts_of(const struct texts *t, const struct policy_opts *o, const struct policy_terms *terms)
{
	size_t template = (size_t)(terms->text - o->templates), purpose = (size_t)(terms->purpose - o->purposes);

	return t->set->of[template * t->set->purposes + purpose];
}

const struct texts_text *texts_find(const struct texts *t, const uint8_t name[TEXTS_HASH_LEN], int64_t now_ms)
{
	const struct texts_text *x = find(t->set, name);

	return x && (!x->until_ms || x->until_ms > now_ms) ? x : NULL;
}

struct texts *texts_new(void)
{
	return calloc(1, sizeof(struct texts));
}

void texts_free(struct texts *t)
{
	if (!t)
		return;
	texts_drop(t->set);
	free(t);
}
