/*
 * statsock_limit: counts the connections that the event library's HTTP server has accepted, and closes the oldest when
 * there are too many, so that monitoring never takes the descriptors that Redis, SMSCs and clients need.
 * The server reports a new connection by asking for its bufferevent, and does not report its end. An entry is therefore
 * a descriptor and the inode of its socket. The connection has ended when the descriptor has another inode. Owns the
 * entries, and never a descriptor.
 */
#include "statsock_limit.h"

#include "base/clock.h"
#include "base/invariant.h"

#include <event2/bufferevent.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>

enum { ARRIVALS_MAX = 4 }; /* new connections in one turn of the loop */

struct member {
	int fd;
	ino_t inode;
};

struct statsock_limit {
	struct loop *loop;
	struct evconnlistener *listener;
	struct bufferevent *arrivals[ARRIVALS_MAX]; /* new in this turn; they have no descriptor yet */
	size_t arrival_count;
	struct member members[STATSOCK_CONNECTIONS_MAX]; /* the oldest first */
	size_t count;
	struct loop_task task;
	struct loop_timer *again;
};

static bool is_open(const struct member *m)
{
	struct stat st;

	return fstat(m->fd, &st) == 0 && st.st_ino == m->inode;
}

static void forget_closed(struct statsock_limit *w)
{
	size_t kept = 0;

	for (size_t i = 0; i < w->count; i++) {
		if (is_open(&w->members[i]))
			w->members[kept++] = w->members[i];
	}
	w->count = kept;
}

/* Ends the input of the connection, so that the server closes it. */
static void close_oldest(struct statsock_limit *w)
{
	if (!invariant(w->count > 0))
		return;
	shutdown(w->members[0].fd, SHUT_RDWR);
	w->count--;
	for (size_t i = 0; i < w->count; i++)
		w->members[i] = w->members[i + 1];
}

static void add(struct statsock_limit *w, int fd)
{
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0)
		return;
	if (w->count == STATSOCK_CONNECTIONS_MAX)
		forget_closed(w);
	if (w->count == STATSOCK_CONNECTIONS_MAX)
		close_oldest(w);
	w->members[w->count++] = (struct member){ .fd = fd, .inode = st.st_ino };
}

static void on_turn_end(void *arg)
{
	struct statsock_limit *w = arg;

	for (size_t i = 0; i < w->arrival_count; i++) {
		add(w, bufferevent_getfd(w->arrivals[i]));
		bufferevent_decref(w->arrivals[i]);
	}
	w->arrival_count = 0;
	if (!loop_timer_armed(w->again))
		loop_timer_set(w->again, clock_mono_ms());
}

static void on_again(void *arg)
{
	struct statsock_limit *w = arg;

	evconnlistener_enable(w->listener);
}

static struct bufferevent *on_arrival(struct event_base *base, void *arg)
{
	struct statsock_limit *w = arg;
	struct bufferevent *b = w->arrival_count < ARRIVALS_MAX ? bufferevent_socket_new(base, -1, 0) : NULL;

	/* NULL: there is no memory. The server then makes a bufferevent itself, and that connection is not counted. */
	if (!b)
		return NULL;
	bufferevent_incref(b);
	w->arrivals[w->arrival_count++] = b;
	loop_defer(w->loop, &w->task);
	if (w->arrival_count == ARRIVALS_MAX)
		evconnlistener_disable(w->listener);
	return b;
}

struct statsock_limit *statsock_limit_new(struct loop *loop, struct evhttp *http, struct evconnlistener *listener)
{
	struct statsock_limit *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	w->loop = loop;
	w->listener = listener;
	loop_task_init(&w->task, on_turn_end, w);
	w->again = loop_timer_new(loop, on_again, w);
	if (!w->again) {
		free(w);
		return NULL;
	}
	evhttp_set_bevcb(http, on_arrival, w);
	return w;
}

void statsock_limit_free(struct statsock_limit *w)
{
	if (!w)
		return;
	for (size_t i = 0; i < w->arrival_count; i++)
		bufferevent_decref(w->arrivals[i]);
	loop_defer_cancel(w->loop, &w->task);
	loop_timer_free(w->again);
	free(w);
}
