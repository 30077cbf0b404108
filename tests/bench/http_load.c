/*
 * http_load: messages into an HTTP gateway over keep-alive connections, one request at a time on each.
 * usage: http_load PORT CONNECTIONS COUNT FIRST PATH. PATH is the request's target with %s for the number.
 * Prints one JSON line. Any answer but 200 or 202 ends with status 1. It knows just as much HTTP as smsbox speaks.
 */
#include "loader.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CONNS_MAX 512
#define BUF_CAP 4096

struct conn {
	char in[BUF_CAP];
	size_t len;
};

static struct conn conns[CONNS_MAX];
static struct pollfd fds[CONNS_MAX];
static uint32_t count, first, sent, done;
static uint16_t port;
static const char *before, *after; /* the number stands between */

static int dial(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		                  .sin_port = htons(port),
		                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;

	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0)
		die("connect");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return fd;
}

static void ask(int fd)
{
	char text[1024];
	int len = snprintf(text, sizeof(text), "GET %s62812%08u%s HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", before,
	                   (unsigned)(first + sent), after);

	if (len < 0 || (size_t)len >= sizeof(text)) {
		errno = EMSGSIZE;
		die("path");
	}
	if (write(fd, text, (size_t)len) != len)
		die("write");
	sent++;
}

/* The length of the whole answer at the head of the buffer, 0 while it is not all there. */
static size_t answer_len(struct conn *c)
{
	c->in[c->len] = '\0';
	const char *end = strstr(c->in, "\r\n\r\n");
	const char *field = strcasestr(c->in, "\r\nContent-Length:");

	if (!end)
		return 0;
	if (strncmp(c->in, "HTTP/1.1 20", 11) != 0 || !field || field > end) {
		fprintf(stderr, "http_load: answered: %s\n", c->in);
		exit(1);
	}
	size_t len = (size_t)(end + 4 - c->in) + strtoul(field + 17, NULL, 10);
	return len <= c->len ? len : 0;
}

static void hear(struct conn *c, int fd)
{
	ssize_t n = read(fd, c->in + c->len, sizeof(c->in) - 1 - c->len);
	size_t len;

	if (n <= 0)
		die("read");
	c->len += (size_t)n;
	if ((len = answer_len(c)) == 0)
		return;
	c->len -= len;
	memmove(c->in, c->in + len, c->len);
	done++;
	if (sent < count)
		ask(fd);
}

int main(int argc, char **argv)
{
	if (argc != 6 || !strstr(argv[5], "%s")) {
		fprintf(stderr, "usage: http_load PORT CONNECTIONS COUNT FIRST PATH\n");
		return 2;
	}
	port = (uint16_t)atoi(argv[1]);
	nfds_t open = (nfds_t)atoi(argv[2]);
	count = (uint32_t)strtoul(argv[3], NULL, 10);
	first = (uint32_t)strtoul(argv[4], NULL, 10);
	char *mark = strstr(argv[5], "%s");
	*mark = '\0';
	before = argv[5];
	after = mark + 2;
	if (open < 1 || open > CONNS_MAX || open > count) {
		fprintf(stderr, "http_load: 1 to %d connections, no more than messages\n", CONNS_MAX);
		return 2;
	}
	for (nfds_t i = 0; i < open; i++)
		fds[i] = (struct pollfd){ .fd = dial(), .events = POLLIN };
	double start = now_s();
	for (nfds_t i = 0; i < open; i++)
		ask(fds[i].fd);
	while (done < count) {
		if (poll(fds, open, 20000) <= 0)
			die("no answer for 20 s");
		for (nfds_t i = 0; i < open; i++)
			if (fds[i].revents)
				hear(&conns[i], fds[i].fd);
	}
	printf("{\"seconds\": %.6f, \"accepted\": %u}\n", now_s() - start, done);
	return 0;
}
