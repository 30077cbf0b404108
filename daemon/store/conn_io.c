/*
 * conn_io: the hooks by which hiredis uses an event library, here with a watch of the loop. Owns the watch. Never frees
 * the context.
 */
#include "conn_io.h"

#include "base/secret.h"
#include "base/stats.h"

#include <async.h>
#include <hiredis.h>

#include <sys/socket.h>

static void settle(struct conn_io *io)
{
	if (io->ac)
		loop_watch_set(io->watch, io->wants);
}

/* During this call hiredis calls add_write if output is left, or del_write. */
static void write_some(struct conn_io *io)
{
	io->writing = true;
	redisAsyncHandleWrite(io->ac);
	io->writing = false;
}

/*
 * Commands are written in the turn of the loop that made them. A mark is thus written before the submits that follow
 * when its place in the window is free. Otherwise a crash between both could leave twice as many submits with unknown
 * results.
 */
static void on_write(void *arg)
{
	struct conn_io *io = arg;

	if (io->ac && (io->ac->c.flags & REDIS_CONNECTED))
		write_some(io);
	settle(io);
}

static void on_ready(void *arg, unsigned events)
{
	struct conn_io *io = arg;

	if (events & LOOP_READ)
		redisAsyncHandleRead(io->ac);
	if (io->ac && !reply_bounds_hold(&io->bounds, io->ac->c.reader))
		io->on_refused(io->arg);
	if (io->ac && (events & LOOP_WRITE))
		write_some(io);
	settle(io);
}

/* --- what hiredis wants --- */

static void add_read(void *arg)
{
	struct conn_io *io = arg;

	io->wants |= LOOP_READ;
}

static void add_write(void *arg)
{
	struct conn_io *io = arg;

	io->wants |= LOOP_WRITE;
	if (!io->writing)
		loop_defer(io->loop, &io->write);
}

static void del_write(void *arg)
{
	struct conn_io *io = arg;

	io->wants &= ~(unsigned)LOOP_WRITE;
}

static struct stats_family refused; /* indexed by enum reply_refusal */

void conn_io_start(void)
{
	const char *names[REPLY_OCTETS + 1] = { NULL };

	for (int why = REPLY_UNASKED; why <= REPLY_OCTETS; why++)
		names[why] = reply_refusal_name((enum reply_refusal)why);
	refused = stats_family("otpgwd_redis_replies_refused_total",
	                       "Replies of Redis beyond the bounds; each ended its connection.", "kind", names,
	                       REPLY_OCTETS + 1);
}

static void clean_up(void *arg)
{
	struct conn_io *io = arg;

	if (io->bounds.refused)
		stats_inc(refused.of[io->bounds.refused]);
	io->ac = NULL;
	loop_defer_cancel(io->loop, &io->write);
	loop_watch_free(io->watch);
	io->watch = NULL;
}

void conn_io_init(struct conn_io *io, struct loop *loop, void (*on_refused)(void *arg), void *arg)
{
	*io = (struct conn_io){ .loop = loop, .on_refused = on_refused, .arg = arg };
	loop_task_init(&io->write, on_write, io);
}

enum err conn_io_attach(struct conn_io *io, struct redisAsyncContext *ac, const struct command_list *flight)
{
	io->watch = loop_watch_new(io->loop, ac->c.fd, on_ready, io);
	if (!io->watch)
		return ERR_NOMEM;
	io->ac = ac;
	io->wants = 0;
	reply_bounds_guard(&io->bounds, flight, ac->c.reader);
	/* hiredis never stops reading. */
	ac->ev.addRead = add_read;
	ac->ev.addWrite = add_write;
	ac->ev.delWrite = del_write;
	ac->ev.cleanup = clean_up;
	ac->ev.data = io;
	return ERR_OK;
}

/* --- sending --- */

/*
 * The first command of a connection always fits into the empty send buffer of its socket. If send fails, the next write
 * by hiredis fails too and reports the reason.
 */
static void write_past(struct conn_io *io, struct command *command)
{
	size_t len;
	const char *wire = command_wire(command, &len);

	if (send(io->ac->c.fd, wire, len, MSG_NOSIGNAL) != (ssize_t)len)
		shutdown(io->ac->c.fd, SHUT_RDWR);
	secret_wipe(command->bytes, command->len);
	command->len = 0;
}

enum err conn_io_send(struct conn_io *io, struct command *command, conn_io_reply_fn *fn)
{
	/* hiredis reads only the name of this command; with length 0 it writes nothing. */
	static const char name[] = "*1\r\n$4\r\nAUTH\r\n";

	size_t len;
	const char *wire = command_wire(command, &len);

	if (!io->ac || redisAsyncFormattedCommand(io->ac, fn, command, command->secret ? name : wire,
	                                          command->secret ? 0 : len) != REDIS_OK)
		return ERR_UNAVAILABLE;
	/* hiredis 0.14 drops a callback for which it has no memory. The next callback would then get this reply. */
	if (!io->ac->replies.tail || io->ac->replies.tail->privdata != command)
		return ERR_NOMEM;
	if (command->secret)
		write_past(io, command);
	return ERR_OK;
}

void conn_io_write_behind(struct conn_io *io)
{
	if (!io->ac)
		return;
	loop_defer_cancel(io->loop, &io->write);
	loop_defer(io->loop, &io->write);
}
