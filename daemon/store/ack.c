/*
 * ack: sends one WAIT at a time for all commands before it. Owns the commands whose replies it keeps.
 */
#include "ack.h"

#include "base/invariant.h"
#include "base/log.h"
#include "base/stats.h"

#include <inttypes.h>

#define TOPIC "redis"

/* Reads the reply to WAIT: how many replicas have all that was sent before it on this connection. */
static enum err on_acked(struct command *command, enum err err, const struct redisReply *reply)
{
	struct ack *a = command->arg;
	int64_t replicas = 0;

	(void)invariant(a->waits > 0);
	if (!err && !reply_int(reply, &replicas))
		err = ERR_CORRUPT;
	bool enough = !err && replicas >= command->ask;
	if (!err && !enough) {
		stats_add(a->short_acks, a->held.count);
		log_warn(TOPIC, "short acknowledgement replicas=%" PRId64 " of=%u answers=%zu", replicas, command->ask,
		         a->held.count);
	}
	flight_answer_all(a->flight, &a->held, enough ? ERR_OK : ERR_UNAVAILABLE);
	if (a->waits > 1)
		loop_defer(a->loop, &a->ask);
	a->waits = 0;
	return err;
}

/* Sends a WAIT for all commands since the last one. Two at once are of no use: Redis blocks a connection that waits. */
static void on_ask(void *arg)
{
	struct ack *a = arg;

	if (a->waits++)
		return;
	struct command *command = command_new(&a->flight->pool);
	if (command) {
		command->decode = on_acked;
		command->arg = a;
		command_text(command, "WAIT");
		command->ask = (uint16_t)a->replicas;
		command_int(command, command->ask);
		command_int(command, a->flight->opts->ack_timeout_ms);
		if (flight_send(a->flight, command) == ERR_OK)
			return;
		command_free(command);
	}
	flight_break(a->flight, "cannot ask for acknowledgement");
}

void ack_init(struct ack *a, struct loop *loop, struct flight *flight)
{
	*a = (struct ack){ .loop = loop, .flight = flight, .replicas = 1 };
	command_list_init(&a->held);
	loop_task_init(&a->ask, on_ask, a);
	a->short_acks = stats_counter("otpgwd_redis_short_acks_total",
	                              "Answers withheld because replicas did not acknowledge in time.", NULL);
}

void ack_sent(struct ack *a)
{
	loop_defer(a->loop, &a->ask);
}

void ack_hold(struct ack *a, struct command *command, const struct redisReply *reply)
{
	command->held = reply_copy(reply);
	if (command->held)
		command_list_push(&a->held, command);
	else
		flight_answer(a->flight, command, ERR_UNAVAILABLE, NULL);
}

void ack_ended(struct ack *a)
{
	loop_defer_cancel(a->loop, &a->ask);
	flight_answer_all(a->flight, &a->held, ERR_UNAVAILABLE);
	a->waits = 0;
}
