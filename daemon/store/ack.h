/*
 * ack: keeps the replies to writes until the replicas have the writes too (WAIT). Private to store.
 */
#ifndef STORE_ACK_H
#define STORE_ACK_H

#include "flight.h"

struct ack {
	struct loop *loop;
	struct flight *flight;
	struct loop_task ask;
	struct command_list held; /* commands that Redis answered and the replicas have not acknowledged yet */
	unsigned waits;           /* 0: no WAIT is in flight; 1: one is; more: another must follow it */
	unsigned replicas;        /* how many replicas must acknowledge */
	struct stats_counter *short_acks;
};

/* flight outlives it. */
void ack_init(struct ack *a, struct loop *loop, struct flight *flight);

/* Must be called after each durable command. One WAIT for all commands of this turn of the loop follows. */
void ack_sent(struct ack *a);

/* Keeps the reply to a durable command, and answers the command when enough replicas have acknowledged. */
void ack_hold(struct ack *a, struct command *command, const struct redisReply *reply);

/* Must be called when the connection has ended. Answers the held commands with ERR_UNAVAILABLE. */
void ack_ended(struct ack *a);

#endif
