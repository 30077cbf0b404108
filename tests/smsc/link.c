/*
 * link: what a fault does to the connection that its submit came on, and the PDUs nobody asked for.
 */
#include "smsc.h"

#include <string.h>
#include <sys/socket.h>

static void reset(struct conn *conn)
{
	struct linger linger = { .l_onoff = 1 };

	setsockopt(conn->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	conn->closing = true;
}

static void unbind(struct smsc *smsc, struct conn *conn, bool silent)
{
	out_end(&conn->out, conns_ask(smsc, conn, CMD_UNBIND, NULL));
	conn->unbinding = true;
	conn->silent = silent;
}

/* The length is a lie; the PDU itself is a deliver_sm's header and 16 octets. */
static void send_length(struct conn *conn, uint32_t length)
{
	static const uint8_t zero[16] = { 0 };

	out_u32(&conn->out, length);
	out_u32(&conn->out, CMD_DELIVER);
	out_u32(&conn->out, 0);
	out_u32(&conn->out, ++conn->sequence_out);
	out_bytes(&conn->out, zero, sizeof(zero));
}

static void send_half(struct conn *conn)
{
	out_u32(&conn->out, 64);
	out_u32(&conn->out, CMD_DELIVER);
	out_u32(&conn->out, 0);
	out_u8(&conn->out, 0);
}

static void send_alert(struct conn *conn, const struct submit *s)
{
	size_t begin = out_begin(&conn->out, CMD_ALERT, 0, ++conn->sequence_out);

	out_bytes(&conn->out, "\1\1", 2);
	out_cstring(&conn->out, s->destination);
	out_bytes(&conn->out, "\5\0", 2);
	out_cstring(&conn->out, s->source);
	out_tlv(&conn->out, 0x0422, "\0", 1);
	out_end(&conn->out, begin);
}

static void send_outbind(struct conn *conn)
{
	size_t begin = out_begin(&conn->out, CMD_OUTBIND, 0, ++conn->sequence_out);

	out_cstring(&conn->out, "SMSC");
	out_cstring(&conn->out, "secret");
	out_end(&conn->out, begin);
}

static void send_mo(struct smsc *smsc, struct conn *conn, const struct submit *s, uint32_t command)
{
	static const uint8_t zero[8] = { 0 };
	size_t begin = conns_ask(smsc, conn, command, NULL);

	out_cstring(&conn->out, "");
	out_bytes(&conn->out, "\1\1", 2);
	out_cstring(&conn->out, s->destination);
	out_bytes(&conn->out, "\5\0", 2);
	out_cstring(&conn->out, s->source);
	out_u8(&conn->out, 0);
	if (command == CMD_DELIVER) {
		out_bytes(&conn->out, zero, 8);
		out_u8(&conn->out, 4);
		out_bytes(&conn->out, "STOP", 4);
	} else {
		out_bytes(&conn->out, zero, 2);
		out_tlv(&conn->out, 0x0424, "STOP", 4);
	}
	out_end(&conn->out, begin);
}

/* PDUs of the simulator's own; the submit goes on. */
static void say(struct smsc *smsc, struct conn *conn, const struct fate *f, const struct submit *s)
{
	switch (f->link) {
	case LINK_UNKNOWN:
		out_end(&conn->out, conns_ask(smsc, conn, f->link_value, NULL));
		break;
	case LINK_ENQUIRE:
		for (uint32_t i = 0; i < f->link_value; i++)
			out_end(&conn->out, conns_ask(smsc, conn, CMD_ENQUIRE, NULL));
		break;
	case LINK_ALERT:
		send_alert(conn, s);
		break;
	case LINK_OUTBIND:
		send_outbind(conn);
		break;
	case LINK_MO:
		send_mo(smsc, conn, s, CMD_DELIVER);
		break;
	case LINK_MO_DATA:
		send_mo(smsc, conn, s, CMD_DATA);
		break;
	case LINK_UNBIND:
		unbind(smsc, conn, false);
		break;
	default:
		break;
	}
}

bool link_act(struct smsc *smsc, struct conn *conn, const struct fate *f, const struct submit *s)
{
	switch (f->link) {
	case LINK_DROP:
		conn->closing = true;
		return true;
	case LINK_RESET:
		reset(conn);
		return true;
	case LINK_DROP_ALL:
		for (struct conn *c = smsc->conns; c; c = c->next)
			c->closing = true;
		return true;
	case LINK_FIN:
		shutdown(conn->fd, SHUT_WR);
		conn->silent = true;
		return true;
	case LINK_STALL:
		conn->stalled = conn->silent = true;
		conns_watch(smsc, conn);
		return true;
	case LINK_MUTE:
		conn->silent = true;
		return true;
	case LINK_UNBIND_MUTE:
		unbind(smsc, conn, true);
		return true;
	case LINK_NACK_ZERO:
		out_end(&conn->out, out_begin(&conn->out, CMD_NACK, 0x02, 0));
		return true;
	case LINK_LENGTH:
		send_length(conn, f->link_value);
		conn->silent = true;
		return true;
	case LINK_HALF:
		send_half(conn);
		conn->silent = true;
		return true;
	default:
		say(smsc, conn, f, s);
		return false;
	}
}
