/*
 * telco: the binds of an SMSC in virtual time and the SMSC that it talks to. Owns the loop, the binds and the records
 * of what was sent; must never know our codec: it writes and reads octets by itself.
 */
#include "telco.h"

#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define HEADER 16

static const struct smpp_endpoint host = { "smsc.example", 2775 };

static void on_turn_end(void *arg)
{
	struct telco *t = arg;
	bool room, state;

	smpp_notifier_take(&t->notifier, &room, &state);
	t->rooms += room;
	if (state)
		smpp_binds_settle(t->binds);
}

static void on_receipt(void *arg, const struct smpp_receipt *receipt)
{
	(void)arg;
	(void)receipt;
	fail_msg("no receipt was sent");
}

void telco_init(struct telco *t)
{
	*t = (struct telco){ .seen = fake_link_count(), /* those of a test that failed */
		             .o = { .name = "telco",
		                    .hosts = &host,
		                    .host_count = 1,
		                    .binds = 1,
		                    .system_id = "esme",
		                    .system_type = "",
		                    .sender = "ACME",
		                    .service_type = "",
		                    .rate = 1000,
		                    .window = 10,
		                    .connect_timeout_ms = 5000,
		                    .bind_timeout_ms = 10000,
		                    .response_timeout_ms = 10000,
		                    .enquire_interval_ms = 30000,
		                    .enquire_timeout_ms = 10000,
		                    .inactivity_ms = 90000,
		                    .pdu_timeout_ms = 10000,
		                    .reconnect_min_ms = 1000,
		                    .reconnect_max_ms = 60000,
		                    .throttle_pause_ms = 1000 } };
}

void telco_start(struct telco *t)
{
	static const struct smpp_listener listener = { .on_receipt = on_receipt };

	t->loop = loop_new();
	smpp_notifier_init(&t->notifier, t->loop, &listener, on_turn_end, t);
	t->env = (struct smpp_bind_env){ .loop = t->loop, .notifier = &t->notifier, .epochs = &t->epochs };
	assert_int_equal(smpp_binds_new(&t->o, 0, &t->env, &t->binds), ERR_OK);
	smpp_binds_start(t->binds);
}

void telco_clear(struct telco *t)
{
	smpp_notifier_clear(&t->notifier);
	smpp_binds_free(t->binds);
	loop_free(t->loop);
	fake_link_forget();
}

/* --- time --- */

struct smpp_link *telco_await(struct telco *t, int64_t within_ms)
{
	int64_t until_ms = clock_mono_ms() + within_ms;

	while (fake_link_count() == t->seen)
		if (!fake_loop_step(t->loop, until_ms))
			return NULL;
	return fake_link(t->seen++);
}

int64_t telco_closes_in(struct telco *t, const struct smpp_link *l, int64_t within_ms)
{
	int64_t from_ms = clock_mono_ms();

	while (fake_link_closed_ms(l) < 0)
		if (!fake_loop_step(t->loop, from_ms + within_ms))
			return -1;
	return fake_link_closed_ms(l) - from_ms;
}

int64_t telco_writes_in(struct telco *t, struct smpp_link *l, int64_t within_ms)
{
	int64_t from_ms = clock_mono_ms();

	while (buf_len(fake_link_out(l)) == 0)
		if (!fake_loop_step(t->loop, from_ms + within_ms))
			return -1;
	return clock_mono_ms() - from_ms;
}

/* --- octets --- */

static void put_u32(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (24 - 8 * i));
}

static uint32_t get_u32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

bool telco_read(struct smpp_link *l, struct telco_pdu *out)
{
	struct buf *b = fake_link_out(l);
	const uint8_t *p = buf_data(b);

	if (buf_len(b) == 0)
		return false;
	assert_true(buf_len(b) >= HEADER);
	*out = (struct telco_pdu){
		.len = get_u32(p), .command = get_u32(p + 4), .status = get_u32(p + 8), .sequence = get_u32(p + 12)
	};
	assert_in_range(out->len, HEADER, HEADER + sizeof out->body);
	assert_true(buf_len(b) >= out->len);
	memcpy(out->body, p + HEADER, out->len - HEADER);
	buf_consume(b, out->len);
	return true;
}

