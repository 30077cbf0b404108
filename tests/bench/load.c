/*
 * load: whole OTP lives against a running gateway, as fast as it takes them: SEND, read the phone, VERIFY.
 * usage: load SOCKET PHONE COUNT WINDOW [FIRST [sends]]. PHONE is a FIFO on which the simulator prints "<to> <from>
 * <text>". Prints one JSON line. A life is done when its VERIFY said OK; with "sends" when the SMS has come, so that it
 * stays live. What is answered OVERLOADED is asked again, since a daemon that gets no processor for a while says so;
 * anything else that is unexpected ends with status 1.
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

#define ID_CAP 96 /* an id of any build that is measured */
#define BUF_CAP (1 << 20)

enum kind { ASK_SEND, ASK_VERIFY };

struct life {
	char id[ID_CAP];
	char code[11];
	bool has_id, has_code, asked;
};

struct pending {
	enum kind kind;
	uint32_t life;
};

struct bytes {
	char mem[BUF_CAP];
	size_t len;
};

static struct life *lives;
static struct pending *ring; /* answers come in the order of requests */
static uint32_t count, window, first, ring_head, ring_tail, sent, done, refused, again;
static bool only_sends;
static struct bytes out, in, phone;
static char last_error[300];

static void ask(enum kind kind, uint32_t life, const char *text, int len)
{
	if (out.len + (size_t)len > BUF_CAP)
		die("output buffer");
	memcpy(out.mem + out.len, text, (size_t)len);
	out.len += (size_t)len;
	ring[ring_tail++ % (2 * count)] = (struct pending){ kind, life };
}

static void ask_send(uint32_t i)
{
	char text[160];
	int n = snprintf(text, sizeof(text),
	                 "*4\r\n$8\r\nOTP.SEND\r\n$13\r\n62812%08u\r\n$7\r\nPURPOSE\r\n$5\r\nlogin\r\n", first + i);

	ask(ASK_SEND, i, text, n);
}

static void ask_verify(uint32_t i)
{
	struct life *l = &lives[i];
	char text[256];

	if (!l->has_id || !l->has_code || l->asked)
		return;
	l->asked = true;
	if (only_sends) {
		done++;
		return;
	}
	int n = snprintf(text, sizeof(text), "*3\r\n$10\r\nOTP.VERIFY\r\n$%zu\r\n%s\r\n$%zu\r\n%s\r\n", strlen(l->id),
	                 l->id, strlen(l->code), l->code);
	ask(ASK_VERIFY, i, text, n);
}

static void on_bulk(const char *value, size_t len)
{
	struct pending p = ring[ring_head++ % (2 * count)];

	if (p.kind == ASK_SEND && len < ID_CAP) {
		memcpy(lives[p.life].id, value, len);
		lives[p.life].has_id = true;
		ask_verify(p.life);
	} else {
		done++;
	}
}

static void on_error(const char *line, size_t len)
{
	static const char overloaded[] = "-OVERLOADED";
	struct pending p = ring[ring_head++ % (2 * count)];

	if (len >= sizeof(overloaded) - 1 && memcmp(line, overloaded, sizeof(overloaded) - 1) == 0) {
		again++;
		lives[p.life].asked = false;
		if (p.kind == ASK_SEND)
			ask_send(p.life);
		else
			ask_verify(p.life);
		return;
	}
	snprintf(last_error, sizeof(last_error), "%.*s", (int)len, line);
	refused++;
	done++;
}

/* Bulk strings and errors: all that the two commands answer. */
static void parse_replies(void)
{
	size_t at = 0;

	for (;;) {
		char *line = in.mem + at, *end = memchr(line, '\n', in.len - at);

		if (!end)
			break;
		size_t line_len = (size_t)(end - line) + 1;
		if (line[0] == '$') {
			size_t len = (size_t)atoi(line + 1);
			if (in.len - at < line_len + len + 2)
				break;
			on_bulk(line + line_len, len);
			at += line_len + len + 2;
		} else {
			on_error(line, line_len - 2);
			at += line_len;
		}
	}
	memmove(in.mem, in.mem + at, in.len - at);
	in.len -= at;
}

/* "<to> <from> <text>": the code is the first run of six digits in the text. */
static void parse_phone(void)
{
	size_t at = 0;

	for (;;) {
		char *line = phone.mem + at, *end = memchr(line, '\n', phone.len - at);

		if (!end)
			break;
		*end = 0;
		uint32_t i = (uint32_t)strtoul(line + 5, NULL, 10) - first;
		char *text = strchr(line, ' ');
		text = text ? strchr(text + 1, ' ') : NULL;
		for (; text && *text && i < count; text++) {
			if (strspn(text, "0123456789") == 6) {
				memcpy(lives[i].code, text, 6);
				lives[i].has_code = true;
				ask_verify(i);
				break;
			}
		}
		at += (size_t)(end - line) + 1;
	}
	memmove(phone.mem, phone.mem + at, phone.len - at);
	phone.len -= at;
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

static void flush_out(int fd)
{
	ssize_t n = out.len ? write(fd, out.mem, out.len) : 0;

	if (n < 0 && errno != EAGAIN)
		die("write");
	if (n > 0) {
		memmove(out.mem, out.mem + n, out.len - (size_t)n);
		out.len -= (size_t)n;
	}
}

int main(int argc, char **argv)
{
	if (argc < 5)
		return 2;
	int fd = connect_unix(argv[1]), phone_fd = open(argv[2], O_RDONLY | O_NONBLOCK);
	count = (uint32_t)atoi(argv[3]);
	window = (uint32_t)atoi(argv[4]);
	first = argc > 5 ? (uint32_t)atoi(argv[5]) : 0;
	only_sends = argc > 6 && strcmp(argv[6], "sends") == 0;
	lives = calloc(count, sizeof(*lives));
	ring = calloc(2 * (size_t)count, sizeof(*ring));
	if (phone_fd < 0 || !lives || !ring)
		die(argv[2]);
	double start = now_s(), quiet = start;
	while (done < count) {
		while (sent < count && sent - done < window)
			ask_send(sent++);
		flush_out(fd);
		struct pollfd fds[2] = { { fd, (short)(POLLIN | (out.len ? POLLOUT : 0)), 0 },
			                 { phone_fd, POLLIN, 0 } };
		poll(fds, 2, 1000);
		bool moved = false;
		if ((fds[0].revents & POLLIN) && take(fd, &in)) {
			parse_replies();
			moved = true;
		}
		if ((fds[1].revents & POLLIN) && take(phone_fd, &phone)) {
			parse_phone();
			moved = true;
		}
		quiet = moved ? now_s() : quiet;
		if (now_s() - quiet > 15) {
			fprintf(stderr, "load: stalled: sent %u done %u\n", sent, done);
			return 1;
		}
	}
	printf("{\"lives\": %u, \"seconds\": %.3f, \"again\": %u, \"refused\": %u, \"error\": \"%s\"}\n", count,
	       now_s() - start, again, refused, last_error);
	return refused ? 1 : 0;
}
