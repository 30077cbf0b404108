/*
 * mo: takes the messages of phones and verifies reverse verifications by the tokens in them. A message is answered when
 * the store has decided, as a receipt is: if Redis is away the SMSC repeats it, and a repeated one changes nothing.
 */
#ifndef FLOW_NEWS_MO_H
#define FLOW_NEWS_MO_H

#include "news_uses.h"

struct mo;

struct mo *mo_new(const struct news_uses *u); /* NULL: no memory */
void mo_free(struct mo *m);                   /* NULL is fine; after store_free */

/* Answers it with smpp_receipt_done, now or later. */
void mo_take(struct mo *m, const struct smpp_mo *message);

#endif