void telco_raw(struct telco *t, struct smpp_link *l, const void *octets, size_t len)
{
	fake_link_in(l, octets, len);
	fake_loop_turn(t->loop);
}

void telco_say(struct telco *t, struct smpp_link *l, const struct telco_head *head, const char *body)
{
	uint8_t pdu[HEADER + 256];
	size_t len = body ? strlen(body) + 1 : 0;

	assert_in_range(len, 0, 256);
	put_u32(pdu, (uint32_t)(HEADER + len));
	put_u32(pdu + 4, head->command);
	put_u32(pdu + 8, head->status);
	put_u32(pdu + 12, head->sequence);
	if (len)
		memcpy(pdu + HEADER, body, len);
	telco_raw(t, l, pdu, HEADER + len);
}

void telco_plain(struct telco *t, struct smpp_link *l, uint32_t command, uint32_t sequence)
{
	telco_say(t, l, &(struct telco_head){ .command = command, .sequence = sequence }, NULL);
}

/* --- binds --- */

struct smpp_link *telco_await_bind(struct telco *t, int64_t within_ms, uint32_t *sequence)
{
	struct smpp_link *l = telco_await(t, within_ms);
	struct telco_pdu bind;

	assert_non_null(l);
	fake_link_accept(l);
	fake_loop_turn(t->loop);
	assert_true(telco_read(l, &bind));
	assert_int_equal(bind.command, SMPP_BIND_TRANSCEIVER);
	assert_memory_equal(bind.body, "esme", 5);
	*sequence = bind.sequence;
	return l;
}

struct smpp_link *telco_answer_bind(struct telco *t, int64_t within_ms, uint32_t status)
{
	struct telco_head head = { .command = SMPP_BIND_TRANSCEIVER_RESP, .status = status };
	struct smpp_link *l = telco_await_bind(t, within_ms, &head.sequence);

	telco_say(t, l, &head, status ? NULL : "telco");
	return l;
}

/* --- submits --- */

static void on_result(void *arg, const struct smpp_result *result)
{
	struct telco_sent *s = arg;

	s->results++;
	s->result = *result;
	s->result_ms = clock_mono_ms();
	snprintf(s->message_id, sizeof s->message_id, "%s", result->message_id);
}

static void on_late(void *arg, const struct ident *id, const struct smpp_result *result)
{
	struct telco_sent *s = arg;

	s->lates++;
	s->late_id = *id;
	s->late_status = result->status;
	s->late_outcome = result->outcome;
	snprintf(s->late_message_id, sizeof s->late_message_id, "%s", result->message_id);
}

enum err telco_try_submit(struct telco *t, struct telco_sent **out)
{
	static const struct msisdn to = { "6281234567890" };
	size_t n = t->sent_count % TELCO_SENTS_MAX;
	struct ident id = { .kid = 1, .partition = (uint16_t)t->sent_count };
	struct smpp_message m = { .to = &to,
		                  .text = "Your code is 123456",
		                  .validity_s = 60,
		                  .id = &id,
		                  .late = { .fn = on_late, .arg = &t->sents[n] },
		                  .keep = t->keep };
	enum err err = smpp_binds_submit(t->binds, &m, on_result, &t->sents[n]);

	if (err == ERR_OK) {
		t->sents[n] = (struct telco_sent){ .number = (uint16_t)t->sent_count };
		t->sent_count++;
	}
	*out = &t->sents[n];
	return err;
}

struct telco_sent *telco_submit(struct telco *t, struct smpp_link *l, uint32_t *sequence)
{
	struct telco_sent *s;
	struct telco_pdu submit;

	assert_int_equal(telco_try_submit(t, &s), ERR_OK);
	assert_int_equal(s->results, 0);
	assert_true(telco_read(l, &submit));
	assert_int_equal(submit.command, SMPP_SUBMIT_SM);
	assert_false(telco_read(l, &submit));
	*sequence = submit.sequence;
	return s;
}

void telco_answer_submit(struct telco *t, struct smpp_link *l, uint32_t status, uint32_t sequence)
{
	telco_say(t, l, &(struct telco_head){ SMPP_SUBMIT_SM_RESP, status, sequence }, status ? NULL : "0A1B");
}
