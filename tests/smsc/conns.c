/*
 * conns: the list of connections: found by what they are, added, asked and answered. Calls none of the parts above it.
 */
#include "smsc.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#define READ_CAP (256 * 1024)

void conns_blame(struct smsc *smsc, enum breach breach)
{
	if (smsc->account.breaches[breach]++ == 0 && !smsc->options.quiet)
		fprintf(stderr, "smsc: violation: %s\n", breach_name(breach));
}

uint64_t smsc_random(struct smsc *smsc, uint64_t below)
{
	uint64_t z = smsc->random += 0x9E3779B97F4A7C15;

	z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
	z = (z ^ z >> 27) * 0x94D049BB133111EB;
	return below ? (z ^ z >> 31) % below : 0;
}

struct conn *conns_find(struct smsc *smsc, uint64_t serial)
{
	for (struct conn *c = smsc->conns; c; c = c->next)
		if (c->serial == serial && !c->closing)
			return c;
	return NULL;
}

/* How well a receiver suits; 0: not at all. */
static uint64_t suits(struct smsc *smsc, const struct conn *c, const struct receipt *r)
{
	switch (r->to) {
	case TO_RECEIVER:
		return c->bind_command == CMD_BIND_RX ? 2 : 1;
	case TO_ANY:
		return 1 + smsc_random(smsc, 1000);
	case TO_OTHER:
		return c->serial != r->origin;
	case TO_NEW:
		return c->serial > r->newest;
	default:
		return c->serial == r->origin ? 2 : 1;
	}
}

static bool takes_receipts(const struct conn *c)
{
	return (c->bound || c->early) && c->receives && !c->silent && !c->closing && !c->unbinding;
}

struct conn *conns_receiver(struct smsc *smsc, const struct receipt *receipt)
{
	struct conn *best = NULL;
	uint64_t most = 0;

	for (struct conn *c = smsc->conns; c; c = c->next) {
		uint64_t much = takes_receipts(c) ? suits(smsc, c, receipt) : 0;

		if (much > most) {
			most = much;
			best = c;
		}
	}
	return best;
}

struct conn *conns_add(struct smsc *smsc, int fd)
{
	struct epoll_event event = { .events = EPOLLIN };
	struct conn *conn = calloc(1, sizeof(*conn));
	int one = 1;

	if (!conn || !(conn->in = malloc(READ_CAP))) {
		fputs("smsc: out of memory\n", stderr);
		exit(1);
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	conn->fd = fd;
	conn->in_cap = READ_CAP;
	conn->serial = ++smsc->serial;
	conn->row = account_link(&smsc->account, conn->serial);
	conn->next = smsc->conns;
	if (conn->next)
		conn->next->previous = conn;
	smsc->conns = conn;
	smsc->account.connections++;
	event.data.ptr = conn;
	epoll_ctl(smsc->epoll, EPOLL_CTL_ADD, fd, &event);
	return conn;
}

void conns_watch(struct smsc *smsc, struct conn *conn)
{
	struct epoll_event event = { .data.ptr = conn };

	if (!conn->stalled)
		event.events = EPOLLIN | (conn->writable_wanted ? (uint32_t)EPOLLOUT : 0);
	epoll_ctl(smsc->epoll, EPOLL_CTL_MOD, conn->fd, &event);
}

void conns_answer(struct conn *conn, const struct pdu *pdu, uint32_t status)
{
	out_end(&conn->out, out_begin(&conn->out, pdu->id | CMD_NACK, status, pdu->sequence));
}

size_t conns_ask(struct smsc *smsc, struct conn *conn, uint32_t command, const struct later *receipt)
{
	struct asked_item item = { .command = command, .at_ms = smsc->now_ms, .receipt = receipt != NULL };

	if (++conn->sequence_out > 0x7FFFFFFF)
		conn->sequence_out = 1;
	item.sequence = conn->sequence_out;
	if (receipt && smsc->options.receipt_again) {
		item.again = malloc(sizeof(*item.again));
		if (!item.again) {
			fputs("smsc: out of memory\n", stderr);
			exit(1);
		}
		*item.again = *receipt;
	}
	asked_add(&conn->asked, &item);
	return out_begin(&conn->out, command, 0, conn->sequence_out);
}
