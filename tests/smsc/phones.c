/*
 * phones: phones that send. A test connects to the socket of --phones and writes a line for each message:
 *   deliver|data CODING ESM_CLASS FROM TO TEXT      CODING: gsm, packed, latin1, ucs2, ucs2-le; TEXT: UTF-8
 * FROM and TO get the type of number that they look like, or the one before them: 2/0812..., 5/62812...
 * It goes at once to a bind that receives. When that answers, the test reads "N STATUS MICROSECONDS", N from 1 in the
 * order of its lines; "N lost 0" if the connection ended first, "N unbound 0" if there was none.
 */
#include "smsc.h"

#include "text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { LINE_MAX_LEN = 4096, OCTETS_MAX = 1024 };

struct message {
	uint32_t command, esm_class, data_coding;
	const char *from, *to;
	uint8_t octets[OCTETS_MAX];
	size_t len;
};

static _Noreturn void wrong(const char *what)
{
	fprintf(stderr, "smsc: not a message of a phone: %s\n", what);
	exit(2);
}

void phones_open(struct smsc *smsc)
{
	struct phones *p = &smsc->phones;
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = &p->listener };

	p->listener = p->fd = -1;
	if (!smsc->options.phones)
		return;
	if ((size_t)snprintf(address.sun_path, sizeof(address.sun_path), "%s", smsc->options.phones) >=
	    sizeof(address.sun_path))
		wrong("the path of --phones is too long");
	unlink(address.sun_path);
	p->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (p->listener < 0 || bind(p->listener, (struct sockaddr *)&address, sizeof(address)) ||
	    listen(p->listener, 4) || epoll_ctl(smsc->epoll, EPOLL_CTL_ADD, p->listener, &event)) {
		perror(smsc->options.phones);
		exit(1);
	}
}

/* The latest connection is the one that is served. */
static void take_call(struct smsc *smsc)
{
	struct phones *p = &smsc->phones;
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = &p->fd };
	int fd = accept4(p->listener, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0)
		return;
	if (p->fd >= 0)
		close(p->fd);
	p->fd = fd;
	p->len = 0;
	p->sent = 0;
	p->call++;
	epoll_ctl(smsc->epoll, EPOLL_CTL_ADD, fd, &event);
}

static void say(const struct phones *p, uint64_t number, const char *what, uint64_t us)
{
	char line[64];
	int n =
	    snprintf(line, sizeof(line), "%llu %s %llu\n", (unsigned long long)number, what, (unsigned long long)us);

	if (p->fd >= 0)
		(void)!send(p->fd, line, (size_t)n, MSG_NOSIGNAL);
}

void phones_answered(const struct smsc *smsc, const struct asked_item *item, const char *what)
{
	if (item->phone && item->call == smsc->phones.call)
		say(&smsc->phones, item->phone, what, smsc->now_us - item->at_us);
}

/* --- the text --- */

static void put_u16(struct message *m, uint32_t v, bool little)
{
	if (m->len + 2 > OCTETS_MAX)
		wrong("a text of too many octets");
	m->octets[m->len++] = (uint8_t)(little ? v : v >> 8);
	m->octets[m->len++] = (uint8_t)(little ? v >> 8 : v);
}

/* The next character of the BMP in UTF-8. */
static uint32_t next_character(const char **at)
{
	const uint8_t *c = (const uint8_t *)*at;
	size_t n = c[0] < 0x80 ? 1 : c[0] < 0xE0 ? 2 : 3;
	uint32_t v = n == 1 ? c[0] : n == 2 ? c[0] & 0x1FU : c[0] & 0x0FU;

	for (size_t i = 1; i < n && c[i]; i++)
		v = v << 6 | (c[i] & 0x3FU);
	*at += strnlen(*at, n);
	return v;
}

static void pack(struct message *m, const char *text)
{
	size_t count = strlen(text);

	m->len = (count * 7 + 7) / 8;
	if (m->len > OCTETS_MAX)
		wrong(text);
	for (size_t i = 0; i < count * 7; i++)
		if (text[i / 7] >> i % 7 & 1)
			m->octets[i / 8] |= (uint8_t)(1U << i % 8);
}

