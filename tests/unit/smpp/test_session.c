/*
 * fakes: clock loop link telco
 * The timers of a session to the millisecond, in virtual time: bind response, silence, enquire_link, half PDUs, unbind,
 * and what one session must not leave to the next.
 */
#include "../../fakes/telco.h"

#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define HOUR_MS 3600000

static const char *reason(const struct telco *t)
{
	return t->binds->bind[0]->reason;
}

static struct smpp_link *bound(struct telco *t)
{
	telco_start(t);
	struct smpp_link *l = telco_answer_bind(t, 0, 0);
	assert_int_equal(smpp_binds_bound(t->binds), 1);
	return l;
}

/* The next PDU that the session writes is an enquire_link, after so long. */
static uint32_t enquired_after(struct telco *t, struct smpp_link *l, int64_t ms)
{
	struct telco_pdu pdu;

	assert_int_equal(telco_writes_in(t, l, HOUR_MS), ms);
	assert_true(telco_read(l, &pdu));
	assert_int_equal(pdu.command, SMPP_ENQUIRE_LINK);
	assert_int_equal(pdu.len, 16);
	return pdu.sequence;
}

static void a_bind_is_answered_in_ten_seconds_or_never(void **state)
{
	uint32_t sequence;
	struct telco t;
	(void)state;
	telco_init(&t);
	telco_start(&t);
	struct smpp_link *l = telco_await_bind(&t, 0, &sequence);
	assert_int_equal(telco_closes_in(&t, l, HOUR_MS), 10000);
	assert_string_equal(reason(&t), "bind not answered");
	l = telco_await_bind(&t, HOUR_MS, &sequence);
	fake_loop_run(t.loop, 9999);
	telco_say(&t, l, &(struct telco_head){ SMPP_BIND_TRANSCEIVER_RESP, 0, sequence }, "telco");
	assert_int_equal(smpp_binds_bound(t.binds), 1);
	telco_clear(&t);
}

static void the_time_to_connect_does_not_count_for_the_bind(void **state)
{
	struct telco t;
	(void)state;
	telco_init(&t);
	telco_start(&t);
	struct smpp_link *l = telco_await(&t, 0);
	assert_int_equal(telco_closes_in(&t, l, 4000), -1);
	fake_link_accept(l);
	assert_int_equal(telco_closes_in(&t, l, HOUR_MS), 10000);
	telco_clear(&t);
}

static void silence_of_thirty_seconds_is_asked_about(void **state)
{
	struct telco_pdu answer;
	struct telco t;
	(void)state;
	telco_init(&t);
	struct smpp_link *l = bound(&t);
	uint32_t first = enquired_after(&t, l, 30000);
	fake_loop_run(t.loop, 9999);
	telco_plain(&t, l, SMPP_ENQUIRE_LINK_RESP, first);
	uint32_t second = enquired_after(&t, l, 30000);
	telco_plain(&t, l, SMPP_ENQUIRE_LINK_RESP, second);
	assert_int_equal(second, first + 1);
	fake_loop_run(t.loop, 20000);
	telco_plain(&t, l, SMPP_ENQUIRE_LINK, 4000000000);
	assert_true(telco_read(l, &answer));
	assert_int_equal(answer.command, SMPP_ENQUIRE_LINK_RESP);
	assert_int_equal(answer.status, 0);
	assert_int_equal(answer.sequence, 4000000000);
	(void)enquired_after(&t, l, 30000);
	telco_clear(&t);
}

static void a_dead_peer_is_found_in_forty_seconds(void **state)
{
	struct telco t;
	(void)state;
	telco_init(&t);
	struct smpp_link *l = bound(&t);
	int64_t from_ms = clock_mono_ms();
	(void)enquired_after(&t, l, 30000);
	assert_int_equal(telco_closes_in(&t, l, HOUR_MS), 10000);
	assert_int_equal(clock_mono_ms() - from_ms, 40000);
	assert_string_equal(reason(&t), "enquire_link not answered");
	telco_clear(&t);
}

