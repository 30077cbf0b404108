/*
 * hostile: connections that flood and connections that never read, of one process.
 * usage: hostile SOCKET FLOODERS SILENT ID [ECHOS]. Runs until its standard input ends; then prints one JSON line.
 * A flooder pipelines VERIFY, STATUS, CANCEL, SEND and CHECK in turn without end; every second one reads its answers as
 * fast as it can, the others slowly; when it is closed, it comes back. A silent client asks for ECHOS answers of
 * 248 octets, or without end, reads nothing, and stays away once it is closed. ID is of the right form and key; nothing
 * has it.
 */
#include "loader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define CONNS_MAX 4096
#define BLOCK_LEN 16384
#define SLOW_LEN 512 /* octets that a slow reader takes at a time */
#define TICK_MS 20
#define EVENTS_MAX 256
#define ECHO_LEN 247

enum role { FAST, SLOW, SILENT };

struct conn {
	int fd; /* -1: closed */
	enum role role;
	bool asked_all;
	const char *block;
	size_t sent; /* of the block */
	uint64_t sent_all;
};

static struct conn conns[CONNS_MAX];
static size_t conn_count;
static const char *path;
static int poll_fd;
static char flood_block[BLOCK_LEN], echo_block[BLOCK_LEN], waste[65536];
static size_t flood_len, echo_len;
static uint64_t ask_most; /* octets that a silent client sends; 0: without end */
static uint64_t written, taken, returns, closed;

static size_t request(char *to, size_t room, const char *words)
{
	int n = snprintf(to, room, "%s\r\n", words);

	return n > 0 && (size_t)n < room ? (size_t)n : 0;
}

static void build(const char *id)
{
	char words[256];
	unsigned number = 70000000;
	size_t n;

	do {
		static const char *const kinds[][2] = { { "VERIFY", " 000000" }, { "STATUS", "" }, { "CANCEL", "" } };

		for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
			snprintf(words, sizeof(words), "OTP.%s %s%s", kinds[i][0], id, kinds[i][1]);
			flood_len += request(flood_block + flood_len, sizeof(flood_block) - flood_len, words);
		}
		snprintf(words, sizeof(words), "OTP.SEND 62812%08u", number++);
		flood_len += request(flood_block + flood_len, sizeof(flood_block) - flood_len, words);
		snprintf(words, sizeof(words), "OTP.CHECK 62812%08u", number++);
		n = request(flood_block + flood_len, sizeof(flood_block) - flood_len, words);
		flood_len += n;
	} while (n);
	memset(words, 'x', 250);
	words[250] = '\0';
	do {
		char echo[256];

		snprintf(echo, sizeof(echo), "ECHO %.240s", words);
		n = request(echo_block + echo_len, sizeof(echo_block) - echo_len, echo);
		echo_len += n;
	} while (n);
}

static void watch(struct conn *c, int how)
{
	struct epoll_event ev = { .data = { .ptr = c } };

	ev.events = (c->role == FAST ? (uint32_t)EPOLLIN : 0) | (c->asked_all ? 0 : (uint32_t)EPOLLOUT);
	if (epoll_ctl(poll_fd, how, c->fd, &ev))
		die("epoll");
}

static void call(struct conn *c)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };

	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", path);
	c->fd = socket(AF_UNIX, SOCK_STREAM, 0);
	if (c->fd < 0)
		die("socket");
	if (connect(c->fd, (struct sockaddr *)&sun, sizeof(sun)))
		die(path);
	fcntl(c->fd, F_SETFL, O_NONBLOCK);
	c->sent = c->sent_all = 0;
	c->asked_all = false;
	watch(c, EPOLL_CTL_ADD);
}

static void leave(struct conn *c)
{
	close(c->fd);
	c->fd = -1;
	closed++;
	if (c->role == SILENT)
		return;
	returns++;
	call(c);
}

/* One block at a time, so that all get their turn. */
static void ask(struct conn *c)
{
	size_t len = c->role == SILENT ? echo_len : flood_len, now = len - c->sent;
	ssize_t n;

	if (c->role == SILENT && ask_most && now > ask_most - c->sent_all)
		now = (size_t)(ask_most - c->sent_all);
	n = send(c->fd, c->block + c->sent, now, MSG_NOSIGNAL);
	if (n < 0 && errno != EAGAIN) {
		leave(c);
		return;
	}
	if (n <= 0)
		return;
	written += (uint64_t)n;
	c->sent = (c->sent + (size_t)n) % len;
	c->sent_all += (uint64_t)n;
	if (c->role == SILENT && c->sent_all == ask_most) {
		c->asked_all = true;
		watch(c, EPOLL_CTL_MOD);
	}
}

static void take(struct conn *c, size_t most)
{
	ssize_t n = read(c->fd, waste, most);

	if (n > 0)
		taken += (uint64_t)n;
	else if (n == 0 || errno != EAGAIN)
		leave(c);
}

static void on_event(struct conn *c, uint32_t events)
{
	if (c->fd >= 0 && (events & EPOLLIN) && c->role == FAST)
		take(c, sizeof(waste));
	else if (c->fd >= 0 && (events & (EPOLLHUP | EPOLLERR)))
		leave(c);
	if (c->fd >= 0 && (events & EPOLLOUT))
		ask(c);
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void run(void)
{
	struct epoll_event events[EVENTS_MAX];
	int64_t tick = now_ms();

	for (;;) {
		int n = epoll_wait(poll_fd, events, EVENTS_MAX, TICK_MS);

		for (int i = 0; i < n; i++) {
			if (!events[i].data.ptr)
				return;
			on_event(events[i].data.ptr, events[i].events);
		}
		if (now_ms() - tick < TICK_MS)
			continue;
		tick = now_ms();
		for (size_t i = 0; i < conn_count; i++) {
			if (conns[i].role == SLOW && conns[i].fd >= 0)
				take(&conns[i], SLOW_LEN);
		}
	}
}

int main(int argc, char **argv)
{
	struct epoll_event end = { .events = EPOLLIN };

	if (argc < 5 || argc > 6 || atoi(argv[2]) + atoi(argv[3]) > CONNS_MAX)
		return 2;
	path = argv[1];
	ask_most = argc == 6 ? (uint64_t)atoi(argv[5]) * ECHO_LEN : 0;
	build(argv[4]);
	poll_fd = epoll_create1(0);
	if (poll_fd < 0 || epoll_ctl(poll_fd, EPOLL_CTL_ADD, STDIN_FILENO, &end))
		die("standard input");
	conn_count = (size_t)(atoi(argv[2]) + atoi(argv[3]));
	for (size_t i = 0; i < conn_count; i++) {
		enum role role = i >= (size_t)atoi(argv[2]) ? SILENT : i % 2 ? SLOW : FAST;

		conns[i] = (struct conn){ .role = role, .block = role == SILENT ? echo_block : flood_block };
		call(&conns[i]);
	}
	run();
	printf("{\"written\": %llu, \"taken\": %llu, \"returns\": %llu, \"closed\": %llu}\n",
	       (unsigned long long)written, (unsigned long long)taken, (unsigned long long)returns,
	       (unsigned long long)closed);
	return 0;
}
