/*
 * cluster_slots: computes the hash slot of a partition, and reads from replies which node serves a slot. Pure. Private
 * to store. Implements the key distribution model of the Redis Cluster specification.
 */
#ifndef STORE_CLUSTER_SLOTS_H
#define STORE_CLUSTER_SLOTS_H

#include "address.h"

struct redisReply;

#define CLUSTER_SLOTS_COUNT 16384

/* CRC16 (XMODEM) of the hash tag, modulo 16384. */
uint16_t cluster_slots_of_tag(const char *tag, size_t len);

/* The hash slot of the keys of a partition. Their hash tag is the number of the partition in digits. */
uint16_t cluster_slots_of_partition(uint16_t partition);

/*
 * Calls fn for every range of a reply to CLUSTER SLOTS, with the address of its master. If the node that replied gives
 * itself no address, fallback is used. ERR_CORRUPT: the reply has the wrong shape; fn may have been called before.
 */
typedef void (*cluster_slots_fn)(void *arg, uint16_t first, uint16_t last, const struct address *master);
enum err cluster_slots_read(const struct redisReply *reply, const struct address *fallback, cluster_slots_fn fn,
                            void *arg) ERR_CHECKED;

/* Reads "MOVED 3999 127.0.0.1:6381" or "ASK ...". ERR_INVALID. */
enum err cluster_slots_redirect(const char *text, const struct address *fallback, uint16_t *slot,
                                struct address *to) ERR_CHECKED;

#endif
