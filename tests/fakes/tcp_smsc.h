/*
 * An SMSC on a real loopback connection, on the loop of the test: a few lines that know octets, not our codec.
 * It answers binds, submits, enquire_links and unbinds, and counts them.
 */
#ifndef TESTS_FAKES_TCP_SMSC_H
#define TESTS_FAKES_TCP_SMSC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct loop;

struct peer {
	struct loop *loop;
	void (*heard)(void); /* after each read */
	struct loop_watch *listen_watch, *watch;
	int listen_fd, fd;
	uint16_t port;
	uint8_t in[65536];
	size_t in_len;
	uint32_t bind_status, submit_status;
	bool mute, unbind_seen;
	unsigned binds, submits, nacks;
	uint8_t last[1024]; /* the last submit_sm or answer to a delivery */
	size_t last_len;
	unsigned delivery_answers;
	uint32_t delivery_status;
};

struct peer_head {
	uint32_t command, status, sequence;
};

/* Listens on a free port of loopback; one connection at a time, the newest. */
void peer_open(struct peer *p, struct loop *loop, void (*heard)(void));
void peer_close(struct peer *p);

void peer_say(struct peer *p, struct peer_head head, const void *body, size_t len);
uint32_t peer_u32(const uint8_t *p);

#endif
