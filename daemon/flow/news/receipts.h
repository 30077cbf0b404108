/*
 * receipts: matches receipts with verifications and answers their SMSCs. A receipt that comes before its submit
 * response waits here for up to 60 s. The SMSC is answered when the store has marked the verification. A receipt that
 * matches none is answered as soon as it is kept, or, while a submit to this SMSC is unanswered, after at most 250 ms.
 * Must never keep more than 10000 receipts.
 */
#ifndef FLOW_NEWS_RECEIPTS_H
#define FLOW_NEWS_RECEIPTS_H

#include "news_uses.h"

struct receipts;

struct receipts *receipts_new(const struct news_uses *u); /* NULL: no memory */
void receipts_free(struct receipts *s);
/* Takes a receipt, copies it, and answers it with smpp_receipt_done once, now or later. */
void receipts_take(struct receipts *s, const struct smpp_receipt *receipt);

/* The store knows this message id now, so the receipts that wait for it are looked up. */
void receipts_accepted(struct receipts *s, uint16_t smsc_tag, const char *message_id);

#endif
