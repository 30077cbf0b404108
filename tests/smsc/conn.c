/*
 * conn: one bound peer: reads as much as there is, takes every whole PDU, writes all answers at once.
 */
#include "smsc.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ_CAP (256 * 1024)

void conn_blame(struct smsc *smsc, enum fault fault)
{
	if (smsc->account.faults[fault]++ == 0 && !smsc->options.quiet)
		fprintf(stderr, "smsc: violation: %s\n", fault_name(fault));
}

struct conn *conn_find(struct smsc *smsc, uint64_t serial)
{
	for (struct conn *c = smsc->conns; c; c = c->next)
		if (c->serial == serial && !c->closing)
			return c;
	return NULL;
}

struct conn *conn_receiver(struct smsc *smsc, uint64_t serial)
{
	struct conn *other = NULL;

	for (struct conn *c = smsc->conns; c; c = c->next) {
		if (!c->bound || !c->receives || c->closing)
			continue;
		if (c->serial == serial)
			return c;
		other = c;
	}
	return other;
}

void conn_accept(struct smsc *smsc)
{
	struct epoll_event event = { .events = EPOLLIN };
	int one = 1, fd = accept4(smsc->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	struct conn *conn;

	if (fd < 0)
		return;
	conn = calloc(1, sizeof(*conn));
	if (!conn || !(conn->in = malloc(READ_CAP))) {
		fputs("smsc: out of memory\n", stderr);
		exit(1);
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	conn->fd = fd;
	conn->in_cap = READ_CAP;
	conn->serial = ++smsc->serial;
	conn->next = smsc->conns;
	if (conn->next)
		conn->next->previous = conn;
	smsc->conns = conn;
	smsc->account.connections++;
	event.data.ptr = conn;
	epoll_ctl(smsc->epoll, EPOLL_CTL_ADD, fd, &event);
}

static void answer(struct conn *conn, const struct pdu *pdu, uint32_t status)
{
	out_end(&conn->out, out_begin(&conn->out, pdu->id | CMD_NACK, status, pdu->sequence));
}

static uint32_t bind_status(const struct smsc *smsc, const struct bind *bind)
{
	const struct options *o = &smsc->options;

	if (o->refuse_bind)
		return o->refuse_bind;
	if (o->system_id && strcmp(o->system_id, bind->system_id) != 0)
		return 0x0F;
	if (o->password && strcmp(o->password, bind->password) != 0)
		return 0x0E;
	return 0;
}

static void take_bind(struct smsc *smsc, struct conn *conn, const struct pdu *pdu)
{
	struct bind bind;
	enum fault fault = pdu_bind(pdu, &bind);
	uint32_t status;
	size_t begin;

	if (fault)
		conn_blame(smsc, fault);
	if (conn->bound) {
		conn_blame(smsc, FAULT_BIND_AGAIN);
		answer(conn, pdu, 0x05);
		return;
	}
	status = bind_status(smsc, &bind);
	if (status) {
		smsc->account.binds_refused++;
		answer(conn, pdu, status);
		return;
	}
	smsc->account.binds++;
	conn->bound = true;
	conn->receives = pdu->id != CMD_BIND_TX;
	begin = out_begin(&conn->out, pdu->id | CMD_NACK, 0, pdu->sequence);
	out_cstring(&conn->out, "SMSC");
	out_tlv(&conn->out, 0x0210, "\x34", 1);
	out_end(&conn->out, begin);
}

static void take_response(struct smsc *smsc, struct conn *conn, const struct pdu *pdu)
{
	if (pdu->id != (CMD_DELIVER | CMD_NACK) && pdu->id != (CMD_ENQUIRE | CMD_NACK)) {
		conn_blame(smsc, FAULT_UNKNOWN_RESPONSE);
		return;
	}
	if (pdu->id == (CMD_ENQUIRE | CMD_NACK))
		return;
	if (conn->awaited == 0) {
		conn_blame(smsc, FAULT_UNKNOWN_RESPONSE);
		return;
	}
	conn->awaited--;
	later_answered(smsc, conn, pdu->sequence, pdu->status == 0);
	if (pdu->status)
		smsc->account.receipt_error++;
	else
		smsc->account.receipt_ok++;
	if (pdu->status == 0 && (pdu->body_len != 1 || pdu->body[0] != 0))
		conn_blame(smsc, FAULT_FIELD_LENGTH);
}

static void check_sequence(struct smsc *smsc, struct conn *conn, uint32_t sequence)
{
	uint32_t want = conn->sequence_in == 0x7FFFFFFF ? 1 : conn->sequence_in + 1;

	if (sequence != want)
		conn_blame(smsc, FAULT_SEQUENCE);
	conn->sequence_in = sequence;
}

static void take(struct smsc *smsc, struct conn *conn, const struct pdu *pdu)
{
	smsc->account.pdus++;
	if (pdu->id & CMD_NACK) {
		take_response(smsc, conn, pdu);
		return;
	}
	check_sequence(smsc, conn, pdu->sequence);
	if (pdu->id == CMD_BIND_RX || pdu->id == CMD_BIND_TX || pdu->id == CMD_BIND_TRX) {
		take_bind(smsc, conn, pdu);
	} else if (!conn->bound && pdu->id != CMD_ENQUIRE) {
		conn_blame(smsc, FAULT_BEFORE_BIND);
		answer(conn, pdu, 0x04);
	} else if (pdu->id == CMD_SUBMIT) {
		submit_take(smsc, conn, pdu);
	} else if (pdu->id == CMD_ENQUIRE) {
		smsc->account.enquiries++;
		answer(conn, pdu, 0);
	} else if (pdu->id == CMD_UNBIND) {
		smsc->account.unbinds++;
		answer(conn, pdu, 0);
		conn->bound = false;
	} else {
		conn_blame(smsc, FAULT_UNKNOWN_COMMAND);
		out_end(&conn->out, out_begin(&conn->out, CMD_NACK, 3, pdu->sequence));
	}
}

static void take_all(struct smsc *smsc, struct conn *conn)
{
	struct pdu pdu;
	size_t at = 0;
	long len = 0;

	while (!conn->closing && (len = pdu_next(conn->in + at, conn->in_len - at, &pdu)) > 0) {
		take(smsc, conn, &pdu);
		at += (size_t)len;
	}
	if (len < 0) {
		conn_blame(smsc, FAULT_LENGTH);
		conn->closing = true;
		return;
	}
	memmove(conn->in, conn->in + at, conn->in_len - at);
	conn->in_len -= at;
}

void conn_read(struct smsc *smsc, struct conn *conn)
{
	ssize_t n = read(conn->fd, conn->in + conn->in_len, conn->in_cap - conn->in_len);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		conn->closing = true;
		return;
	}
	conn->in_len += (size_t)n;
	take_all(smsc, conn);
}

static void want_writable(struct smsc *smsc, struct conn *conn, bool wanted)
{
	struct epoll_event event = { .events = EPOLLIN | (wanted ? (uint32_t)EPOLLOUT : 0), .data.ptr = conn };

	if (conn->writable_wanted == wanted)
		return;
	conn->writable_wanted = wanted;
	epoll_ctl(smsc->epoll, EPOLL_CTL_MOD, conn->fd, &event);
}

void conn_flush(struct smsc *smsc, struct conn *conn)
{
	if (conn->closing)
		return;
	conn->unanswered -= conn->answered < conn->unanswered ? conn->answered : conn->unanswered;
	conn->answered = 0;
	while (conn->out_at < conn->out.len) {
		size_t left = conn->out.len - conn->out_at;
		ssize_t n =
		    send(conn->fd, conn->out.data + conn->out_at, smsc->options.pieces ? 1 : left, MSG_NOSIGNAL);

		if (n < 0 && errno == EAGAIN)
			break;
		if (n < 0) {
			conn->closing = true;
			return;
		}
		conn->out_at += (size_t)n;
	}
	if (conn->out_at == conn->out.len)
		conn->out_at = conn->out.len = 0;
	want_writable(smsc, conn, conn->out.len > 0);
}

bool conn_sweep(struct smsc *smsc)
{
	struct conn *next;
	bool again = false;

	for (struct conn *c = smsc->conns; c; c = next) {
		next = c->next;
		if (!c->closing)
			continue;
		if (c->previous)
			c->previous->next = c->next;
		else
			smsc->conns = c->next;
		if (c->next)
			c->next->previous = c->previous;
		again |= later_orphans(smsc, c);
		close(c->fd);
		free(c->in);
		free(c->out.data);
		free(c);
	}
	return again;
}
