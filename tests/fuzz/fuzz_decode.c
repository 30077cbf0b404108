/*
 * Bodies against libsmpp34: a PDU that both accept must decode alike. The library reads only what is within its means:
 * under 1,024 octets, at most 20 whole TLVs; it overruns its trace and leaks on more.
 */
#include "smpp/codec/decode.h"
#include "smpp/codec/frame.h"
#include "smpp/codec/tlv.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <libsmpp34/smpp34.h>
#include <libsmpp34/smpp34_structs.h>
#include <libsmpp34/smpp34_heap.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define BIT(a) (1u << SMPP_ANOMALY_##a)
#define MOST_TLVS 20
#define UNFIT (BIT(LONG_STRING) | BIT(NO_NUL) | BIT(SHORT_BODY) | BIT(SM_LENGTH) | BIT(TLV) | BIT(TLV_MANY))

static void check(int holds)
{
	if (!holds)
		abort();
}

/* The library forgets TLVs it refuses: it allocates from an arena that each input starts anew. */
static _Alignas(max_align_t) char arena[65536];
static size_t arena_used;

static void *arena_take(size_t size)
{
	size_t at = arena_used, need = (size + 15) & ~(size_t)15;
	if (need > sizeof arena - at)
		return NULL;
	arena_used += need;
	return arena + at;
}

static void *arena_retake(void *old, size_t size)
{
	(void)old;
	return arena_take(size);
}

static void arena_free(void *p)
{
	(void)p;
}

static void oracle_reset(void)
{
	static const struct smpp34_memory_functions functions = { arena_take, arena_retake, arena_free };
	static bool is_set; /* the library takes them once, before its first allocation */
	if (!is_set)
		smpp34_set_memory_functions(&functions);
	is_set = true;
	arena_used = 0;
}

static const tlv_t *find(const tlv_t *list, uint16_t tag, unsigned *n)
{
	const tlv_t *found = NULL;
	*n = 0;
	for (; list; list = list->next)
		if (list->tag == tag) {
			found = list;
			++*n;
		}
	return found;
}

#define DELIVER_FIXED 12
#define DATA_FIXED 7

/*
 * The library takes the width of an integer TLV from its tag, whatever its length says, and goes on reading inside it.
 * Its parameters then differ from ours, even where the lengths add up. Its list is in reverse order. The octets are
 * read here and not with tlv.c, which is what is tested.
 */
static bool read_alike(const tlv_t *theirs, const uint8_t *tail, size_t len)
{
	struct {
		unsigned tag, len;
	} ours[MOST_TLVS];
	size_t n = 0;

	for (size_t at = 0; n < MOST_TLVS && len - at >= 4; n++) {
		ours[n].tag = (unsigned)tail[at] << 8 | tail[at + 1];
		ours[n].len = (unsigned)tail[at + 2] << 8 | tail[at + 3];
		if (ours[n].len > len - at - 4)
			return false;
		at += 4 + ours[n].len;
	}
	for (; theirs && n > 0; theirs = theirs->next) {
		n--;
		if (theirs->tag != ours[n].tag || theirs->length != ours[n].len)
			return false;
	}
	return !theirs && n == 0;
}

static size_t string_len(const uint8_t *s)
{
	return strlen((const char *)s) + 1;
}

static size_t deliver_len(const deliver_sm_t *d)
{
	return DELIVER_FIXED + d->sm_length + string_len(d->service_type) + string_len(d->source_addr) +
	       string_len(d->destination_addr) + string_len(d->schedule_delivery_time) + string_len(d->validity_period);
}

static size_t data_len(const data_sm_t *d)
{
	return DATA_FIXED + string_len(d->service_type) + string_len(d->source_addr) + string_len(d->destination_addr);
}

static void compare_deliver(const uint8_t *pdu, size_t size, const struct smpp_deliver *ours)
{
	const uint8_t *body = pdu + SMPP_HEADER_LEN;
	size_t len = size - SMPP_HEADER_LEN, fixed;
	deliver_sm_t theirs;
	unsigned n, payloads;
	oracle_reset();
	memset(&theirs, 0, sizeof theirs);
	if (smpp34_unpack2(&theirs, pdu, (int)size) == 0) {
		check(strcmp((const char *)theirs.source_addr, ours->source) == 0);
		check(strcmp((const char *)theirs.destination_addr, ours->destination) == 0);
		check(theirs.source_addr_ton == ours->source_ton && theirs.dest_addr_npi == ours->destination_npi);
		check(theirs.esm_class == ours->esm_class && theirs.data_coding == ours->data_coding);
		fixed = deliver_len(&theirs);
		if (fixed > len || !read_alike(theirs.tlv, body + fixed, len - fixed))
			return;
		(void)find(theirs.tlv, SMPP_TLV_MESSAGE_PAYLOAD, &payloads);
		if (payloads == 0 && theirs.sm_length <= 254) {
			check(theirs.sm_length == ours->text_len);
			check(ours->text_len == 0 || memcmp(theirs.short_message, ours->text, ours->text_len) == 0);
		}
		const tlv_t *state = find(theirs.tlv, SMPP_TLV_MESSAGE_STATE, &n);
		if (n == 1 && state->length == 1)
			check(ours->message_state == state->value.val08);
		(void)find(theirs.tlv, SMPP_TLV_RECEIPTED_MESSAGE_ID, &n);
		check((n > 0) == ours->has_receipted_id);
	}
}

