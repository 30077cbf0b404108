/*
 * latency: time from a SEND written to its submit_sm at the SMSC, at a given rate, beside bare round trips to Redis.
 * usage: latency SOCKET PHONE REDIS FIRST RATE SECONDS. PHONE is a FIFO on which the simulator prints "<to> <from>
 * <text>" as it reads a submit_sm; REDIS is the socket of redis-server. SENDs have their moments, whatever became of
 * those before; every PING_EVERY_S a PING goes to Redis if the one before is answered. Both times end when this program
 * has read the answer, so that both hold its own wake-up. Prints one JSON line: counts, and p50 and p99 of both in ms.
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

#define PING_EVERY_S 0.002
#define AFTER_S 10.0 /* messages are awaited so long after the last request */
#define BUF_CAP (1 << 18)
#define CONNS 8 /* each has its share of the gateway */

struct bytes {
	char mem[BUF_CAP];
	size_t len;
};

struct times {
	float *ms;
	uint32_t len, cap;
};

/* One of the connections to the gateway. */
struct conn {
	int fd;
	struct bytes out, in;
};

static struct conn conns[CONNS];
static struct bytes phone;
static double *written_s; /* of each SEND; 0: it has arrived */
static uint32_t first, total, asked, marked, refused;
static struct times submits, pings;
static double ping_s, next_ping_s; /* ping_s: when the PING under way was written; 0: none is */
static char last_error[200];

static void keep(struct times *t, double since_s)
{
	if (t->len < t->cap)
		t->ms[t->len++] = (float)((now_s() - since_s) * 1e3);
}

static void ask(void)
{
	struct bytes *out = &conns[asked % CONNS].out;

	if (BUF_CAP - out->len < 128)
		die("output buffer");
	out->len += (size_t)snprintf(out->mem + out->len, BUF_CAP - out->len,
	                             "*4\r\n$8\r\nOTP.SEND\r\n$13\r\n62812%08u\r\n$7\r\nPURPOSE\r\n$5\r\nlogin\r\n",
	                             first + asked);
	asked++;
}

/* Those which wait in our buffer have been written for the first time, too. */
static void flush_out(void)
{
	double now = now_s();

	for (; marked < asked; marked++)
		written_s[marked] = now;
	for (struct conn *c = conns; c < conns + CONNS; c++) {
		ssize_t n = c->out.len ? write(c->fd, c->out.mem, c->out.len) : 0;

		if (n < 0 && errno != EAGAIN)
			die("write");
		if (n > 0) {
			memmove(c->out.mem, c->out.mem + n, c->out.len - (size_t)n);
			c->out.len -= (size_t)n;
		}
	}
}

static bool take(int fd, struct bytes *b)
{
	ssize_t n = read(fd, b->mem + b->len, BUF_CAP - b->len);

	if (n < 0 && errno != EAGAIN)
		die("read");
	if (n > 0)
		b->len += (size_t)n;
	return n > 0;
}

/* Whole lines of the buffer, one by one; the rest stays. */
static void each_line(struct bytes *b, void (*on_line)(char *line))
{
	size_t at = 0;
	char *end;

	while ((end = memchr(b->mem + at, '\n', b->len - at))) {
		*end = 0;
		on_line(b->mem + at);
		at = (size_t)(end - b->mem) + 1;
	}
	memmove(b->mem, b->mem + at, b->len - at);
	b->len -= at;
}

/* An id has no line of its own that begins with "-": only errors count. */
static void on_answer(char *line)
{
	if (line[0] != '-')
		return;
	refused++;
	snprintf(last_error, sizeof(last_error), "%.*s", (int)strcspn(line, "\r\""), line);
}

static void on_sms(char *line)
{
	uint32_t i = (uint32_t)strtoul(line + 5, NULL, 10) - first;

	if (i < marked && written_s[i] > 0) {
		keep(&submits, written_s[i]);
		written_s[i] = 0;
	}
}

static void ping(int fd)
{
	char answer[64];

	if (ping_s > 0 && read(fd, answer, sizeof(answer)) > 0) {
		keep(&pings, ping_s);
		ping_s = 0;
	}
	if (ping_s <= 0 && now_s() >= next_ping_s) {
		ping_s = now_s();
		next_ping_s = ping_s + PING_EVERY_S;
		if (write(fd, "PING\r\n", 6) != 6)
			die("PING");
	}
}

static void turn(int phone_fd, int redis, double until_s)
{
	double until = until_s < next_ping_s ? until_s : next_ping_s, left_s = until - now_s();
	const struct timespec wait = { 0, left_s > 0 ? (long)((left_s < 0.05 ? left_s : 0.05) * 1e9) : 0 };
	struct pollfd fds[CONNS + 2] = { [CONNS] = { phone_fd, POLLIN, 0 }, [CONNS + 1] = { redis, POLLIN, 0 } };

	for (int i = 0; i < CONNS; i++)
		fds[i] = (struct pollfd){ conns[i].fd, (short)(POLLIN | (conns[i].out.len ? POLLOUT : 0)), 0 };
	ppoll(fds, CONNS + 2, &wait, NULL);
	if ((fds[CONNS].revents & POLLIN) && take(phone_fd, &phone))
		each_line(&phone, on_sms);
	ping(redis);
	for (int i = 0; i < CONNS; i++)
		if ((fds[i].revents & POLLIN) && take(conns[i].fd, &conns[i].in))
			each_line(&conns[i].in, on_answer);
	flush_out();
}

static int by_size(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;

	return (x > y) - (x < y);
}

static void print_times(const char *name, struct times *t)
{
	qsort(t->ms, t->len, sizeof(*t->ms), by_size);
	printf(", \"%s\": %u, \"%s_p50_ms\": %.3f, \"%s_p99_ms\": %.3f", name, t->len, name,
	       t->len ? t->ms[t->len / 2] : 0.0, name, t->len ? t->ms[t->len * 99ULL / 100] : 0.0);
}

static void times_new(struct times *t, uint32_t cap)
{
	t->ms = calloc(cap, sizeof(*t->ms));
	t->cap = cap;
	if (!t->ms)
		die("memory");
}

int main(int argc, char **argv)
{
	if (argc != 7)
		return 2;
	int phone_fd = open(argv[2], O_RDONLY | O_NONBLOCK), redis = connect_unix(argv[3]);
	double rate = strtod(argv[5], NULL), seconds = strtod(argv[6], NULL);
	first = (uint32_t)strtoul(argv[4], NULL, 10);
	total = (uint32_t)(rate * seconds);
	if (phone_fd < 0 || total == 0)
		die(argv[2]);
	for (int i = 0; i < CONNS; i++)
		conns[i].fd = connect_unix(argv[1]);
	written_s = calloc(total, sizeof(*written_s));
	if (!written_s)
		die("memory");
	times_new(&submits, total);
	times_new(&pings, (uint32_t)((seconds + AFTER_S) / PING_EVERY_S) + 1);
	double begin = now_s();
	while (asked < total) {
		for (double now = now_s(); asked < total && begin + asked / rate <= now;)
			ask();
		flush_out();
		turn(phone_fd, redis, begin + asked / rate);
	}
	for (double end = now_s() + AFTER_S; submits.len + refused < total && now_s() < end;)
		turn(phone_fd, redis, now_s() + 0.01);
	printf("{\"offered\": %u, \"refused\": %u, \"error\": \"%s\"", total, refused, last_error);
	print_times("submit", &submits);
	print_times("ping", &pings);
	printf("}\n");
	return 0;
}