static void encode(struct message *m, const char *coding, const char *text)
{
	bool wide = strncmp(coding, "ucs2", 4) == 0, latin = strcmp(coding, "latin1") == 0;

	m->data_coding = wide ? 8 : latin ? 3 : 0;
	if (strcmp(coding, "packed") == 0) {
		pack(m, text);
		return;
	}
	while (*text) {
		uint32_t c = next_character(&text);

		if (wide)
			put_u16(m, c, strcmp(coding, "ucs2-le") == 0);
		else if (m->len < OCTETS_MAX)
			m->octets[m->len++] = (uint8_t)(c < 256 ? c : '?');
	}
}

/* --- the PDU --- */

static void put_address(struct out *out, const char *address)
{
	bool letters = strspn(address, "+0123456789") != strlen(address);
	unsigned ton = letters ? 5 : strlen(address) > 6 ? 1 : 3;

	if (address[0] && address[1] == '/') {
		ton = (unsigned)(address[0] - '0');
		address += 2;
	}
	out_u8(out, ton);
	out_u8(out, ton == 1 ? 1 : 0);
	out_cstring(out, address);
}

static void put(struct out *out, const struct message *m)
{
	static const uint8_t zero[6] = { 0 };
	bool payload = m->command == CMD_DATA || m->len > 254;

	out_cstring(out, "");
	put_address(out, m->from);
	put_address(out, m->to);
	out_u8(out, m->esm_class);
	if (m->command == CMD_DATA)
		out_u8(out, 0); /* registered_delivery */
	else
		out_bytes(out, zero, 6);
	out_u8(out, m->data_coding);
	if (m->command == CMD_DELIVER) {
		out_u8(out, 0);
		out_u8(out, payload ? 0 : (unsigned)m->len);
		out_bytes(out, m->octets, payload ? 0 : m->len);
	}
	if (payload)
		out_tlv(out, 0x0424, m->octets, m->len);
}

static void send_line(struct smsc *smsc, char *line)
{
	const struct receipt any = { .to = TO_ANY };
	struct phones *p = &smsc->phones;
	struct message m = { .len = 0 };
	char *words[5], *rest = line;
	struct conn *conn;

	for (size_t i = 0; i < 5; i++)
		if (!(words[i] = strsep(&rest, " ")))
			wrong(line);
	m.command = strcmp(words[0], "data") == 0 ? CMD_DATA : CMD_DELIVER;
	m.esm_class = (uint32_t)strtoul(words[2], NULL, 0);
	m.from = words[3];
	m.to = words[4];
	encode(&m, words[1], rest ? rest : "");
	p->sent++;
	conn = conns_receiver(smsc, &any);
	if (!conn) {
		say(p, p->sent, "unbound", 0);
		return;
	}
	size_t begin = conns_ask(smsc, conn, m.command, NULL);
	asked_tell(&conn->asked, conn->sequence_out,
	           &(struct asked_item){ .phone = p->sent, .call = p->call, .at_us = smsc->now_us });
	put(&conn->out, &m);
	out_end(&conn->out, begin);
	smsc->account.mo++;
}

static void read_lines(struct smsc *smsc)
{
	struct phones *p = &smsc->phones;
	ssize_t n = recv(p->fd, p->line + p->len, sizeof(p->line) - p->len, MSG_DONTWAIT);
	char *end;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		close(p->fd);
		p->fd = -1;
		return;
	}
	p->len += (size_t)n;
	while ((end = memchr(p->line, '\n', p->len))) {
		size_t taken = (size_t)(end - p->line) + 1;

		*end = '\0';
		send_line(smsc, p->line);
		p->len -= taken;
		memmove(p->line, p->line + taken, p->len);
	}
	if (p->len == sizeof(p->line))
		wrong("a line that is too long");
}

bool phones_take(struct smsc *smsc, const void *what)
{
	if (what == &smsc->phones.listener)
		take_call(smsc);
	else if (what == &smsc->phones.fd)
		read_lines(smsc);
	else
		return false;
	return true;
}
