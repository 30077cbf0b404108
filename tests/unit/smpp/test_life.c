/*
 * fakes: clock loop link telco
 * Which SMSC is slow and which is silent, in virtual time: one that serves submits one after the other, one that
 * answers enquire_link and no submit, one that takes us for not bound, and what comes ahead of the answer to the bind.
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
	return telco_answer_bind(t, 0, 0);
}

static unsigned width(const struct telco *t)
{
	return smpp_width(&t->binds->bind[0]->submits.width, t->o.window);
}

/* An SMSC with one worker: each PDU takes it so long, in the order they came. */
struct worker {
	struct telco *t;
	struct smpp_link *l;
	int64_t each_ms;
	unsigned answered, enquiries;
};

/* One PDU is served; false: none was there. */
static bool serve(struct worker *w)
{
	struct telco_pdu pdu;

	if (!telco_read(w->l, &pdu))
		return false;
	fake_loop_run(w->t->loop, w->each_ms);
	if (pdu.command == SMPP_SUBMIT_SM) {
		telco_answer_submit(w->t, w->l, 0, pdu.sequence);
		w->answered++;
	} else {
		assert_int_equal(pdu.command, SMPP_ENQUIRE_LINK);
		telco_plain(w->t, w->l, SMPP_ENQUIRE_LINK_RESP, pdu.sequence);
		w->enquiries++;
	}
	return true;
}

/* As many as the window takes, and no more than so many in all. */
static void fill(struct telco *t, size_t all)
{
	struct telco_sent *s;

	while (t->sent_count < all && telco_try_submit(t, &s) == ERR_OK)
		;
}

/* All of them one after the other: each is answered once, by the same session. */
static void all_are_answered(struct worker *w, int64_t slow_from)
{
	struct telco *t = w->t;
	int64_t each_ms = w->each_ms;

	for (fill(t, TELCO_SENTS_MAX); w->answered < TELCO_SENTS_MAX; fill(t, TELCO_SENTS_MAX)) {
		w->each_ms = (int64_t)w->answered < slow_from ? 1 : each_ms;
		if (!serve(w))
			assert_true(fake_loop_step(t->loop, clock_mono_ms() + 100)); /* the rate's turn */
	}
	assert_int_equal(fake_link_closed_ms(w->l), -1);
	for (size_t n = 0; n < t->sent_count; n++) {
		assert_int_equal(t->sents[n].results, 1);
		assert_int_equal(t->sents[n].result.outcome, SMPP_ACCEPTED);
	}
	assert_true(smpp_health_open(&t->binds->smsc.health, clock_mono_ms()));
}

static void a_slow_smsc_that_answers_in_order_is_no_dead_one(void **state)
{
	static const struct {
		unsigned window;
		int64_t each_ms, slow_from;
	} rows[] = { { 100, 125, 0 }, { 100, 300, 0 }, { 10, 1200, 0 }, { 100, 125, 150 }, { 100, 300, 150 } };
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct telco t;
		telco_init(&t);
		t.o.window = rows[i].window;
		struct worker w = { .t = &t, .l = bound(&t), .each_ms = rows[i].each_ms };
		all_are_answered(&w, rows[i].slow_from);
		telco_clear(&t);
	}
}

static void the_window_shrinks_with_the_smsc_and_grows_with_it(void **state)
{
	struct telco t;
	(void)state;
	telco_init(&t);
	t.o.window = 100;
	struct worker w = { .t = &t, .l = bound(&t), .each_ms = 1 };
	assert_int_equal(width(&t), 10);
	while (width(&t) < 100) {
		fill(&t, SIZE_MAX);
		if (!serve(&w))
			assert_true(fake_loop_step(t.loop, clock_mono_ms() + 100));
	}
	w.each_ms = 125;
	for (int i = 0; i < 300; i++) {
		fill(&t, SIZE_MAX);
		assert_true(serve(&w));
	}
	assert_in_range(width(&t), 50, 66);
	w.each_ms = 1;
	while (width(&t) < 100) {
		fill(&t, SIZE_MAX);
		if (!serve(&w))
			assert_true(fake_loop_step(t.loop, clock_mono_ms() + 100));
	}
	assert_int_equal(fake_link_closed_ms(w.l), -1);
	telco_clear(&t);
}

