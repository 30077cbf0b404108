/*
 * receipt_stash: receipts on their way to a verification. One that overtakes its submit response waits here, for up to
 * 60 s; the SMSC is answered when the store has marked its verification, or, if it matches none, as soon as it is kept:
 * 250 ms later at most, and only while a submit of this SMSC is unanswered.
 */
#ifndef FLOW_NEWS_RECEIPT_STASH_H
#define FLOW_NEWS_RECEIPT_STASH_H

#include "news_uses.h"

struct receipt_stash;

struct receipt_stash *receipt_stash_new(const struct news_uses *u); /* NULL: no memory */
void receipt_stash_free(struct receipt_stash *s);
void receipt_stash_take(struct receipt_stash *s, const struct smpp_receipt *receipt);

/* The store knows this message id now: a receipt waiting for it goes on. */
void receipt_stash_accepted(struct receipt_stash *s, const char *smsc, const char *message_id);

#endif