static void an_answer_to_another_enquire_link_is_but_a_sign_of_life(void **state)
{
	struct telco t;
	(void)state;
	telco_init(&t);
	struct smpp_link *l = bound(&t);
	uint32_t sequence = enquired_after(&t, l, 30000);
	fake_loop_run(t.loop, 5000);
	telco_plain(&t, l, SMPP_ENQUIRE_LINK_RESP, sequence + 1);
	assert_int_equal(telco_closes_in(&t, l, HOUR_MS), 10000);
	telco_clear(&t);
}

static void ninety_seconds_without_a_pdu_end_the_session(void **state)
{
	struct telco t;
	(void)state;
	telco_init(&t);
	t.o.enquire_interval_ms = 300000;
	struct smpp_link *l = bound(&t);
	fake_loop_run(t.loop, 50000);
	telco_plain(&t, l, SMPP_ENQUIRE_LINK, 7);
	assert_int_equal(telco_closes_in(&t, l, HOUR_MS), 90000);
	assert_string_equal(reason(&t), "inactivity");
	telco_clear(&t);
}

static void inactivity_may_be_off(void **state)
{
	struct telco t;
	(void)state;
	telco_init(&t);
	t.o.enquire_interval_ms = 300000;
	t.o.inactivity_ms = 0;
	struct smpp_link *l = bound(&t);
	(void)enquired_after(&t, l, 300000);
	telco_clear(&t);
}

static void a_pdu_is_complete_in_ten_seconds(void **state)
{
	static const uint8_t enquire[16] = { 0, 0, 0, 16, 0, 0, 0, 0x15, 0, 0, 0, 0, 0, 0, 0, 9 };
	struct telco t;
	(void)state;
	telco_init(&t);
	struct smpp_link *l = bound(&t);
	telco_raw(&t, l, enquire, 7);
	fake_loop_run(t.loop, 9999);
	telco_raw(&t, l, enquire + 7, 9); /* whole in time */
	assert_int_equal(telco_writes_in(&t, l, 0), 0);
	telco_raw(&t, l, enquire, 1);
	fake_loop_run(t.loop, 9000);
	telco_raw(&t, l, enquire + 1, 14); /* each octet does not begin the time anew */
	assert_int_equal(telco_closes_in(&t, l, HOUR_MS), 1000);
	assert_string_equal(reason(&t), "PDU not completed in time");
	telco_clear(&t);
}

static void what_begins_after_a_whole_pdu_has_a_time_of_its_own(void **state)
{
	static const uint8_t one_and_some[20] = { 0, 0, 0, 16, 0, 0, 0, 0x15, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 16 };
	struct telco t;
	(void)state;
	telco_init(&t);
	struct smpp_link *l = bound(&t);
	telco_raw(&t, l, one_and_some, 8);
	fake_loop_run(t.loop, 6000);
	telco_raw(&t, l, one_and_some + 8, 12);
	assert_int_equal(telco_closes_in(&t, l, HOUR_MS), 10000);
	telco_clear(&t);
}

static void half_an_answer_to_the_bind_is_not_waited_for(void **state)
{
	static const uint8_t half[9] = { 0, 0, 0, 22, 0x80, 0, 0, 9, 0 };
	uint32_t sequence;
	struct telco t;
	(void)state;
	telco_init(&t);
	t.o.pdu_timeout_ms = 3000;
	telco_start(&t);
	struct smpp_link *l = telco_await_bind(&t, 0, &sequence);
	fake_loop_run(t.loop, 2000);
	telco_raw(&t, l, half, sizeof half);
	assert_int_equal(telco_closes_in(&t, l, HOUR_MS), 3000);
	telco_clear(&t);
}