static void while_anything_is_heard_an_enquire_link_is_waited_for(void **state)
{
	uint32_t sequence;
	struct telco_pdu pdu;
	struct telco t;
	(void)state;
	telco_init(&t);
	struct smpp_link *l = bound(&t);
	(void)telco_submit(&t, l, &sequence);
	assert_int_equal(telco_writes_in(&t, l, HOUR_MS), 4000);
	assert_true(telco_read(l, &pdu));
	assert_int_equal(pdu.command, SMPP_ENQUIRE_LINK);
	uint32_t enquire = pdu.sequence;
	for (int i = 0; i < 10; i++) {
		assert_int_equal(telco_closes_in(&t, l, 9999), -1);
		telco_plain(&t, l, SMPP_ENQUIRE_LINK, 1); /* of its own */
		assert_true(telco_read(l, &pdu));
		assert_int_equal(pdu.command, SMPP_ENQUIRE_LINK_RESP);
		if (i == 0)
			telco_answer_submit(&t, l, 0, sequence);
	}
	telco_plain(&t, l, SMPP_ENQUIRE_LINK_RESP, enquire);
	assert_int_equal(telco_closes_in(&t, l, 10000), -1);
	telco_clear(&t);
}

/* The SMSC answers each enquire_link and no submit. How long it takes until the session ends. */
static int64_t swallows_until_left(struct telco *t, struct smpp_link *l)
{
	int64_t from_ms = clock_mono_ms();
	struct telco_pdu pdu;

	while (fake_link_closed_ms(l) < 0) {
		while (telco_read(l, &pdu))
			if (pdu.command == SMPP_ENQUIRE_LINK)
				telco_plain(t, l, SMPP_ENQUIRE_LINK_RESP, pdu.sequence);
		assert_true(fake_loop_step(t->loop, from_ms + HOUR_MS));
	}
	return fake_link_closed_ms(l) - from_ms;
}

static void an_smsc_that_answers_enquiries_and_no_submit_is_left(void **state)
{
	struct telco_sent *s;
	struct telco t;
	(void)state;
	telco_init(&t);
	struct smpp_link *l = bound(&t);
	for (int i = 0; i < 10; i++)
		assert_int_equal(telco_try_submit(&t, &s), ERR_OK);
	assert_int_equal(telco_try_submit(&t, &s), ERR_BUSY);
	assert_int_equal(swallows_until_left(&t, l), 10000);
	assert_string_equal(reason(&t), "submits not answered");
	for (size_t n = 0; n < 10; n++) {
		assert_int_equal(t.sents[n].results, 1);
		assert_int_equal(t.sents[n].result.outcome, SMPP_AMBIGUOUS);
		assert_true(t.sents[n].result.ended);
	}
	assert_string_equal(smpp_health_reason(&t.binds->smsc.health, clock_mono_ms()), "breaker_open");
	telco_clear(&t);
}

static void a_few_submits_without_answers_end_the_session_when_they_are_given_up(void **state)
{
	struct telco_sent *s;
	struct telco t;
	(void)state;
	telco_init(&t);
	struct smpp_link *l = bound(&t);
	for (int i = 0; i < 3; i++)
		assert_int_equal(telco_try_submit(&t, &s), ERR_OK);
	assert_int_equal(swallows_until_left(&t, l), 30000);
	assert_int_equal(t.sents[2].results, 1);
	telco_clear(&t);
}

/* It answers each enquire_link for so long, and no submit. */
static void chat(struct telco *t, struct smpp_link *l, int64_t ms)
{
	int64_t until_ms = clock_mono_ms() + ms;
	struct telco_pdu pdu;

	while (fake_loop_step(t->loop, until_ms))
		while (telco_read(l, &pdu))
			telco_plain(t, l, SMPP_ENQUIRE_LINK_RESP, pdu.sequence);
}

