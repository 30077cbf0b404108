/*
 * bind: what becomes of a bind: the account it names, how many there may be, and how the answer looks.
 */
#include "smsc.h"

#include <string.h>

enum { GHOSTS = 64 };

static bool still(const struct smsc *smsc)
{
	return !smsc->options.bind_count || smsc->account.binds_tried <= smsc->options.bind_count;
}

static uint64_t standing(const struct smsc *smsc)
{
	uint64_t count = 0;

	for (struct conn *c = smsc->conns; c; c = c->next)
		count += c->bound && !c->closing;
	for (size_t i = 0; i < GHOSTS; i++)
		count += smsc->ghosts[i] > smsc->now_ms;
	return count;
}

void bind_lost(struct smsc *smsc, const struct conn *conn)
{
	if (!conn->bound || !smsc->options.ghost_ms)
		return;
	for (size_t i = 0; i < GHOSTS; i++)
		if (smsc->ghosts[i] <= smsc->now_ms) {
			smsc->ghosts[i] = smsc->now_ms + smsc->options.ghost_ms;
			return;
		}
}

static uint32_t status_of(const struct smsc *smsc, const struct bind *bind)
{
	const struct options *o = &smsc->options;

	if (o->refuse_bind && still(smsc))
		return (uint32_t)o->refuse_bind;
	if (o->system_id && strcmp(o->system_id, bind->system_id) != 0)
		return 0x0F;
	if (o->password && strcmp(o->password, bind->password) != 0)
		return 0x0E;
	if (!o->max_binds || standing(smsc) < o->max_binds)
		return 0;
	return o->max_binds_status ? (uint32_t)o->max_binds_status : 0x05;
}

/* True if the peer is bound, or soon. */
static bool answer(struct smsc *smsc, struct conn *conn, const struct pdu *pdu, uint32_t status)
{
	uint64_t form = still(smsc) ? smsc->options.bind_form : BIND_USUAL;
	struct later l = { .kind = LATER_BIND,
		           .serial = conn->serial,
		           .due_us = smsc->now_us + smsc->options.bind_delay_ms * 1000,
		           .command = pdu->id | CMD_NACK,
		           .status = status,
		           .sequence = pdu->sequence,
		           .body = status ? BODY_NONE : BODY_ID };

	if (form == BIND_NO_BODY || form == BIND_BODY)
		l.body = form == BIND_BODY ? BODY_ID : BODY_NONE;
	if (form == BIND_NACK) {
		l.command = CMD_NACK;
		l.body = BODY_NONE;
		l.status = status ? status : 0x08;
	}
	if (form == BIND_TRANSMITTER)
		l.command = CMD_BIND_TX | CMD_NACK;
	if (form == BIND_SEQUENCE)
		l.sequence ^= 0x40000000;
	if (status && smsc->options.refuse_close)
		form = BIND_CLOSE;
	if (form == BIND_CLOSE)
		conn->closing = true;
	if (form != BIND_CLOSE && form != BIND_SILENT)
		later_add(smsc, &l);
	if (l.status || form == BIND_CLOSE || form == BIND_SILENT) {
		smsc->account.binds_refused++;
		return false;
	}
	smsc->account.binds++;
	return true;
}

void bind_take(struct smsc *smsc, struct conn *conn, const struct pdu *pdu)
{
	static const char *const names[] = { "receiver", "transmitter", "transceiver" };
	unsigned kind = pdu->id == CMD_BIND_RX ? 0 : pdu->id == CMD_BIND_TX ? 1 : 2;
	struct bind bind = { .version = 0x34 };
	enum breach breach = pdu_bind(pdu, &bind);
	uint32_t odd = breach ? 0 : pdu_odd_bind(&bind);

	account_bind(&smsc->account, smsc->now_ms - smsc->began_ms);
	smsc->account.bind_kinds[kind]++;
	if (breach)
		conns_blame(smsc, breach);
	for (unsigned i = 0; i < BREACH_COUNT; i++)
		if (odd & 1U << i)
			conns_blame(smsc, (enum breach)i);
	if (conn->bind_command) {
		conns_blame(smsc, BREACH_BIND_AGAIN);
		conns_answer(conn, pdu, 0x05);
		return;
	}
	if (!answer(smsc, conn, pdu, status_of(smsc, &bind))) {
		later_run(smsc);
		return;
	}
	conn->bind_command = pdu->id;
	conn->row->kind = names[kind];
	conn->receives = pdu->id != CMD_BIND_TX;
	conn->sends = pdu->id != CMD_BIND_RX;
	conn->early = smsc->options.receipts_before_bind;
	if (conn->early)
		later_bound(smsc);
	later_run(smsc);
}
