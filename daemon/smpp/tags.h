/*
 * tags: finds an SMSC by its tag, at a cost that does not grow with the number of SMSCs. Pure.
 */
#ifndef SMPP_TAGS_H
#define SMPP_TAGS_H

#include "smpp.h"

struct smpp_tags {
	struct {
		uint16_t tag;
		unsigned char smsc;
	} of[SMPP_SMSC_MAX]; /* in the order of the tags */
	size_t count;
};

/* There must be room. Of two SMSCs with one tag either is found. */
void smpp_tags_put(struct smpp_tags *t, uint16_t tag, unsigned smsc);

/* Returns the index of the SMSC with this tag. -1: none has it. */
int smpp_tags_find(const struct smpp_tags *t, uint16_t tag);

#endif