/* A window that holds less than a row of three: it is full, and no answer comes for three times response_timeout. */
static void a_small_window_of_submits_without_answers_ends_the_session(void **state)
{
	(void)state;
	for (unsigned window = 1; window <= 2; window++) {
		struct telco_sent *s;
		struct telco t;
		telco_init(&t);
		t.o.window = window;
		struct smpp_link *l = bound(&t);
		int64_t from_ms = clock_mono_ms();
		for (unsigned i = 0; i < window; i++)
			assert_int_equal(telco_try_submit(&t, &s), ERR_OK);
		fake_loop_turn(t.loop);
		chat(&t, l, HOUR_MS);
		assert_int_equal(fake_link_closed_ms(l) - from_ms, 30000);
		assert_int_equal(t.sents[0].results, 1);
		telco_clear(&t);
	}
}

static void what_silence_opened_a_late_answer_closes(void **state)
{
	uint32_t sequences[5];
	struct telco_pdu pdu;
	struct telco t;
	(void)state;
	telco_init(&t);
	struct smpp_link *l = bound(&t);
	for (int i = 0; i < 5; i++)
		(void)telco_submit(&t, l, &sequences[i]);
	int64_t until_ms = clock_mono_ms() + 12000;
	while (fake_loop_step(t.loop, until_ms))
		while (telco_read(l, &pdu))
			telco_plain(&t, l, SMPP_ENQUIRE_LINK_RESP, pdu.sequence);
	assert_false(smpp_health_open(&t.binds->smsc.health, clock_mono_ms()));
	telco_answer_submit(&t, l, 0, sequences[0]);
	assert_true(smpp_health_open(&t.binds->smsc.health, clock_mono_ms()));
	for (int i = 1; i < 5; i++)
		telco_answer_submit(&t, l, 0, sequences[i]);
	for (size_t n = 0; n < 5; n++)
		assert_int_equal(t.sents[n].result.outcome, SMPP_ACCEPTED);
	telco_clear(&t);
}

static void an_answer_to_nothing_is_no_answer(void **state)
{
	struct telco_pdu pdu;
	struct telco_sent *s;
	struct telco t;
	(void)state;
	telco_init(&t);
	struct smpp_link *l = bound(&t);
	int64_t from_ms = clock_mono_ms();
	for (int i = 0; i < 10; i++)
		assert_int_equal(telco_try_submit(&t, &s), ERR_OK);
	while (fake_link_closed_ms(l) < 0 && clock_mono_ms() < from_ms + HOUR_MS) {
		fake_loop_run(t.loop, 1000);
		while (telco_read(l, &pdu))
			if (pdu.command == SMPP_ENQUIRE_LINK)
				telco_plain(&t, l, SMPP_ENQUIRE_LINK_RESP, pdu.sequence);
		if (fake_link_closed_ms(l) < 0)
			telco_answer_submit(&t, l, 0, 0x70000000);
	}
	assert_int_equal(fake_link_closed_ms(l) - from_ms, 10000);
	assert_string_equal(reason(&t), "submits not answered");
	for (size_t n = 0; n < 10; n++)
		assert_int_equal(t.sents[n].results, 1);
	telco_clear(&t);
}

/* Beside one that is overdue, and has long to go until it is given up. */
static void the_time_of_a_later_submit_ends_when_it_should(void **state)
{
	uint32_t sequence;
	struct telco t;
	(void)state;
	telco_init(&t);
	struct smpp_link *l = bound(&t);
	(void)telco_submit(&t, l, &sequence);
	chat(&t, l, 11000);
	for (int i = 0; i < 9; i++)
		(void)telco_submit(&t, l, &sequence);
	int64_t from_ms = clock_mono_ms();
	chat(&t, l, 15000);
	assert_int_equal(fake_link_closed_ms(l) - from_ms, 10000);
	assert_string_equal(reason(&t), "submits not answered");
	telco_clear(&t);
}

