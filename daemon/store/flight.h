/*
 * flight: the commands that were sent on a connection and are not answered yet, oldest first, and their timeout.
 * Private to store.
 */
#ifndef STORE_FLIGHT_H
#define STORE_FLIGHT_H

#include "conn_io.h"

struct flight_hooks {
	void *arg;
	void (*on_reply)(void *arg, struct command *command,
	                 const struct redisReply *reply); /* the hook owns the command now */
	void (*on_broken)(void *arg, const char *reason); /* must close the connection at the end of this turn */
};

struct flight {
	struct conn_io *io;
	const struct store_opts *opts;
	struct flight_hooks hooks;
	struct command_list commands;
	struct command_pool pool; /* for commands of the connection itself */
	struct loop_timer *deadline;
	struct stats_hist *seconds;
};

/* io and opts must outlive f. ERR_NOMEM. */
enum err flight_init(struct flight *f, struct conn_io *io, const struct store_opts *opts,
                     const struct flight_hooks *hooks) ERR_CHECKED;
void flight_clear(struct flight *f); /* nothing may be in flight any more */

/* Sends a command, which f owns from then on. With ERR_UNAVAILABLE or ERR_NOMEM the caller still owns it. */
enum err flight_send(struct flight *f, struct command *command) ERR_CHECKED;

/* Must be called when the context is gone and the commands in flight have been answered. */
void flight_ended(struct flight *f);

/* Answers a command, or all commands that are in a list now. A reply of the wrong shape breaks the connection. */
void flight_answer(struct flight *f, struct command *command, enum err err, const struct redisReply *reply);
void flight_answer_all(struct flight *f, struct command_list *l, enum err err);

/* Calls on_broken. */
void flight_break(struct flight *f, const char *reason);

#endif
