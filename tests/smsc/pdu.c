/*
 * pdu: bytes to PDUs and back. Strict: it notes what a client may not send. Owns nothing but its out buffers.
 */
#include "pdu.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A body while it is read; the first breach sticks. */
struct cursor {
	const uint8_t *at, *end;
	enum breach breach;
};

static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void put32(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 24);
	p[1] = (uint8_t)(v >> 16);
	p[2] = (uint8_t)(v >> 8);
	p[3] = (uint8_t)v;
}

long pdu_next(const uint8_t *data, size_t len, struct pdu *pdu)
{
	if (len < 4)
		return 0;
	uint32_t length = get32(data);
	if (length < 16 || length > 65536)
		return -1;
	if (len < length)
		return 0;
	pdu->id = get32(data + 4);
	pdu->status = get32(data + 8);
	pdu->sequence = get32(data + 12);
	pdu->body = data + 16;
	pdu->body_len = length - 16;
	return (long)length;
}

static void blame(struct cursor *c, enum breach breach)
{
	if (!c->breach)
		c->breach = breach;
}

/* cap: the field's size in the specification, NUL included. */
static void get_cstring(struct cursor *c, char *out, size_t cap)
{
	const uint8_t *nul = memchr(c->at, 0, (size_t)(c->end - c->at));

	out[0] = '\0';
	if (!nul) {
		blame(c, BREACH_TERMINATION);
		c->at = c->end;
		return;
	}
	size_t len = (size_t)(nul - c->at);
	if (len >= cap) {
		blame(c, BREACH_FIELD_LENGTH);
		len = cap - 1;
	}
	memcpy(out, c->at, len);
	out[len] = '\0';
	c->at = nul + 1;
}

static unsigned get_u8(struct cursor *c)
{
	if (c->at == c->end) {
		blame(c, BREACH_FIELD_LENGTH);
		return 0;
	}
	return *c->at++;
}

enum breach pdu_bind(const struct pdu *pdu, struct bind *bind)
{
	struct cursor c = { pdu->body, pdu->body + pdu->body_len, BREACH_NONE };
	char system_type[13], range[41];

	get_cstring(&c, bind->system_id, sizeof(bind->system_id));
	get_cstring(&c, bind->password, sizeof(bind->password));
	get_cstring(&c, system_type, sizeof(system_type));
	bind->version = get_u8(&c);
	bind->ton = get_u8(&c);
	bind->npi = get_u8(&c);
	get_cstring(&c, range, sizeof(range));
	if (c.at != c.end)
		blame(&c, BREACH_FIELD_LENGTH);
	return c.breach;
}

/* Section 7.1.1: YYMMDDhhmmsstnnp, p one of + - R; empty is allowed. */
static void check_time(struct cursor *c, const char *time)
{
	size_t len = strlen(time);

	if (len && (len != 16 || strspn(time, "0123456789") < 15 || !strchr("+-R", time[15])))
		blame(c, BREACH_VALIDITY);
}

static void read_tlvs(struct cursor *c, struct submit *submit)
{
	while (c->at < c->end) {
		size_t len;

		if (c->end - c->at < 4 || (size_t)(c->end - c->at) < 4U + (size_t)(c->at[2] << 8 | c->at[3])) {
			blame(c, BREACH_FIELD_LENGTH);
			return;
		}
		len = (size_t)(c->at[2] << 8 | c->at[3]);
		if (c->at[0] == 0x04 && c->at[1] == 0x24) {
			submit->both = submit->text_len > 0 || submit->payload;
			submit->payload = true;
			submit->text = c->at + 4;
			submit->text_len = len;
		}
		c->at += 4 + len;
	}
}

enum breach pdu_submit(const struct pdu *pdu, struct submit *submit)
{
	struct cursor c = { pdu->body, pdu->body + pdu->body_len, BREACH_NONE };
	char service_type[6], schedule[17];

