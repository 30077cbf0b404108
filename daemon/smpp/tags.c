/*
 * tags: finds an SMSC by its tag, by binary search in a sorted array. Owns nothing.
 */
#include "smpp/tags.h"

/* Returns how many have a lower tag. */
static size_t below(const struct smpp_tags *t, uint16_t tag)
{
	size_t low = 0, high = t->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (t->of[middle].tag < tag)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void smpp_tags_put(struct smpp_tags *t, uint16_t tag, unsigned smsc)
{
	size_t at = below(t, tag);

	for (size_t i = t->count++; i > at; i--)
		t->of[i] = t->of[i - 1];
	t->of[at].tag = tag;
	t->of[at].smsc = (unsigned char)smsc;
}

int smpp_tags_find(const struct smpp_tags *t, uint16_t tag)
{
	size_t at = below(t, tag);

	return at < t->count && t->of[at].tag == tag ? t->of[at].smsc : -1;
}