static void a_shorter_response_timeout_counts_beside_submits_in_flight(void **state)
{
	uint32_t sequence;
	struct telco t;
	(void)state;
	telco_init(&t);
	t.o.response_timeout_ms = 120000;
	struct smpp_link *l = bound(&t);
	(void)telco_submit(&t, l, &sequence);
	t.o.response_timeout_ms = 10000;
	assert_int_equal(smpp_binds_configure(t.binds, &t.o), ERR_OK);
	int64_t from_ms = clock_mono_ms();
	for (int i = 0; i < 9; i++)
		(void)telco_submit(&t, l, &sequence);
	chat(&t, l, 60000);
	assert_int_equal(fake_link_closed_ms(l) - from_ms, 10000);
	telco_clear(&t);
}

/* Answers to older submits came while it was out: it is late, then it is lost. Another probe may go after that. */
static void a_probe_that_is_late_and_lost_has_failed(void **state)
{
	uint32_t old, probe, sequence;
	struct telco t;
	(void)state;
	telco_init(&t);
	struct smpp_link *l = bound(&t);
	const struct smpp_health *health = &t.binds->smsc.health;
	(void)telco_submit(&t, l, &old);
	for (int i = 0; i < 5; i++) {
		(void)telco_submit(&t, l, &sequence);
		telco_answer_submit(&t, l, 0x08, sequence);
	}
	assert_false(smpp_health_open(health, clock_mono_ms()));
	chat(&t, l, 11000);
	assert_true(smpp_health_open(health, clock_mono_ms()));
	(void)telco_submit(&t, l, &probe);
	assert_false(smpp_health_open(health, clock_mono_ms()));
	chat(&t, l, 2000);
	telco_answer_submit(&t, l, 0, old);
	chat(&t, l, 10000);
	fake_link_end(l, ERR_CLOSED, "closed by peer");
	fake_loop_turn(t.loop);
	assert_int_equal(t.sents[6].results, 1);
	(void)telco_answer_bind(&t, 2000, 0);
	fake_loop_run(t.loop, 20000);
	assert_true(smpp_health_open(health, clock_mono_ms()));
	telco_clear(&t);
}

static void an_enquire_link_answered_not_bound_ends_the_session(void **state)
{
	static const uint32_t commands[] = { SMPP_ENQUIRE_LINK_RESP, SMPP_GENERIC_NACK };
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct telco_pdu pdu;
		struct telco t;
		telco_init(&t);
		struct smpp_link *l = bound(&t);
		assert_int_equal(telco_writes_in(&t, l, HOUR_MS), 30000);
		assert_true(telco_read(l, &pdu));
		telco_say(&t, l, &(struct telco_head){ commands[i], 0x04, pdu.sequence }, NULL);
		assert_true(fake_link_closed_ms(l) >= 0);
		assert_string_equal(reason(&t), "enquire_link refused");
		telco_clear(&t);
	}
}

static uint64_t odd_answers(void)
{
	return stats_value(
	    stats_counter("otpgwd_smpp_decode_anomalies_total", "", "smsc=\"telco\",kind=\"bind_answer\""));
}

static void another_command_or_sequence_answers_the_bind_too(void **state)
{
	static const struct telco_head answers[] = { { SMPP_BIND_TRANSMITTER_RESP, 0, 1 },
		                                     { SMPP_BIND_RECEIVER_RESP, 0, 1 },
		                                     { SMPP_BIND_TRANSCEIVER_RESP, 0, 0 },
		                                     { SMPP_BIND_TRANSCEIVER_RESP, 0, 4711 } };
	(void)state;
	for (size_t i = 0; i < 4; i++) {
		uint32_t sequence;
		struct telco t;
		telco_init(&t);
		telco_start(&t);
		uint64_t before = odd_answers();
		struct smpp_link *l = telco_await_bind(&t, 0, &sequence);
		assert_int_equal(sequence, 1);
		telco_say(&t, l, &answers[i], "telco");
		assert_int_equal(smpp_binds_bound(t.binds), 1);
		assert_int_equal(odd_answers(), before + 1);
		telco_clear(&t);
	}
}

/* A deliver_sm of sequence 7: a message of a person, without text. */
static const uint8_t deliver[] = { 0, 0,   0, 35, 0, 0,   0, 5, 0, 0, 0, 0, 0, 0, 0, 7, 0, 1,
	                           1, '6', 0, 1,  1, '7', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 };

