/*
 * refused: tells refused clients the reason, and closes each connection in a way that the client can still read it.
 * Owns their descriptors. It must never keep their input, because that may contain a code.
 */
#include "api/refused.h"

#include "base/clock.h"
#include "base/secret.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { READ_LEN = 4096, READS_MAX = 16 };

/* Reads input and wipes it. Returns the result of recv. */
static ssize_t discard(int fd)
{
	char octets[READ_LEN];
	ssize_t n = recv(fd, octets, sizeof(octets), MSG_DONTWAIT);

	if (n > 0)
		secret_wipe(octets, (size_t)n);
	return n;
}

/* Reads the input before closing. Otherwise the system would reset the connection, and the reply would be lost. */
static void close_read(int fd)
{
	for (int i = 0; i < READS_MAX && discard(fd) > 0; i++)
		;
	close(fd);
}

static void end(struct api_refused_one *o)
{
	loop_watch_free(o->watch);
	o->watch = NULL;
	close_read(o->fd);
}

/* Sends the line and ends the output. The client can still write. */
static void answer(struct api_refused_one *o)
{
	if (o->answered)
		return;
	o->answered = true;
	(void)!send(o->fd, o->line, strlen(o->line), MSG_NOSIGNAL | MSG_DONTWAIT);
	shutdown(o->fd, SHUT_WR);
}

/* Reads input and answers the first. Returns false if the client is gone. */
static bool take_input(struct api_refused_one *o)
{
	ssize_t n = discard(o->fd);

	if (n < 0)
		return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
	answer(o);
	return n > 0;
}

static void on_readable(void *arg, unsigned events)
{
	struct api_refused_one *o = arg;

	(void)events;
	if (!take_input(o))
		end(o);
}

static void on_timer(void *arg)
{
	struct api_refused *r = arg;
	int64_t now_ms = clock_mono_ms(), next_ms = INT64_MAX;

	for (size_t i = 0; i < API_REFUSED_MAX; i++) {
		struct api_refused_one *o = &r->ones[i];

		if (!o->watch)
			continue;
		if (o->until_ms <= now_ms) {
			answer(o);
			end(o);
		} else if (o->until_ms < next_ms) {
			next_ms = o->until_ms;
		}
	}
	if (next_ms != INT64_MAX)
		loop_timer_set(r->timer, next_ms);
}

/* True if a is closed before b to make room: those that have their reply first, then the oldest. */
static bool goes_before(const struct api_refused_one *a, const struct api_refused_one *b)
{
	return a->answered != b->answered ? a->answered : a->serial < b->serial;
}

static struct api_refused_one *take_place(struct api_refused *r)
{
	struct api_refused_one *first = NULL;

	for (size_t i = 0; i < API_REFUSED_MAX; i++) {
		struct api_refused_one *o = &r->ones[i];

		if (!o->watch)
			return o;
		if (!first || goes_before(o, first))
			first = o;
	}
	answer(first);
	end(first);
	return first;
}

enum err api_refused_init(struct api_refused *r, struct loop *loop)
{
	r->loop = loop;
	r->timer = loop_timer_new(loop, on_timer, r);
	return r->timer ? ERR_OK : ERR_NOMEM;
}

void api_refused_add(struct api_refused *r, int fd, const char *line)
{
	struct api_refused_one *o = take_place(r);

	*o = (struct api_refused_one){ .fd = fd, .serial = ++r->last_serial };
	snprintf(o->line, sizeof(o->line), "%s", line);
	o->until_ms = clock_mono_ms() + API_REFUSED_MS;
	o->watch = loop_watch_new(r->loop, fd, on_readable, o);
	if (!o->watch) {
		answer(o);
		end(o);
		return;
	}
	loop_watch_set(o->watch, LOOP_READ);
	/*
	 * Input that has arrived already is answered now, so that no client gets closed without a reply when many are
	 * refused at once.
	 */
	if (!take_input(o))
		end(o);
	else if (!loop_timer_armed(r->timer))
		loop_timer_set(r->timer, o->until_ms);
}

void api_refused_now(int fd, const char *line)
{
	(void)!send(fd, line, strlen(line), MSG_NOSIGNAL | MSG_DONTWAIT);
	close_read(fd);
}

void api_refused_clear(struct api_refused *r)
{
	for (size_t i = 0; i < API_REFUSED_MAX; i++) {
		if (r->ones[i].watch)
			end(&r->ones[i]);
	}
	loop_timer_free(r->timer);
	r->timer = NULL;
}
