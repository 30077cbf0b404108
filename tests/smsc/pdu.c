/*
 * pdu: bytes to PDUs and back. Strict: it notes what a client may not send. Owns nothing but its out buffers.
 */
#include "pdu.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A body while it is read; the first fault sticks. */
struct cursor {
	const uint8_t *at, *end;
	enum fault fault;
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

static void blame(struct cursor *c, enum fault fault)
{
	if (!c->fault)
		c->fault = fault;
}

/* cap: the field's size in the specification, NUL included. */
static void get_cstring(struct cursor *c, char *out, size_t cap)
{
	const uint8_t *nul = memchr(c->at, 0, (size_t)(c->end - c->at));

	out[0] = '\0';
	if (!nul) {
		blame(c, FAULT_TERMINATION);
		c->at = c->end;
		return;
	}
	size_t len = (size_t)(nul - c->at);
	if (len >= cap) {
		blame(c, FAULT_FIELD_LENGTH);
		len = cap - 1;
	}
	memcpy(out, c->at, len);
	out[len] = '\0';
	c->at = nul + 1;
}

static unsigned get_u8(struct cursor *c)
{
	if (c->at == c->end) {
		blame(c, FAULT_FIELD_LENGTH);
		return 0;
	}
	return *c->at++;
}

enum fault pdu_bind(const struct pdu *pdu, struct bind *bind)
{
	struct cursor c = { pdu->body, pdu->body + pdu->body_len, FAULT_NONE };
	char system_type[13], range[41];

	get_cstring(&c, bind->system_id, sizeof(bind->system_id));
	get_cstring(&c, bind->password, sizeof(bind->password));
	get_cstring(&c, system_type, sizeof(system_type));
	for (int i = 0; i < 3; i++)
		get_u8(&c);
	get_cstring(&c, range, sizeof(range));
	if (c.at != c.end)
		blame(&c, FAULT_FIELD_LENGTH);
	return c.fault;
}

/* Section 7.1.1: YYMMDDhhmmsstnnp, p one of + - R; empty is allowed. */
static void check_time(struct cursor *c, const char *time)
{
	size_t len = strlen(time);

	if (len && (len != 16 || strspn(time, "0123456789") < 15 || !strchr("+-R", time[15])))
		blame(c, FAULT_VALIDITY);
}

static void skip_tlvs(struct cursor *c)
{
	while (c->at < c->end) {
		if (c->end - c->at < 4 || (size_t)(c->end - c->at) < 4U + (size_t)(c->at[2] << 8 | c->at[3])) {
			blame(c, FAULT_FIELD_LENGTH);
			return;
		}
		c->at += 4 + (c->at[2] << 8 | c->at[3]);
	}
}

enum fault pdu_submit(const struct pdu *pdu, struct submit *submit)
{
	struct cursor c = { pdu->body, pdu->body + pdu->body_len, FAULT_NONE };
	char service_type[6], schedule[17];

	memset(submit, 0, sizeof(*submit));
	get_cstring(&c, service_type, sizeof(service_type));
	get_u8(&c);
	get_u8(&c);
	get_cstring(&c, submit->source, sizeof(submit->source));
	get_u8(&c);
	get_u8(&c);
	get_cstring(&c, submit->destination, sizeof(submit->destination));
	submit->esm_class = get_u8(&c);
	get_u8(&c);
	get_u8(&c);
	get_cstring(&c, schedule, sizeof(schedule));
	get_cstring(&c, submit->validity, sizeof(submit->validity));
	check_time(&c, schedule);
	check_time(&c, submit->validity);
	submit->registered = get_u8(&c);
	get_u8(&c);
	submit->data_coding = get_u8(&c);
	get_u8(&c);
	submit->text_len = get_u8(&c);
	submit->text = c.at;
	if (submit->text_len > 254 || submit->text_len > (size_t)(c.end - c.at)) {
		blame(&c, FAULT_FIELD_LENGTH);
		submit->text_len = 0;
		return c.fault;
	}
	c.at += submit->text_len;
	skip_tlvs(&c);
	return c.fault;
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
