/*
 * queue_full: decides whether status 0x14 concerns the mailbox of one number or the SMSC itself. If two destinations
 * get it within 10 s, the SMSC is full. If only one does, that destination cools down for 30 s. Pure. Destinations are
 * kept as hashes, never as numbers.
 */
#ifndef SMPP_HEALTH_QUEUE_FULL_H
#define SMPP_HEALTH_QUEUE_FULL_H

#include <stdbool.h>
#include <stdint.h>

#define SMPP_QUEUE_FULL_COOL_MS 30000
#define SMPP_QUEUE_FULL_SLOTS 64

struct smpp_queue_full {
	struct {
		uint32_t destination;
		int64_t at_ms;
	} last, other; /* the newest, and the newest of another destination */
	struct {
		uint32_t destination;
		int64_t until_ms;
	} cooling[SMPP_QUEUE_FULL_SLOTS]; /* by hash; a later destination replaces an earlier one */
};

uint32_t smpp_queue_full_hash(const char *digits);
void smpp_queue_full_init(struct smpp_queue_full *q);

/* Records status 0x14 for a destination. Returns true if the SMSC is full, which the caller treats as throttling. */
bool smpp_queue_full_note(struct smpp_queue_full *q, uint32_t destination, int64_t now_ms);
bool smpp_queue_full_cooling(const struct smpp_queue_full *q, uint32_t destination, int64_t now_ms);

#endif
