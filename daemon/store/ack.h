/*
 * ack: answers that wait until replicas have what they say (WAIT). Private to store.
 */
#ifndef STORE_ACK_H
#define STORE_ACK_H

#include "flight.h"

struct ack {
	struct loop *loop;
	struct flight *flight;
	struct loop_task ask;
	struct op_list held; /* answered by Redis, not yet acknowledged */
	unsigned waits;      /* 1 WAIT is under way, the next is owed */
	unsigned replicas;   /* that must have what is acknowledged */
	struct stats_counter *short_acks;
};

/* flight outlives it. */
void ack_init(struct ack *a, struct loop *loop, struct flight *flight);

/* A durable command was sent: one WAIT for all of this turn follows. */
void ack_sent(struct ack *a);

/* Keeps the reply to a durable command; the op is answered when as many replicas have it as must. */
void ack_hold(struct ack *a, struct op *op, const struct redisReply *reply);

/* The connection is over: nothing more is asked, and what is held is answered ERR_UNAVAILABLE. */
void ack_ended(struct ack *a);

#endif
