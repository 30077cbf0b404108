/*
 * say: the option SAY, by which a request asks for sentences in the language of the person who waits. The text of each
 * error reply to it is then a sentence of the configuration, and the maps of OTP.STATUS and OTP.CHECK have one as say.
 */
#ifndef FLOW_ASK_SAY_H
#define FLOW_ASK_SAY_H

#include "ask_uses.h"
#include "otp/sentences.h"

/*
 * Reads SAY before anything else, so that every later answer can be said. The language is kept with the call, by its
 * name, because a reload may come before the answer. False: there is no such language, and the call has been answered.
 */
bool say_read(const struct ask_uses *u, struct api_call *call);

/* The language of a call. NULL: it has no SAY, or a reload removed the language. */
const struct sentences_lang *say_lang(const struct ask_uses *u, const struct api_call *call);

/*
 * Writes the sentence of a case. Returns false, and an empty text, if the list of cases lacks that one, which is a
 * broken invariant.
 */
bool say_fill(const struct sentences_lang *lang, const char *code, const struct sentences_field *fields, size_t n,
              char out[SENTENCES_CAP]);

/* Both sentences about a verification: what happened, and from when more can be done about it. */
#define SAY_STATUS_CAP (2 * SENTENCES_CAP)
void say_status(const struct sentences_lang *lang, const struct store_record *r, int64_t now_ms,
                char out[SAY_STATUS_CAP]);

/* Makes the error of a call uniform if its tenant is, and its text a sentence if it has SAY: api_hooks.error. */
void say_error(void *arg, const struct api_call *call, struct api_error *error, struct api_error_room *room);

#endif
