/*
 * account: what the simulator saw, and what a client did that SMPP 3.4 forbids; written as JSON.
 */
#ifndef SMSC_ACCOUNT_H
#define SMSC_ACCOUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum breach {
	BREACH_NONE,
	BREACH_LENGTH,       /* command_length no PDU can have */
	BREACH_FIELD_LENGTH, /* a field longer than its section allows, or a body that does not fit */
	BREACH_TERMINATION,  /* a C-string without its NUL */
	BREACH_VALIDITY,     /* a time that is neither empty nor 16 characters of the right form */
	BREACH_SEQUENCE,     /* a request out of order */
	BREACH_BEFORE_BIND,
	BREACH_BIND_AGAIN,
	BREACH_UNKNOWN_RESPONSE, /* a response nobody waits for, or of another kind */
	BREACH_UNKNOWN_COMMAND,
	BREACH_ADDRESS,          /* TON, NPI and the address contradict each other, or are reserved values */
	BREACH_ESM_CLASS,        /* a message type a client may not submit, or a UDH that is not there */
	BREACH_RESERVED,         /* a reserved value: priority, registered_delivery, replace_if_present, version */
	BREACH_PAYLOAD,          /* no text at all, or both short_message and message_payload */
	BREACH_STATUS,           /* a request whose command_status is not 0 */
	BREACH_RECEIVER_SUBMITS, /* a submit on a bind that only receives */
	BREACH_RESPONSE_MISSING, /* no response, or later than --answer-within-ms */
	BREACH_COUNT
};

enum { LINKS_MAX = 256, MINUTES_MAX = 60, BINDS_MAX = 256, KINDS_MAX = 32, MADE_MAX = 128 };

/* One connection, in order of their arrival. */
struct link_row {
	uint64_t serial, submits, window_max, unanswered;
	const char *kind, *tls; /* "", "receiver", "transmitter", "transceiver"; the version of TLS or "" */
	char peer[64];          /* the client certificate's name */
	bool ended;
};

struct account {
	uint64_t connections, pdus, binds, binds_refused, unbinds, enquiries, enquiries_answered;
	uint64_t submits, accepted, duplicates, distinct, throttled, responses_sent;
	uint64_t receipts, receipt_ok, receipt_error, mo, mo_ok, mo_error, window_max;
	uint64_t paused_submits; /* taken while a throttled account must be quiet */
	uint64_t pause_min_ms;   /* the shortest time between an 0x58 and the next submit; 0: none yet */
	uint64_t nacks, tls_good, tls_failed;
	uint64_t breaches[BREACH_COUNT];
	uint64_t kinds[KINDS_MAX], bind_kinds[3]; /* PDUs by command; receivers, transmitters, transceivers */
	uint64_t minutes[MINUTES_MAX], bind_at_ms[BINDS_MAX];
	size_t binds_tried;
	struct link_row links[LINKS_MAX + 1]; /* the last one stands for all that found no room */
	uint64_t made[MADE_MAX];              /* faults by their row */
	const char *(*made_name)(size_t row); /* NULL beyond the last */
};

const char *breach_name(enum breach breach);

/* Counts an accepted SMS: the same destination with the same text a second time is a duplicate. */
void account_seen(struct account *account, const char *destination, const char *text);

void account_command(struct account *account, uint32_t command);

/* A bind is tried, this long after the simulator began. */
void account_bind(struct account *account, uint64_t at_ms);
struct link_row *account_link(struct account *account, uint64_t serial);

/* Writes path anew in one step; NULL: nothing. */
void account_write(const struct account *account, const char *path);

#endif