static void an_unbind_is_waited_for_five_seconds(void **state)
{
	struct telco_pdu unbind;
	struct telco t;
	(void)state;
	for (int answered = 0; answered < 2; answered++) {
		telco_init(&t);
		struct smpp_link *l = bound(&t);
		smpp_binds_stop(t.binds, false);
		assert_true(telco_read(l, &unbind));
		assert_int_equal(unbind.command, SMPP_UNBIND);
		if (answered) {
			fake_loop_run(t.loop, 4999);
			assert_int_equal(fake_link_closed_ms(l), -1);
			telco_plain(&t, l, SMPP_UNBIND_RESP, unbind.sequence);
			assert_int_equal(telco_closes_in(&t, l, 0), 0);
		} else {
			assert_int_equal(telco_closes_in(&t, l, HOUR_MS), 5000);
		}
		assert_true(smpp_binds_closed(t.binds));
		t.seen = fake_link_count();
		assert_null(telco_await(&t, HOUR_MS));
		telco_clear(&t);
	}
}

static void unbinds_that_cross_are_both_answered_for(void **state)
{
	struct telco_pdu pdu;
	struct telco t;
	(void)state;
	telco_init(&t);
	struct smpp_link *l = bound(&t);
	smpp_binds_stop(t.binds, false);
	assert_true(telco_read(l, &pdu));
	assert_int_equal(pdu.command, SMPP_UNBIND);
	telco_plain(&t, l, SMPP_UNBIND, 3);
	assert_true(telco_read(l, &pdu));
	assert_int_equal(pdu.command, SMPP_UNBIND_RESP);
	assert_int_equal(pdu.sequence, 3);
	assert_int_equal(telco_closes_in(&t, l, 0), 0);
	assert_null(telco_await(&t, HOUR_MS));
	telco_clear(&t);
}

static void a_stop_waits_for_what_is_in_flight(void **state)
{
	uint32_t sequence;
	struct telco_pdu unbind;
	struct telco t;
	(void)state;
	telco_init(&t);
	struct smpp_link *l = bound(&t);
	struct telco_sent *s = telco_submit(&t, l, &sequence);
	smpp_binds_stop(t.binds, false);
	assert_false(telco_read(l, &unbind));
	fake_loop_run(t.loop, 3000);
	telco_answer_submit(&t, l, 0, sequence);
	assert_int_equal(s->result.outcome, SMPP_ACCEPTED);
	assert_true(telco_read(l, &unbind));
	assert_int_equal(unbind.command, SMPP_UNBIND);
	telco_clear(&t);
}

static void a_session_begins_at_sequence_one(void **state)
{
	uint32_t sequence;
	struct telco t;
	(void)state;
	telco_init(&t);
	telco_start(&t);
	for (int session = 0; session < 2; session++) {
		struct smpp_link *l = telco_await_bind(&t, HOUR_MS, &sequence);
		assert_int_equal(sequence, 1);
		telco_say(&t, l, &(struct telco_head){ SMPP_BIND_TRANSCEIVER_RESP, 0, 1 }, "telco");
		for (uint32_t i = 2; i < 5; i++) {
			struct telco_sent *s = telco_submit(&t, l, &sequence);
			assert_int_equal(sequence, i);
			telco_answer_submit(&t, l, 0, sequence);
			assert_int_equal(s->result.outcome, SMPP_ACCEPTED);
			assert_string_equal(s->message_id, "0A1B");
		}
		assert_int_equal(enquired_after(&t, l, 30000), 5);
		fake_link_end(l, ERR_CLOSED, "closed by peer");
	}
	telco_clear(&t);
}

