/*
 * slots: Redis Cluster's hash slots of our partitions, and which node serves each. Pure. Private to store.
 * Implements the key distribution model of the Redis Cluster specification.
 */
#ifndef STORE_SLOTS_H
#define STORE_SLOTS_H

#include "address.h"

struct redisReply;

#define SLOTS_COUNT 16384

/* CRC16 (XMODEM) of the hash tag, modulo 16384. */
uint16_t slots_of_tag(const char *tag, size_t len);

/* Of the keys of a partition: their tag is its number in digits. */
uint16_t slots_of_partition(uint16_t partition);

/*
 * Calls fn for every range of an answer to CLUSTER SLOTS, with the address of its master; fallback is the node that
 * answered (it may call itself by no name). ERR_CORRUPT: not such an answer; fn may have been called before.
 */
typedef void (*slots_fn)(void *arg, uint16_t first, uint16_t last, const struct address *master);
enum err slots_read(const struct redisReply *reply, const struct address *fallback, slots_fn fn, void *arg) ERR_CHECKED;

/* "MOVED 3999 127.0.0.1:6381" or "ASK ...". ERR_INVALID. */
enum err slots_redirect(const char *text, const struct address *fallback, uint16_t *slot,
                        struct address *to) ERR_CHECKED;

#endif
