/*
 * flight: sends commands, passes their replies on in order, and reports a connection that does not reply in time. Owns
 * the commands from flight_send until their reply. Never opens or closes the connection itself.
 */
#include "flight.h"

#include "base/clock.h"
#include "base/invariant.h"
#include "base/stats.h"

static void on_deadline(void *arg)
{
	struct flight *f = arg;
	int64_t now_us = clock_mono_us(), limit_us = (int64_t)f->opts->command_timeout_ms * 1000;
	const struct command *oldest = STAILQ_FIRST(&f->commands.commands);

	if (oldest && now_us - oldest->sent_us >= limit_us)
		flight_break(f, "command timed out");
	else if (oldest)
		loop_timer_set(f->deadline, (oldest->sent_us + limit_us) / 1000 + 1);
}

enum err flight_init(struct flight *f, struct conn_io *io, const struct store_opts *opts,
                     const struct flight_hooks *hooks)
{
	*f = (struct flight){ .io = io, .opts = opts, .hooks = *hooks, .pool = { .opts = opts } };
	command_list_init(&f->commands);
	f->seconds = stats_hist("otpgwd_redis_seconds", "Time from a command to its reply.", NULL);
	f->deadline = loop_timer_new(io->loop, on_deadline, f);
	return f->deadline ? ERR_OK : ERR_NOMEM;
}

void flight_clear(struct flight *f)
{
	(void)invariant(f->commands.count == 0);
	command_pool_clear(&f->pool);
	loop_timer_free(f->deadline);
}

void flight_ended(struct flight *f)
{
	loop_timer_stop(f->deadline);
}

void flight_break(struct flight *f, const char *reason)
{
	f->hooks.on_broken(f->hooks.arg, reason);
}

void flight_answer(struct flight *f, struct command *command, enum err err, const struct redisReply *reply)
{
	if (command_done(command, err, reply) == ERR_CORRUPT)
		flight_break(f, "unreadable reply");
}

void flight_answer_all(struct flight *f, struct command_list *l, enum err err)
{
	/* Only the commands that are in the list now are answered. A callback may add a command, which has to wait. */
	for (size_t n = l->count; n; n--) {
		struct command *command = command_list_pop(l);

		flight_answer(f, command, err, err ? NULL : command->held);
	}
}

static void on_reply(struct redisAsyncContext *ac, void *reply, void *privdata)
{
	struct command *command = privdata;
	struct flight *f = command->flight;

	(void)ac;
	/* Replies come in the order of the commands, so this command is the oldest. */
	(void)invariant(command_list_pop(&f->commands) == command);
	if (!reply) {
		flight_answer(f, command, ERR_UNAVAILABLE, NULL);
		return;
	}
	stats_observe_us(f->seconds, clock_mono_us() - command->sent_us);
	f->hooks.on_reply(f->hooks.arg, command, reply);
}

/* A node that is still importing a slot takes a command for it only directly after ASKING. */
static enum err send_asking(struct flight *f)
{
	struct command *command = command_new(&f->pool);

	if (!command)
		return ERR_NOMEM;
	command_text(command, "ASKING");
	enum err err = flight_send(f, command);
	if (err)
		command_free(command);
	return err;
}

enum err flight_send(struct flight *f, struct command *command)
{
	enum err err = command->built;

	command->flight = f;
	command->sent_us = clock_mono_us();
	if (!err && command->asking)
		err = send_asking(f);
	if (!err)
		err = conn_io_send(f->io, command, on_reply);
	if (err == ERR_NOMEM && !command->built) {
		flight_break(f, "out of memory");
		err = ERR_UNAVAILABLE;
	}
	if (err)
		return err;
	command_list_push(&f->commands, command);
	if (!loop_timer_armed(f->deadline))
		loop_timer_set(f->deadline, clock_mono_ms() + f->opts->command_timeout_ms);
	return ERR_OK;
}
