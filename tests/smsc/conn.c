/*
 * conn: one peer: reads as much as there is, takes every whole PDU, writes all answers at once; and its end.
 */
#include "smsc.h"

#include "tls.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Off is no state that stays: a delayed acknowledgement that went out alone turns it on again. */
static void acknowledge_late(const struct smsc *smsc, const struct conn *conn)
{
	int zero = 0;

	if (smsc->options.late_ack)
		setsockopt(conn->fd, IPPROTO_TCP, TCP_QUICKACK, &zero, sizeof(zero));
}

void conn_accept(struct smsc *smsc, int fd)
{
	const struct options *o = &smsc->options;
	struct linger linger = { .l_onoff = 1 };
	struct conn *conn = conns_add(smsc, fd);

	conn->tls = tls_accept(smsc->tls, fd);
	acknowledge_late(smsc, conn);
	if (o->connect == CONNECT_TAKE || (o->connect_count && smsc->account.connections > o->connect_count))
		return;
	if (o->connect == CONNECT_RESET)
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	conn->silent = true;
	conn->closing = o->connect != CONNECT_SILENT;
}

/* The answer to a receipt or a message of the simulator's own. */
static void take_delivered(struct smsc *smsc, const struct pdu *pdu, struct asked_item *item)
{
	struct account *a = &smsc->account;
	char status[16];

	snprintf(status, sizeof(status), "%u", (unsigned)pdu->status);
	phones_answered(smsc, item, status);
	++*(item->receipt ? pdu->status ? &a->receipt_error : &a->receipt_ok : pdu->status ? &a->mo_error : &a->mo_ok);
	if (pdu->status == 0 && (pdu->body_len != 1 || pdu->body[0] != 0))
		conns_blame(smsc, BREACH_FIELD_LENGTH);
	if (pdu->status && item->again)
		later_again(smsc, item->again, 500);
}

static void take_response(struct smsc *smsc, struct conn *conn, const struct pdu *pdu)
{
	struct asked_item item;

	smsc->account.nacks += pdu->id == CMD_NACK;
	if (pdu->id == CMD_NACK && pdu->sequence == 0)
		return;
	if (!asked_take(&conn->asked, pdu->sequence, &item)) {
		conns_blame(smsc, BREACH_UNKNOWN_RESPONSE);
		return;
	}
	if (smsc->now_ms - item.at_ms > smsc->options.answer_within_ms && !item.missed)
		conns_blame(smsc, BREACH_RESPONSE_MISSING);
	if (pdu->id != CMD_NACK && pdu->id != (item.command | CMD_NACK))
		conns_blame(smsc, BREACH_UNKNOWN_RESPONSE);
	else if (pdu->id == CMD_NACK && !pdu->status)
		conns_blame(smsc, BREACH_STATUS);
	else if (item.command == CMD_DELIVER || item.command == CMD_DATA)
		take_delivered(smsc, pdu, &item);
	else if (item.command == CMD_ENQUIRE)
		smsc->account.enquiries_answered++;
	else if (item.command == CMD_UNBIND)
		conn->closing = true;
	if (item.receipt)
		receipt_window_answered(smsc, conn);
	free(item.again);
}

static void check_header(struct smsc *smsc, struct conn *conn, const struct pdu *pdu)
{
	uint32_t want = conn->sequence_in == 0x7FFFFFFF ? 1 : conn->sequence_in + 1;

	if (pdu->sequence != want)
		conns_blame(smsc, BREACH_SEQUENCE);
	if (pdu->status)
		conns_blame(smsc, BREACH_STATUS);
	conn->sequence_in = pdu->sequence;
}

static void take_unbind(struct smsc *smsc, struct conn *conn, const struct pdu *pdu)
{
	smsc->account.unbinds++;
	if (smsc->options.no_unbind_resp)
		return;
	conns_answer(conn, pdu, 0);
	conn->bound = false;
	conn->bind_command = 0;
}

static void answer_enquire(struct smsc *smsc, const struct conn *conn, const struct pdu *pdu)
{
	struct later l = { .kind = LATER_ENQUIRE,
		           .serial = conn->serial,
		           .due_us = later_served_us(smsc),
		           .command = pdu->id | CMD_NACK,
		           .status = (uint32_t)smsc->options.enquire_status,
		           .sequence = pdu->sequence };

	if (smsc->options.no_enquire_resp)
		return;
	later_add(smsc, &l);
	later_run(smsc);
}

static void take_request(struct smsc *smsc, struct conn *conn, const struct pdu *pdu)
{
	if (pdu->id == CMD_BIND_RX || pdu->id == CMD_BIND_TX || pdu->id == CMD_BIND_TRX) {
		bind_take(smsc, conn, pdu);
	} else if (!conn->bound && pdu->id != CMD_ENQUIRE) {
		conns_blame(smsc, BREACH_BEFORE_BIND);
		conns_answer(conn, pdu, 0x04);
	} else if (pdu->id == CMD_SUBMIT) {
		submit_take(smsc, conn, pdu);
	} else if (pdu->id == CMD_ENQUIRE) {
		smsc->account.enquiries++;
		if (pdu->body_len)
			conns_blame(smsc, BREACH_FIELD_LENGTH);
		answer_enquire(smsc, conn, pdu);
	} else if (pdu->id == CMD_UNBIND) {
		take_unbind(smsc, conn, pdu);
	} else {
		conns_blame(smsc, BREACH_UNKNOWN_COMMAND);
		out_end(&conn->out, out_begin(&conn->out, CMD_NACK, 3, pdu->sequence));
	}
}

