/*
 * account: what the simulator saw, and what a client did that SMPP 3.4 forbids; written as JSON.
 */
#ifndef SMSC_ACCOUNT_H
#define SMSC_ACCOUNT_H

#include <stdint.h>

enum fault {
	FAULT_NONE,
	FAULT_LENGTH,           /* command_length no PDU can have */
	FAULT_FIELD_LENGTH,     /* a field longer than its section allows, or a body that does not fit */
	FAULT_TERMINATION,      /* a C-string without its NUL */
	FAULT_VALIDITY,         /* a time that is neither empty nor 16 characters of the right form */
	FAULT_SEQUENCE,         /* a request out of order */
	FAULT_BEFORE_BIND,
	FAULT_BIND_AGAIN,
	FAULT_UNKNOWN_RESPONSE, /* a response nobody waits for */
	FAULT_UNKNOWN_COMMAND,
	FAULT_COUNT
};

struct account {
	uint64_t connections, pdus, binds, binds_refused, unbinds, enquiries;
	uint64_t submits, accepted, duplicates, distinct, throttled, responses_sent;
	uint64_t receipts, receipt_ok, receipt_error, window_max;
	uint64_t faults[FAULT_COUNT];
};

const char *fault_name(enum fault fault);

/* Counts an accepted SMS: the same destination with the same text a second time is a duplicate. */
void account_seen(struct account *account, const char *destination, const char *text);

/* Writes path anew in one step; NULL: nothing. */
void account_write(const struct account *account, const char *path);

#endif