static void the_end_of_a_session_does_not_follow_into_the_next(void **state)
{
	static const uint8_t answer[22] = { 0, 0, 0, 22, 0x80, 0,   0,   9,   0,   0,   0,
		                            0, 0, 0, 0,  1,    't', 'e', 'l', 'c', 'o', 0 };
	uint32_t sequence;
	struct telco_pdu pdu;
	struct telco t;
	(void)state;
	telco_init(&t);
	struct smpp_link *l = bound(&t);
	struct telco_sent *s = telco_submit(&t, l, &sequence);
	telco_plain(&t, l, SMPP_UNBIND, 77);
	assert_int_equal(telco_closes_in(&t, l, HOUR_MS), 2000);
	assert_int_equal(s->result.outcome, SMPP_AMBIGUOUS);
	assert_true(telco_read(l, &pdu));
	assert_int_equal(pdu.command, SMPP_UNBIND_RESP);
	assert_int_equal(pdu.sequence, 77);
	l = telco_await_bind(&t, HOUR_MS, &sequence);
	telco_raw(&t, l, answer, 5);
	fake_loop_run(t.loop, 1000);
	telco_raw(&t, l, answer + 5, sizeof answer - 5);
	assert_false(telco_read(l, &pdu));
	assert_int_equal(smpp_binds_bound(t.binds), 1);
	telco_clear(&t);
}

static void a_length_that_cannot_be_ends_the_session(void **state)
{
	static const uint32_t lengths[] = { 0, 15, 65537, 0xFFFFFFFF };
	(void)state;
	for (size_t i = 0; i < 4; i++) {
		uint8_t pdu[16] = { (uint8_t)(lengths[i] >> 24),
			            (uint8_t)(lengths[i] >> 16),
			            (uint8_t)(lengths[i] >> 8),
			            (uint8_t)lengths[i],
			            0,
			            0,
			            0,
			            0x15 };
		struct telco_pdu answer;
		struct telco t;
		telco_init(&t);
		struct smpp_link *l = bound(&t);
		telco_raw(&t, l, pdu, sizeof pdu);
		assert_int_equal(telco_closes_in(&t, l, 0), 0);
		assert_false(telco_read(l, &answer));
		telco_clear(&t);
	}
}

static void a_write_that_fails_is_told_as_what_it_is(void **state)
{
	static const struct {
		enum err err;
		const char *reason;
	} rows[] = { { ERR_TOOBIG, "peer does not read" }, { ERR_NOMEM, "no memory" }, { ERR_IO, "tls: broken" } };
	(void)state;
	for (size_t i = 0; i < 6; i++) {
		struct telco t;
		telco_init(&t);
		telco_start(&t);
		struct smpp_link *l = i % 2 ? telco_answer_bind(&t, 0, 0) : telco_await(&t, 0);
		fake_link_break(l, rows[i / 2].err);
		if (i % 2 == 0)
			fake_link_accept(l); /* the bind */
		assert_int_equal(telco_closes_in(&t, l, HOUR_MS), i % 2 ? 30000 : 0);
		assert_string_equal(reason(&t), rows[i / 2].reason);
		telco_clear(&t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_bind_is_answered_in_ten_seconds_or_never),
		cmocka_unit_test(the_time_to_connect_does_not_count_for_the_bind),
		cmocka_unit_test(silence_of_thirty_seconds_is_asked_about),
		cmocka_unit_test(a_dead_peer_is_found_in_forty_seconds),
		cmocka_unit_test(an_answer_to_another_enquire_link_is_but_a_sign_of_life),
		cmocka_unit_test(ninety_seconds_without_a_pdu_end_the_session),
		cmocka_unit_test(inactivity_may_be_off),
		cmocka_unit_test(a_pdu_is_complete_in_ten_seconds),
		cmocka_unit_test(what_begins_after_a_whole_pdu_has_a_time_of_its_own),
		cmocka_unit_test(half_an_answer_to_the_bind_is_not_waited_for),
		cmocka_unit_test(an_unbind_is_waited_for_five_seconds),
		cmocka_unit_test(unbinds_that_cross_are_both_answered_for),
		cmocka_unit_test(a_stop_waits_for_what_is_in_flight),
		cmocka_unit_test(a_session_begins_at_sequence_one),
		cmocka_unit_test(the_end_of_a_session_does_not_follow_into_the_next),
		cmocka_unit_test(a_length_that_cannot_be_ends_the_session),
		cmocka_unit_test(a_write_that_fails_is_told_as_what_it_is),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
