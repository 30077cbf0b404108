/*
 * flood: a minimal SMPP flooder: bind, then submit_sm after submit_sm with a fixed window, no state but a counter.
 * usage: flood PORT SYSTEM_ID PASSWORD COUNT WINDOW. Prints one JSON line: submits, seconds, CPU seconds.
 */
#include "loader.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static uint8_t in[1 << 18];
static size_t in_len;

static void put32(uint8_t *p, uint32_t v)
{
	v = htonl(v);
	memcpy(p, &v, 4);
}

static uint32_t get32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, 4);
	return ntohl(v);
}

static size_t put_str(uint8_t *p, const char *s)
{
	memcpy(p, s, strlen(s) + 1);
	return strlen(s) + 1;
}

static size_t make(uint8_t *pdu, uint32_t command, const uint8_t *body, size_t len)
{
	put32(pdu, (uint32_t)(16 + len));
	put32(pdu + 4, command);
	put32(pdu + 8, 0);
	put32(pdu + 12, 1);
	memcpy(pdu + 16, body, len);
	return 16 + len;
}

static size_t make_bind(uint8_t *pdu, const char *id, const char *password)
{
	uint8_t body[64];
	size_t n = put_str(body, id);

	n += put_str(body + n, password);
	n += put_str(body + n, "");
	body[n++] = 0x34;
	body[n++] = 0;
	body[n++] = 0;
	body[n++] = 0;
	return make(pdu, 0x00000009, body, n);
}

static size_t make_submit(uint8_t *pdu)
{
	static const char text[] = "OTP Gateway: kode Anda 123456. Berlaku 5 menit. JANGAN berikan kepada siapa pun.";
	uint8_t body[256] = { 0, 5, 0 };
	size_t n = 3;

	n += put_str(body + n, "OTP");
	body[n++] = 1;
	body[n++] = 1;
	n += put_str(body + n, "628121234567");
	n += 3;
	n += put_str(body + n, "");
	n += put_str(body + n, "000000000500000R");
	n += 4;
	body[n++] = sizeof(text) - 1;
	memcpy(body + n, text, sizeof(text) - 1);
	return make(pdu, 0x00000004, body, n + sizeof(text) - 1);
}

/* Reads what is there; returns how many submit_sm_resp it held. */
static uint32_t take(int fd)
{
	uint32_t answered = 0;
	size_t at = 0;
	ssize_t n = read(fd, in + in_len, sizeof(in) - in_len);

	if (n <= 0)
		die("read");
	in_len += (size_t)n;
	while (in_len - at >= 16 && in_len - at >= get32(in + at)) {
		answered += get32(in + at + 4) == 0x80000004;
		at += get32(in + at);
	}
	memmove(in, in + at, in_len - at);
	in_len -= at;
	return answered;
}

int main(int argc, char **argv)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	uint8_t pdu[512], *out = malloc(1 << 20);
	int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
	uint32_t sent = 0, answered = 0;

	if (argc != 6 || !out)
		return 2;
	uint32_t count = (uint32_t)atoi(argv[4]), window = (uint32_t)atoi(argv[5]);
	sin.sin_port = htons((uint16_t)atoi(argv[1]));
	if (connect(fd, (struct sockaddr *)&sin, sizeof(sin)))
		die("connect");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	size_t len = make_bind(pdu, argv[2], argv[3]);
	if (write(fd, pdu, len) != (ssize_t)len)
		die("write");
	take(fd);
	len = make_submit(pdu);
	double start = now_s();
	while (answered < count) {
		size_t n = 0;
		for (; sent < count && sent - answered < window && n + len < 1 << 20; sent++, n += len) {
			memcpy(out + n, pdu, len);
			put32(out + n + 12, sent + 2);
		}
		if (n && write(fd, out, n) != (ssize_t)n)
			die("write");
		answered += take(fd);
	}
	double seconds = now_s() - start;
	struct rusage ru;
	getrusage(RUSAGE_SELF, &ru);
	printf("{\"submits\": %u, \"seconds\": %.4f, \"cpu\": %.4f}\n", count, seconds,
	       (double)ru.ru_utime.tv_sec + (double)ru.ru_stime.tv_sec +
	           (double)(ru.ru_utime.tv_usec + ru.ru_stime.tv_usec) / 1e6);
	return 0;
}
