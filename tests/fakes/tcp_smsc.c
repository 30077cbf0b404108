/*
 * tcp_smsc: an SMSC on a real loopback connection of the test's own loop. Owns its sockets; must never know our codec:
 * it reads and writes octets by itself.
 */
#include "tcp_smsc.h"

#include "base/loop.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static void put_u32(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (24 - 8 * i));
}

uint32_t peer_u32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

void peer_say(struct peer *p, struct peer_head head, const void *body, size_t len)
{
	uint8_t pdu[512];
	put_u32(pdu, (uint32_t)(16 + len));
	put_u32(pdu + 4, head.command);
	put_u32(pdu + 8, head.status);
	put_u32(pdu + 12, head.sequence);
	if (len)
		memcpy(pdu + 16, body, len);
	assert_int_equal(send(p->fd, pdu, 16 + len, MSG_NOSIGNAL), 16 + len);
}

static void on_pdu(struct peer *p, const uint8_t *pdu, size_t len)
{
	uint32_t command = peer_u32(pdu + 4), sequence = peer_u32(pdu + 12);
	if (command == 9) {
		p->binds++;
		peer_say(p, (struct peer_head){ 0x80000009, p->bind_status, sequence }, "peer", p->bind_status ? 0 : 5);
	} else if (command == 4) {
		p->submits++;
		memcpy(p->last, pdu, len);
		p->last_len = len;
		if (!p->mute)
			peer_say(p, (struct peer_head){ 0x80000004, p->submit_status, sequence }, "0A1B",
			         p->submit_status ? 0 : 5);
	} else if (command == 0x15) {
		peer_say(p, (struct peer_head){ 0x80000015, 0, sequence }, NULL, 0);
	} else if (command == 6) {
		p->unbind_seen = true;
		peer_say(p, (struct peer_head){ 0x80000006, 0, sequence }, NULL, 0);
	} else if (command == 0x80000005) {
		p->delivery_answers++;
		p->delivery_status = peer_u32(pdu + 8);
		memcpy(p->last, pdu, len);
		p->last_len = len;
	} else if (command == 0x80000000) {
		p->nacks++;
	}
}

static void on_read(void *arg, unsigned events)
{
	struct peer *p = arg;
	(void)events;
	ssize_t n = recv(p->fd, p->in + p->in_len, sizeof p->in - p->in_len, 0);
	if (n <= 0) {
		loop_watch_set(p->watch, 0);
		return;
	}
	p->in_len += (size_t)n;
	while (p->in_len >= 16 && p->in_len >= peer_u32(p->in)) {
		size_t len = peer_u32(p->in);
		on_pdu(p, p->in, len);
		p->in_len -= len;
		memmove(p->in, p->in + len, p->in_len);
	}
	p->heard();
}

static void on_accept(void *arg, unsigned events)
{
	struct peer *p = arg;
	(void)events;
	loop_watch_free(p->watch);
	if (p->fd >= 0)
		close(p->fd);
	p->fd = accept(p->listen_fd, NULL, NULL);
	assert_true(p->fd >= 0);
	p->in_len = 0;
	p->watch = loop_watch_new(p->loop, p->fd, on_read, p);
	loop_watch_set(p->watch, LOOP_READ);
}

void peer_open(struct peer *p, struct loop *loop, void (*heard)(void))
{
	p->loop = loop;
	p->heard = heard;
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof a;
	p->fd = -1;
	p->listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(p->listen_fd, (struct sockaddr *)&a, sizeof a), 0);
	assert_int_equal(listen(p->listen_fd, 8), 0);
	assert_int_equal(getsockname(p->listen_fd, (struct sockaddr *)&a, &len), 0);
	p->port = ntohs(a.sin_port);
	p->listen_watch = loop_watch_new(p->loop, p->listen_fd, on_accept, p);
	loop_watch_set(p->listen_watch, LOOP_READ);
}

void peer_close(struct peer *p)
{
	loop_watch_free(p->watch);
	loop_watch_free(p->listen_watch);
	if (p->fd >= 0)
		close(p->fd);
	close(p->listen_fd);
}
