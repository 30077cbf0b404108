/*
 * overload: an open loop of SENDs: each has its moment, whatever became of those before it.
 * usage: overload SOCKET CONNECTIONS FIRST RATE:SECONDS [RATE:SECONDS ...]. Numbers are 62812 and FIRST counted up.
 * Times count from the moment a request was due, so that one which waited in a buffer of ours has waited too. Prints
 * one JSON line: for each phase what was accepted, refused with OVERLOADED, or neither, and how long each took.
 */
#include "loader.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define CONNS_MAX 512
#define PHASES_MAX 8
#define IN_CAP (1 << 16)
#define AFTER_S 10 /* answers are awaited so long after the last request */

enum kind { ACCEPTED, REFUSED, OTHER, KINDS };
static const char *const kinds[KINDS] = { "accepted", "refused", "other" };

struct times {
	float *ms;
	size_t len;
};

struct phase {
	double rate, seconds, begin_s;
	uint32_t offered;
	struct times of[KINDS];
	double last_refused_s; /* since the phase began; 0: none */
};

/* A request under way: requests of a connection are answered in order. */
struct pending {
	double due_s;
	unsigned phase;
};

struct conn {
	int fd;
	char *out;
	size_t out_len, out_cap, in_len;
	char in[IN_CAP];
	struct pending *ring;
	size_t head, tail, ring_cap;
};

static struct conn conns[CONNS_MAX];
static struct phase phases[PHASES_MAX];
static unsigned conn_count, phase_count;
static uint32_t number;
static size_t open_requests;
static char other[200];

static void *grown(void *mem, size_t size)
{
	mem = realloc(mem, size);
	if (!mem)
		die("memory");
	return mem;
}

static void count(struct phase *p, enum kind kind, double due_s)
{
	struct times *t = &p->of[kind];
	double now = now_s();

	if ((t->len & (t->len - 1)) == 0)
		t->ms = grown(t->ms, (t->len ? 2 * t->len : 1) * sizeof(*t->ms));
	t->ms[t->len++] = (float)((now - due_s) * 1e3);
	if (kind == REFUSED)
		p->last_refused_s = now - p->begin_s;
}

static void ask(struct conn *c, unsigned phase, double due_s)
{
	char text[128];
	int n = snprintf(text, sizeof(text), "*2\r\n$8\r\nOTP.SEND\r\n$13\r\n62812%08u\r\n", number++ % 100000000U);

	if (c->out_len + (size_t)n > c->out_cap) {
		c->out_cap = 2 * c->out_cap + 4096;
		c->out = grown(c->out, c->out_cap);
	}
	memcpy(c->out + c->out_len, text, (size_t)n);
	c->out_len += (size_t)n;
	if (c->tail - c->head == c->ring_cap) {
		struct pending *bigger = grown(NULL, (2 * c->ring_cap + 64) * sizeof(*bigger));

		for (size_t i = c->head; i < c->tail; i++)
			bigger[i - c->head] = c->ring[i % c->ring_cap];
		free(c->ring);
		c->tail -= c->head;
		c->head = 0;
		c->ring = bigger;
		c->ring_cap = 2 * c->ring_cap + 64;
	}
	c->ring[c->tail++ % c->ring_cap] = (struct pending){ due_s, phase };
	phases[phase].offered++;
	open_requests++;
}

static void answered(struct conn *c, enum kind kind)
{
	const struct pending *p = &c->ring[c->head++ % c->ring_cap];

	count(&phases[p->phase], kind, p->due_s);
	open_requests--;
}

static void parse(struct conn *c)
{
	size_t at = 0;

	for (;;) {
		const char *line = c->in + at, *end = memchr(line, '\n', c->in_len - at);

		if (!end)
			break;
		size_t len = (size_t)(end - line) + 1;
		if (line[0] == '$') {
			len += (size_t)atoi(line + 1) + 2;
			if (c->in_len - at < len)
				break;
			answered(c, ACCEPTED);
		} else if (strncmp(line, "-OVERLOADED ", 12) == 0) {
			answered(c, REFUSED);
		} else {
			snprintf(other, sizeof(other), "%.*s", (int)len - 2, line);
			answered(c, OTHER);
		}
		at += len;
	}
	memmove(c->in, c->in + at, c->in_len - at);
	c->in_len -= at;
}

