/*
 * cluster_slots: computes hash slots, and reads the replies of a cluster about them. Owns nothing.
 */
#include "cluster_slots.h"

#include "reply.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint16_t cluster_slots_of_tag(const char *tag, size_t len)
{
	unsigned crc = 0;

	for (size_t i = 0; i < len; i++) {
		crc ^= (unsigned)(unsigned char)tag[i] << 8;
		for (int bit = 0; bit < 8; bit++)
			crc = (crc & 0x8000 ? crc << 1 ^ 0x1021 : crc << 1) & 0xffff;
	}
	return (uint16_t)(crc % CLUSTER_SLOTS_COUNT);
}

uint16_t cluster_slots_of_partition(uint16_t partition)
{
	char digits[8];
	int len = snprintf(digits, sizeof(digits), "%u", partition);

	return cluster_slots_of_tag(digits, (size_t)len);
}

/* Reads {first, last, {host, port, ...}, replicas ...}. */
static enum err read_range(const struct redisReply *range, const struct address *fallback, cluster_slots_fn fn,
                           void *arg)
{
	const struct redisReply *node = reply_at(range, 2);
	struct address master;
	int64_t first, last, port;
	const char *host = "";
	size_t len = 0;

	if (!reply_int_at(range, 0, &first) || !reply_int_at(range, 1, &last) || !node || !reply_int_at(node, 1, &port))
		return ERR_CORRUPT;
	if (first < 0 || last < first || last >= CLUSTER_SLOTS_COUNT || port < 1 || port > UINT16_MAX)
		return ERR_CORRUPT;
	if (!reply_str_at(node, 0, &host, &len) || len == 0 || (len == 1 && host[0] == '?')) {
		host = fallback->host;
		len = strlen(host);
	}
	if (address_set(&master, host, len, (uint16_t)port) != ERR_OK)
		return ERR_CORRUPT;
	fn(arg, (uint16_t)first, (uint16_t)last, &master);
	return ERR_OK;
}

enum err cluster_slots_read(const struct redisReply *reply, const struct address *fallback, cluster_slots_fn fn,
                            void *arg)
{
	enum err err = reply_is_array(reply) ? ERR_OK : ERR_CORRUPT;

	for (size_t i = 0; !err && i < reply_len(reply); i++)
		err = read_range(reply_at(reply, i), fallback, fn, arg);
	return err;
}

enum err cluster_slots_redirect(const char *text, const struct address *fallback, uint16_t *slot, struct address *to)
{
	const char *at = strchr(text, ' ');
	char *end;

	if (!at || at[1] < '0' || at[1] > '9')
		return ERR_INVALID;
	unsigned long n = strtoul(at + 1, &end, 10);
	if (*end != ' ' || n >= CLUSTER_SLOTS_COUNT)
		return ERR_INVALID;
	*slot = (uint16_t)n;
	return address_parse(end + 1, strcspn(end + 1, " \r\n"), fallback, to);
}
