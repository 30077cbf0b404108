/*
 * texts: the texts of the SMS as SENDs use them: each template with the brand and the sender of each purpose. Each is
 * named by a hash, so that a sealed payload needs no text, and measured once. A text that a reload replaced stays as
 * long as a verification that used it can live. Pure.
 */
#ifndef OTP_TEXTS_H
#define OTP_TEXTS_H

#include "base/err.h"
#include "otp/policy.h"

#include <stdbool.h>
#include <stdint.h>

#define TEXTS_HASH_LEN 8

/* The strings are copies and live as long as the text is here. */
struct texts_text {
	uint8_t hash[TEXTS_HASH_LEN]; /* of text, brand and sender, without a key */
	const char *text, *brand, *sender;
	bool measured;           /* false: the text is not one that can be measured in parts */
	struct text_measure own; /* text_measure_template of text and brand */
	int64_t until_ms; /* monotonic; the configuration has the text no longer, and it ends then; 0: it has it */
};

struct texts;
struct texts_set; /* the texts of one configuration, with those that earlier ones left */

struct texts *texts_new(void);    /* NULL: no memory */
void texts_free(struct texts *t); /* NULL is fine */

/*
 * A reload in two steps, so that it can still be given up between them. texts_prepare makes the texts of o, and of the
 * present ones those that o lacks: they end after the longest hard_s of the configuration that had them. now_ms:
 * monotonic. ERR_NOMEM. The caller passes *out to texts_take, which cannot fail and ends all pointers to texts, or to
 * texts_drop.
 */
enum err texts_prepare(const struct texts *t, const struct policy_opts *o, int64_t now_ms,
                       struct texts_set **out) ERR_CHECKED;
void texts_take(struct texts *t, struct texts_set *set);
void texts_drop(struct texts_set *set); /* NULL is fine */

/* Returns the text of a request. o are the options of the last texts_take, and terms were found in them. */
const struct texts_text *texts_of(const struct texts *t, const struct policy_opts *o, const struct policy_terms *terms);

/* Returns the text of that hash. NULL: it is not here, or it has ended. */
const struct texts_text *texts_find(const struct texts *t, const uint8_t hash[TEXTS_HASH_LEN], int64_t now_ms);

#endif