static void take(struct conn *c)
{
	ssize_t n = read(c->fd, c->in + c->in_len, IN_CAP - c->in_len);

	if (n == 0 || (n < 0 && errno != EAGAIN))
		die("read");
	if (n < 0)
		return;
	c->in_len += (size_t)n;
	parse(c);
}

static void flush_out(struct conn *c)
{
	ssize_t n = c->out_len ? write(c->fd, c->out, c->out_len) : 0;

	if (n < 0 && errno != EAGAIN)
		die("write");
	if (n <= 0)
		return;
	memmove(c->out, c->out + n, c->out_len - (size_t)n);
	c->out_len -= (size_t)n;
}

static void turn(double until_s)
{
	struct pollfd fds[CONNS_MAX];
	double left_s = until_s - now_s();
	const struct timespec wait = { 0, left_s > 0 ? (long)((left_s < 0.05 ? left_s : 0.05) * 1e9) : 0 };

	for (unsigned i = 0; i < conn_count; i++) {
		flush_out(&conns[i]);
		fds[i] = (struct pollfd){ conns[i].fd, (short)(POLLIN | (conns[i].out_len ? POLLOUT : 0)), 0 };
	}
	ppoll(fds, conn_count, &wait, NULL);
	for (unsigned i = 0; i < conn_count; i++)
		if (fds[i].revents & (POLLIN | POLLHUP))
			take(&conns[i]);
}

static void run_phase(unsigned at)
{
	struct phase *p = &phases[at];
	uint32_t sent = 0, total = (uint32_t)(p->rate * p->seconds);

	p->begin_s = now_s();
	while (sent < total) {
		double now = now_s(), due = p->begin_s + sent / p->rate;

		for (; sent < total && due <= now; due = p->begin_s + ++sent / p->rate)
			ask(&conns[number % conn_count], at, due);
		turn(due);
	}
}

static int by_size(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;

	return (x > y) - (x < y);
}

static void print_phase(struct phase *p)
{
	printf("{\"rate\": %.0f, \"seconds\": %.1f, \"offered\": %u, \"last_refused_s\": %.3f", p->rate, p->seconds,
	       p->offered, p->last_refused_s);
	for (int k = 0; k < KINDS; k++) {
		struct times *t = &p->of[k];

		if (t->len)
			qsort(t->ms, t->len, sizeof(*t->ms), by_size);
		printf(", \"%s\": %zu, \"%s_p50_ms\": %.2f, \"%s_p99_ms\": %.2f", kinds[k], t->len, kinds[k],
		       t->len ? t->ms[t->len / 2] : 0.0, kinds[k], t->len ? t->ms[t->len * 99 / 100] : 0.0);
	}
	printf("}");
}

int main(int argc, char **argv)
{
	if (argc < 5 || argc - 4 > PHASES_MAX || atoi(argv[2]) < 1 || atoi(argv[2]) > CONNS_MAX)
		return 2;
	conn_count = (unsigned)atoi(argv[2]);
	number = (uint32_t)strtoul(argv[3], NULL, 10);
	for (unsigned i = 0; i < conn_count; i++)
		conns[i].fd = connect_unix(argv[1]);
	for (int i = 4; i < argc; i++)
		if (sscanf(argv[i], "%lf:%lf", &phases[phase_count].rate, &phases[phase_count].seconds) == 2)
			phase_count++;
	for (unsigned i = 0; i < phase_count; i++)
		run_phase(i);
	double end = now_s() + AFTER_S;
	while (open_requests && now_s() < end)
		turn(now_s() + 0.01);
	printf("{\"unanswered\": %zu, \"other\": \"%s\", \"phases\": [", open_requests, other);
	for (unsigned i = 0; i < phase_count; i++) {
		printf("%s", i ? ", " : "");
		print_phase(&phases[i]);
	}
	printf("]}\n");
	return 0;
}