static void take(struct smsc *smsc, struct conn *conn, const struct pdu *pdu)
{
	smsc->account.pdus++;
	account_command(&smsc->account, pdu->id);
	if (pdu->id & CMD_NACK) {
		take_response(smsc, conn, pdu);
		return;
	}
	check_header(smsc, conn, pdu);
	if (!conn->silent) {
		take_request(smsc, conn, pdu);
	} else if (pdu->id == CMD_SUBMIT) {
		smsc->account.submits++;
		conn->row->submits++;
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
		conns_blame(smsc, BREACH_LENGTH);
		conn->closing = true;
		return;
	}
	memmove(conn->in, conn->in + at, conn->in_len - at);
	conn->in_len -= at;
}

/* True once the handshake is done. */
static bool shake(struct smsc *smsc, struct conn *conn)
{
	int done;

	if (!conn->tls || conn->row->tls[0])
		return true;
	done = tls_handshake(conn->tls);
	if (done < 0) {
		smsc->account.tls_failed++;
		conn->closing = true;
	}
	if (done <= 0)
		return false;
	smsc->account.tls_good++;
	conn->row->tls = tls_version(conn->tls);
	tls_peer(conn->tls, conn->row->peer, sizeof(conn->row->peer));
	return true;
}

static ssize_t fill(struct conn *conn)
{
	uint8_t *to = conn->in + conn->in_len;
	size_t room = conn->in_cap - conn->in_len;

	return conn->tls ? tls_read(conn->tls, to, room) : read(conn->fd, to, room);
}

void conn_read(struct smsc *smsc, struct conn *conn)
{
	ssize_t n;

	if (!shake(smsc, conn))
		return;
	do {
		n = fill(conn);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			break;
		if (n <= 0) {
			conn->closing = true;
			return;
		}
		conn->in_len += (size_t)n;
		take_all(smsc, conn);
	} while (conn->tls && !conn->closing && !conn->stalled); /* what TLS holds back wakes no epoll */
	acknowledge_late(smsc, conn);
}

static ssize_t pour(struct smsc *smsc, struct conn *conn)
{
	const uint8_t *from = conn->out.data + conn->out_at;
	size_t left = smsc->options.pieces ? 1 : conn->out.len - conn->out_at;

	return conn->tls ? tls_write(conn->tls, from, left) : send(conn->fd, from, left, MSG_NOSIGNAL);
}

void conn_flush(struct smsc *smsc, struct conn *conn)
{
	bool wanted;

	conn->unanswered -= conn->answered < conn->unanswered ? conn->answered : conn->unanswered;
	conn->row->unanswered = conn->unanswered;
	conn->answered = 0;
	if (conn->closing || conn->stalled || (conn->tls && !conn->row->tls[0]))
		return;
	while (conn->out_at < conn->out.len) {
		ssize_t n = pour(smsc, conn);

		if (n < 0 && errno == EAGAIN)
			break;
		if (n <= 0) {
			conn->closing = true;
			return;
		}
		conn->out_at += (size_t)n;
		acknowledge_late(smsc, conn);
	}
	if (conn->out_at == conn->out.len)
		conn->out_at = conn->out.len = 0;
	wanted = conn->out.len > 0;
	if (conn->writable_wanted != wanted) {
		conn->writable_wanted = wanted;
		conns_watch(smsc, conn);
	}
}

static bool free_one(struct smsc *smsc, struct conn *c)
{
	bool again = receipt_window_end(smsc, c);

	for (uint32_t i = 0; i < c->asked.cap; i++) {
		struct asked_item *item = &c->asked.items[i];

		if (item->live)
			phones_answered(smsc, item, "lost");
		if (!item->live || !item->again)
			continue;
		later_again(smsc, item->again, 0);
		again = true;
	}
	asked_free(&c->asked);
	c->row->ended = true;
	c->row->unanswered = c->unanswered;
	tls_close(c->tls);
	close(c->fd);
	free(c->in);
	free(c->out.data);
	free(c);
	return again;
}

bool conn_sweep(struct smsc *smsc)
{
	struct conn *next;
	bool again = false;

	for (struct conn *c = smsc->conns; c; c = next) {
		next = c->next;
		if (!c->closing)
			continue;
		bind_lost(smsc, c);
		if (c->previous)
			c->previous->next = c->next;
		else
			smsc->conns = c->next;
		if (c->next)
			c->next->previous = c->previous;
		again |= free_one(smsc, c);
	}
	return again;
}