static void what_comes_ahead_of_the_answer_to_the_bind_waits_for_it(void **state)
{
	uint32_t sequence;
	struct telco_pdu pdu;
	struct telco t;
	(void)state;
	telco_init(&t);
	telco_start(&t);
	struct smpp_link *l = telco_await_bind(&t, 0, &sequence);
	for (int i = 0; i < 3; i++)
		telco_raw(&t, l, deliver, sizeof deliver);
	assert_false(telco_read(l, &pdu));
	telco_say(&t, l, &(struct telco_head){ SMPP_BIND_TRANSCEIVER_RESP, 0, sequence }, "telco");
	for (int i = 0; i < 3; i++) {
		assert_true(telco_read(l, &pdu));
		assert_int_equal(pdu.command, SMPP_DELIVER_SM_RESP);
		assert_int_equal(pdu.status, 0);
		assert_int_equal(pdu.sequence, 7);
	}
	fake_link_end(l, ERR_CLOSED, "closed by peer");
	l = telco_await_bind(&t, HOUR_MS, &sequence);
	telco_raw(&t, l, deliver, sizeof deliver);
	telco_say(&t, l, &(struct telco_head){ SMPP_BIND_TRANSCEIVER_RESP, 0x08, sequence }, NULL);
	assert_false(telco_read(l, &pdu)); /* refused: it goes with the session, the SMSC sends it again */
	l = telco_await_bind(&t, HOUR_MS, &sequence);
	telco_say(&t, l, &(struct telco_head){ SMPP_BIND_TRANSCEIVER_RESP, 0, sequence }, "telco");
	assert_false(telco_read(l, &pdu));
	telco_clear(&t);
}

static void more_than_is_kept_ahead_of_the_bind_is_asked_for_again(void **state)
{
	uint32_t sequence;
	struct telco_pdu pdu;
	unsigned refused = 0, taken = 0;
	struct telco t;
	(void)state;
	telco_init(&t);
	telco_start(&t);
	struct smpp_link *l = telco_await_bind(&t, 0, &sequence);
	for (int i = 0; i < 2000; i++)
		telco_raw(&t, l, deliver, sizeof deliver);
	for (; telco_read(l, &pdu); refused++)
		assert_int_equal(pdu.status, 0x64);
	telco_say(&t, l, &(struct telco_head){ SMPP_BIND_TRANSCEIVER_RESP, 0, sequence }, "telco");
	for (; telco_read(l, &pdu); taken++)
		assert_int_equal(pdu.status, 0);
	assert_int_equal(taken + refused, 2000);
	assert_int_equal(taken, 65536 / sizeof deliver);
	telco_clear(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_slow_smsc_that_answers_in_order_is_no_dead_one),
		cmocka_unit_test(the_window_shrinks_with_the_smsc_and_grows_with_it),
		cmocka_unit_test(while_anything_is_heard_an_enquire_link_is_waited_for),
		cmocka_unit_test(an_smsc_that_answers_enquiries_and_no_submit_is_left),
		cmocka_unit_test(a_few_submits_without_answers_end_the_session_when_they_are_given_up),
		cmocka_unit_test(a_small_window_of_submits_without_answers_ends_the_session),
		cmocka_unit_test(what_silence_opened_a_late_answer_closes),
		cmocka_unit_test(an_answer_to_nothing_is_no_answer),
		cmocka_unit_test(the_time_of_a_later_submit_ends_when_it_should),
		cmocka_unit_test(a_shorter_response_timeout_counts_beside_submits_in_flight),
		cmocka_unit_test(a_probe_that_is_late_and_lost_has_failed),
		cmocka_unit_test(an_enquire_link_answered_not_bound_ends_the_session),
		cmocka_unit_test(another_command_or_sequence_answers_the_bind_too),
		cmocka_unit_test(what_comes_ahead_of_the_answer_to_the_bind_waits_for_it),
		cmocka_unit_test(more_than_is_kept_ahead_of_the_bind_is_asked_for_again),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
