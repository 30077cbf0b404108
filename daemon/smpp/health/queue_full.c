/*
 * queue_full: decides whether the queue of one number or of the whole SMSC is full. Holds hashes only. If two numbers
 * share a hash or a place in the table, a cool-down may be wrong or missing, but no message is lost. Pure.
 */
#include "smpp/health/queue_full.h"

#define BOTH_WITHIN_MS 10000
#define LONG_AGO (INT64_MIN / 2)

uint32_t smpp_queue_full_hash(const char *digits)
{
	uint32_t h = UINT32_C(2166136261); /* FNV-1a */
	for (; *digits; digits++)
		h = (h ^ (uint8_t)*digits) * UINT32_C(16777619);
	return h;
}

void smpp_queue_full_init(struct smpp_queue_full *q)
{
	*q = (struct smpp_queue_full){ .last.at_ms = LONG_AGO, .other.at_ms = LONG_AGO };
	for (unsigned i = 0; i < SMPP_QUEUE_FULL_SLOTS; i++)
		q->cooling[i].until_ms = LONG_AGO;
}

bool smpp_queue_full_note(struct smpp_queue_full *q, uint32_t destination, int64_t now_ms)
{
	unsigned slot = destination % SMPP_QUEUE_FULL_SLOTS;
	if (destination != q->last.destination)
		q->other = q->last;
	q->last.destination = destination;
	q->last.at_ms = now_ms;
	if (now_ms - q->other.at_ms <= BOTH_WITHIN_MS)
		return true;
	q->cooling[slot].destination = destination;
	q->cooling[slot].until_ms = now_ms + SMPP_QUEUE_FULL_COOL_MS;
	return false;
}

bool smpp_queue_full_cooling(const struct smpp_queue_full *q, uint32_t destination, int64_t now_ms)
{
	unsigned slot = destination % SMPP_QUEUE_FULL_SLOTS;
	return q->cooling[slot].destination == destination && q->cooling[slot].until_ms > now_ms;
}