/* Its addresses end at 20 octets, ours at the 65 of the standard. */
static void compare_data(const uint8_t *pdu, size_t size, const struct smpp_deliver *ours)
{
	const uint8_t *body = pdu + SMPP_HEADER_LEN;
	size_t len = size - SMPP_HEADER_LEN, fixed;
	data_sm_t theirs;
	unsigned n;
	oracle_reset();
	memset(&theirs, 0, sizeof theirs);
	if (smpp34_unpack2(&theirs, pdu, (int)size) == 0) {
		check(strcmp((const char *)theirs.source_addr, ours->source) == 0);
		check(strcmp((const char *)theirs.destination_addr, ours->destination) == 0);
		check(theirs.esm_class == ours->esm_class && theirs.data_coding == ours->data_coding);
		fixed = data_len(&theirs);
		if (fixed > len || !read_alike(theirs.tlv, body + fixed, len - fixed))
			return;
		const tlv_t *state = find(theirs.tlv, SMPP_TLV_MESSAGE_STATE, &n);
		if (n == 1 && state->length == 1)
			check(ours->message_state == state->value.val08);
		(void)find(theirs.tlv, SMPP_TLV_RECEIPTED_MESSAGE_ID, &n);
		check((n > 0) == ours->has_receipted_id);
	}
}

static void compare_response(const uint8_t *pdu, size_t size, const struct smpp_response *ours)
{
	submit_sm_resp_t theirs;
	oracle_reset();
	memset(&theirs, 0, sizeof theirs);
	if (smpp34_unpack2(&theirs, pdu, (int)size) == 0)
		check(strcmp((const char *)theirs.message_id, ours->id) == 0);
}

static size_t count_tlvs(const uint8_t *tail, size_t len)
{
	struct smpp_tlv_walk w;
	struct smpp_tlv t;
	size_t n = 0;
	smpp_tlv_init(&w, tail, len);
	while (smpp_tlv_next(&w, &t))
		n++;
	return n;
}

/* TLVs end the PDU: every suffix of it holds at least as many as the true tail, so a bound over all is one. */
static size_t most_tlvs(const uint8_t *body, size_t len)
{
	size_t most = 0;
	for (size_t i = 0; i < len; i++) {
		size_t n = count_tlvs(body + i, len - i);
		most = n > most ? n : most;
	}
	return most;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct smpp_header h;
	struct smpp_deliver d;
	struct smpp_response r;
	if (smpp_frame_next(data, size, &h) != SMPP_FRAME_WHOLE)
		return 0;
	const uint8_t *body = data + SMPP_HEADER_LEN;
	size_t len = h.length - SMPP_HEADER_LEN;
	smpp_decode_data_sm(body, len, &d);
	smpp_decode_bind_resp(body, len, &r);
	check(memchr(r.id, 0, SMPP_SYSTEM_ID_CAP) != NULL);
	smpp_decode_submit_resp(body, len, h.status, &r);
	check(memchr(r.id, 0, sizeof r.id) != NULL);
	if (h.command == SMPP_SUBMIT_SM_RESP && h.length < 1024 && !(r.anomalies & UNFIT) && strlen(r.id) + 1 == len)
		compare_response(data, h.length, &r);
	if (h.command == SMPP_DATA_SM && h.length < 1024 && !(d.anomalies & UNFIT) && most_tlvs(body, len) <= MOST_TLVS)
		compare_data(data, h.length, &d);
	smpp_decode_deliver_sm(body, len, &d);
	check(d.text_len <= len);
	if (h.command == SMPP_DELIVER_SM && h.length < 1024 && !(d.anomalies & UNFIT) &&
	    most_tlvs(body, len) <= MOST_TLVS)
		compare_deliver(data, h.length, &d);
	return 0;
}
