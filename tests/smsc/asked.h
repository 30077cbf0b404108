/*
 * asked: the requests that the simulator sent on a connection and that have no response yet.
 */
#ifndef SMSC_ASKED_H
#define SMSC_ASKED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct later;

struct asked_item {
	uint32_t sequence, command;
	uint64_t at_ms;
	struct later *again; /* owned: a receipt that is repeated without a good response; or NULL */
	bool live, missed, receipt;
	uint64_t phone, call,
	    at_us; /* message of a phone: its number, the test's connection, when it went; phone 0: none */
};

/* By sequence, in a table that doubles when two of them want one place. All zero is empty. */
struct asked {
	struct asked_item *items;
	uint32_t cap;
};

void asked_add(struct asked *asked, const struct asked_item *item);
/* The request of this sequence is a message of a phone; what: its phone, call and at_us. */
void asked_tell(struct asked *asked, uint32_t sequence, const struct asked_item *what);
bool asked_take(struct asked *asked, uint32_t sequence,
                struct asked_item *out); /* the item's `again` is the caller's */

/* How many wait since before this time; each is counted once. */
uint64_t asked_overdue(struct asked *asked, uint64_t before_ms);
void asked_free(struct asked *asked);

#endif
