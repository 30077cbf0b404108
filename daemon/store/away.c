/*
 * away: says why a server cannot be reached. Owns what it said last.
 */
#include "away.h"

#include "base/log.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define TOPIC "redis"

void away_say(struct away *a, const struct address *address, const char *reason, uint32_t next_try_ms)
{
	char text[ADDRESS_TEXT_CAP];

	if (strcmp(reason, a->told) != 0)
		a->quiet_ms = 0;
	snprintf(a->told, sizeof(a->told), "%s", reason);
	address_print(address, text);
	log_write(log_seldom(&a->quiet_ms), TOPIC, "away address=%s reason=\"%s\" next_try_ms=%" PRIu32, text, reason,
	          next_try_ms);
}
