/*
 * receipts: receipts on their way to a verification. One that overtakes its submit response waits here, for up to
 * 60 s; the SMSC is answered when the store has marked its verification, or, if it matches none, as soon as it is kept:
 * 250 ms later at most, and only while a submit of this SMSC is unanswered.
 */
#ifndef FLOW_NEWS_RECEIPTS_H
#define FLOW_NEWS_RECEIPTS_H

#include "news_uses.h"

struct receipts;

struct receipts *receipts_new(const struct news_uses *u); /* NULL: no memory */
void receipts_free(struct receipts *s);
void receipts_take(struct receipts *s, const struct smpp_receipt *receipt);

/* The store knows this message id now: a receipt waiting for it goes on. */
void receipts_accepted(struct receipts *s, const char *smsc, const char *message_id);

#endif