	memset(submit, 0, sizeof(*submit));
	get_cstring(&c, service_type, sizeof(service_type));
	submit->source_ton = get_u8(&c);
	submit->source_npi = get_u8(&c);
	get_cstring(&c, submit->source, sizeof(submit->source));
	submit->destination_ton = get_u8(&c);
	submit->destination_npi = get_u8(&c);
	get_cstring(&c, submit->destination, sizeof(submit->destination));
	submit->esm_class = get_u8(&c);
	get_u8(&c);
	submit->priority = get_u8(&c);
	get_cstring(&c, schedule, sizeof(schedule));
	get_cstring(&c, submit->validity, sizeof(submit->validity));
	check_time(&c, schedule);
	check_time(&c, submit->validity);
	submit->registered = get_u8(&c);
	submit->replace = get_u8(&c);
	submit->data_coding = get_u8(&c);
	get_u8(&c);
	submit->text_len = get_u8(&c);
	submit->text = c.at;
	if (submit->text_len > 254 || submit->text_len > (size_t)(c.end - c.at)) {
		blame(&c, BREACH_FIELD_LENGTH);
		submit->text_len = 0;
		return c.breach;
	}
	c.at += submit->text_len;
	read_tlvs(&c, submit);
	return c.breach;
}

static bool good_type(unsigned ton, unsigned npi)
{
	return ton <= 6 && (npi <= 1 || npi == 3 || npi == 4 || npi == 6 || npi == 8 || npi == 9 || npi == 10 ||
	                    npi == 14 || npi == 18);
}

/* TON 1 is a whole number in digits; TON 5 is letters, with no numbering plan. */
static bool good_address(const char *address, unsigned ton, unsigned npi)
{
	size_t len = strlen(address), digits = strspn(address, "0123456789");

	if (!good_type(ton, npi))
		return false;
	if (ton == 5)
		return npi == 0 && len >= 1 && len <= 11;
	if (ton == 1)
		return npi == 1 && digits == len && len >= 5 && len <= 15;
	return digits == len;
}

static bool good_udh(const struct submit *s)
{
	return !(s->esm_class & 0x40) || (s->text_len > 1 && (size_t)s->text[0] + 1 < s->text_len);
}

uint32_t pdu_odd_submit(const struct submit *s)
{
	unsigned type = s->esm_class & 0x3C;
	uint32_t odd = 0;

	if (!s->destination[0] || s->destination_ton == 5 ||
	    !good_address(s->destination, s->destination_ton, s->destination_npi) ||
	    !good_address(s->source, s->source_ton, s->source_npi))
		odd |= 1U << BREACH_ADDRESS;
	if ((type && type != 0x08 && type != 0x10) || !good_udh(s))
		odd |= 1U << BREACH_ESM_CLASS;
	if (s->priority > 3 || s->registered & 0xE0 || (s->registered & 3) == 3 || s->replace > 1)
		odd |= 1U << BREACH_RESERVED;
	if (s->both || s->text_len == 0)
		odd |= 1U << BREACH_PAYLOAD;
	return odd;
}

uint32_t pdu_odd_bind(const struct bind *bind)
{
	uint32_t odd = bind->version != 0x34 && bind->version != 0x33 ? 1U << BREACH_RESERVED : 0;

	return good_type(bind->ton, bind->npi) ? odd : odd | 1U << BREACH_ADDRESS;
}

static uint8_t *out_reserve(struct out *out, size_t len)
{
	if (out->cap - out->len < len) {
		size_t cap = (out->len + len) * 2 + 4096;
		uint8_t *bigger = realloc(out->data, cap);

		if (!bigger) {
			fputs("smsc: out of memory\n", stderr);
			exit(1);
		}
		out->data = bigger;
		out->cap = cap;
	}
	out->len += len;
	return out->data + out->len - len;
}

void out_bytes(struct out *out, const void *data, size_t len)
{
	if (len)
		memcpy(out_reserve(out, len), data, len);
}

void out_u8(struct out *out, unsigned value)
{
	*out_reserve(out, 1) = (uint8_t)value;
}

void out_u32(struct out *out, uint32_t value)
{
	put32(out_reserve(out, 4), value);
}

void out_cstring(struct out *out, const char *text)
{
	out_bytes(out, text, strlen(text) + 1);
}

void out_tlv(struct out *out, unsigned tag, const void *value, size_t len)
{
	out_u8(out, tag >> 8);
	out_u8(out, tag & 0xFF);
	out_u8(out, (unsigned)len >> 8);
	out_u8(out, len & 0xFF);
	out_bytes(out, value, len);
}

size_t out_begin(struct out *out, uint32_t id, uint32_t status, uint32_t sequence)
{
	size_t begin = out->len;
	uint8_t *head = out_reserve(out, 16);

	put32(head, 0);
	put32(head + 4, id);
	put32(head + 8, status);
	put32(head + 12, sequence);
	return begin;
}

void out_end(struct out *out, size_t begin)
{
	put32(out->data + begin, (uint32_t)(out->len - begin));
}
